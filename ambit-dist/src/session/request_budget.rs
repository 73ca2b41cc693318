//! Limits the requests to the node itself: starts of servers, and calls of functions.
//!
//! These requests use no credits, because no mailbox stores them. Instead, the bytes of unfinished requests are
//! counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The unfinished requests of one session.
#[derive(Debug)]
pub(crate) struct RequestBudget {
    bytes: Arc<AtomicUsize>,
    limit: usize,
}

/// One unfinished request; it counts until it is dropped.
#[derive(Debug)]
pub(crate) struct RequestPermit {
    bytes: usize,
    all: Arc<AtomicUsize>,
}

impl RequestBudget {
    /// Creates a budget of `limit` bytes. One request may exceed it.
    pub(crate) fn new(limit: usize) -> Self {
        let bytes = Arc::default();
        Self { bytes, limit }
    }

    /// Returns the total size of the unfinished requests.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Counts one more request. Returns `None` if there is no capacity.
    pub(crate) fn try_acquire(&self, bytes: usize) -> Option<RequestPermit> {
        let more = |all| (all < self.limit).then(|| all + bytes);
        let (set, fetch) = (Ordering::Relaxed, Ordering::Relaxed);
        self.bytes.fetch_update(set, fetch, more).ok()?;
        let all = self.bytes.clone();
        Some(RequestPermit { bytes, all })
    }
}

impl Drop for RequestPermit {
    fn drop(&mut self) {
        self.all.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_counts_while_it_is_under_way_and_a_long_one_is_let_in_alone() {
        let request_budget = RequestBudget::new(100);
        let long = request_budget.try_acquire(1_000);
        assert!(long.is_some());
        assert!(request_budget.try_acquire(1).is_none());
        drop(long);
        let some: Vec<_> = (0..5)
            .map_while(|_| request_budget.try_acquire(30))
            .collect();
        assert_eq!(some.len(), 4);
        drop(some);
        assert_eq!(request_budget.bytes(), 0);
    }
}
