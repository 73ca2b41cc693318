//! The decisions of a circuit breaker. Pure: the time comes in, changes go out.

use std::collections::VecDeque;
use std::time::Duration;

/// The state of a circuit breaker.
///
/// ```
/// use ambit::breaker::{BreakerState, CircuitBreaker};
/// #[ambit::main]
/// async fn main() {
///     let breaker = CircuitBreaker::builder("mail").build();
///     assert_eq!(breaker.state(), BreakerState::Closed);
///     breaker.open();
///     assert_eq!(breaker.state(), BreakerState::Open);
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BreakerState {
    /// All calls are let through.
    Closed,
    /// All calls are rejected: too many calls have failed, or the breaker was opened with
    /// [`open`](crate::breaker::CircuitBreaker::open).
    Open,
    /// A few calls are let through as probes.
    HalfOpen,
}

/// The policy of a breaker: when it opens, and how it closes again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    pub(crate) failures: u32,
    /// The window in which failures count; `None` for consecutive failures.
    pub(crate) within: Option<Duration>,
    pub(crate) open_for: Duration,
    pub(crate) probes: u32,
}

/// The old and the new state.
pub(crate) type Change = (BreakerState, BreakerState);

/// Identifies the span between two changes in which a call was let through. The outcome of a call from another span is
/// ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Epoch(u64);

/// The outcome of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Success,
    Failure,
    /// The call was cancelled: its outcome is unknown.
    Unknown,
}

/// The reason why a call was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The breaker stays open for this time.
    Open(Duration),
    /// All permitted probes are in progress.
    Probing,
}

#[derive(Clone, Debug)]
pub(crate) struct Core {
    policy: Policy,
    state: State,
    epoch: u64,
}

#[derive(Clone, Debug)]
enum State {
    /// The times of the failures that count.
    Closed(VecDeque<Duration>),
    Open {
        until: Duration,
    },
    HalfOpen {
        under_way: u32,
        passed: u32,
    },
}

impl State {
    /// Returns the state that the last change led to.
    fn entered(&self) -> BreakerState {
        match self {
            Self::Closed(_) => BreakerState::Closed,
            Self::Open { .. } => BreakerState::Open,
            Self::HalfOpen { .. } => BreakerState::HalfOpen,
        }
    }
}

impl Core {
    pub(crate) fn new(policy: Policy) -> Self {
        Self {
            policy,
            state: State::Closed(VecDeque::new()),
            epoch: 0,
        }
    }

    /// Returns the state at that time. A breaker that has been open for long enough is half open, even without a call.
    pub(crate) fn state(&self, now: Duration) -> BreakerState {
        match self.state {
            State::Open { until } if now >= until => BreakerState::HalfOpen,
            _ => self.state.entered(),
        }
    }

    /// Asks to let a call through.
    pub(crate) fn ask(&mut self, now: Duration) -> (Result<Epoch, Refused>, Option<Change>) {
        let mut change = None;
        if let State::Open { until } = self.state {
            if now < until {
                return (Err(Refused::Open(until - now)), None);
            }
            let (under_way, passed) = (0, 0);
            change = self.change(State::HalfOpen { under_way, passed });
        }
        if let State::HalfOpen { under_way, passed } = &mut self.state {
            // No more probes than are needed to close.
            if *under_way + *passed >= self.policy.probes {
                return (Err(Refused::Probing), change);
            }
            *under_way += 1;
        }
        (Ok(Epoch(self.epoch)), change)
    }

    /// Records the end of a call that was let through.
    pub(crate) fn done(&mut self, now: Duration, epoch: Epoch, outcome: Outcome) -> Option<Change> {
        if epoch != Epoch(self.epoch) {
            return None;
        }
        let Policy {
            failures, within, ..
        } = self.policy;
        match (&mut self.state, outcome) {
            (State::Closed(failed), Outcome::Success) if within.is_none() => failed.clear(),
            (State::Closed(failed), Outcome::Failure) => {
                failed.push_back(now);
                if let Some(within) = within {
                    // A failure that is exactly as old as the window still counts.
                    let oldest = now.saturating_sub(within);
                    while failed.front().is_some_and(|at| *at < oldest) {
                        failed.pop_front();
                    }
                }
                if failed.len() >= failures as usize {
                    return self.open(now);
                }
            }
            (State::HalfOpen { under_way, passed }, Outcome::Success) => {
                *under_way -= 1;
                *passed += 1;
                if *passed >= self.policy.probes {
                    return self.close();
                }
            }
            (State::HalfOpen { .. }, Outcome::Failure) => return self.open(now),
            (State::HalfOpen { under_way, .. }, Outcome::Unknown) => *under_way -= 1,
            (State::Closed(_), _) | (State::Open { .. }, _) => {}
        }
        None
    }

    /// Opens the breaker, for the full time from now.
    pub(crate) fn open(&mut self, now: Duration) -> Option<Change> {
        let until = now.saturating_add(self.policy.open_for);
        self.change(State::Open { until })
    }

    /// Closes the breaker, and resets the failures.
    pub(crate) fn close(&mut self) -> Option<Change> {
        self.change(State::Closed(VecDeque::new()))
    }

    /// Each change begins with the state in which the previous one ended; an elapsed open time alone is no change.
    fn change(&mut self, next: State) -> Option<Change> {
        let before = self.state.entered();
        self.state = next;
        self.epoch += 1;
        let after = self.state.entered();
        (before != after).then_some((before, after))
    }
}

#[cfg(test)]
mod tests;
