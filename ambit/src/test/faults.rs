//! Fault injection: crashes, hangs, full mailboxes.

use std::fmt;
use std::sync::Arc;

use crate::exit_reason::{ExitReason, PanicReport};
use crate::handle::target::Target;
use crate::process::header::{ProcessKind, ProcessRef};
use crate::process::signal;
use crate::test::ledger::expect_crash;

/// Makes a process crash as if the handler of its next message had panicked, calls [`expect_crash`] for it, and waits
/// until it has ended. Returns at once if `target` does not exist. A process that [`hang`] has stopped handles nothing
/// and does not crash, so the wait does not end: kill such a process instead.
///
/// # Panics
/// Panics if `target` runs on another node, like all faults of this module.
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
    let Some(process) = local(&target, "crash") else {
        return;
    };
    let reason = ExitReason::Panic(PanicReport::new("crashed by the test", None));
    match process.core().kind {
        ProcessKind::Server { .. } => signal::leave(&*process, &reason),
        ProcessKind::Plain
        | ProcessKind::Side
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
///
/// # Panics
/// Panics if `target` runs on another node.
#[allow(
    clippy::needless_pass_by_value,
    reason = "targets are handles and references"
)]
pub fn hang(target: impl Target) {
    if let Some(process) = local(&target, "hang") {
        process.control(&mut |control| control.hung = true);
    }
}

/// Fills the mailbox of a process: senders find no capacity in it until the returned guard is dropped. Messages that are
/// queued or already wait for capacity are still handled; the capacity that they leave stays taken. Does nothing if
/// `target` does not exist.
///
/// # Panics
/// Panics if the mailbox is unbounded, or if `target` runs on another node.
#[allow(
    clippy::needless_pass_by_value,
    reason = "targets are handles and references"
)]
pub fn fill_mailbox(target: impl Target) -> FullMailbox {
    let process = local(&target, "fill_mailbox");
    let capacity = process.as_ref().map_or(0, |process| process.capacity());
    // The permits of an unbounded mailbox are nearly all numbers of 32 bits.
    assert!(
        capacity < u32::MAX as usize / 2,
        "an unbounded mailbox is never full: limit it with `.mailbox(n)`"
    );
    // Those that find no capacity wait for that of the queued messages, before all later senders.
    let reserved = process.as_ref().map_or_else(Vec::new, |process| {
        let ids = (0..capacity).map_while(|_| process.reserve(&Arc::default()));
        ids.collect()
    });
    FullMailbox { process, reserved }
}

/// Returns the process of a target, if it exists.
fn local(target: &impl Target, fault: &str) -> Option<ProcessRef> {
    let process = target.__resolve().process?;
    assert!(
        !matches!(process.core().kind, ProcessKind::Remote),
        "`{fault}` needs a process of this node: call it where the process runs"
    );
    Some(process)
}

/// A guard that keeps a mailbox full until the guard is dropped; returned by [`fill_mailbox`].
///
/// ```
/// use ambit::prelude::*;
/// use ambit::test::fill_mailbox;
/// #[ambit::main]
/// async fn main() {
///     let reader = ambit::spawn(|mut inbox: Inbox<u8>| async move { while inbox.recv().await.is_some() {} });
///     let full = fill_mailbox(&reader);
///     assert_eq!(reader.send(1).now(), Err(CastError::Full));
///     drop(full);
///     reader.send(1).await.unwrap();
/// }
/// ```
#[must_use = "the mailbox accepts messages again when this is dropped"]
pub struct FullMailbox {
    process: Option<ProcessRef>,
    /// The reservations, which have capacity or wait for it.
    reserved: Vec<u64>,
}

impl Drop for FullMailbox {
    fn drop(&mut self) {
        let Some(process) = &self.process else { return };
        // Those that wait are last. They leave first, so that none of them gets what the others return.
        for id in self.reserved.drain(..).rev() {
            if !process.withdraw(id) {
                process.return_permit();
            }
        }
    }
}

impl fmt::Debug for FullMailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FullMailbox")
            .field("reserved", &self.reserved.len())
            .finish_non_exhaustive()
    }
}
