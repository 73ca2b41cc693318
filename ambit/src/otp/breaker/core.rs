//! What a circuit breaker decides. Pure: the time comes in, what changed goes out.

use std::collections::VecDeque;
use std::time::Duration;

/// Whether calls are let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BreakerState {
    /// All are.
    Closed,
    /// None is: too many have failed.
    Open,
    /// A few are, to see whether it works again.
    HalfOpen,
}

/// When a breaker opens, and how it closes again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    pub(crate) failures: u32,
    /// In which time; none: one after the other.
    pub(crate) within: Option<Duration>,
    pub(crate) open_for: Duration,
    pub(crate) probes: u32,
}

/// From one state to another.
pub(crate) type Change = (BreakerState, BreakerState);

/// In which span between two changes a call was let through. What comes back in another one means nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Epoch(u64);

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Success,
    Failure,
    /// It was given up: nobody knows.
    Unknown,
}

/// Why a call was not let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// For so long.
    Open(Duration),
    /// As many as wanted are under way.
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
    /// What it became when it last changed.
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

    /// What it is at that time: one that has been open for long enough is half open, asked or not.
    pub(crate) fn state(&self, now: Duration) -> BreakerState {
        match self.state {
            State::Open { until } if now >= until => BreakerState::HalfOpen,
            _ => self.state.entered(),
        }
    }

    /// Somebody wants to call.
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
            // No more than can be of use.
            if *under_way + *passed >= self.policy.probes {
                return (Err(Refused::Probing), change);
            }
            *under_way += 1;
        }
        (Ok(Epoch(self.epoch)), change)
    }

    /// A call that was let through has ended.
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
                    // One that is exactly as old as the window still counts.
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

    /// Opens it, for the whole time from now.
    pub(crate) fn open(&mut self, now: Duration) -> Option<Change> {
        let until = now.saturating_add(self.policy.open_for);
        self.change(State::Open { until })
    }

    /// Closes it, and forgets all failures.
    pub(crate) fn close(&mut self) -> Option<Change> {
        self.change(State::Closed(VecDeque::new()))
    }

    /// Each change begins where the one before ended: that an open breaker would let a probe through by now is none.
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
