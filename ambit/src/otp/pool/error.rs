//! Errors of a checkout.

use thiserror::Error;

use crate::exit_reason::ExitReason;

/// The reason why a checkout failed. No worker was reserved, so a retry is safe.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::pool::CheckoutError;
/// #[derive(Clone)]
/// struct Line;
/// #[gen_server]
/// impl Line {}
/// #[ambit::main]
/// async fn main() {
///     let lines = Pool::builder(Line::child_spec(|| Line)).size(1).start().await.unwrap();
///     let _mine = lines.checkout().await.unwrap();
///     assert_eq!(lines.checkout().now().await.err(), Some(CheckoutError::Full));
///     lines.stop().await.unwrap();
///     assert_eq!(lines.checkout().await.err(), Some(CheckoutError::NoProcess));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CheckoutError {
    /// The pool does not exist, or the calling process has ended during the checkout. Retry when the pool is back.
    #[error("there is no such pool: start it, or retry when it is back")]
    NoProcess,
    /// All workers are busy, and either the checkout does not wait or the maximum number of clients is already waiting.
    /// The pool keeps running; retry later.
    #[error(
        "all workers are busy, and no more clients may wait: retry later, or make the pool larger"
    )]
    Full,
    /// No worker became free within the deadline. The pool keeps running, and the request is withdrawn.
    #[error(
        "no worker came back within the deadline: give it more time with `.timeout(..)`, or make the pool larger"
    )]
    Timeout,
    /// The pool ended, for this reason, while the client waited. A supervised pool is restarted.
    #[error("the pool ended before it had a worker: {}", .0.with_causes())]
    Exited(ExitReason),
    /// `.blocking()` was called on a thread that drives a runtime. Nothing was requested; await the checkout instead.
    #[error("blocking here would stop the runtime this thread drives: await the checkout instead")]
    BlocksRuntime,
}
