//! Clusters of cores on a deterministic network.

mod changes;
mod claims;
mod net;
mod replicas;
