//! What a node has stated about itself and claimed about others in one session.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::membership::frame::GoneMember;
use crate::membership::gossip_budget::GossipBudget;
use crate::membership::member_id::MemberId;
use crate::node::id::{NodeId, NodeName};

/// The number of wrong claims in one [`WINDOW`] that disconnects their sender.
const MAX_WRONG: u32 = 64;
const WINDOW: Duration = Duration::from_secs(60);
/// The number of times in one [`WINDOW`] that a node may make this one renew itself.
pub(super) const MAX_RENEWALS: u32 = 32;

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
    /// The first and the last claim that a later incarnation of the node runs.
    successor: Option<(Duration, Duration)>,
    wrong: u32,
    renewals: u32,
    window_start: Duration,
    /// The members that the node has claimed beyond the limit.
    refused: BTreeSet<NodeName>,
    pub(super) budget: GossipBudget,
}

impl PeerClaims {
    pub(super) fn new(id: NodeId, now: Duration, period: Duration) -> Self {
        Self {
            id,
            renewal: None,
            disputed: None,
            held: None,
            successor: None,
            wrong: 0,
            renewals: 0,
            window_start: now,
            refused: BTreeSet::new(),
            budget: GossipBudget::new(now, period),
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

    /// Records a claim that a later incarnation of the node runs. Returns true if such claims have been made for longer
    /// than one window: the node still has this session, so they are wrong.
    pub(super) fn outlives_successor(&mut self, now: Duration) -> bool {
        let recent = self.successor;
        let recent = recent.filter(|(_, last)| now.saturating_sub(*last) <= WINDOW);
        let first = recent.map_or(now, |(first, _)| first);
        self.successor = Some((first, now));
        now.saturating_sub(first) > WINDOW
    }

    /// Counts a wrong claim. Returns whether there are too many.
    pub(super) fn is_excessive(&mut self, now: Duration) -> bool {
        self.turn(now);
        self.wrong += 1;
        self.wrong == MAX_WRONG
    }

    /// Counts a claim that makes this node renew itself. Returns their number in this window.
    pub(super) fn count_renewal(&mut self, now: Duration) -> u32 {
        self.turn(now);
        self.renewals += 1;
        self.renewals
    }

    /// Begins a new window if the last one is over.
    fn turn(&mut self, now: Duration) {
        if now.saturating_sub(self.window_start) > WINDOW {
            self.window_start = now;
            (self.wrong, self.renewals) = (0, 0);
        }
    }

    /// Records a member beyond the limit. Returns true once more than `most` different ones are recorded.
    pub(super) fn has_too_many(&mut self, name: &NodeName, most: usize) -> bool {
        self.refused.len() <= most && self.refused.insert(name.clone()) && self.refused.len() > most
    }
}
