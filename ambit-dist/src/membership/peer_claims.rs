//! What a node has stated about itself and claimed about others in one session.

use std::time::Duration;

use crate::membership::frame::GoneMember;
use crate::membership::member_id::MemberId;
use crate::node::id::NodeId;

/// The number of wrong claims in one [`WINDOW`] that disconnects their sender.
const MAX_WRONG: u32 = 64;
const WINDOW: Duration = Duration::from_secs(60);

/// What a node has stated about itself and claimed about others in one session.
#[derive(Debug)]
pub(super) struct PeerClaims {
    pub(super) id: NodeId,
    /// The renewal that the node has stated itself.
    pub(super) renewal: Option<u32>,
    /// The latest renewal that the node has been asked to replace, because others count it as down.
    disputed: Option<u32>,
    /// A claim of another member that this node is gone. It takes effect at the end of the session.
    pub(super) held: Option<GoneMember>,
    wrong: u32,
    window_start: Duration,
}

impl PeerClaims {
    pub(super) fn new(id: NodeId, now: Duration) -> Self {
        Self {
            id,
            renewal: None,
            disputed: None,
            held: None,
            wrong: 0,
            window_start: now,
        }
    }

    /// Records the renewal that the node states itself, in a packet or in its state.
    pub(super) fn record_own(&mut self, renewal: u32) {
        self.renewal = self.renewal.max(Some(renewal));
        self.held = None;
    }

    /// Returns whether the node has to renew itself because of a claim that this identity is down. True at most once for
    /// each of its renewals.
    pub(super) fn disputes(&mut self, id: &MemberId) -> bool {
        let is_current = id.id == self.id && Some(id.renewal) == self.renewal;
        let is_first = is_current && self.disputed != self.renewal;
        if is_first {
            self.disputed = self.renewal;
        }
        is_first
    }

    /// Counts a wrong claim. Returns whether there are too many.
    pub(super) fn is_excessive(&mut self, now: Duration) -> bool {
        if now.saturating_sub(self.window_start) > WINDOW {
            (self.window_start, self.wrong) = (now, 0);
        }
        self.wrong += 1;
        self.wrong == MAX_WRONG
    }
}
