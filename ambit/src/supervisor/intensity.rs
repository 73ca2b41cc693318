//! How often a supervisor may restart: a sliding window, as OTP counts it.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::exit_reason::ExitReason;
use crate::supervisor::core::Key;
use crate::supervisor::planted::{PlantedBug, is_planted};

/// At most `max` restarts within any `within`.
#[derive(Clone, Debug)]
pub(crate) struct Intensity {
    max: u32,
    within: Duration,
    /// Which child was restarted when, and in which turn; at most `max + 1`.
    restarts: BTreeMap<(Duration, u64), Key>,
    turns: u64,
}

impl Intensity {
    pub(crate) fn new(max: u32, within: Duration) -> Self {
        Self {
            max,
            within,
            restarts: BTreeMap::new(),
            turns: 0,
        }
    }

    /// Notes one decision to restart; false if that is one too many.
    #[must_use]
    pub(crate) fn allows(&mut self, key: Key, now: Duration) -> bool {
        // One that is exactly as old as the window still counts.
        let oldest = now.saturating_sub(self.within);
        while let Some(first) = self.restarts.first_entry()
            && first.key().0 < oldest
        {
            first.remove();
        }
        self.note(now, key);
        let max = self.max as usize + usize::from(is_planted(PlantedBug::WindowOffByOne));
        self.restarts.len() <= max
    }

    /// Why a supervisor gives up whose `child` ended once more than is allowed. It is a clean reason, as in OTP, and
    /// says what OTP only logs (`reached_max_restart_intensity`).
    pub(crate) fn exceeded_by(&self, child: &dyn fmt::Display, last: &ExitReason) -> ExitReason {
        ExitReason::shutdown_with(exceeded(child, (self.max, self.within), last))
    }

    /// A child's back-off does not age its restarts: however long the delays, a child that cannot live uses up the
    /// window as fast as without them.
    pub(crate) fn hold(&mut self, key: Key, delay: Duration) {
        if delay.is_zero() {
            return;
        }
        let own = |entry: &(&(Duration, u64), &Key)| *entry.1 == key;
        let held: Vec<_> = self
            .restarts
            .iter()
            .filter(own)
            .map(|(at, _)| *at)
            .collect();
        for at in held {
            self.restarts.remove(&at);
            self.note(at.0.saturating_add(delay), key);
        }
    }

    fn note(&mut self, at: Duration, key: Key) {
        self.turns += 1;
        self.restarts.insert((at, self.turns), key);
    }

    /// When each restart was that the window held at the last decision.
    pub(crate) fn restarts(&self) -> Vec<Duration> {
        self.restarts.keys().map(|(at, _)| *at).collect()
    }

    /// How many restarts are in the window now.
    pub(crate) fn used(&self) -> usize {
        self.restarts.len()
    }

    pub(crate) fn max(&self) -> u32 {
        self.max
    }

    pub(crate) fn within(&self) -> Duration {
        self.within
    }
}

/// That `child` ended once more than `max` restarts `within` a time allow.
pub(crate) fn exceeded(
    child: &dyn fmt::Display,
    (max, within): (u32, Duration),
    last: &ExitReason,
) -> String {
    let restarts = if max == 1 { "restart" } else { "restarts" };
    let kind = if last.is_clean() { "reason" } else { "error" };
    let last = last.nested();
    format!(
        "{child} ended again after {max} {restarts} within {within:?}, the limit; last {kind}: {last}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const CHILD: Key = Key(0);

    #[test]
    fn one_exactly_as_old_as_the_window_counts_and_an_older_one_does_not() {
        let mut intensity = Intensity::new(1, 5 * SECOND);
        assert!(intensity.allows(CHILD, SECOND));
        assert!(!intensity.clone().allows(CHILD, 6 * SECOND));
        assert!(intensity.allows(CHILD, 6 * SECOND + Duration::from_nanos(1)));
    }

    #[test]
    fn zero_allows_none() {
        assert!(!Intensity::new(0, SECOND).allows(CHILD, Duration::ZERO));
    }

    #[test]
    fn a_back_off_longer_than_the_window_does_not_hide_a_breach() {
        let mut intensity = Intensity::new(2, SECOND);
        let mut now = Duration::ZERO;
        for _ in 0..2 {
            assert!(intensity.allows(CHILD, now));
            intensity.hold(CHILD, 60 * SECOND);
            now += 60 * SECOND;
        }
        assert!(!intensity.allows(CHILD, now));
    }

    #[test]
    fn the_back_off_of_one_child_does_not_hold_the_restarts_of_another() {
        let mut intensity = Intensity::new(1, SECOND);
        assert!(intensity.allows(CHILD, Duration::ZERO));
        intensity.hold(Key(1), 60 * SECOND);
        assert!(intensity.allows(Key(1), 2 * SECOND));
    }
}
