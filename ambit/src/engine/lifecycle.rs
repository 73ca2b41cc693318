//! The lifecycle of a process in one word: whether its start has succeeded, and whether it is ending or gone.
//!
//! Both are in the same word, so that a starter that reads late still sees that an ended process had begun.

use std::task::Poll;

use crate::rt::sync::atomic::{AtomicU8, Ordering};

#[cfg(all(test, ambit_loom))]
mod models;
#[cfg(all(test, not(ambit_loom)))]
mod tests;

/// The stage of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Stage {
    Running,
    Ending,
    Gone,
}

/// The state of a process's start; once it is decided, it does not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StartState {
    Underway,
    /// Its init is done.
    Begun,
    /// The process ended before its init was done.
    Failed,
}

/// The bits of the stage.
const STAGE: u8 = 3;
/// Its init is done.
const BEGUN: u8 = 4;

pub(crate) struct Lifecycle(AtomicU8);

impl Lifecycle {
    /// Creates the word; `begun` for a process without an init.
    pub(crate) fn new(begun: bool) -> Self {
        Self(AtomicU8::new(if begun { BEGUN } else { 0 }))
    }

    pub(crate) fn stage(&self) -> Stage {
        match self.0.load(Ordering::Acquire) & STAGE {
            0 => Stage::Running,
            1 => Stage::Ending,
            _ => Stage::Gone,
        }
    }

    pub(crate) fn start(&self) -> StartState {
        match self.0.load(Ordering::Acquire) {
            0 => StartState::Underway,
            word if word & BEGUN != 0 => StartState::Begun,
            _ => StartState::Failed,
        }
    }

    /// Marks the init as done; returns false if the process has begun to end before.
    pub(crate) fn begin(&self) -> bool {
        let begun = (self.0).compare_exchange(0, BEGUN, Ordering::AcqRel, Ordering::Acquire);
        begun.is_ok()
    }

    /// Advances to `stage`; never goes back.
    pub(crate) fn advance(&self, stage: Stage) {
        let next = |word: u8| (word & STAGE < stage as u8).then_some(word & BEGUN | stage as u8);
        (self.0)
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, next)
            .ok();
    }

    /// Returns the result for the starter: success if the process has begun, whatever `end` is, which was polled
    /// before; otherwise its `end`. `wait` stores the waker that is woken when it has begun.
    pub(crate) fn poll_start<E>(&self, end: Poll<E>, wait: impl FnOnce()) -> Poll<Result<(), E>> {
        if self.start() == StartState::Underway {
            wait();
        }
        match self.start() {
            StartState::Begun => Poll::Ready(Ok(())),
            StartState::Underway | StartState::Failed => end.map(Err),
        }
    }
}
