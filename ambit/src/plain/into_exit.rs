//! The return types of the body of a plain process.

use crate::exit_reason::ExitReason;
use crate::failure::Failure;

/// The return type of the body of a process: nothing, a reason, or a result. `!` counts too.
#[diagnostic::on_unimplemented(
    message = "a process cannot end with `{Self}`",
    label = "expected `()`, `ExitReason` or `Result<(), E>`"
)]
pub trait IntoExit {
    /// Returns the reason why the process ended.
    fn into_exit(self) -> ExitReason;
}

impl IntoExit for () {
    fn into_exit(self) -> ExitReason {
        ExitReason::Normal
    }
}

impl IntoExit for ExitReason {
    fn into_exit(self) -> ExitReason {
        self
    }
}

impl<E: Failure> IntoExit for Result<(), E> {
    fn into_exit(self) -> ExitReason {
        match self {
            Ok(()) => ExitReason::Normal,
            Err(error) => error.into_reason(),
        }
    }
}

/// Names the type `!`, which cannot be written on stable.
#[doc(hidden)]
pub trait Returns {
    type Output;
}

impl<T> Returns for fn() -> T {
    type Output = T;
}

impl IntoExit for <fn() -> ! as Returns>::Output {
    fn into_exit(self) -> ExitReason {
        self
    }
}
