//! The error of stopping a process.

use thiserror::Error;

use crate::exit_reason::ExitReason;

/// The error of a stop.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::error::StopError;
/// #[ambit::main]
/// async fn main() {
///     let idle = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
///     ambit::exit(&idle, ExitReason::Kill);
///     idle.closed().await;
///     assert_eq!(idle.stop().await, Err(StopError::NoProcess));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StopError {
    /// The process had already ended, or no process is registered under the name.
    #[error("there is no such process: it had ended before")]
    NoProcess,
    /// The process has not ended within the deadline. The request remains in effect: the process is still stopping.
    #[error(
        "the process has not ended within the deadline and is still stopping: wait with `closed()`, or kill it"
    )]
    Timeout,
    /// The process tried to stop itself, and would have waited for its own end forever. Use `ctx.stop(..)`, or return.
    #[error("a process cannot wait for its own end: use `ctx.stop(..)`")]
    CallsItself,
    /// The process has ended, but with this reason instead of the requested one.
    #[error("the process ended for another reason: {}", .0.with_causes())]
    Exited(ExitReason),
}
