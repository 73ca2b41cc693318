//! The errors that user code returns to ambit.
//!
//! A separate trait, because the compiler reports a violated bound on `Into<Box<dyn Error + Send + Sync>>` in terms of
//! its conversions, with three errors for a plain `Box<dyn Error>`.

use std::error::Error;

use crate::exit_reason::ExitReason;

/// An error that can become an exit reason: every type that converts into `Box<dyn Error + Send + Sync>`, that is,
/// strings and error types that are `Send` and `Sync`. Never implement it manually.
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
    /// Converts the error into an exit reason; an [`ExitReason`] is returned unchanged.
    fn into_reason(self) -> ExitReason;
}

#[diagnostic::do_not_recommend]
impl<E: Into<Box<dyn Error + Send + Sync>>> Failure for E {
    fn into_reason(self) -> ExitReason {
        ExitReason::from_user(self)
    }
}
