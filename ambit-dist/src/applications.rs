//! Applications that run on one node of an ordered list, and move when that node is lost.

mod cluster_names;
pub(crate) mod controller;
mod controller_args;
mod decision;
pub(crate) mod error;
mod linked;
mod node_order;
mod predecessor;
mod runner;
pub(crate) mod spec;
pub(crate) mod start_type;
#[cfg(test)]
mod tests;
mod timers;
