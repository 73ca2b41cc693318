//! The bookkeeping of a state machine: the next event, the effects of a change of state, the running timeouts.
//!
//! Pure: the shell reports the results of handlers, and performs [`Core::next`] and the [`Clock`] actions. There are no
//! clocks and no tasks here; a running timeout is a number, so a late one is recognised.

use std::collections::{VecDeque, vec_deque};
use std::mem;
use std::time::Duration;

mod timeouts;

#[cfg(test)]
mod tests;

pub(super) use self::timeouts::Key;
use self::timeouts::Timeouts;

/// The transition that a handler requests. (Erlang: the result of a `gen_statem` state callback.)
///
/// Generated handlers derive the transition from the declaration and the result of a method; a hand-written
/// [`StateMachine::handle_event`](crate::StateMachine::handle_event) returns it.
///
/// ```
/// use ambit::state_machine::Next;
/// #[derive(Clone, Copy, Debug, PartialEq, Eq)]
/// enum Light { Red, Green, Broken }
///
/// fn switch(light: Light) -> Next<Light> {
///     match light {
///         Light::Red => Next::To(Light::Green),
///         Light::Green => Next::To(Light::Red),
///         Light::Broken => Next::Stay,
///     }
/// }
/// assert_eq!(switch(Light::Red), Next::To(Light::Green));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Next<S> {
    /// Stays in the current state. (Erlang: `keep_state`.)
    Stay,
    /// Stays in the current state, and runs its enter callback again. (Erlang: `repeat_state`.)
    Repeat,
    /// Changes to this state. Changing to the current state has the same effect as [`Stay`](Self::Stay). (Erlang:
    /// `next_state`.)
    To(S),
    /// Stops the machine: `terminate` runs, then the process ends with this reason. (Erlang: `stop`.)
    Stop(crate::exit_reason::ExitReason),
}

/// The next task of the handler.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Task<S, E, N> {
    /// The state is about to be left.
    Exit {
        to: S,
    },
    /// The state has been entered; `from` is `None` at the start.
    Enter {
        from: Option<S>,
    },
    Event(E),
    Timeout(Key<N>),
}

/// An action on the clock.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Clock {
    Start { number: u64, after: Duration },
    Cancel(u64),
}

/// The current task.
#[derive(Clone, Copy, Debug)]
enum Phase<S> {
    Event,
    Exit { to: S },
    Enter { from: Option<S> },
}

/// An enter or exit callback requested another state.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Misplaced;

/// The bookkeeping of one machine with states `S`, events `E` and names of timeouts `N`.
#[derive(Debug)]
pub(super) struct Core<S, E, N> {
    state: S,
    phase: Phase<S>,
    /// Handled before anything from outside, first in first out.
    queue: VecDeque<E>,
    /// Events that the handlers since the last event have inserted.
    inserted: Vec<E>,
    /// Held until the state changes, in arrival order.
    postponed: Vec<E>,
    /// Timeout requests of the handlers since the last event; `None` cancels.
    asked: Vec<(Key<N>, Option<Duration>)>,
    /// Those of zero come after the queue, before anything from outside.
    timeouts: Timeouts<N>,
    clock: Vec<Clock>,
}

impl<S: Copy + Eq, E, N: Copy + Eq> Core<S, E, N> {
    /// Returns a machine that is about to enter its first state.
    pub(super) fn new(state: S) -> Self {
        Self {
            state,
            phase: Phase::Enter { from: None },
            queue: VecDeque::new(),
            inserted: Vec::new(),
            postponed: Vec::new(),
            asked: Vec::new(),
            timeouts: Timeouts::default(),
            clock: Vec::new(),
        }
    }

    pub(super) fn state(&self) -> S {
        self.state
    }

    /// Changes the initial state, before it is entered.
    pub(super) fn begin_in(&mut self, state: S) {
        self.state = state;
    }

    /// Inserts an event before the waiting ones; several keep their order.
    pub(super) fn insert(&mut self, event: E) {
        self.inserted.push(event);
    }

    /// Postpones an event until the state changes.
    pub(super) fn postpone(&mut self, event: E) {
        self.postponed.push(event);
    }

    /// Sets a timeout, or cancels it. It takes effect once the change of state is done.
    pub(super) fn timeout(&mut self, key: Key<N>, after: Option<Duration>) {
        self.asked.push((key, after));
    }

    /// Records that an event from outside is about to be handled.
    pub(super) fn receive(&mut self) {
        self.clear(Key::Event);
    }

    /// Returns which timeout is due, if it still counts.
    pub(super) fn fired(&mut self, number: u64) -> Option<Key<N>> {
        let key = self.timeouts.fired(number)?;
        self.clear(Key::Event);
        Some(key)
    }

    /// Handles the result of the handler; a [`Next::Stop`] is handled by the shell.
    ///
    /// # Errors
    /// If an enter or exit callback requests another state.
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
                // Oldest first, and before events that arrived after them.
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

    /// Returns the next task before anything from outside, and marks it as the current one.
    pub(super) fn next(&mut self) -> Option<Task<S, E, N>> {
        match self.phase {
            Phase::Exit { to } => return Some(Task::Exit { to }),
            Phase::Enter { from } => return Some(Task::Enter { from }),
            Phase::Event => {}
        }
        let task = match self.queue.pop_front() {
            Some(event) => Task::Event(event),
            None => Task::Timeout(self.timeouts.next_due()?),
        };
        self.clear(Key::Event);
        Some(task)
    }

    /// Returns the clock actions, in order.
    pub(super) fn clock(&mut self) -> Vec<Clock> {
        mem::take(&mut self.clock)
    }

    /// Returns all events that wait for a handler.
    pub(super) fn drain(&mut self) -> vec_deque::IntoIter<E> {
        let mut all = VecDeque::from(mem::take(&mut self.inserted));
        all.append(&mut self.queue);
        all.extend(mem::take(&mut self.postponed));
        all.into_iter()
    }

    /// Applies the requests of the handlers since the last event.
    fn settle(&mut self) {
        for event in mem::take(&mut self.inserted).into_iter().rev() {
            self.queue.push_front(event);
        }
        for (key, after) in mem::take(&mut self.asked) {
            self.clear(key);
            match after {
                None => {}
                Some(Duration::ZERO) => self.timeouts.add_due(key),
                Some(after) => {
                    let number = self.timeouts.start(key);
                    self.clock.push(Clock::Start { number, after });
                }
            }
        }
    }

    /// Ends a timeout, whether it is running or due.
    fn clear(&mut self, key: Key<N>) {
        if let Some(number) = self.timeouts.clear(key) {
            self.clock.push(Clock::Cancel(number));
        }
    }
}
