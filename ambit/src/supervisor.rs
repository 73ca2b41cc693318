//! Supervision: a pure core that decides, and the processes that perform its actions.

pub(crate) mod admin;
mod agenda;
pub(crate) mod backoff;
pub(crate) mod builder;
pub(crate) mod core;
pub(crate) mod dynamic;
pub(crate) mod handle;
pub(crate) mod intensity;
pub(crate) mod partition_key;
pub(crate) mod partitioned;
pub(crate) mod policy;
pub(crate) mod recipe;
pub(crate) mod registered;
mod report;
pub(crate) mod shell;
pub(crate) mod slot;
pub(crate) mod spec;
pub(crate) mod tree;
pub(crate) mod window;
