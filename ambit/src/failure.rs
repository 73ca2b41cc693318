//! The errors that user code returns to the runtime.
//!
//! A trait of its own, because a bound on `Into<Box<dyn Error + Send + Sync>>` is answered in the words of its
//! conversions, with three errors for a plain `Box<dyn Error>`.

use std::error::Error;

use crate::exit_reason::ExitReason;

/// An error that can become the reason of an exit: all that converts into `Box<dyn Error + Send + Sync>`, which are the
/// error types that are `Send` and `Sync`, and text. It is never implemented by hand.
///
/// ```
/// use ambit::error::Failure;
/// use ambit::process::ExitReason;
/// assert_eq!("disk full".into_reason().to_string(), "disk full");
/// assert_eq!(ExitReason::Shutdown.into_reason(), ExitReason::Shutdown);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an exit reason; return an error type, a string, or `Box<dyn std::error::Error \
               + Send + Sync>`",
    label = "expected an error type that is `Send` and `Sync`, or a string"
)]
pub trait Failure {
    /// Returns the error as an exit reason.
    fn into_reason(self) -> ExitReason;
}

#[diagnostic::do_not_recommend]
impl<E: Into<Box<dyn Error + Send + Sync>>> Failure for E {
    fn into_reason(self) -> ExitReason {
        ExitReason::from_user(self)
    }
}
