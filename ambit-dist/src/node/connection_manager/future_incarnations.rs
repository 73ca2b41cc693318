//! Incarnations from the future. A clock may be wrong, but every incarnation must leave room in the number range for
//! later ones.

use std::time::Duration;

use crate::handshake::Refusal;
use crate::node::connection_manager::{Peers, Verdict};
use crate::node::id::{CLOCK_SET, Incarnation, NodeId};

/// The maximum lead of an incarnation over the clock: 30 years. A smaller clock error does not keep nodes apart.
const MOST: u64 = 30 * 365 * DAY;
const DAY: u64 = 24 * 60 * 60 * 1000;

impl Peers {
    /// Refuses an incarnation that starts too far in the future. If remembered, it would block its name for every node
    /// with a right clock, and the last possible one would block it permanently.
    pub(super) fn refuse_future(&self, now: Duration, id: &NodeId) -> Result<(), Verdict> {
        let Some(days) = self.too_late(now, id.incarnation) else {
            return Ok(());
        };
        Err(Refusal::future(&id.name, days).into())
    }

    /// Returns how many days ahead an incarnation starts, if that is too far in the future.
    pub(super) fn too_late(&self, now: Duration, incarnation: Incarnation) -> Option<u64> {
        let since = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        let clock = self.started.saturating_add(since);
        let today = clock.max(self.own.incarnation.millis()).max(CLOCK_SET);
        let ahead = incarnation.millis().saturating_sub(today);
        (ahead > MOST).then_some(ahead / DAY)
    }
}
