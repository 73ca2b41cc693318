//! The bookkeeping of a state machine: which event comes next, what a change of state does, which timeouts run.
//!
//! Pure: the shell tells what a handler has left behind, and does what [`Core::next`] and the [`Clock`] actions say.
//! There are no clocks and no tasks here; a timeout that runs is a number, so one that comes too late is recognised.

use std::collections::VecDeque;
use std::mem;
use std::time::Duration;

#[cfg(test)]
mod tests;

/// What a handler wants of its state. (Erlang: the result of a `gen_statem` state callback.)
///
/// Generated handlers make it of what a method declares and returns; by hand it is what
/// [`StateMachine::handle_event`](crate::StateMachine::handle_event) returns.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Next<S> {
    /// To stay in its state. (Erlang: `keep_state`.)
    Stay,
    /// To stay, and to be told again that it has entered. (Erlang: `repeat_state`.)
    Repeat,
    /// To go to this state; the one it is in already is as good as [`Stay`](Self::Stay). (Erlang: `next_state`.)
    To(S),
    /// To stop: terminate runs, then the process ends with this reason. (Erlang: `stop`.)
    Stop(crate::exit_reason::ExitReason),
}

/// Which timeout: there is one of each at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key<N> {
    /// It ends with the state.
    State,
    /// It ends with the next event.
    Event,
    /// It ends when it is cancelled, set again, or due.
    Named(N),
}

/// What is to be handled next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Task<S, E, N> {
    /// The state is about to be left.
    Exit {
        to: S,
    },
    /// The state has been entered; not `from` another at the start.
    Enter {
        from: Option<S>,
    },
    Event(E),
    Timeout(Key<N>),
}

/// What is to be done with the clock.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Clock {
    Start { number: u64, after: Duration },
    Cancel(u64),
}

/// What is being handled.
#[derive(Clone, Copy, Debug)]
enum Phase<S> {
    Event,
    Exit { to: S },
    Enter { from: Option<S> },
}

/// A callback of entering or leaving wanted another state.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Misplaced;

/// The bookkeeping of one machine with states `S`, events `E` and names of timeouts `N`.
#[derive(Debug)]
pub(super) struct Core<S, E, N> {
    state: S,
    phase: Phase<S>,
    /// To be handled before anything from outside, the first first.
    queue: VecDeque<E>,
    /// What the handlers since the last event have put in.
    inserted: Vec<E>,
    /// Until the state changes, in the order of arrival.
    postponed: Vec<E>,
    /// What the handlers since the last event want of the timeouts; none cancels.
    asked: Vec<(Key<N>, Option<Duration>)>,
    running: Vec<(Key<N>, u64)>,
    /// Timeouts of no time: after the queue, before anything from outside.
    due: VecDeque<Key<N>>,
    last_number: u64,
    clock: Vec<Clock>,
}

impl<S: Copy + Eq, E, N: Copy + Eq> Core<S, E, N> {
    /// A machine that is about to enter its first state.
    pub(super) fn new(state: S) -> Self {
        Self {
            state,
            phase: Phase::Enter { from: None },
            queue: VecDeque::new(),
            inserted: Vec::new(),
            postponed: Vec::new(),
            asked: Vec::new(),
            running: Vec::new(),
            due: VecDeque::new(),
            last_number: 0,
            clock: Vec::new(),
        }
    }

    pub(super) fn state(&self) -> S {
        self.state
    }

    /// Begins in another state, while the first one has not been entered.
    pub(super) fn begin_in(&mut self, state: S) {
        self.state = state;
    }

    /// A handler puts an event in front of those that wait; the first of several comes first.
    pub(super) fn insert(&mut self, event: E) {
        self.inserted.push(event);
    }

    /// A handler keeps an event for the next state.
    pub(super) fn postpone(&mut self, event: E) {
        self.postponed.push(event);
    }

    /// A handler sets a timeout, or cancels it. It counts once the change of state is done.
    pub(super) fn timeout(&mut self, key: Key<N>, after: Option<Duration>) {
        self.asked.push((key, after));
    }

    /// An event from outside is about to be handled.
    pub(super) fn receive(&mut self) {
        self.clear(Key::Event);
    }

    /// A timeout has come: which one, if it still counts.
    pub(super) fn fired(&mut self, number: u64) -> Option<Key<N>> {
        let at = self
            .running
            .iter()
            .position(|(_, known)| *known == number)?;
        let (key, _) = self.running.remove(at);
        self.clear(Key::Event);
        Some(key)
    }

    /// The handler is done, and wants this of its state; a [`Next::Stop`] is the shell's.
    ///
    /// # Errors
    /// It was told of an entry or an exit, and wants another state.
    pub(super) fn done(&mut self, next: &Next<S>) -> Result<(), Misplaced> {
        match (self.phase, next) {
            (Phase::Event, Next::To(to)) if *to != self.state => {
                self.phase = Phase::Exit { to: *to };
            }
            (Phase::Event, Next::Repeat) => {
                self.phase = Phase::Enter {
                    from: Some(self.state),
                };
            }
            (Phase::Event, _) => self.settle(),
            (_, Next::To(_) | Next::Repeat) => return Err(Misplaced),
            (Phase::Exit { to }, _) => {
                let from = mem::replace(&mut self.state, to);
                self.phase = Phase::Enter { from: Some(from) };
                self.clear(Key::State);
                // The oldest first, and before what arrived after the last of them.
                for event in mem::take(&mut self.postponed).into_iter().rev() {
                    self.queue.push_front(event);
                }
            }
            (Phase::Enter { .. }, _) => {
                self.phase = Phase::Event;
                self.settle();
            }
        }
        Ok(())
    }

    /// What is handled before anything from outside; it is being handled from now on.
    pub(super) fn next(&mut self) -> Option<Task<S, E, N>> {
        match self.phase {
            Phase::Exit { to } => return Some(Task::Exit { to }),
            Phase::Enter { from } => return Some(Task::Enter { from }),
            Phase::Event => {}
        }
        let task = match self.queue.pop_front() {
            Some(event) => Task::Event(event),
            None => Task::Timeout(self.due.pop_front()?),
        };
        self.clear(Key::Event);
        Some(task)
    }

    /// What is to be done with the clock, in this order.
    pub(super) fn clock(&mut self) -> Vec<Clock> {
        mem::take(&mut self.clock)
    }

    /// Everything that waits for a handler.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = E> {
        let queue = mem::take(&mut self.queue).into_iter();
        let inserted = mem::take(&mut self.inserted);
        let postponed = mem::take(&mut self.postponed);
        inserted.into_iter().chain(queue).chain(postponed)
    }

    /// Does what the handlers since the last event have asked for.
    fn settle(&mut self) {
        for event in mem::take(&mut self.inserted).into_iter().rev() {
            self.queue.push_front(event);
        }
        for (key, after) in mem::take(&mut self.asked) {
            self.clear(key);
            match after {
                None => {}
                Some(Duration::ZERO) => self.due.push_back(key),
                Some(after) => {
                    self.last_number += 1;
                    let number = self.last_number;
                    self.running.push((key, number));
                    self.clock.push(Clock::Start { number, after });
                }
            }
        }
    }

    /// Ends a timeout, whether it runs or is due.
    fn clear(&mut self, key: Key<N>) {
        if let Some(at) = self.running.iter().position(|(known, _)| *known == key) {
            let (_, number) = self.running.remove(at);
            self.clock.push(Clock::Cancel(number));
        }
        self.due.retain(|known| *known != key);
    }
}
