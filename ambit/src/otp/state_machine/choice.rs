//! The return types of methods that choose the next state.

use std::fmt::Debug;

use crate::exit_reason::ExitReason;
use crate::failure::Failure;
use crate::otp::state_machine::core::Next;
use crate::server::gen_server::Flow;
use crate::server::glue::IntoFlow;

/// The possible targets of a method. `#[state_machine]` generates an implementation for each method that declares
/// several targets.
pub trait Choice {
    /// The type of the states of the machine.
    type State;

    /// Returns the chosen transition.
    fn next(self) -> Next<Self::State>;
}

/// A return type of a method with several targets that handles a cast, an info, an internal event or a timeout: the
/// target, or a `Result` whose error stops the machine.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a target of this method",
    label = "expected `{C}` or `Result<{C}, E>`",
    note = "a method with several targets returns the next target; `E` must be an error type or a string"
)]
pub trait IntoNext<C: Choice> {
    /// Returns the chosen transition.
    fn into_next(self) -> Next<C::State>;
}

impl<C: Choice> IntoNext<C> for C {
    fn into_next(self) -> Next<C::State> {
        self.next()
    }
}

impl<C: Choice, E: Failure> IntoNext<C> for Result<C, E> {
    fn into_next(self) -> Next<C::State> {
        match self {
            Ok(choice) => choice.next(),
            Err(error) => Next::Stop(error.into_reason()),
        }
    }
}

/// Returns `target`, the only declared target of a method, unless the method stops the machine.
pub fn only<S>(returned: impl IntoFlow, target: Next<S>) -> Next<S> {
    match returned.into_flow() {
        Flow::Continue => target,
        Flow::Stop(reason) => Next::Stop(reason),
    }
}

/// Returns a [`Next::Stop`] with an error, for an event that a state declares to be an error.
pub fn refused<S: Debug>(event: &str, state: &S) -> Next<S> {
    Next::Stop(ExitReason::error(format!(
        "`{event}` was received in the state `{state:?}`, which stops the machine"
    )))
}
