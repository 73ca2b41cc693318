//! The sessions with a sync channel.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::node::id::NodeId;
use crate::replica::push_window::PushWindow;

/// An acknowledgement of a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ack {
    /// The version of this node's log that the peer has.
    pub(super) version: u64,
    /// The version of the peer's own log at that time.
    pub(super) sender_version: u64,
}

/// The maximum number of nodes whose entries one peer is asked for at a time. Its answers have to fit into its queue.
pub(super) const MAX_ASKED: usize = 32;

/// A session with another node.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) id: NodeId,
    /// The nodes whose entries this peer is asked for and has not yet answered. A pull of its own entries is not
    /// among them.
    pub(super) asked: BTreeSet<NodeId>,
    /// The version of this node's log that the peer acknowledged last.
    pub(super) acknowledged: u64,
    /// The last acknowledged version for which this node has all entries that the peer had when it acknowledged it.
    /// `None` until the first one in this session: the peer may have entries that this node does not know.
    pub(super) settled: Option<u64>,
    /// The first and the last acknowledgement after the settled one. Those in between need not be remembered.
    unsettled: Option<[Ack; 2]>,
    /// The version of this node's log that was pushed last.
    pub(super) pushed: u64,
    pub(super) unacknowledged: PushWindow,
    /// True if the node was hidden when the session began, until the membership reports it: it may have entries that
    /// this node does not know.
    pub(super) is_returning: bool,
    /// True if pushes were left out. The peer is informed of the version once it has acknowledged all earlier ones.
    pub(super) is_behind: bool,
    /// The version of its own log that this node acknowledged last in this session.
    pub(super) confirmed: Option<u64>,
    /// The last request of the peer for entries of this node: the start of a full transfer, and the version that the peer
    /// has.
    pulled: (Option<u64>, u64),
    /// The number of full transfers that the peer has begun since the last settled acknowledgement.
    restarts: u32,
    /// The last progress while the peer has pushes to acknowledge, and the time of that progress.
    stalled: Option<(AckProgress, Duration)>,
}

/// The progress of a peer towards the acknowledgement of a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct AckProgress {
    settled: Option<u64>,
    pulled: (Option<u64>, u64),
    received: Received,
}

/// The entries of a peer that this node has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Received {
    /// The version of this node's copy of the peer's log.
    pub(super) version: u64,
    /// The number of entries of a full transfer in progress.
    pub(super) staged: usize,
}

/// The number of full transfers that count as progress towards one acknowledgement.
const MAX_RESTARTS: u32 = 8;

impl Peer {
    pub(super) fn new(id: NodeId) -> Self {
        Self {
            id,
            asked: BTreeSet::new(),
            acknowledged: 0,
            settled: None,
            unsettled: None,
            pushed: 0,
            unacknowledged: PushWindow::default(),
            is_returning: false,
            is_behind: false,
            confirmed: None,
            pulled: (None, 0),
            restarts: 0,
            stalled: None,
        }
    }

    /// Returns whether the peer may now be asked for the entries of another node.
    pub(super) fn can_be_asked(&self, id: &NodeId) -> bool {
        self.asked.len() < MAX_ASKED && !self.asked.contains(id)
    }

    /// Records a request of the peer for entries of this node. A peer that repeats requests makes no progress.
    pub(super) fn record_pull(&mut self, full: Option<u64>, have: u64) {
        if self.pulled.0 == full {
            self.pulled.1 = self.pulled.1.max(have);
        } else if self.restarts < MAX_RESTARTS {
            self.restarts += 1;
            self.pulled = (full, have);
        }
    }

    /// Returns true if this peer has had pushes to acknowledge for longer than `patience` without any progress. If
    /// `received` is `None`, this node does not wait for it.
    pub(super) fn is_stalled(
        &mut self,
        now: Duration,
        received: Option<Received>,
        patience: Duration,
    ) -> bool {
        let has_all = self.settled >= Some(self.pushed) && !self.is_behind;
        let Some(received) = received.filter(|_| !has_all) else {
            self.stalled = None;
            return false;
        };
        let progress = AckProgress {
            settled: self.settled,
            pulled: self.pulled,
            received,
        };
        let before = self.stalled.filter(|(before, _)| *before == progress);
        let since = before.map_or(now, |(_, since)| since);
        self.stalled = Some((progress, since));
        now.saturating_sub(since) > patience
    }

    /// Records an acknowledgement.
    pub(super) fn acknowledge(&mut self, ack: Ack) {
        self.acknowledged = ack.version;
        self.unacknowledged.acknowledge(ack.version);
        let first = self.unsettled.map_or(ack, |[first, _]| first);
        self.unsettled = Some([first, ack]);
    }

    /// Settles the acknowledgements that the peer sent at `version` of its own log or before. Returns whether there are
    /// any.
    pub(super) fn settle(&mut self, version: u64) -> bool {
        let mut has_settled = false;
        while let Some([first, last]) = self.unsettled {
            if first.sender_version > version {
                break;
            }
            self.settled = Some(first.version);
            self.restarts = 0;
            self.unsettled = (first != last).then_some([last, last]);
            has_settled = true;
        }
        has_settled
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::id::id;

    #[test]
    fn acknowledgements_are_settled_in_order_even_if_new_ones_keep_arriving() {
        let mut peer = Peer::new(id("b", 1));
        assert!(!peer.settle(9));
        for (version, sender_version) in [(1, 10), (2, 20), (3, 30)] {
            peer.acknowledge(Ack {
                version,
                sender_version,
            });
        }
        assert_eq!((peer.acknowledged, peer.settled), (3, None));
        assert!(!peer.settle(9));
        assert!(peer.settle(10));
        assert_eq!(peer.settled, Some(1));
        assert!(!peer.settle(29));
        peer.acknowledge(Ack {
            version: 4,
            sender_version: 40,
        });
        assert!(peer.settle(30), "the later one does not delay it");
        assert_eq!(peer.settled, Some(3));
        assert!(peer.settle(50));
        assert_eq!((peer.settled, peer.unsettled), (Some(4), None));
    }
}
