//! The byte budget of messages that were sent before there was credit for them.

use std::sync::atomic::{AtomicUsize, Ordering};

/// The byte budget of the messages to one node that are buffered until their receivers grant credits. While the budget
/// lasts, senders do not wait; when it is used up, they do.
///
/// ```
/// use ambit::distribution::SendBuffer;
/// let buffer = SendBuffer::default();
/// assert!(!buffer.take(1));
/// buffer.set_limit(10);
/// assert!(buffer.take(8) && !buffer.take(3));
/// buffer.put_back(8);
/// assert_eq!(buffer.bytes(), 0);
/// ```
#[derive(Debug, Default)]
pub struct SendBuffer {
    bytes: AtomicUsize,
    limit: AtomicUsize,
}

impl SendBuffer {
    /// Sets the limit in bytes; 0 by default. Messages that are already buffered stay.
    pub fn set_limit(&self, bytes: usize) {
        self.limit.store(bytes, Ordering::Relaxed);
    }

    /// Counts a message of `bytes` bytes, and returns true. Returns false and counts nothing if the limit would be
    /// exceeded.
    #[must_use]
    pub fn take(&self, bytes: usize) -> bool {
        let limit = self.limit.load(Ordering::Relaxed);
        let more = |all: usize| all.checked_add(bytes).filter(|all| *all <= limit);
        let (set, fetch) = (Ordering::Relaxed, Ordering::Relaxed);
        limit > 0 && self.bytes.fetch_update(set, fetch, more).is_ok()
    }

    /// Counts a message of `bytes` bytes that needs no capacity.
    pub(crate) fn add(&self, bytes: usize) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Releases the bytes of a message that has left the buffer.
    pub fn put_back(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Returns the number of buffered bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }
}
