//! Restart intensity: a sliding window, as OTP counts it.
//!
//! Each child stores the times of its own restarts, and how far its backoff has moved them. So a decision costs the
//! logarithm of the size of the window, and a backoff the same, however often its child was restarted.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::fmt;
use std::time::Duration;

use crate::exit_reason::ExitReason;
use crate::supervisor::policy::Key;

/// Nanoseconds since the start of the supervisor. May be negative: a backoff shifts restarts by an offset.
type Nanos = i128;

/// One change of the restarts in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counted {
    /// The child was restarted, at this time since the start of the supervisor.
    Restart(Key, Duration),
    /// The next start of the child is delayed, which keeps its restarts in the window.
    Delay(Key, Duration),
    /// The delay has ended this much early.
    GivenBack(Key, Duration),
}

/// Up to `max` restarts within a window of `within`.
#[derive(Clone, Debug)]
pub(crate) struct Intensity {
    max: u32,
    within: Duration,
    children: BTreeMap<Key, ChildRestarts>,
    /// The time of the oldest restart of each child, with the child.
    oldest: BTreeSet<(Nanos, Key)>,
    /// The number of restarts of all children.
    used: usize,
}

/// The restarts of one child; never empty.
#[derive(Clone, Debug, Default)]
struct ChildRestarts {
    /// The offset of all `times`.
    held: Nanos,
    times: BinaryHeap<Reverse<Nanos>>,
}

impl ChildRestarts {
    fn oldest(&self) -> Option<Nanos> {
        let Reverse(first) = self.times.peek()?;
        Some(first.saturating_add(self.held))
    }
}

impl Intensity {
    pub(crate) fn new(max: u32, within: Duration) -> Self {
        Self {
            max,
            within,
            children: BTreeMap::new(),
            oldest: BTreeSet::new(),
            used: 0,
        }
    }

    /// Counts one restart; returns false if it is one too many.
    #[must_use]
    pub(crate) fn allows(&mut self, key: Key, now: Duration) -> bool {
        self.forget(now);
        self.record(key, now);
        self.used <= self.max as usize
    }

    /// Returns the reason of a supervisor that gives up after the last failure of `child`. It is a clean reason, as in
    /// OTP, and contains what OTP only logs (`reached_max_restart_intensity`).
    pub(crate) fn exceeded_by(&self, child: &dyn fmt::Display, last: &ExitReason) -> ExitReason {
        ExitReason::shutdown_with(exceeded(child, (self.max, self.within), last))
    }

    /// Keeps the restarts of a delayed child in the window: however long the delays, a child with a permanent failure
    /// uses up the window as fast as without them.
    pub(crate) fn hold(&mut self, key: Key, delay: Duration) {
        if delay.is_zero() {
            return;
        }
        self.change(key, |own| {
            own.held = own.held.saturating_add(nanos(delay));
        });
    }

    /// Gives back the rest of a delay that has ended early.
    pub(crate) fn give_back(&mut self, key: Key, rest: Duration) {
        if !rest.is_zero() && self.children.contains_key(&key) {
            self.change(key, |own| {
                own.held = own.held.saturating_sub(nanos(rest));
            });
        }
    }

    /// Returns the number of restarts in the window at the last decision.
    pub(crate) fn used(&self) -> usize {
        self.used
    }

    /// Returns the number of restarts in the window that ends at `now`.
    pub(crate) fn used_at(&mut self, now: Duration) -> usize {
        self.forget(now);
        self.used
    }

    pub(crate) fn max(&self) -> u32 {
        self.max
    }

    pub(crate) fn within(&self) -> Duration {
        self.within
    }

    /// Adds one restart without checking the limit.
    pub(crate) fn record(&mut self, key: Key, now: Duration) {
        self.used += 1;
        self.change(key, |own| {
            own.times.push(Reverse(nanos(now).saturating_sub(own.held)));
        });
    }

    /// Removes the restarts that have left the window. A restart that is exactly as old as the window still counts.
    fn forget(&mut self, now: Duration) {
        let kept = nanos(now.saturating_sub(self.within));
        while let Some(&(first, key)) = self.oldest.first()
            && first < kept
        {
            self.used -= 1;
            self.change(key, |own| {
                own.times.pop();
            });
        }
    }

    /// Changes the restarts of one child, and its position among the others.
    fn change(&mut self, key: Key, change: impl FnOnce(&mut ChildRestarts)) {
        let own = self.children.entry(key).or_default();
        if let Some(before) = own.oldest() {
            self.oldest.remove(&(before, key));
        }
        change(own);
        match own.oldest() {
            Some(oldest) => drop(self.oldest.insert((oldest, key))),
            None => drop(self.children.remove(&key)),
        }
    }
}

fn nanos(time: Duration) -> Nanos {
    Nanos::try_from(time.as_nanos()).unwrap_or(Nanos::MAX)
}

/// Returns the text about a `child` that exceeded `max` restarts `within` a time.
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

    /// The same on a plain list, counted anew each time.
    #[derive(Default)]
    struct Model(Vec<(Key, Duration)>);

    impl Model {
        fn used(&mut self, now: Duration, within: Duration) -> usize {
            let oldest = now.saturating_sub(within);
            self.0.retain(|(_, at)| *at >= oldest);
            self.0.len()
        }

        fn hold(&mut self, key: Key, delay: Duration) {
            for (_, at) in self.0.iter_mut().filter(|(own, _)| *own == key) {
                *at += delay;
            }
        }
    }

    #[test]
    fn it_counts_what_a_plain_list_counts() {
        for seed in 0..200 {
            let mut random = crate::test_rng::TestRng::new(seed);
            let within = SECOND * random.below(20);
            let (mut intensity, mut model) = (Intensity::new(3, within), Model::default());
            let mut now = Duration::ZERO;
            for _ in 0..200 {
                let key = Key(random.below(4));
                let time = SECOND * random.below(4);
                match random.below(4) {
                    0 => now += time,
                    1 => {
                        intensity.hold(key, time);
                        model.hold(key, time);
                    }
                    _ => {
                        model.used(now, within);
                        model.0.push((key, now));
                        assert_eq!(intensity.allows(key, now), model.0.len() <= 3);
                        assert_eq!(intensity.used(), model.0.len(), "seed {seed}");
                    }
                }
            }
            assert_eq!(intensity.used_at(now), model.used(now, within));
            let late = now + 10_000 * SECOND;
            assert_eq!(intensity.used_at(late), 0);
            assert!(intensity.children.is_empty(), "nothing is left");
        }
    }
}
