//! The error of an operation on the children of a supervisor.

use thiserror::Error;

use super::call::CallError;
use super::start::StartError;

/// The error of an operation on the children of a supervisor. Except after `NoProcess`, the supervisor is still
/// running.
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let supervisor = Supervisor::builder().start().await.unwrap();
///     assert_eq!(supervisor.terminate_child("cache").await, Err(ChildError::NotFound));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ChildError {
    /// The supervisor has no child with this id or pid.
    #[error("the supervisor has no such child: `which_children` lists those that it has")]
    NotFound,
    /// The child is down, and the supervisor is restarting it; `terminate_child` cancels the restart.
    #[error("the child is being restarted: terminate it first")]
    Restarting,
    /// The child is running. Terminate it first.
    #[error("the child runs: terminate it first")]
    Running,
    /// A stopped child with this id already exists. Use `restart_child`, or delete the child first.
    #[error("there is a child of this id: restart or delete it, or choose another id")]
    AlreadyPresent,
    /// The dynamic supervisor has reached its `max_children`. Nothing was started; retry when a child has ended.
    #[error(
        "the supervisor has its maximum number of children: retry when one has ended, or raise `max_children`"
    )]
    MaxChildren,
    /// The spec is invalid; the text states the cause. Nothing was started.
    #[error("{0}")]
    BadSpec(String),
    /// The child failed to start; it is not running.
    #[error("the child did not start: {0}")]
    Start(StartError),
    /// No such supervisor, or the supervisor ended before it answered. In the second case the operation may have been
    /// performed.
    #[error("there is no such supervisor, or it ended before it answered: retry when it is back")]
    NoProcess,
    /// No answer arrived within the `.timeout(..)` of the request. The operation may still be performed.
    #[error(
        "the supervisor did not answer within the deadline; it may still execute the request: see `which_children`"
    )]
    Timeout,
    /// The supervisor is waiting for the calling process, for example for the `#[init]` or the `#[terminate]` of a child.
    /// The operation was not performed, but a request that was queued before this wait began may still be executed.
    /// Retry later, or from another process.
    #[error(
        "the supervisor waits for this process and cannot answer it: send the request after `#[init]`, or from another process"
    )]
    CallsItself,
    /// `.blocking()` was called on a thread that drives a runtime. The operation was not performed; await the request
    /// instead.
    #[error("blocking here would stop the runtime this thread drives: await it instead")]
    BlocksRuntime,
    /// The child was asked to stop, then killed, and has not ended, because its handler never suspends. The child is
    /// listed as stuck until it ends, and is not replaced before that.
    #[error(
        "the child has not ended though it was killed, because its handler never suspends: let it await something"
    )]
    Stuck,
}

impl From<CallError> for ChildError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Timeout => Self::Timeout,
            CallError::CallsItself | CallError::Cycle { .. } => Self::CallsItself,
            CallError::BlocksRuntime => Self::BlocksRuntime,
            _ => Self::NoProcess,
        }
    }
}
