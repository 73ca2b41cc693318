//! The polls of a process that others check: whether anything but the answers to its calls can wake it.
//!
//! A handler that awaits a call beside a timer or a channel will continue when one of those is ready. They keep a clone of
//! the waker that they were polled with. So a process that is checked is polled with a waker of its own in each poll: if a
//! clone of it is left after the poll, or it was woken in it, the process may continue. The waits that are recorded in the
//! wait graph keep the waker of the task instead.

use std::cell::RefCell;
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
}

/// Polls code with a waker of its own. Returns the outcome, and whether something can wake the process that is not a
/// recorded wait. It must not unwind.
pub(crate) fn run<T>(task: &Waker, poll: impl FnOnce(&mut Context<'_>) -> T) -> (T, bool) {
    let own = Arc::new(CheckedWaker {
        task: task.clone(),
        is_woken: AtomicBool::new(false),
    });
    let waker = Waker::from(own.clone());
    let before = NOW.replace(Some(own.clone()));
    let outcome = poll(&mut Context::from_waker(&waker));
    drop(NOW.replace(before));
    drop(waker);
    let is_kept = Arc::strong_count(&own) > 1;
    (outcome, is_kept || own.is_woken.load(Ordering::Relaxed))
}

/// Returns the waker of the task if this is the one of the checked poll on this thread.
pub(crate) fn task_of(waker: &Waker) -> Option<Waker> {
    let now = NOW.with_borrow(Clone::clone)?;
    let is_own = Arc::as_ptr(&now).cast() == waker.data();
    is_own.then(|| now.task.clone())
}

/// Polls a recorded wait, which keeps the waker of the task.
pub(crate) fn with_task<T>(cx: &Context<'_>, poll: impl FnOnce(&mut Context<'_>) -> T) -> T {
    let task = task_of(cx.waker());
    let waker = task.as_ref().unwrap_or_else(|| cx.waker());
    poll(&mut Context::from_waker(waker))
}
