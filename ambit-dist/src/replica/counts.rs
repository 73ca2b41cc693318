//! Counts the contents of a store, for inspection and tests.

use std::collections::BTreeMap;

use crate::node::id::NodeId;

/// The contents of a store and its counters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// The number of visible entries of each node with any, this node included.
    pub(crate) entries: BTreeMap<NodeId, usize>,
    /// The number of entries of nodes that are down.
    pub(crate) hidden: usize,
    /// The number of entries in staging areas.
    pub(crate) staged: usize,
    /// The number of remembered removals.
    pub(crate) tombstones: usize,
    /// The size of all entries, in bytes, with a fixed cost for each.
    pub(crate) bytes: usize,
    /// The number of members, of which some may be down.
    pub(crate) members: usize,
    /// The number of sessions.
    pub(crate) peers: usize,
    /// The number of transfers in progress.
    pub(crate) transfers: usize,
    /// The number of pulls without an answer.
    pub(crate) pulls: usize,
    /// The number of names with a remembered incarnation.
    pub(crate) remembered: usize,
    pub(crate) events: Events,
}

/// Counters since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Events {
    /// Frames for which the session was closed.
    pub(crate) violations: u64,
    /// Acknowledgements of a peer for changes that this node never made.
    pub(crate) false_claims: u64,
    /// Digests of an origin with the version of this node's copy, but another hash.
    pub(crate) drifts: u64,
    /// Full transfers that replaced the entries of a node.
    pub(crate) replacements: u64,
}
