//! Why a checkout gives no worker.

use thiserror::Error;

use crate::exit_reason::ExitReason;

/// Why a checkout gives no worker. Nothing was asked of any worker, so trying again does no harm.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CheckoutError {
    /// There is no such pool, or the process that asked has ended meanwhile. Retry when the pool is back.
    #[error("there is no such pool: start it, or retry when it is back")]
    NoProcess,
    /// All workers are busy, and the client would not wait, or as many wait as may. The pool runs on; retry later.
    #[error(
        "all workers are busy, and no more clients may wait: retry later, or make the pool larger"
    )]
    Full,
    /// No worker came back inside the deadline. The pool runs on, and has forgotten the request.
    #[error(
        "no worker came back within the deadline: give it more time with `.timeout(..)`, or make the pool larger"
    )]
    Timeout,
    /// The pool ended while the client waited. A supervised one will be back.
    #[error("the pool ended before it had a worker: {}", .0.with_causes())]
    Exited(ExitReason),
    /// `.blocking()` on a thread that drives a runtime. Nothing was asked; await the checkout instead.
    #[error("blocking here would stop the runtime this thread drives: await the checkout instead")]
    BlocksRuntime,
}
