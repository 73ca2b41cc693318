//! The context methods of state machines, in addition to those of servers.

use std::time::Duration;

use crate::otp::state_machine::core::Key;
use crate::otp::state_machine::event::{
    Due, HasEventTimeout, HasStateTimeout, StateEvent, StateInfo, StateMachine,
};
use crate::otp::state_machine::shell::Shell;
use crate::process::timer::Timer;
use crate::server::context::Context;

/// The context methods of a [`StateMachine`], in addition to those of a server.
///
/// A timeout that a handler sets starts when the handler is done, in the state that it goes to. A timeout of zero comes
/// after the events that the machine has inserted itself, and before any message from outside.
///
/// All but `start_in` panic in a hand-written `init` that has not called it; a `#[state_machine]` calls it before its
/// `init`.
impl<M: StateMachine> Context<M> {
    /// Sets the initial state, in `init`; the last call counts.
    ///
    /// # Panics
    /// Panics after `init`: from then on the results of handlers change the state.
    pub fn start_in(&mut self, state: M::State) {
        Shell::start_in(self, state);
    }

    /// Returns the current state; during an exit callback, the state that is left.
    ///
    /// # Panics
    /// Panics in a hand-written `init` that has not called [`start_in`](Self::start_in).
    pub fn state(&self) -> M::State {
        Shell::<M>::look(self, |core| core.state())
    }

    /// Starts the state timeout: after this time a `#[state_timeout]` runs, unless the state changes before. The
    /// timeout replaces a running one. In a state without a method for it, it is a dead letter. (Erlang:
    /// `{state_timeout, Time, Content}`.)
    pub fn state_timeout(&mut self, after: Duration)
    where
        M: HasStateTimeout,
    {
        Shell::of(self).core.timeout(Key::State, Some(after));
    }

    /// Cancels the state timeout, if it is running.
    pub fn cancel_state_timeout(&mut self) {
        Shell::of(self).core.timeout(Key::State, None);
    }

    /// Starts the event timeout: after this time an `#[event_timeout]` runs, unless any event comes before, including
    /// another timeout, and one that the machine inserts itself. (Erlang: `{timeout, Time, Content}`.)
    pub fn event_timeout(&mut self, after: Duration)
    where
        M: HasEventTimeout,
    {
        Shell::of(self).core.timeout(Key::Event, Some(after));
    }

    /// Cancels the event timeout that this handler has set, or the callback of leaving or entering a state before it.
    /// The event that is being handled has ended any other one.
    pub fn cancel_event_timeout(&mut self) {
        Shell::of(self).core.timeout(Key::Event, None);
    }

    /// Starts the timeout of this name, which survives changes of state. The timeout replaces a running one of the same
    /// name. (Erlang: `{{timeout, Name}, Time, Content}`.)
    pub fn timeout(&mut self, name: M::Timeout, after: Duration) {
        Shell::of(self).core.timeout(Key::Named(name), Some(after));
    }

    /// Cancels the timeout of this name, if it is running.
    pub fn cancel_timeout(&mut self, name: M::Timeout) {
        Shell::of(self).core.timeout(Key::Named(name), None);
    }

    /// Inserts an event before all others, including postponed ones. Several events keep the order in which they were
    /// inserted. (Erlang: `{next_event, Type, Content}`.)
    pub fn next_event(&mut self, event: impl Into<StateEvent<M>>) {
        Shell::of(self).core.insert(event.into());
    }

    /// Postpones an event until the state changes; then all postponed events come again, in arrival order, before any
    /// new message. (Erlang: `postpone`.)
    ///
    /// [`Next::Repeat`](crate::state_machine::Next::Repeat) does not change the state. A postponed event has left the
    /// mailbox and holds no capacity: a state that postpones events should end at some time.
    /// [`remaining`](Self::remaining) is `None` when a postponed call comes again. If the machine ends first, a
    /// postponed call returns `Exited`, and a postponed cast is a dead letter.
    pub fn postpone(&mut self, event: impl Into<StateEvent<M>>) {
        Shell::of(self).core.postpone(event.into());
    }

    /// Starts the timer of a timeout.
    pub(super) fn start_clock(&self, number: u64, after: Duration) -> Timer {
        self.info_after(after, StateInfo::Timeout(Due { number }))
    }
}
