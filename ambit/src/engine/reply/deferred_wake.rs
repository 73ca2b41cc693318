//! A wake-up that its holder delays.

use std::task::Waker;

use crate::engine::wake_list;

/// A deferred wake-up: its drop wakes the caller, whose answer is stored.
#[must_use = "dropped, it wakes"]
#[derive(Default)]
pub(crate) struct DeferredWake(pub(super) Option<Waker>);

impl DeferredWake {
    /// Returns true if there is a caller to wake.
    #[inline]
    pub(crate) fn is_there(&self) -> bool {
        self.0.is_some()
    }
}

impl Drop for DeferredWake {
    #[inline]
    fn drop(&mut self) {
        if let Some(waker) = self.0.take() {
            // The waker belongs to the caller: its panic must not reach the answering server.
            wake_list::wake_one(waker);
        }
    }
}
