//! Waiting for a number of events.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// Counts down, and wakes its waiter at zero.
#[derive(Debug, Default)]
pub(crate) struct Latch {
    left: AtomicUsize,
    zero: Notify,
}

impl Latch {
    pub(crate) fn new(count: usize) -> Arc<Self> {
        Arc::new(Self {
            left: AtomicUsize::new(count),
            zero: Notify::new(),
        })
    }

    /// Resets the count; no hit or wait may be in progress.
    pub(crate) fn reset(&self, count: usize) {
        self.left.store(count, Ordering::SeqCst);
    }

    pub(crate) fn hit(&self) {
        if self.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.zero.notify_one();
        }
    }

    /// Waits for zero; only one task may wait.
    pub(crate) async fn wait(&self) {
        while self.left.load(Ordering::Acquire) != 0 {
            self.zero.notified().await;
        }
    }
}

/// Hits its latch when it is dropped, together with the state that owns it.
#[derive(Debug)]
pub(crate) struct Hit(pub(crate) Arc<Latch>);

impl Drop for Hit {
    fn drop(&mut self) {
        self.0.hit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn zero_wakes_the_waiting() {
        let latch = Latch::new(2);
        let hits = [Hit(latch.clone()), Hit(latch.clone())];
        let waiting = tokio::spawn(async move { latch.wait().await });
        drop(hits);
        waiting.await.unwrap();
    }
}
