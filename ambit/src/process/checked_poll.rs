//! The polls of a process that others check: whether anything but the answers to its calls can wake it.
//!
//! A handler that awaits a call beside a timer or a channel will continue when one of those is ready. They keep a clone of
//! the waker that they were polled with. So a process that is checked is polled with a waker of its own in each poll: if a
//! clone of it is left after the poll, or it was woken in it, the process may continue. The waits that are recorded in the
//! wait graph keep the waker of the task instead.

use std::cell::{Cell, RefCell};
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};

/// Wakes the task of a process that is checked, and notes that.
struct CheckedWaker {
    task: Waker,
    is_woken: AtomicBool,
}

impl Wake for CheckedWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.is_woken.store(true, Ordering::Relaxed);
        self.task.wake_by_ref();
    }
}

thread_local! {
    /// The waker of the checked poll on this thread.
    static NOW: RefCell<Option<Arc<CheckedWaker>>> = const { RefCell::new(None) };
    /// Its data, which is compared in each poll of a wait.
    static DATA: Cell<*const ()> = const { Cell::new(ptr::null()) };
}

/// Sets the waker of the checked poll on this thread; returns the one before.
fn replace(waker: Option<Arc<CheckedWaker>>) -> Option<Arc<CheckedWaker>> {
    let data = waker
        .as_ref()
        .map_or_else(ptr::null, |waker| Arc::as_ptr(waker).cast());
    DATA.set(data);
    NOW.replace(waker)
}

/// A poll with a waker of its own, until it is [ended](Self::end).
pub(crate) struct CheckedPoll {
    own: Arc<CheckedWaker>,
    pub(crate) waker: Waker,
    before: Option<Arc<CheckedWaker>>,
}

impl CheckedPoll {
    /// Begins a poll of the process of this task on this thread.
    #[cold]
    pub(crate) fn begin(task: &Waker) -> Self {
        let own = Arc::new(CheckedWaker {
            task: task.clone(),
            is_woken: AtomicBool::new(false),
        });
        Self {
            waker: Waker::from(own.clone()),
            before: replace(Some(own.clone())),
            own,
        }
    }

    /// Returns whether something can wake the process that is not a recorded wait.
    #[cold]
    pub(crate) fn end(self) -> bool {
        let Self {
            mut own,
            waker,
            before,
        } = self;
        drop(replace(before));
        drop(waker);
        // A clone is left, or the waker was woken before the last one was dropped.
        Arc::get_mut(&mut own).is_none_or(|own| *own.is_woken.get_mut())
    }
}

/// Returns the waker of the task if this is the one of the checked poll on this thread.
#[inline]
pub(crate) fn task_of(waker: &Waker) -> Option<Waker> {
    let data = DATA.get();
    (!data.is_null() && data == waker.data())
        .then(task)
        .flatten()
}

#[cold]
fn task() -> Option<Waker> {
    let now = NOW.with_borrow(Clone::clone)?;
    Some(now.task.clone())
}

/// Polls a recorded wait, which keeps the waker of the task.
#[inline]
pub(crate) fn with_task<T>(cx: &Context<'_>, poll: impl FnOnce(&mut Context<'_>) -> T) -> T {
    let task = task_of(cx.waker());
    let waker = task.as_ref().unwrap_or_else(|| cx.waker());
    poll(&mut Context::from_waker(waker))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn others(poll: impl FnOnce(&Context<'_>)) -> bool {
        let checked = CheckedPoll::begin(Waker::noop());
        poll(&Context::from_waker(&checked.waker));
        checked.end()
    }

    #[test]
    fn a_clone_that_is_left_or_a_wake_shows_that_something_else_wakes_the_process() {
        let mut kept = None;
        assert!(!others(|_| {}));
        assert!(!others(|cx| drop(cx.waker().clone())));
        assert!(others(|cx| cx.waker().wake_by_ref()));
        assert!(others(|cx| {
            let clone = cx.waker().clone();
            clone.wake();
        }));
        assert!(others(|cx| kept = Some(cx.waker().clone())));
        assert!(!others(|_| {}), "the clone is one of another poll");
        drop(kept);
    }

    #[test]
    fn a_recorded_wait_keeps_the_waker_of_the_task() {
        assert!(task_of(Waker::noop()).is_none());
        let mut kept = None;
        assert!(!others(|cx| {
            assert!(others(|inner| kept = Some(inner.waker().clone())));
            kept = task_of(cx.waker());
            assert!(with_task(cx, |cx| cx.waker().will_wake(Waker::noop())));
        }));
        assert!(kept.is_some_and(|task| task.will_wake(Waker::noop())));
    }
}
