//! Waiting for so many things to happen.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// Counts down, and wakes who waits at zero.
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

    /// Counts from `count` again; nobody may be counting.
    pub(crate) fn reset(&self, count: usize) {
        self.left.store(count, Ordering::SeqCst);
    }

    pub(crate) fn hit(&self) {
        if self.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.zero.notify_one();
        }
    }

    /// Waits for zero; only one may wait.
    pub(crate) async fn wait(&self) {
        while self.left.load(Ordering::Acquire) != 0 {
            self.zero.notified().await;
        }
    }
}

/// Hits its latch when it is dropped: with the state it is part of.
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
