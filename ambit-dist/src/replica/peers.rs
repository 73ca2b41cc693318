//! The sessions with a sync channel.

use std::collections::BTreeSet;

use crate::node::id::NodeId;

/// A session with another node.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) id: NodeId,
    /// The nodes whose entries this peer is asked for and has not yet answered. A pull of its own entries is not
    /// among them.
    pub(super) asked: BTreeSet<NodeId>,
    /// The version of this node's log that the peer acknowledged last.
    pub(super) acknowledged: u64,
    /// The version of this node's log that was pushed last.
    pub(super) pushed: u64,
    /// The number of bytes pushed since the peer last acknowledged all of them.
    pub(super) unacknowledged: usize,
    /// True if pushes were left out. The peer is informed of the version once it has acknowledged all earlier ones.
    pub(super) is_behind: bool,
    /// The version of its own log that this node acknowledged last.
    pub(super) confirmed: u64,
}

impl Peer {
    pub(super) fn new(id: NodeId) -> Self {
        Self {
            id,
            asked: BTreeSet::new(),
            acknowledged: 0,
            pushed: 0,
            unacknowledged: 0,
            is_behind: false,
            confirmed: 0,
        }
    }
}
