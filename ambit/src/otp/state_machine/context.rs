//! What a handler of a state machine may do with its context, beyond what every server's may.

use std::time::Duration;

use crate::otp::state_machine::core::Key;
use crate::otp::state_machine::event::{Due, StateEvent, StateInfo};
use crate::otp::state_machine::shell::Shell;
use crate::otp::state_machine::{HasEventTimeout, HasStateTimeout, StateMachine};
use crate::process::timer::Timer;
use crate::server::context::Context;

/// What the context of a [`StateMachine`] has beyond that of a server.
///
/// A timeout that a handler sets begins when the handler is done, in the state that it goes to. A timeout of no time
/// comes after the events that the machine has given itself, and before any message from outside.
///
/// All but `start_in` panic in an `init` by hand that has not called it; that of a `#[state_machine]` has.
impl<M: StateMachine> Context<M> {
    /// Says in which state the machine begins, from `init`; the last word counts.
    ///
    /// # Panics
    /// After `init`: from then on a state is left by what a handler returns.
    pub fn start_in(&mut self, state: M::State) {
        Shell::start_in(self, state);
    }

    /// The state the machine is in. While it is told of an exit, the one it leaves.
    ///
    /// # Panics
    /// In an `init` that has not called [`start_in`](Self::start_in).
    pub fn state(&self) -> M::State {
        Shell::<M>::look(self, |core| core.state())
    }

    /// Ends the stay in this state after this time: a `#[state_timeout]`, unless the state changes before. A new one
    /// takes the place of one that runs. Where the state has no method for it, it is a dead letter. (Erlang:
    /// `{state_timeout, Time, Content}`.)
    pub fn state_timeout(&mut self, after: Duration)
    where
        M: HasStateTimeout,
    {
        Shell::of(self).core.timeout(Key::State, Some(after));
    }

    /// Cancels the state timeout, if one runs.
    pub fn cancel_state_timeout(&mut self) {
        Shell::of(self).core.timeout(Key::State, None);
    }

    /// Waits for the next event so long: an `#[event_timeout]`, unless any event comes before, one that the machine
    /// gives itself among them. (Erlang: the `timeout` of `gen_statem`.)
    pub fn event_timeout(&mut self, after: Duration)
    where
        M: HasEventTimeout,
    {
        Shell::of(self).core.timeout(Key::Event, Some(after));
    }

    /// Cancels the event timeout that this handler or an earlier one in the same step has set.
    pub fn cancel_event_timeout(&mut self) {
        Shell::of(self).core.timeout(Key::Event, None);
    }

    /// Sets the timeout of this name, which outlives changes of state; a new one takes the place of one that runs.
    /// (Erlang: `{{timeout, Name}, Time, Content}`.)
    pub fn timeout(&mut self, name: M::Timeout, after: Duration) {
        Shell::of(self).core.timeout(Key::Named(name), Some(after));
    }

    /// Cancels the timeout of this name, if it runs.
    pub fn cancel_timeout(&mut self, name: M::Timeout) {
        Shell::of(self).core.timeout(Key::Named(name), None);
    }

    /// Gives the machine an event that comes before all others, also before those that were postponed. Several come in
    /// the order in which they were given. (Erlang: `{next_event, Type, Content}`.)
    pub fn next_event(&mut self, event: impl Into<StateEvent<M>>) {
        Shell::of(self).core.insert(event.into());
    }

    /// Keeps an event until the state changes; then all that were kept come again, in the order of their arrival,
    /// before any new message. (Erlang: `postpone`.)
    ///
    /// What is kept has left the mailbox and takes no permit: a state that keeps events needs an end.
    /// [`remaining`](Self::remaining) is `None` when a kept call comes again. If the machine ends first, a kept call
    /// answers `Exited`, and a kept cast is a dead letter.
    pub fn postpone(&mut self, event: impl Into<StateEvent<M>>) {
        Shell::of(self).core.postpone(event.into());
    }

    /// Starts the timer of a timeout.
    pub(super) fn start_clock(&self, number: u64, after: Duration) -> Timer {
        self.info_after(after, StateInfo::Timeout(Due { number }))
    }
}
