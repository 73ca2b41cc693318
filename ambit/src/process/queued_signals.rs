//! The signals of another node that wait in mailboxes. They need no capacity, so their bytes are counted.

#![cfg_attr(
    not(feature = "remote"),
    allow(dead_code, unreachable_pub, reason = "only other nodes are counted")
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::exit_reason::ExitReason;

/// The size of a signal without the texts of its reason.
const SIGNAL: usize = 128;

/// The exit signals of another node, and its requests to stop, that wait in mailboxes of this system. Clones share the
/// count.
///
/// ```
/// use ambit::distribution::{Attachment, Cause, QueuedSignals, Signal};
/// use ambit::prelude::*;
/// use ambit::process::ExitReason;
/// use ambit::system::System;
///
/// #[ambit::main]
/// async fn main(mut inbox: Inbox<u8>) {
///     inbox.trap_exits(true);
///     let queued = QueuedSignals::default();
///     let node = Attachment::with_queued(&System::current().unwrap(), queued.clone());
///     let (from, reason, cause) = (node.pid(7, 0), ExitReason::Shutdown, Cause::Sent);
///     node.accept(inbox.pid(), Signal::Exit { from, reason, cause }).unwrap();
///     assert!(queued.bytes() > 0);
///     assert!(matches!(inbox.next().await, InboxEvent::Exit(_)));
///     assert_eq!(queued.bytes(), 0);
/// }
/// ```
#[derive(Clone, Debug, Default)]
pub struct QueuedSignals(Arc<AtomicUsize>);

impl QueuedSignals {
    /// Returns the total size of the waiting signals, in bytes: 128 for each, and the texts of its reason.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Returns true if a signal waits, or if there is another clone.
    #[must_use]
    pub fn is_used(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }

    /// Counts a signal until the token is dropped.
    fn add(&self, reason: &ExitReason) -> Token {
        let bytes = SIGNAL + reason.text_bytes();
        self.0.fetch_add(bytes, Ordering::Relaxed);
        let all = self.clone();
        Token { all, bytes }
    }
}

/// Counts one waiting signal.
struct Token {
    all: QueuedSignals,
    bytes: usize,
}

impl Drop for Token {
    fn drop(&mut self) {
        self.all.0.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// A signal in a mailbox. One of another node counts until it is taken or dropped.
pub(crate) struct QueuedSignal<T> {
    signal: T,
    /// Boxed, because most signals are of this node.
    token: Option<Box<Token>>,
}

impl<T> QueuedSignal<T> {
    /// Creates a signal that does not count.
    pub(crate) fn uncounted(signal: T) -> Self {
        let token = None;
        Self { signal, token }
    }

    /// Returns the signal, which no longer counts.
    pub(crate) fn take(self) -> T {
        self.signal
    }

    /// Separates the signal from its count.
    pub(crate) fn split(self) -> (T, QueuedSignal<()>) {
        let (signal, token) = (self.signal, self.token);
        (signal, QueuedSignal { signal: (), token })
    }
}

impl QueuedSignal<()> {
    /// Begins to count a signal with this reason in `queued`.
    pub(crate) fn count(reason: &ExitReason, queued: Option<&QueuedSignals>) -> Self {
        let token = queued.map(|queued| Box::new(queued.add(reason)));
        Self { signal: (), token }
    }

    /// Adds the signal that counts.
    pub(crate) fn with<T>(self, signal: T) -> QueuedSignal<T> {
        let token = self.token;
        QueuedSignal { signal, token }
    }
}

/// A request to stop in a mailbox, as small as its reason.
pub(crate) enum QueuedStop {
    Uncounted(ExitReason),
    /// Boxed, because most are of this node.
    Counted(Box<QueuedSignal<ExitReason>>),
}

impl QueuedStop {
    /// Returns the reason, which no longer counts.
    pub(crate) fn take(self) -> ExitReason {
        match self {
            Self::Uncounted(reason) => reason,
            Self::Counted(signal) => signal.take(),
        }
    }

    pub(crate) fn into_signal(self) -> QueuedSignal<ExitReason> {
        match self {
            Self::Uncounted(reason) => QueuedSignal::uncounted(reason),
            Self::Counted(signal) => *signal,
        }
    }
}

impl From<QueuedSignal<ExitReason>> for QueuedStop {
    fn from(signal: QueuedSignal<ExitReason>) -> Self {
        match signal.token {
            None => Self::Uncounted(signal.signal),
            Some(_) => Self::Counted(Box::new(signal)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_counts_until_it_is_taken_or_dropped() {
        let queued = QueuedSignals::default();
        let long = ExitReason::shutdown_with("x".repeat(1_000));
        let signal = |reason: &ExitReason| QueuedSignal::count(reason, Some(&queued)).with(7);
        let (one, other) = (signal(&ExitReason::Normal), signal(&long));
        assert_eq!(queued.bytes(), 2 * SIGNAL + 1_000);
        let (signal, count) = other.split();
        assert_eq!((one.take(), signal), (7, 7));
        assert_eq!(queued.bytes(), SIGNAL + 1_000);
        let other = count.with(signal);
        assert!(queued.is_used());
        drop(other);
        assert_eq!(queued.bytes(), 0);
        assert!(!queued.is_used());
    }

    #[test]
    fn a_stop_is_as_small_as_its_reason_and_counts_until_it_is_taken() {
        assert_eq!(size_of::<QueuedStop>(), size_of::<ExitReason>());
        let queued = QueuedSignals::default();
        let reason = ExitReason::Shutdown;
        let counted = QueuedSignal::count(&reason, Some(&queued)).with(reason.clone());
        let stop = QueuedStop::from(counted);
        assert_eq!(queued.bytes(), SIGNAL);
        let stop = QueuedStop::from(stop.into_signal());
        assert_eq!(queued.bytes(), SIGNAL);
        assert_eq!(stop.take(), reason);
        assert_eq!(queued.bytes(), 0);
        let uncounted = QueuedStop::from(QueuedSignal::uncounted(reason.clone()));
        assert_eq!(uncounted.take(), reason);
    }
}
