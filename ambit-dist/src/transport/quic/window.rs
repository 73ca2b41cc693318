//! Limits the unacknowledged bytes of a connection to what its path needs to stay busy, and little more.
//!
//! New data waits behind all bytes that are already buffered. With a fixed limit that suits the fastest path, this wait
//! takes seconds on a slow path, so calls time out while a large message uses the same path.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use quinn::Connection as Quinn;

/// The minimum on every path, and the limit at the start of a connection.
pub(super) const LEAST: u64 = 512 << 10;
/// The maximum on every path: 16 MiB.
const MOST: u64 = 16 << 20;
/// The number of bytes that a stream writes between two checks of the path.
const LOOK: usize = 128 << 10;

/// Returns the limit for a path with this many bytes in flight: these, and as many again to follow.
fn fitting(on_its_way: u64) -> u64 {
    on_its_way.saturating_mul(2).clamp(LEAST, MOST)
}

/// The limit of one connection, as one of its streams sees it.
#[derive(Debug)]
pub(super) struct Window {
    connection: Quinn,
    /// The current limit, for all streams.
    current: Arc<AtomicU64>,
    /// The number of bytes that this stream has written since the last check of the path.
    written: usize,
}

impl Window {
    pub(super) fn new(connection: Quinn, current: Arc<AtomicU64>) -> Self {
        Self {
            connection,
            current,
            written: 0,
        }
    }

    /// Records written bytes, and adapts the limit to the path from time to time.
    pub(super) fn wrote(&mut self, bytes: usize) {
        self.written += bytes;
        if self.written < LOOK {
            return;
        }
        self.written = 0;
        let fitting = fitting(self.connection.stats().path.cwnd);
        if self.current.swap(fitting, Ordering::Relaxed) != fitting {
            self.connection.set_send_window(fitting);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_twice_the_line_capacity_within_its_bounds() {
        assert_eq!(fitting(0), LEAST);
        assert_eq!(fitting(LEAST), 2 * LEAST);
        assert_eq!(fitting(MOST), MOST);
        assert_eq!(fitting(u64::MAX), MOST);
    }
}
