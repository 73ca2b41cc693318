//! Calls whose reply ports a handler has dropped: they fail, unless their server is about to end.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::engine::reply::OpenReply;
use crate::error::CallError;
use crate::process::current;
use crate::process::header::AnyProcess;

/// Handles a port that has just been dropped, by the handler or by other code.
pub(crate) fn dropped(process: &dyn AnyProcess, question: Arc<dyn OpenReply>) {
    if current::pid() == process.core().pid {
        process.core().judge_later(question);
    } else if !is_ending(process) {
        question.fail(CallError::NoReply);
    }
    // Otherwise the server is ending: its exit answers the question.
}

/// Fails the calls whose ports the handler has dropped, unless the server is about to end.
#[inline]
pub(crate) fn settle(process: &dyn AnyProcess) {
    if process.core().has_dropped_ports() {
        settle_dropped(process);
    }
}

#[cold]
pub(super) fn settle_dropped(process: &dyn AnyProcess) {
    for question in process.core().dropped_ports() {
        if !is_ending(process) {
            question.fail(CallError::NoReply);
        }
    }
}

/// Returns true if the process has ended, or ends after the current handler.
fn is_ending(process: &dyn AnyProcess) -> bool {
    let core = process.core();
    if core.stopping.load(Ordering::Acquire) || !core.is_alive() {
        return true;
    }
    let mut ends = false;
    process.check_control(&mut |control| ends = control.fatal.is_some() || control.leave.is_some());
    ends
}
