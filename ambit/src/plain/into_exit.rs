//! The return types of the body of a plain process.

use crate::exit_reason::ExitReason;
use crate::failure::Failure;

/// Converts the return value of a process body into an [`ExitReason`].
///
/// `()` and `Ok(())` become `Normal`, and `Err(e)` becomes an `Error` that carries `e`. An `ExitReason`, also inside an
/// `Err`, is used unchanged. Bodies that never return (`!`) are accepted.
///
/// ```
/// use ambit::process::{ExitReason, IntoExit};
/// assert_eq!(().into_exit(), ExitReason::Normal);
/// assert_eq!(Err::<(), _>("disk full").into_exit().to_string(), "disk full");
/// assert_eq!(Err::<(), _>(ExitReason::Shutdown).into_exit(), ExitReason::Shutdown);
/// ```
#[diagnostic::on_unimplemented(
    message = "a process cannot end with `{Self}`",
    label = "expected `()`, `ExitReason` or `Result<(), E>`"
)]
pub trait IntoExit {
    /// Converts `self` into the exit reason.
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
