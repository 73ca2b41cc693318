//! Errors of tasks.

use thiserror::Error;

use crate::error::ChildError;
use crate::exit_reason::ExitReason;

/// The reason why a task, or an element of a stream of tasks, has no value.
///
/// The effects of the task up to its end remain, so a retry repeats them.
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
    /// The task has not ended in time. An awaited task keeps running; the tasks of a stream have been ended.
    #[error("the task has not ended within the deadline: give it more time with `.timeout(..)`")]
    Timeout,
    /// The task ended without a value, for this reason; `NoProcess` if its value had been taken before.
    #[error("the task ended without a value: {}", .0.with_causes())]
    Exited(ExitReason),
    /// Only the process that spawned a task may await it, and this is another one. The task keeps running; await it in
    /// its owner, or spawn it where it is awaited.
    #[error("the task belongs to another process: await it there, or spawn it where it is awaited")]
    NotOwner,
    /// The task supervisor did not start the task. No part of it has run, except perhaps if the supervisor itself ended
    /// (`NoProcess`). Retry if that error is transient.
    #[error("the task was not started: {0}")]
    Start(ChildError),
}
