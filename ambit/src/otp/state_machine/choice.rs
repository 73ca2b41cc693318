//! The return types of methods that choose the next state.

use std::fmt::Debug;

use crate::exit_reason::ExitReason;
use crate::failure::Failure;
use crate::otp::state_machine::core::Next;
use crate::server::gen_server::Flow;
use crate::server::glue::IntoFlow;

/// The possible targets of a method. `#[state_machine]` generates an implementation for each method that declares
/// several targets.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::state_machine::{Choice, Next};
///
/// struct Door { code: u32 }
/// #[state_machine(states = [Locked, Open])]
/// impl Door {
///     #[call(Locked => Open | stay, Open => refuse)]
///     fn unlock(&mut self, code: u32) -> (DoorUnlockTo, bool) {
///         if code == self.code { (DoorUnlockTo::Open, true) } else { (DoorUnlockTo::Stay, false) }
///     }
/// }
///
/// # fn main() {
/// assert_eq!(DoorUnlockTo::Open.next(), Next::To(DoorState::Open));
/// assert_eq!(DoorUnlockTo::Stay.next(), Next::Stay);
/// # }
/// ```
pub trait Choice {
    /// The type of the states of the machine.
    type State;

    /// Returns the chosen transition.
    fn next(self) -> Next<Self::State>;
}

/// A return type of a method with several targets that handles a cast, an info, an internal event or a timeout: the
/// target, or a `Result` whose error stops the machine.
///
/// ```
/// # use ambit::prelude::*;
/// struct Door;
/// #[state_machine(states = [Locked, Open])]
/// impl Door {
///     #[cast(Locked => Open | stay, Open => ignore)]
///     fn unlock(&mut self, code: String) -> Result<DoorUnlockTo, std::num::ParseIntError> {
///         let code: u32 = code.parse()?;
///         Ok(if code == 1234 { DoorUnlockTo::Open } else { DoorUnlockTo::Stay })
///     }
/// }
///
/// # #[ambit::main(stderr_reports = false)]
/// # async fn main() {
/// let door = Door.start().await.unwrap();
/// door.unlock("no number".to_owned()).await.unwrap();
/// assert!(matches!(door.closed().await, ExitReason::Error(_)));
/// # }
/// ```
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
