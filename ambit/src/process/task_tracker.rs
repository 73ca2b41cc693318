//! The number of unfinished `spawn_task` futures of a system.

use std::sync::atomic::AtomicU64;
#[cfg(feature = "test")]
use std::sync::atomic::Ordering;

use tokio::sync::Notify;

#[derive(Default)]
pub(crate) struct TaskTracker {
    pub(super) running: AtomicU64,
    pub(super) done: Notify,
}

#[cfg(feature = "test")]
impl TaskTracker {
    pub(crate) fn running(&self) -> usize {
        usize::try_from(self.running.load(Ordering::Acquire)).unwrap_or(usize::MAX)
    }

    /// Waits until none is left.
    pub(crate) async fn all_done(&self) {
        loop {
            // Register first, then check.
            let mut done = std::pin::pin!(self.done.notified());
            done.as_mut().enable();
            if self.running.load(Ordering::Acquire) == 0 {
                return;
            }
            done.await;
        }
    }
}
