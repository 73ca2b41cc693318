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

/// The exits on this thread.
struct OnThread {
    /// An exit runs.
    is_open: Cell<bool>,
    /// A task of a process is being spawned.
    is_spawning: Cell<bool>,
    /// The exits that run after the current one.
    queue: RefCell<Queue>,
}

thread_local! {
    static EXITS: OnThread = const {
        OnThread {
            is_open: Cell::new(false),
            is_spawning: Cell::new(false),
            queue: RefCell::new(Queue::new()),
        }
    };
}

/// Nothing if the thread is ending: then no exit is queued.
fn with<T: Default>(look: impl FnOnce(&OnThread) -> T) -> T {
    EXITS.try_with(look).unwrap_or_default()
}

/// A task of a process is being spawned, and may be dropped by that; or the spawn is over.
#[inline]
pub(crate) fn spawns(is_spawning: bool) {
    with(|exits| exits.is_spawning.set(is_spawning));
}

/// Whether the task that is dropped now is dropped by the call that spawns it; asked once.
pub(crate) fn is_dropped_by_spawn() -> bool {
    with(|exits| exits.is_spawning.replace(false))
}

/// Whether an exit runs on this thread.
pub(crate) fn is_open() -> bool {
    with(|exits| exits.is_open.get())
}

/// Leaves an exit to the frame that is open on this thread.
pub(crate) fn push(process: ProcRef, reason: ExitReason) {
    with(|exits| exits.queue.borrow_mut().push_back((process, reason)));
}

/// An exit runs on this thread. Its drop runs those that the exit has queued, also while it unwinds.
#[must_use = "the exits that are caused while it is open run when it is dropped"]
pub(crate) struct Frame {
    /// The queue of the frame around it, if there is one: its thread drops another runtime or polls another process.
    outer: Option<Queue>,
}

impl Frame {
    #[inline]
    pub(crate) fn open() -> Self {
        let outer = with(|exits| {
            let is_inner = exits.is_open.replace(true);
            is_inner.then(|| exits.queue.take())
        });
        Self { outer }
    }
}

impl Drop for Frame {
    #[inline]
    fn drop(&mut self) {
        let is_over = self.outer.is_none()
            && with(|exits| {
                let is_empty = exits.queue.borrow().is_empty();
                exits.is_open.set(!is_empty);
                is_empty
            });
        if !is_over {
            close(self.outer.take());
        }
    }
}

/// Runs what is queued, and goes on with the frame around this one.
#[cold]
fn close(outer: Option<Queue>) {
    run_queue();
    with(|exits| {
        exits.is_open.set(outer.is_some());
        exits.queue.replace(outer.unwrap_or_default());
    });
}

fn run_queue() {
    while let Some((process, reason)) = with(|exits| exits.queue.borrow_mut().pop_front()) {
        let pid = process.core().pid;
        if let Err(report) = panics::catch(|| exit_task::end(&process, reason)) {
            tracing::error!(%pid, %report, "an exit panicked; the exits after it go on");
        }
    }
}
