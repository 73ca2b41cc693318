//! Whether a process runs its terminate.

use std::sync::atomic::{AtomicU8, Ordering};

/// The name of terminate among the methods of a server, in crash reports and latencies.
pub(crate) const TERMINATE: &str = "terminate";

/// The state of a process's terminate: whether it is running, and for which kind of reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Terminating {
    /// It is not running: not yet, not any more, or there is none.
    No = 0,
    /// It is running, and the reason is clean.
    Clean = 1,
    /// It is running, and the process has failed.
    Failed = 2,
}

/// A [`Terminating`] that other threads read.
#[derive(Default)]
pub(crate) struct TerminateState(AtomicU8);

impl TerminateState {
    /// Records that terminate begins, or has ended. Called only by the process itself.
    pub(crate) fn set(&self, now: Terminating) {
        self.0.store(now as u8, Ordering::Release);
    }

    /// Returns whether terminate is running.
    pub(crate) fn get(&self) -> Terminating {
        match self.0.load(Ordering::Acquire) {
            1 => Terminating::Clean,
            2 => Terminating::Failed,
            _ => Terminating::No,
        }
    }
}
