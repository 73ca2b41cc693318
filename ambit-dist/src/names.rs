//! Names of the cluster: a name belongs to at most one process of all connected members.
//!
//! A registration is a claim: an entry in a replicated table, written by the node of the process. Every node ranks the
//! claims of a name in the same way, and the first one holds it. A registration succeeds once every connected member
//! has acknowledged the claim and it still ranks first. Two claims can rank one after the other after a partition, or
//! if two nodes without a connection claim a name at the same time; the node of the lower one then resolves the
//! [`conflict`].
//!
//! [`index`] ranks the claims, [`directory`] writes those of this node, and [`run`] is the task that handles changes.
//! [`Names`](handle::Names) and [`ClusterRegistry`](cluster_registry::ClusterRegistry) are the typed handles.

mod claim;
mod claim_exit;
pub(crate) mod cluster_registry;
pub(crate) mod conflict;
mod directory;
pub(crate) mod error;
pub(crate) mod event;
pub(crate) mod handle;
mod index;
pub(crate) mod key;
#[cfg(feature = "sim")]
mod leftovers;
pub(crate) mod lookup;
mod own_claims;
pub(crate) mod register;
pub(crate) mod reservation;
pub(crate) mod reserve;
mod resolve_conflict;
mod run;
pub(crate) mod tables;
#[cfg(test)]
mod tests;
mod typed;
