//! The number of unfinished `spawn_task` futures of a system.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

use crate::process::system_inner::SystemInner;

#[derive(Default)]
pub(crate) struct TaskCount {
    running: AtomicU64,
    done: Notify,
}

/// One of the futures, until it is dropped.
pub(crate) struct CountedTask(Arc<SystemInner>);

impl CountedTask {
    pub(crate) fn begin(system: &Arc<SystemInner>) -> Self {
        system.tasks.running.fetch_add(1, Ordering::Relaxed);
        Self(system.clone())
    }
}

impl Drop for CountedTask {
    fn drop(&mut self) {
        let tasks = &self.0.tasks;
        if tasks.running.fetch_sub(1, Ordering::AcqRel) == 1 {
            tasks.done.notify_waiters();
        }
    }
}

#[cfg(feature = "test")]
impl TaskCount {
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
