//! Presence: which keys are present on each topic, on all nodes of the cluster.
//!
//! A tracker is one replicated table. [`index`] is the pure view of it, [`local`] the presences of this node's
//! processes, and [`task`] the only task, which passes the changes to the subscribers and to the hooks of users.

pub(crate) mod builder;
pub(crate) mod data;
mod entry;
pub(crate) mod error;
pub(crate) mod handle;
mod hooks;
mod index;
mod local;
mod merged;
pub(crate) mod registry;
mod state;
mod task;
mod topics;
mod tracker;
pub(crate) mod view;
