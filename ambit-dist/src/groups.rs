//! Groups of processes and topics of the whole cluster.
//!
//! A membership is a replicated entry of the node of its process. [`index`] is the view of all entries, [`local`] writes
//! those of this node. [`send`] sends one copy of a message to each other node, and [`receive`] delivers a copy there.

pub(crate) mod error;
pub(crate) mod event;
pub(crate) mod handle;
mod index;
mod key;
mod local;
mod member;
pub(crate) mod monitor;
pub(crate) mod state;
