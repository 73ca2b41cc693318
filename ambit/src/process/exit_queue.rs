//! Exits that are caused by an exit on the same thread: they run one after the other, not inside of each other.
//!
//! A server that rests has no task: what ends it makes one, and a runtime that shuts down drops a new task inside of
//! the call that spawns it. Were the exit run in that drop, a chain of linked servers would need a stack as long as the
//! chain. So such an exit is queued when another one runs on the thread, and the outermost one runs the queue. Exits
//! for any other cause run where they are caused: whoever drops a runtime finds its processes ended.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use crate::exit_reason::ExitReason;
use crate::process::core::ProcRef;
use crate::process::{exit_task, panics};

type Queue = VecDeque<(ProcRef, ExitReason)>;

thread_local! {
    /// The exits that wait for the one that runs on this thread; none if none runs.
    static QUEUE: RefCell<Option<Queue>> = const { RefCell::new(None) };
    /// A task of a process is being spawned.
    static SPAWNING: Cell<bool> = const { Cell::new(false) };
}

/// Spawns a task of a process, which may be dropped before this returns.
pub(crate) fn spawning<T>(spawn: impl FnOnce() -> T) -> T {
    SPAWNING.set(true);
    let spawned = spawn();
    SPAWNING.set(false);
    spawned
}

/// Whether the task that is dropped now is dropped by the call that spawns it; asked once.
pub(crate) fn is_dropped_by_spawn() -> bool {
    let spawning = SPAWNING.try_with(|spawning| spawning.replace(false));
    spawning.unwrap_or(false)
}

/// Whether an exit runs on this thread.
pub(crate) fn is_open() -> bool {
    let open = QUEUE.try_with(|queue| queue.borrow().is_some());
    open.unwrap_or(false)
}

/// Leaves an exit to the frame that is open on this thread.
pub(crate) fn push(process: ProcRef, reason: ExitReason) {
    let _ = QUEUE.try_with(|queue| {
        if let Some(queue) = &mut *queue.borrow_mut() {
            queue.push_back((process, reason));
        }
    });
}

fn pop() -> Option<(ProcRef, ExitReason)> {
    let popped = QUEUE.try_with(|queue| queue.borrow_mut().as_mut()?.pop_front());
    popped.ok().flatten()
}

/// An exit runs on this thread. Its drop runs those that the exit has queued, also while it unwinds.
#[must_use = "the exits that are caused while it is open run when it is dropped"]
pub(crate) struct Frame {
    /// The queue of the frame around it, whose thread drops another runtime or polls another process.
    outer: Option<Queue>,
}

impl Frame {
    pub(crate) fn open() -> Self {
        let outer = QUEUE.try_with(|queue| queue.replace(Some(Queue::new())));
        Self {
            outer: outer.ok().flatten(),
        }
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        while let Some((process, reason)) = pop() {
            let pid = process.core().pid;
            if let Err(report) = panics::catch(|| exit_task::end(&process, reason)) {
                tracing::error!(%pid, %report, "an exit panicked; the exits after it go on");
            }
        }
        let outer = self.outer.take();
        drop(QUEUE.try_with(|queue| queue.replace(outer)));
    }
}
