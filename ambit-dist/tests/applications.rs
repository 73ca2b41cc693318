//! Applications that run on one node of a list.

mod errors;
mod in_memory;
mod over_quic;
mod partitions;
mod support;
