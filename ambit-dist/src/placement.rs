//! Children of a local supervisor that run on members of the cluster.

pub(crate) mod error;
pub(crate) mod handle;
pub(crate) mod pool;
pub(crate) mod server;
pub(crate) mod strategy;
mod table;
#[cfg(test)]
mod tests;
