//! Errors of tasks.

use thiserror::Error;

use crate::error::ChildError;
use crate::exit_reason::ExitReason;

/// The reason why a task, or an element of a stream of tasks, has no value.
///
/// The side effects of the task up to its end remain, and a retry repeats them.
///
/// ```
/// use ambit::process::ExitReason;
/// use ambit::task::TaskError;
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let task = Task::spawn_unlinked(std::future::pending::<u8>());
///     ambit::exit(task.pid(), ExitReason::Shutdown);
///     assert_eq!(task.await, Err(TaskError::Exited(ExitReason::Shutdown)));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TaskError {
    /// The task has not ended within its timeout. A task that was awaited through its handle keeps running; a task of a
    /// stream has been ended.
    #[error("the task has not ended within the deadline: give it more time with `.timeout(..)`")]
    Timeout,
    /// The task ended without a value, for this reason; `NoProcess` if its value had been taken before.
    #[error("the task ended without a value: {}", .0.with_causes())]
    Exited(ExitReason),
    /// The calling process did not spawn the task, so it cannot await it. The task keeps running; await it in its
    /// owner, or spawn it in the process that awaits it.
    #[error("the task belongs to another process: await it there, or spawn it where it is awaited")]
    NotOwner,
    /// The task supervisor did not start the task. The task has not run, except possibly with `NoProcess`, if the
    /// supervisor ended after it had started the task. Retry if the inner error is transient.
    #[error("the task was not started: {0}")]
    Start(ChildError),
}
