//! What is asked of the node itself: starts of servers, and calls of functions.
//!
//! Nobody has credits for these, because no mailbox stands behind them. So the bytes of those that are under way are counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What of this is under way in one session.
#[derive(Debug)]
pub(crate) struct Questions {
    bytes: Arc<AtomicUsize>,
    limit: usize,
}

/// One that is under way; it counts until it is dropped.
#[derive(Debug)]
pub(crate) struct Question {
    bytes: usize,
    all: Arc<AtomicUsize>,
}

impl Questions {
    /// As many bytes, and one question more.
    pub(crate) fn new(limit: usize) -> Self {
        let bytes = Arc::default();
        Self { bytes, limit }
    }

    /// How long all are together that are under way.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Counts one more; none if there is no room.
    pub(crate) fn begin(&self, bytes: usize) -> Option<Question> {
        let more = |all| (all < self.limit).then(|| all + bytes);
        let (set, fetch) = (Ordering::Relaxed, Ordering::Relaxed);
        self.bytes.fetch_update(set, fetch, more).ok()?;
        let all = self.bytes.clone();
        Some(Question { bytes, all })
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        self.all.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_counts_while_it_is_under_way_and_a_long_one_is_let_in_alone() {
        let questions = Questions::new(100);
        let long = questions.begin(1_000);
        assert!(long.is_some());
        assert!(questions.begin(1).is_none());
        drop(long);
        let some: Vec<_> = (0..5).map_while(|_| questions.begin(30)).collect();
        assert_eq!(some.len(), 4);
        drop(some);
        assert_eq!(questions.bytes(), 0);
    }
}
