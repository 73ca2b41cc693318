//! Processes of other nodes, and the local processes that other nodes can reach.

pub(crate) mod exports;
pub(crate) mod heard;
pub(crate) mod here;
pub(crate) mod life;
pub(crate) mod names;
pub(crate) mod own;
pub(crate) mod running;
pub(crate) mod service;
pub(crate) mod start;
pub(crate) mod unclaimed;
