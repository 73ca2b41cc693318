//! Fault injection: crashes, hangs, full mailboxes.

use std::fmt;
use std::sync::Arc;

use crate::engine::queue_ticket::QueueTicket;
use crate::exit_reason::{ExitReason, PanicReport};
use crate::handle::target::Target;
use crate::process::header::{ProcessKind, ProcessRef};
use crate::process::signal;
use crate::test::ledger::expect_crash;

/// Makes a process crash as if the handler of its next message had panicked, calls [`expect_crash`] for it, and waits
/// until it has ended. Returns at once if `target` does not exist. A process that [`hang`] has stopped handles nothing
/// and does not crash, so the wait does not end: kill such a process instead.
///
/// # Cancel safety
/// Dropping the future before the first poll does nothing. Dropping it later only ends the wait: the process still
/// crashes.
#[allow(
    clippy::needless_pass_by_value,
    reason = "targets are handles and references"
)]
pub async fn crash(target: impl Target) {
    expect_crash(&target);
    let Some(process) = target.__resolve().process else {
        return;
    };
    let reason = ExitReason::Panic(PanicReport::new("crashed by the test", None));
    match process.core().kind {
        ProcessKind::Server { .. } => signal::leave(&*process, &reason),
        ProcessKind::Plain
        | ProcessKind::Main
        | ProcessKind::DeafMain
        | ProcessKind::Supervisor
        | ProcessKind::Remote => process.control(&mut |control| {
            control.fatal.get_or_insert_with(|| reason.clone());
        }),
    }
    crate::handle::exits::ExitWait::watch(&process).await;
}

/// Makes a process hang after its current handler: it handles no more messages and no requests to stop. A kill still
/// ends it, and so does an exit signal that ends a process at once, without an `Exit` message or `#[terminate]`. Does
/// nothing if `target` does not exist.
#[allow(
    clippy::needless_pass_by_value,
    reason = "targets are handles and references"
)]
pub fn hang(target: impl Target) {
    if let Some(process) = target.__resolve().process {
        process.control(&mut |control| control.hung = true);
    }
}

/// Fills the mailbox of a process: senders find no capacity in it until the returned guard is dropped. Does nothing if
/// `target` does not exist.
///
/// # Panics
/// Panics if the mailbox is unbounded.
#[allow(
    clippy::needless_pass_by_value,
    reason = "targets are handles and references"
)]
pub fn fill_mailbox(target: impl Target) -> FullMailbox {
    let process = target.__resolve().process;
    let free = process.as_ref().map_or(0, |process| process.free());
    // The permits of an unbounded mailbox are nearly all numbers of 32 bits.
    assert!(
        free < u32::MAX as usize / 2,
        "an unbounded mailbox is never full: limit it with `.mailbox(n)`"
    );
    let held = process.as_ref().map_or(0, |process| {
        let taken = (0..free).map_while(|_| process.reserve(&Arc::new(QueueTicket::default())));
        taken.count()
    });
    FullMailbox { process, held }
}

/// A guard that keeps a mailbox full until the guard is dropped; returned by [`fill_mailbox`].
#[must_use = "the mailbox accepts messages again when this is dropped"]
pub struct FullMailbox {
    process: Option<ProcessRef>,
    held: usize,
}

impl Drop for FullMailbox {
    fn drop(&mut self) {
        if let Some(process) = &self.process {
            (0..self.held).for_each(|_| process.return_permit());
        }
    }
}

impl fmt::Debug for FullMailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FullMailbox")
            .field("held", &self.held)
            .finish_non_exhaustive()
    }
}
