//! Why a task has no value.

use thiserror::Error;

use crate::error::ChildError;
use crate::exit_reason::ExitReason;

/// Why a task, or an element of a stream of tasks, has no value.
///
/// What the task had done before it ended stays done, so whoever tries again repeats it.
///
/// ```
/// use ambit::{ExitReason, TaskError};
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
    /// It has not ended in time. A task that was awaited goes on; the tasks of a stream have been ended.
    #[error("the task has not ended within the deadline: give it more time with `.timeout(..)`")]
    Timeout,
    /// It has ended without a value, for this reason; `NoProcess` if its value had been taken before.
    #[error("the task ended without a value: {}", .0.with_causes())]
    Exited(ExitReason),
    /// Only the process that has spawned a task may wait for it, and this is another one. The task goes on; let its
    /// owner await it, or spawn it where it is awaited.
    #[error("the task belongs to another process: await it there, or spawn it where it is awaited")]
    NotOwner,
    /// The task supervisor has not started it; nothing of it has run. Retry if that error says so.
    #[error("the task was not started: {0}")]
    Start(ChildError),
}
