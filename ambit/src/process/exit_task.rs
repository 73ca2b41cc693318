//! The exit in the task of a process: in batches while the task is polled, and at once when the task is dropped.

use std::pin::Pin;
use std::task::{Context, Poll};

use crate::exit_reason::ExitReason;
use crate::panics;
use crate::process::current;
use crate::process::exit_path::{self, BATCH, ExitInProgress};
use crate::process::exit_queue::{self, ExitScope};
use crate::process::header::ProcessRef;
use crate::rt;

/// Ends a process whose future is done, as that process; returns the exit if more is left than fits in one poll.
pub(crate) fn begin<F>(
    process: &ProcessRef,
    future: Pin<&mut Option<F>>,
    reason: ExitReason,
) -> Option<Box<ExitInProgress>> {
    let _scope = ExitScope::open(end);
    drop_future(process, future);
    conclude(process, reason, BATCH).map(Box::new)
}

/// Does the next batch of an exit.
#[cold]
pub(crate) fn poll(exit: &mut Option<Box<ExitInProgress>>, cx: &mut Context<'_>) -> Poll<()> {
    let _scope = ExitScope::open(end);
    if let Some(exit) = exit {
        exit.process().core().system.count_activity();
        let _as_process = current::enter(exit.process().clone());
        if !exit.go_on(BATCH) {
            rt::let_others_run(cx);
            return Poll::Pending;
        }
    }
    *exit = None;
    Poll::Ready(())
}

/// Does the rest of an exit: the task is not polled any more.
#[cold]
pub(crate) fn finish(exit: ExitInProgress) {
    let _scope = ExitScope::open(end);
    let _as_process = current::enter(exit.process().clone());
    drop(exit);
}

/// Ends a process whose task is dropped before completion. If that is a consequence of another exit on this thread, the
/// rest of the exit is queued after that one.
pub(crate) fn abandon<F>(process: ProcessRef, future: Pin<&mut Option<F>>) {
    let is_new = exit_queue::is_dropped_by_spawn();
    if is_new && exit_queue::is_open() {
        let as_process = current::enter(process.clone());
        drop_future(&process, future);
        drop(as_process);
        exit_queue::push(process, ExitReason::Shutdown);
    } else {
        let _scope = ExitScope::open(end);
        let _as_process = current::enter(process.clone());
        drop_future(&process, future);
        drop(conclude(&process, ExitReason::Shutdown, usize::MAX));
    }
}

/// Ends a process whose future has been dropped, as that process.
pub(crate) fn end(process: &ProcessRef, reason: ExitReason) {
    let _as_process = current::enter(process.clone());
    drop(conclude(process, reason, usize::MAX));
}

/// Closes the mailbox, and drops the pending future of the process.
fn drop_future<F>(process: &ProcessRef, mut future: Pin<&mut Option<F>>) {
    process.close();
    if let Err(report) = panics::catch_dyn(&mut || future.set(None)) {
        tracing::error!(pid = %process.core().pid, %report, "a drop panicked while a process ended");
    }
}

/// Ends a process whose future has been dropped, up to `limit` parts of the exit; returns the exit if there are more.
fn conclude(process: &ProcessRef, reason: ExitReason, limit: usize) -> Option<ExitInProgress> {
    if process.end_incarnation() {
        let mut exit = exit_path::begin(process, reason);
        if exit.go_on(limit) {
            return None;
        }
        return Some(exit);
    }
    // A caller is running it inline, on another thread: when that is done there is no task, and it ends.
    process.control(&mut |control| {
        control.fatal.get_or_insert_with(|| reason.clone());
    });
    None
}
