//! Ending a task, on its owner's request.

use std::future::poll_fn;

use crate::exit_reason::ExitReason;
use crate::otp::task::error::TaskError;
use crate::otp::task::handle::Task;
use crate::process::clock::within;
use crate::process::current;
use crate::process::header::ProcessRef;
use crate::process::node_signal::Cause;
use crate::process::signal;
use crate::supervisor::policy::Shutdown;

impl<T: Send + 'static> Task<T> {
    /// Removes the link to the owner, ends the task, and waits until it has ended. (Elixir: `Task.shutdown/2`.)
    ///
    /// `how` has the same meaning as for the children of a supervisor. [`Shutdown::Brutal`] kills the task. A
    /// [`Duration`](std::time::Duration) asks the task to end, and kills it after this time. [`Shutdown::Infinity`]
    /// asks the task to end, and waits without a limit. A task that does not [trap exits](crate::task::trap_exits) ends
    /// at its next suspension. A task that never suspends cannot be ended, and the future waits for it.
    ///
    /// Returns the value if the task completed, before or after the request to end, and `None` if the task ended
    /// because of the request.
    ///
    /// # Errors
    /// - `Exited` if the task ended without a value and for another reason than the requested one, such as `Killed`
    ///   when the time has passed.
    /// - `NotOwner` if the calling process is not the owner. The task keeps running, with its link.
    ///
    /// # Cancel safety
    /// Dropping the future before the first poll changes nothing: the task keeps running. Dropping it later kills the
    /// task.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// #[ambit::main]
    /// async fn main() {
    ///     let task = Task::spawn(std::future::pending::<u8>());
    ///     assert_eq!(task.shutdown(Shutdown::Brutal).await, Ok(None));
    ///     assert_eq!(Task::completed(7).shutdown(Shutdown::Brutal).await, Ok(Some(7)));
    /// }
    /// ```
    pub async fn shutdown(
        mut self,
        how: impl Into<Shutdown> + Send,
    ) -> Result<Option<T>, TaskError> {
        self.check_owner()?;
        let how = how.into();
        let Some(process) = self.process().cloned() else {
            return self.let_go();
        };
        self.part();
        let mut kill = KillOnDrop(Some(process.clone()));
        let requested = tell(&process, how);
        let in_time = match how {
            Shutdown::After(time) => {
                let system = process.core().system.clone();
                within(&system, time, |cx| self.poll_end(cx)).await
            }
            Shutdown::Brutal | Shutdown::Infinity => None,
        };
        let outcome = match in_time {
            Some(outcome) => outcome,
            None => {
                if let Shutdown::After(_) = how {
                    signal::put_down(&*process);
                }
                poll_fn(|cx| self.poll_end(cx)).await
            }
        };
        kill.0 = None;
        match outcome {
            Err(TaskError::Exited(reason)) if reason == requested => Ok(None),
            outcome => outcome.map(Some),
        }
    }
}

/// Sends the exit signal, and returns the reason with which the task should then end.
fn tell(process: &ProcessRef, how: Shutdown) -> ExitReason {
    match how {
        Shutdown::Brutal => {
            signal::put_down(&**process);
            ExitReason::Killed
        }
        Shutdown::After(_) | Shutdown::Infinity => {
            let from = current::pid();
            signal::receive(&**process, from, ExitReason::Shutdown, Cause::Sent);
            ExitReason::Shutdown
        }
    }
}

/// Kills the task when the wait is dropped, because its end is no longer awaited.
struct KillOnDrop(Option<ProcessRef>);

impl Drop for KillOnDrop {
    fn drop(&mut self) {
        if let Some(process) = &self.0 {
            signal::put_down(&**process);
        }
    }
}
