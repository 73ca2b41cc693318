//! The wakers that changes of a link release. Wakers are user code, so they are woken and dropped without a lock.

use std::mem;
use std::task::Waker;

/// Wakes its contents when it is dropped: drop it after every lock.
#[derive(Debug, Default)]
#[must_use = "dropped at once, it wakes under the locks that are held"]
pub(in crate::transport::memory) struct Released {
    woken: Vec<Waker>,
    replaced: Vec<Waker>,
}

impl Released {
    pub(super) fn wake(&mut self, wakers: impl IntoIterator<Item = Waker>) {
        self.woken.extend(wakers);
    }

    /// Drops a waker that another one has replaced.
    pub(super) fn replace(&mut self, waker: Option<Waker>) {
        self.replaced.extend(waker);
    }
}

impl Drop for Released {
    fn drop(&mut self) {
        for waker in mem::take(&mut self.woken) {
            waker.wake();
        }
    }
}
