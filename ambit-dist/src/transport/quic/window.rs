//! How much a connection holds that the other end has not acknowledged: as much as keeps its line busy, and little more.
//!
//! Whatever is written waits behind what is held already. With a fixed bound, large enough for the widest line, that is
//! seconds on a narrow one, and calls time out while something large goes the same way.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use quinn::Connection as Quinn;

/// On any line, also at the beginning of a connection.
pub(super) const LEAST: u64 = 512 << 10;
/// On no line more: 16 MiB.
const MOST: u64 = 16 << 20;
/// How many bytes a stream may write until the line is looked at again.
const LOOK: usize = 128 << 10;

/// What may be held when so much may be on its way at once: that, and as much again to follow.
fn fitting(on_its_way: u64) -> u64 {
    on_its_way.saturating_mul(2).clamp(LEAST, MOST)
}

/// The bound of one connection, as one of its streams sees it.
#[derive(Debug)]
pub(super) struct Window {
    connection: Quinn,
    /// What holds now, for all streams.
    current: Arc<AtomicU64>,
    /// Written by this stream since the line was looked at.
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

    /// So much has been written: from time to time the bound is fitted to the line.
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
    fn twice_what_fits_on_the_line_is_held_and_never_too_little_or_too_much() {
        assert_eq!(fitting(0), LEAST);
        assert_eq!(fitting(LEAST), 2 * LEAST);
        assert_eq!(fitting(MOST), MOST);
        assert_eq!(fitting(u64::MAX), MOST);
    }
}
