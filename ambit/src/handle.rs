//! Handles of processes, and the operations on them.

pub(crate) mod blocking;
pub(crate) mod call;
pub(crate) mod call_request;
pub(crate) mod cast;
pub(crate) mod child_ref;
pub(crate) mod deliver;
pub(crate) mod delivery;
pub(crate) mod exits;
pub(crate) mod following;
pub(crate) mod handle_ref;
pub(crate) mod links;
pub(crate) mod message_sink;
pub(crate) mod pending;
pub(crate) mod process;
pub(crate) mod protocol;
pub(crate) mod recipient;
pub(crate) mod reserve;
pub(crate) mod sink;
pub(crate) mod std_messages;
pub(crate) mod subject;
pub(crate) mod target;
#[cfg(feature = "tower")]
pub(crate) mod tower_service;
#[cfg(feature = "remote")]
pub(crate) mod waiting_delivery;
