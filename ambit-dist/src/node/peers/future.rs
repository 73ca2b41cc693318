//! Lives that begin in the future: a clock may be wrong, but after each life there must be a later one to become.

use std::time::Duration;

use crate::handshake::Refusal;
use crate::node::id::{Incarnation, NodeId};
use crate::node::peers::{Peers, Verdict};

/// How far in the future a life may begin: 30 years. Clocks that are off by less are no reason to stay apart.
const MOST: u64 = 30 * 365 * DAY;
const DAY: u64 = 24 * 60 * 60 * 1000;
/// A clock that says less has never been set: the beginning of 2026. Nodes with such a clock must know others all the same.
const SET: u64 = 1_767_225_600_000;

impl Peers {
    /// Refuses a life that begins too far in the future. Remembered, it would keep its name from every node with a right clock;
    /// the last possible one would do so permanently.
    pub(super) fn refuse_future(&self, now: Duration, id: &NodeId) -> Result<(), Verdict> {
        let Some(days) = self.too_late(now, id.incarnation) else {
            return Ok(());
        };
        Err(Refusal::future(&id.name, days).into())
    }

    /// How many days after now a life begins, if that is too far in the future.
    pub(super) fn too_late(&self, now: Duration, life: Incarnation) -> Option<u64> {
        let since = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        let clock = self.started.saturating_add(since);
        let today = clock.max(self.own.incarnation.millis()).max(SET);
        let ahead = life.millis().saturating_sub(today);
        (ahead > MOST).then_some(ahead / DAY)
    }
}
