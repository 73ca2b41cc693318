//! Groups of processes and topics of the whole cluster.
//!
//! A membership is a replicated entry of the node of its process. [`index`] is the view of all entries, [`local`]
//! writes those of this node. A broadcast [sends](send) one copy to each other node with members, which delivers it to
//! them.

mod broadcast;
mod call_set;
mod cast_protocol;
mod copies;
pub(crate) mod error;
pub(crate) mod event;
pub(crate) mod handle;
mod index;
mod key;
#[cfg(feature = "sim")]
mod leftovers;
mod local;
mod member;
pub(crate) mod monitor;
pub(crate) mod multi_call;
mod send;
pub(crate) mod state;
mod subscriptions;
pub(crate) mod topic;
mod topic_delivery;
mod topic_index;
mod topic_key;

#[cfg(test)]
mod tests;
