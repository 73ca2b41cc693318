//! Exits that are caused by an exit on the same thread: they run one after the other, not recursively.
//!
//! An idle server has no task: the signal that ends it spawns one, and a runtime that shuts down drops a new task
//! inside the call that spawns it. If the exit ran in that drop, a chain of linked servers would need a stack as deep
//! as the chain. So such an exit is queued while another one runs on the thread, and the outermost exit runs the queue.
//! Exits with any other cause run immediately. So after the drop of a runtime all its processes have ended, except
//! those whose task another thread is spawning at that moment: that thread ends them.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use crate::exit_reason::ExitReason;
use crate::panics;
use crate::process::header::ProcessRef;

type Queue = VecDeque<(ProcessRef, ExitReason)>;
type End = fn(&ProcessRef, ExitReason);

/// The exits on this thread.
struct ThreadExits {
    /// True while an exit is running.
    is_open: Cell<bool>,
    /// True while a task of a process is being spawned.
    is_spawning: Cell<bool>,
    /// The exits that run after the current one.
    queue: RefCell<Queue>,
}

thread_local! {
    static EXITS: ThreadExits = const {
        ThreadExits {
            is_open: Cell::new(false),
            is_spawning: Cell::new(false),
            queue: RefCell::new(Queue::new()),
        }
    };
}

/// Runs `look` on the state of this thread. Returns the default if the thread is ending: then no exit is queued.
fn with<T: Default>(look: impl FnOnce(&ThreadExits) -> T) -> T {
    EXITS.try_with(look).unwrap_or_default()
}

/// Records the begin or the end of spawning a task of a process, which may be dropped by the spawn.
#[inline]
pub(crate) fn spawns(is_spawning: bool) {
    with(|exits| exits.is_spawning.set(is_spawning));
}

/// Returns whether the task that is being dropped is dropped by the call that spawns it; resets the flag.
pub(crate) fn is_dropped_by_spawn() -> bool {
    with(|exits| exits.is_spawning.replace(false))
}

/// Returns true while an exit is running on this thread.
pub(crate) fn is_open() -> bool {
    with(|exits| exits.is_open.get())
}

/// Queues an exit for the open scope of this thread.
pub(crate) fn push(process: ProcessRef, reason: ExitReason) {
    with(|exits| exits.queue.borrow_mut().push_back((process, reason)));
}

/// The scope of an exit on this thread. Its drop runs the exits that were queued meanwhile, even while unwinding.
#[must_use = "the exits that are caused while it is open run when it is dropped"]
pub(crate) struct ExitScope {
    /// The queue of the enclosing scope, if there is one: its thread drops another runtime or polls another process.
    outer: Option<Queue>,
    /// Runs one exit of the queue.
    end: End,
}

impl ExitScope {
    #[inline]
    pub(crate) fn open(end: End) -> Self {
        let outer = with(|exits| {
            let is_inner = exits.is_open.replace(true);
            is_inner.then(|| exits.queue.take())
        });
        Self { outer, end }
    }
}

impl Drop for ExitScope {
    #[inline]
    fn drop(&mut self) {
        let is_over = self.outer.is_none()
            && with(|exits| {
                let is_empty = exits.queue.borrow().is_empty();
                exits.is_open.set(!is_empty);
                is_empty
            });
        if !is_over {
            close(self.outer.take(), self.end);
        }
    }
}

/// Runs the queued exits, and restores the enclosing scope.
#[cold]
fn close(outer: Option<Queue>, end: End) {
    run_queue(end);
    with(|exits| {
        exits.is_open.set(outer.is_some());
        exits.queue.replace(outer.unwrap_or_default());
    });
}

fn run_queue(end: End) {
    while let Some((process, reason)) = with(|exits| exits.queue.borrow_mut().pop_front()) {
        let pid = process.core().pid;
        if let Err(report) = panics::catch(|| end(&process, reason)) {
            tracing::error!(%pid, %report, "an exit panicked; the exits after it go on");
        }
    }
}
