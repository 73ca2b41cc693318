//! The byte budget of messages that were sent before there was credit for them.

use std::sync::atomic::{AtomicUsize, Ordering};

/// The byte budget of all messages to one node that wait for credits of their processes. Senders do not block while
/// there is capacity; without it they wait.
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
    /// Sets the limit in bytes. Messages that are buffered already stay.
    pub fn set_limit(&self, bytes: usize) {
        self.limit.store(bytes, Ordering::Relaxed);
    }

    /// Counts one more message, unless it does not fit.
    #[must_use]
    pub fn take(&self, bytes: usize) -> bool {
        let limit = self.limit.load(Ordering::Relaxed);
        let more = |all: usize| all.checked_add(bytes).filter(|all| *all <= limit);
        let (set, fetch) = (Ordering::Relaxed, Ordering::Relaxed);
        limit > 0 && self.bytes.fetch_update(set, fetch, more).is_ok()
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
