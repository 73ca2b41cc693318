//! The running tasks of a stream.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use crate::engine::join_set::JoinSet;
use crate::engine::keyed_queue::KeyedQueue;
use crate::otp::task::error::TaskError;
use crate::otp::task::handle::Task;
use crate::otp::task::spawn::SpawnTask;

/// The state of one task.
pub(super) enum TaskSlot<T> {
    /// Its supervisor has been asked to start it.
    Starting(SpawnTask<T>, Option<Duration>),
    Running {
        task: Task<T>,
        /// It has timed out, and is ended.
        is_late: bool,
    },
}

impl<T> TaskSlot<T> {
    pub(super) fn starting(start: SpawnTask<T>, timeout: Option<Duration>) -> Self {
        Self::Starting(start, timeout)
    }

    pub(super) fn running(task: Task<T>, timeout: Option<Duration>) -> Self {
        let task = match timeout {
            Some(timeout) => task.timeout(timeout),
            None => task,
        };
        let is_late = false;
        Self::Running { task, is_late }
    }

    /// Polls for the outcome. If `waits` is set, `Timeout` is returned when the task has ended.
    fn poll(&mut self, cx: &mut Context<'_>, waits: bool) -> Poll<Result<T, TaskError>> {
        if let Self::Starting(start, timeout) = self {
            let task = ready!(Pin::new(start).poll(cx)).map_err(TaskError::Start)?;
            *self = Self::running(task, *timeout);
        }
        let Self::Running { task, is_late } = self else {
            return Poll::Pending;
        };
        if !*is_late {
            // Any reader of the stream may await its tasks, not only their owner.
            match ready!(task.poll_in_time(cx)) {
                Err(TaskError::Timeout) if waits => task.dismiss(),
                outcome => return Poll::Ready(outcome),
            }
            *is_late = true;
        }
        task.poll_end(cx).map(|_| Err(TaskError::Timeout))
    }
}

impl<T> Drop for TaskSlot<T> {
    fn drop(&mut self) {
        // A cancelled start ends its task itself; a task that has ended needs nothing.
        if let Self::Running { task, .. } = self {
            task.dismiss();
        }
    }
}

/// The tasks of a stream, which its drop ends.
pub(super) struct RunningTasks<T> {
    /// By number, in ascending order.
    seats: KeyedQueue<TaskSlot<T>>,
    join_set: JoinSet,
}

impl<T> Default for RunningTasks<T> {
    fn default() -> Self {
        Self {
            seats: KeyedQueue::default(),
            join_set: JoinSet::default(),
        }
    }
}

impl<T> RunningTasks<T> {
    pub(super) fn add(&mut self, number: u64, slot: TaskSlot<T>) {
        self.seats.push_back(number, slot);
        self.join_set.add(number);
    }

    /// Polls for the next task that has ended or has timed out. If `waits` is set, a task that has timed out is ended, and
    /// returned when it has ended: another one takes its place.
    pub(super) fn poll_next(
        &mut self,
        cx: &Context<'_>,
        waits: bool,
    ) -> Poll<(u64, Result<T, TaskError>)> {
        let seats = &mut self.seats;
        let (number, outcome) = ready!(self.join_set.poll_next(cx, |number, cx| {
            match seats.get_mut(number) {
                Some(slot) => slot.poll(cx, waits),
                None => Poll::Pending,
            }
        }));
        self.seats.remove(number);
        Poll::Ready((number, outcome))
    }

    /// Ends all running tasks.
    pub(super) fn dismiss(&mut self) {
        *self = Self::default();
    }
}
