//! Servers that a supervisor runs on members of the cluster.

mod in_memory;
mod over_quic;
mod pools;
mod shutdown;
mod starts;
mod support;
mod trapping;
