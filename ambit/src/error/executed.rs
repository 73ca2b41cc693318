//! Whether a failed request may have been executed.

use std::fmt;

/// The state of a failed request: whether it may have been executed.
///
/// ```
/// use ambit::error::{CallError, Executed};
/// use ambit::process::ExitReason;
/// let exited = |executed| CallError::Exited { reason: ExitReason::Shutdown, executed };
/// assert!(exited(Executed::No).is_transient());
/// assert!(!exited(Executed::Maybe).is_transient());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Executed {
    /// The request was certainly not executed: it was still queued.
    No,
    /// The request may have been executed: its handler had begun.
    Maybe,
}

impl fmt::Display for Executed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::No => "the request was not executed, so a retry is safe",
            Self::Maybe => {
                "the request may have been executed, so retry only what may be done twice"
            }
        })
    }
}
