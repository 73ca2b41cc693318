//! Applications that run on one node of an ordered list, and move when that node is lost.

pub(crate) mod controller;
mod decision;
pub(crate) mod error;
mod names;
mod node_order;
mod runner;
mod settings;
pub(crate) mod spec;
pub(crate) mod start_type;
#[cfg(test)]
mod tests;
