//! Bytes of messages that were sent before there was credit for them.

use std::sync::atomic::{AtomicUsize, Ordering};

/// How many bytes all messages to one node may have together that wait for credits of their processes. Senders go on while
/// there is capacity; without it they wait themselves.
///
/// ```
/// use ambit::node::SendBuffer;
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
    /// Lets it hold so many bytes. What is there stays.
    pub fn set_limit(&self, bytes: usize) {
        self.limit.store(bytes, Ordering::Relaxed);
    }

    /// Counts one message more, unless it does not fit.
    #[must_use]
    pub fn take(&self, bytes: usize) -> bool {
        let limit = self.limit.load(Ordering::Relaxed);
        let more = |all: usize| all.checked_add(bytes).filter(|all| *all <= limit);
        let (set, fetch) = (Ordering::Relaxed, Ordering::Relaxed);
        limit > 0 && self.bytes.fetch_update(set, fetch, more).is_ok()
    }

    /// A message is not there any more.
    pub fn put_back(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// How many bytes there are.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }
}
