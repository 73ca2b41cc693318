//! An address that a connection is wanted to.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use crate::node::id::NodeName;
use crate::rt::Rng;

/// A connection of this node, or an attempt at one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ConnectionId(pub(crate) u64);

/// A caller that waits for a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CallerId(pub(crate) u64);

/// The maximum delay before the first redial; it doubles with each failure.
const FIRST: Duration = Duration::from_millis(100);
/// The maximum delay.
const LONGEST: Duration = Duration::from_secs(10);
/// The maximum delay after one of the nodes has refused the other, unless the address is listed, so that the refusing
/// node logs a few refusals per minute at most.
const REFUSED: Duration = Duration::from_secs(60);
/// The number of failed dials after which an address that neither discovery nor the membership wants is forgotten:
/// about a minute.
pub(super) const UNLISTED: u32 = 16;
/// The number of failed dials of a candidate that are not logged, while its node may be starting: about 3 s.
const STARTING: u32 = 6;

/// The state of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DialState {
    /// The node there is connected.
    Held,
    Dialling(ConnectionId),
    /// The address is dialled at this time, if it is still wanted then.
    Waiting(Duration),
}

/// An address with its dial state and waiting callers.
#[derive(Debug)]
pub(super) struct DialTarget {
    pub(super) address: SocketAddr,
    /// True for a seed, which is wanted even if it has never answered.
    pub(super) is_seed: bool,
    /// True while a discovery source lists the address. It is wanted like a seed.
    pub(super) is_candidate: bool,
    /// True once a caller has asked for a connection to the address.
    pub(super) is_requested: bool,
    /// The node that answered last.
    pub(super) name: Option<NodeName>,
    pub(super) progress: DialState,
    /// The number of consecutive failed dials.
    pub(super) failures: u32,
    /// True if the last one ended with a refusal of one of the nodes.
    pub(super) is_refused: bool,
    /// The number of connections in a row that one of the nodes closed because of an error.
    pub(super) errors: u32,
    /// True once these failures have been logged. For candidates only.
    pub(super) has_warned: bool,
    /// The callers that wait for the connection.
    pub(super) callers: Vec<CallerId>,
}

impl DialTarget {
    pub(super) fn new(address: SocketAddr, is_seed: bool, progress: DialState) -> Self {
        Self {
            address,
            is_seed,
            is_candidate: false,
            is_requested: false,
            name: None,
            progress,
            failures: 0,
            is_refused: false,
            errors: 0,
            has_warned: false,
            callers: Vec::new(),
        }
    }

    /// Schedules the next dial after a random delay: up to 100 ms, doubling to 10 s with each failure.
    pub(super) fn back_off(&mut self, now: Duration, rng: &mut Rng) {
        let most = FIRST
            .saturating_mul(1 << self.failures.min(10))
            .min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        self.is_refused = false;
        self.progress = DialState::Waiting(now + up_to(rng, most));
    }

    /// Schedules the next dial after a connection was closed because of an error. The next one may end in the same way
    /// at once, so the delay doubles with each, up to a minute, or to 10 s if the address is listed.
    pub(super) fn back_off_after_error(&mut self, now: Duration, rng: &mut Rng) {
        self.errors = self.errors.saturating_add(1);
        let longest = if self.is_listed() { LONGEST } else { REFUSED };
        let most = FIRST.saturating_mul(1 << self.errors.min(10)).min(longest);
        self.progress = DialState::Waiting(now + up_to(rng, most));
    }

    /// Schedules the next dial after a refusal, up to a minute later.
    pub(super) fn back_off_refused(&mut self, now: Duration, rng: &mut Rng) {
        self.failures = self.failures.saturating_add(1);
        self.is_refused = true;
        self.progress = DialState::Waiting(now + up_to(rng, REFUSED));
    }

    /// Returns whether the address is dialled until it answers, and after its node has left.
    pub(super) fn is_listed(&self) -> bool {
        self.is_seed || self.is_candidate
    }

    /// Returns whether the node there is known and a connection is wanted again after a loss: always if a caller has
    /// asked for it or the node is one of the wanted `members`, otherwise until some dials have failed.
    pub(super) fn is_remembered(&self, members: &BTreeSet<NodeName>) -> bool {
        let lasts = |name: &NodeName| self.is_requested || members.contains(name);
        let name = self.name.as_ref();
        name.is_some_and(|name| lasts(name) || self.failures < UNLISTED)
    }

    /// Returns whether a failed dial must be logged: that of a seed at once; that of a candidate once, and only after
    /// some failures if its node may still be starting.
    pub(super) fn is_worth_a_warning(&mut self, may_be_starting: bool) -> bool {
        if self.is_seed {
            return self.failures == 0;
        }
        let is_due = self.is_candidate && (!may_be_starting || self.failures >= STARTING);
        is_due && !std::mem::replace(&mut self.has_warned, true)
    }

    pub(super) fn is_dialling(&self) -> bool {
        matches!(self.progress, DialState::Dialling(_))
    }

    pub(super) fn is_waiting(&self) -> bool {
        matches!(self.progress, DialState::Waiting(_))
    }

    /// Returns whether anything but the membership needs the address, or an attempt at it is under way.
    pub(super) fn has_use(&self) -> bool {
        let is_asked = self.is_requested || !self.callers.is_empty();
        self.is_listed() || is_asked || self.is_dialling()
    }

    /// Returns whether the address gives way to another one in a full table: it has failed as often as an address that no
    /// member has may, or it is that of a member that has refused this node. A listed address that has answered stays.
    pub(super) fn gives_way(&self) -> bool {
        let is_asked = self.is_seed || self.is_requested || !self.callers.is_empty();
        let is_node = self.is_candidate && self.name.is_some();
        let is_vain = self.failures >= UNLISTED || self.is_refused && !self.is_candidate;
        self.is_waiting() && is_vain && !is_asked && !is_node
    }

    pub(super) fn leads_to(&self, name: &NodeName) -> bool {
        self.name.as_ref() == Some(name)
    }
}

/// Returns a time up to `most`, each equally likely (full jitter).
fn up_to(rng: &mut Rng, most: Duration) -> Duration {
    let most = u64::try_from(most.as_micros()).unwrap_or(u64::MAX);
    Duration::from_micros(rng.u64(..=most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_that_end_with_an_error_are_dialled_more_and_more_rarely() {
        let mut rng = Rng::with_seed(1);
        let address = SocketAddr::from(([127, 0, 0, 1], 1));
        for (is_seed, longest) in [(false, REFUSED), (true, LONGEST)] {
            let mut target = DialTarget::new(address, is_seed, DialState::Held);
            let mut waited = Duration::ZERO;
            for errors in 1..=30 {
                target.back_off_after_error(Duration::ZERO, &mut rng);
                // As when the next connection is established.
                target.failures = 0;
                let DialState::Waiting(at) = target.progress else {
                    panic!("it waits");
                };
                assert!(at <= (FIRST * (1 << errors.min(10))).min(longest));
                waited += at;
            }
            assert!(waited > longest * 5, "{waited:?}");
        }
    }

    #[test]
    fn waits_double_from_a_tenth_of_a_second_to_ten_seconds() {
        let mut rng = Rng::with_seed(1);
        let address = SocketAddr::from(([127, 0, 0, 1], 1));
        let mut longest = Vec::new();
        for failures in 0..12 {
            let mut most = Duration::ZERO;
            for _ in 0..500 {
                let mut target = DialTarget::new(address, true, DialState::Held);
                target.failures = failures;
                target.back_off(Duration::ZERO, &mut rng);
                assert_eq!(target.failures, failures + 1);
                let DialState::Waiting(at) = target.progress else {
                    panic!("it waits");
                };
                most = most.max(at);
            }
            longest.push(most);
        }
        for (failures, most) in longest.iter().enumerate() {
            let limit = (FIRST * (1 << failures)).min(LONGEST);
            assert!(
                *most <= limit && *most > limit * 9 / 10,
                "{failures}: {most:?}"
            );
        }
    }
}
