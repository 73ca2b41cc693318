//! Both parties in one system.

use ambit::{System, SystemGuard};

use super::handles::Carried;

/// Where the two parties of a test live. The test itself, and whatever it spawns, is here; the other party is there.
#[derive(Clone)]
pub(crate) struct Stage {
    system: System,
}

impl Stage {
    /// A stage whose crashes print nothing. Here is the current system until the guard is dropped.
    pub(crate) async fn open() -> (Self, SystemGuard) {
        let (system, entered) = super::parties::quiet();
        (Self { system }, entered)
    }

    /// Does `what` there: what it spawns lives there.
    pub(crate) fn there<T>(&self, what: impl FnOnce() -> T) -> T {
        self.system.within(what)
    }

    /// A handle that was made there, as it is known here.
    pub(crate) async fn bring<H: Carried>(&self, handle: H) -> H {
        H::from_handle(handle.into_handle())
    }

    /// A handle that was made here, as it is known there.
    pub(crate) async fn take<H: Carried>(&self, handle: H) -> H {
        H::from_handle(handle.into_handle())
    }

    /// Returns when what was sent before has arrived, and what that caused.
    pub(crate) async fn settle(&self) {}

    /// How often a race is repeated.
    pub(crate) fn rounds(&self, all: usize) -> usize {
        all
    }
}
