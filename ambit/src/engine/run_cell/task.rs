//! The task of a process, as far as its cell knows it: how the task gets the run permit, parks, and is ended when it is
//! not needed.

use std::collections::VecDeque;
use std::task::{Context, Poll, Waker};

use super::task_state::{Reaping, TaskState};
use super::{Locked, RUN, RunCell, RunPermit};
use crate::engine::mailbox::Voidable;
use crate::engine::wake::Wake;
use crate::rt::sync::atomic::Ordering;

/// The reason why the task of a process is woken.
pub(crate) enum WakeReason<'a, M, N: Voidable, C: Default, L> {
    Granted(RunPermit<'a, M, N, C, L>),
    /// The process has been idle for long: the task ends, the process stays.
    Released,
}

impl<M, N: Voidable, C: Default, L> RunCell<M, N, C, L> {
    /// Records the task that runs the process; called at each of its polls. A receive with another waker continues to
    /// wait: this poll may not reach it.
    pub(crate) fn runs_in(&self, task: &Waker) {
        let mut inner = self.inner.lock();
        if inner.reader.is_none() {
            inner.state = inner.state.goes_on();
        }
        Self::set_task(&mut inner, task);
    }

    fn set_task(inner: &mut Locked<M, N, C>, task: &Waker) {
        if !inner
            .task
            .as_ref()
            .is_some_and(|known| known.will_wake(task))
        {
            inner.task = Some(task.clone());
        }
    }

    /// Ready with the permit for the task, once it is granted; if the task `begins` at once, with the queued messages.
    pub(crate) fn poll_granted(
        &self,
        cx: &Context<'_>,
        begins: bool,
    ) -> Poll<WakeReason<'_, M, N, C, L>> {
        let mut inner = self.inner.lock();
        match inner.state {
            TaskState::Granted { watched } => {
                inner.state = TaskState::Running { watched };
                let mut permit = RunPermit { cell: self };
                if begins && !permit.has_control() {
                    permit.refill(&mut inner);
                }
                return Poll::Ready(WakeReason::Granted(permit));
            }
            TaskState::Parked(Reaping::Released) => {
                inner.state = TaskState::Absent;
                inner.task = None;
                return Poll::Ready(WakeReason::Released);
            }
            _ => {}
        }
        Self::set_task(&mut inner, cx.waker());
        Poll::Pending
    }

    /// Ends the task if it has been idle since the last call, and releases the memory of the empty queue. `None`: ask
    /// again. A working task need not be asked until it has parked.
    pub(crate) fn reap(&self) -> Option<Wake> {
        // With the permit no other thread accesses the memory kept for the next batch.
        let entered = self.enter();
        let mut inner = self.inner.lock();
        let Some(mut permit) = entered else {
            // A caller is running it, or has just finished. With reserved permits it may stay like that for long.
            let word = self.word.load(Ordering::Acquire);
            inner.state = inner.state.asked_later(word == 0 || word & RUN != 0);
            return (!inner.state.is_watched()).then_some(Wake::None);
        };
        if inner.state == TaskState::Parked(Reaping::Used) {
            inner.state = TaskState::Parked(Reaping::Unused);
            drop(inner);
            return match permit.leave() {
                Wake::None => None,
                // It works again, and is watched again when it parks.
                work => {
                    let mut inner = self.inner.lock();
                    inner.state = inner.state.unwatched();
                    Some(work)
                }
            };
        }
        if permit.runner().batch.is_empty() {
            permit.runner().batch = VecDeque::new();
        }
        inner.mailbox.shrink();
        inner.state = inner.state.released();
        let released = inner.wake();
        drop(inner);
        match permit.leave() {
            Wake::None => Some(released),
            // The next holder of the permit cancels the release.
            work => Some(work),
        }
    }

    /// Handles a task that is gone before its start, or has parked and is not needed: returns true if the process is
    /// idle and continues without it.
    pub(crate) fn dismiss_task(&self) -> bool {
        let mut inner = self.inner.lock();
        let idle = self.word.load(Ordering::Acquire) & RUN == 0;
        inner.state = inner.state.unwatched();
        if idle {
            inner.state = TaskState::Absent;
            inner.task = None;
        }
        idle
    }

    /// Takes the permit to end the process without its task: if it is granted, or free. Otherwise its holder finds that
    /// the next run needs a new task.
    pub(crate) fn claim(&self) -> Option<RunPermit<'_, M, N, C, L>> {
        let mut inner = self.inner.lock();
        let free = self.word.fetch_or(RUN, Ordering::AcqRel) & RUN == 0;
        if inner.state.is_granted() || free {
            inner.state = TaskState::Running { watched: false };
            return Some(RunPermit { cell: self });
        }
        // Under the same lock: a permit that is granted after this check must not be granted to the task that is gone.
        inner.state = TaskState::Absent;
        inner.task = None;
        None
    }
}
