//! The counters of a session.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::wire::Kind;

/// The number of unreadable messages that are logged one by one. Later ones are logged each time their number has
/// doubled.
const LOGGED: u64 = 8;

/// The counters of one session; all of them only grow.
#[derive(Debug, Default)]
pub(crate) struct Stats {
    /// By the number of the frame kind.
    frames_in: Counters,
    frames_out: Counters,
    messages_out: AtomicU64,
    payload_out: AtomicU64,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
    decode_errors: AtomicU64,
    /// Messages to processes that had ended or may not be reached, or whose mailbox was full.
    undelivered: AtomicU64,
}

/// One counter for each kind of frame below 128.
#[derive(Debug)]
struct Counters([AtomicU64; 128]);

impl Default for Counters {
    fn default() -> Self {
        Self([const { AtomicU64::new(0) }; 128])
    }
}

impl Counters {
    fn count(&self, kind: u8) {
        if let Some(counter) = self.0.get(usize::from(kind)) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Returns the counters above zero.
    fn seen(&self) -> Vec<(Kind, u64)> {
        let counts = self.0.iter().zip(0_u8..);
        let seen = counts.filter_map(|(counter, kind)| {
            let count = counter.load(Ordering::Relaxed);
            (count > 0).then_some((Kind::from_number(kind)?, count))
        });
        seen.collect()
    }
}

impl Stats {
    pub(crate) fn frame(&self, kind: u8) {
        self.frames_in.count(kind);
    }

    pub(crate) fn frame_out(&self, kind: Kind) {
        self.frames_out.count(kind.number());
    }

    pub(crate) fn message_sent(&self, bytes: usize) {
        self.messages_out.fetch_add(1, Ordering::Relaxed);
        self.payload_out.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn read(&self, bytes: usize) {
        self.bytes_in.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn written(&self, bytes: usize) {
        self.bytes_out.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Counts a message that could not be read.
    pub(crate) fn undecoded(&self, what: &str) {
        let count = self.decode_errors.fetch_add(1, Ordering::Relaxed) + 1;
        // A node that sends only such messages must not fill the log.
        if count <= LOGGED || count.is_power_of_two() {
            tracing::warn!(what, count, "a message from another node could not be read");
        }
    }

    /// Counts a message that was not delivered.
    pub(crate) fn undelivered(&self) {
        self.undelivered.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns the number of received frames by kind.
    pub(crate) fn frames_in(&self) -> Vec<(Kind, u64)> {
        self.frames_in.seen()
    }

    /// Returns the number of frames queued for writing by kind.
    pub(crate) fn frames_out(&self) -> Vec<(Kind, u64)> {
        self.frames_out.seen()
    }

    pub(crate) fn totals(&self) -> Totals {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Totals {
            messages_out: read(&self.messages_out),
            payload_out: read(&self.payload_out),
            bytes_in: read(&self.bytes_in),
            bytes_out: read(&self.bytes_out),
            decode_errors: read(&self.decode_errors),
            undelivered: read(&self.undelivered),
        }
    }
}

/// A snapshot of the counters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) messages_out: u64,
    pub(crate) payload_out: u64,
    pub(crate) bytes_in: u64,
    pub(crate) bytes_out: u64,
    pub(crate) decode_errors: u64,
    pub(crate) undelivered: u64,
}
