//! Supervisors: processes that start children in order, restart crashed children, and stop all children in reverse
//! order.
//!
//! [`#[supervisor]`](macro@crate::supervisor) generates a supervisor from an impl block whose methods are the children.
//! A [`Supervisor`] takes its children as data, a [`DynamicSupervisor`] starts children on demand, and a
//! [`PartitionSupervisor`] runs one child per partition of a key space. A [`ChildSpec`] defines how a child is started,
//! when it is restarted ([`Restart`]) and how it is stopped ([`Shutdown`]); a [`Strategy`] defines which children are
//! restarted together. (Erlang: `supervisor`.)

pub(crate) mod admin;
pub(crate) mod backoff;
pub(crate) mod builder;
pub(crate) mod by_name;
pub(crate) mod child_cell;
pub(crate) mod child_factory;
pub(crate) mod child_of;
pub(crate) mod core;
mod deadline_queue;
pub(crate) mod dynamic;
pub(crate) mod handle;
pub(crate) mod intensity;
pub(crate) mod partition_key;
pub(crate) mod partition_supervisor;
pub(crate) mod policy;
mod report;
pub(crate) mod restart_stats;
pub(crate) mod shell;
pub(crate) mod spec;
pub(crate) mod tree;

pub use crate::handle::child_ref::ChildKind;
pub use crate::supervisor::admin::{AdminRequest, PendingAdminRequest};
pub use crate::supervisor::backoff::Backoff;
pub use crate::supervisor::builder::SupervisorBuilder;
pub use crate::supervisor::dynamic::{DynamicSupervisor, DynamicSupervisorBuilder};
pub use crate::supervisor::handle::Supervisor;
pub use crate::supervisor::partition_supervisor::{
    PartitionSupervisor, PartitionSupervisorBuilder,
};
pub use crate::supervisor::policy::{
    AutoShutdown, ChildCounts, ChildInfo, ChildState, Restart, Shutdown, Strategy,
};
pub use crate::supervisor::spec::{Child, ChildSpec, RestartArgs};
