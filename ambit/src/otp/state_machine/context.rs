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
/// A timeout that a handler sets starts once the handler has returned and its transition is complete. A timeout of zero
/// is handled after the events that the machine has inserted itself, and before any message from outside.
///
/// All methods except `start_in` panic in a hand-written `init` that has not called `start_in`. A `#[state_machine]`
/// calls `start_in` before its `#[init]`.
impl<M: StateMachine> Context<M> {
    /// Sets the initial state. It can be called only in `init`; the last call wins.
    ///
    /// # Panics
    /// Panics if called after `init`, when only the results of handlers change the state.
    pub fn start_in(&mut self, state: M::State) {
        Shell::start_in(self, state);
    }

    /// Returns the current state; during an exit callback, the state that the machine is about to leave.
    ///
    /// # Panics
    /// Panics in a hand-written `init` that has not called [`start_in`](Self::start_in).
    pub fn state(&self) -> M::State {
        Shell::<M>::look(self, |core| core.state())
    }

    /// Starts the state timeout, which replaces a running one: after the time `after`, the `#[state_timeout]` method of
    /// the state in which the handler leaves the machine runs, unless the state changes first. If that state has no such
    /// method, the timeout becomes a dead letter. (Erlang: `{state_timeout, Time, Content}`.)
    ///
    /// If the handler enters a state whose `#[state_timeout]` method has an `after = ..`, that time replaces this one, as
    /// an action of a state enter call does in Erlang. An `#[enter]` method can replace it again.
    ///
    /// # Panics
    /// Panics in a hand-written `init` that has not called [`start_in`](Self::start_in).
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

    /// Starts the event timeout, which replaces a running one: after the time `after`, the `#[event_timeout]` method
    /// runs, unless another event arrives first. Other timeouts and events that the machine inserts itself also count
    /// as events. (Erlang: `{timeout, Time, Content}`.)
    pub fn event_timeout(&mut self, after: Duration)
    where
        M: HasEventTimeout,
    {
        Shell::of(self).core.timeout(Key::Event, Some(after));
    }

    /// Cancels an event timeout that was set since the current event arrived, by this handler or by an exit or enter
    /// callback before it. The current event has already ended any earlier event timeout.
    pub fn cancel_event_timeout(&mut self) {
        Shell::of(self).core.timeout(Key::Event, None);
    }

    /// Starts the timeout called `name`, which replaces a running one of the same name: after the time `after`, the
    /// machine receives the timeout as an event. Changes of state do not end the timeout. (Erlang:
    /// `{{timeout, Name}, Time, Content}`.)
    ///
    /// The name is compared with those of the running timeouts one by one, so the cost grows with their number.
    pub fn timeout(&mut self, name: M::Timeout, after: Duration) {
        Shell::of(self).core.timeout(Key::Named(name), Some(after));
    }

    /// Cancels the timeout called `name`, if it is running. The cost grows with the number of running timeouts, see
    /// [`timeout`](Self::timeout).
    pub fn cancel_timeout(&mut self, name: M::Timeout) {
        Shell::of(self).core.timeout(Key::Named(name), None);
    }

    /// Inserts an event that is handled before all waiting events, including postponed ones. Several inserted events
    /// are handled in the order of insertion. (Erlang: `{next_event, Type, Content}`.)
    pub fn next_event(&mut self, event: impl Into<StateEvent<M>>) {
        Shell::of(self).core.insert(event.into());
    }

    /// Postpones an event until the state changes. All postponed events are then handled again, in arrival order,
    /// before any new message. (Erlang: `postpone`.)
    ///
    /// [`Next::Repeat`](crate::state_machine::Next::Repeat) does not count as a change of state. A postponed event has
    /// left the mailbox and no longer occupies a slot, so the mailbox does not limit the number of postponed events:
    /// leave a state that postpones events after some time. [`remaining`](Self::remaining) is `None` when a postponed
    /// call is handled again. If the machine ends first, a postponed call fails with `Exited`, and a postponed cast
    /// becomes a dead letter.
    pub fn postpone(&mut self, event: impl Into<StateEvent<M>>) {
        Shell::of(self).core.postpone(event.into());
    }

    /// Starts the timer of a timeout.
    pub(super) fn start_clock(&self, number: u64, after: Duration) -> Timer {
        self.info_after(after, StateInfo::Timeout(Due { number }))
    }
}
