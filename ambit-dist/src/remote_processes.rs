//! Processes of other nodes, and the local processes that other nodes can reach.

pub(crate) mod exports;
pub(crate) mod loopback;
pub(crate) mod names;
pub(crate) mod node_context;
pub(crate) mod node_services;
pub(crate) mod peer_incarnation;
pub(crate) mod peer_session;
pub(crate) mod process_bytes;
pub(crate) mod protocol_cache;
pub(crate) mod request_task;
pub(crate) mod service;
pub(crate) mod start;
pub(crate) mod unclaimed;
