//! The number of polls of a process's handlers, which tells its waits apart.

use std::sync::atomic::{AtomicU32, Ordering};

/// The flag for recorded waits that do not end with a poll.
const APART: u32 = 1;
/// One poll.
const POLL: u32 = 2;

/// The number of handler polls, and the flag for waits that do not end with them. Only the process itself changes it.
#[derive(Default)]
pub(crate) struct PollCount(AtomicU32);

impl PollCount {
    /// Counts a poll of a handler; returns its number.
    #[inline]
    pub(crate) fn count(&self) -> u32 {
        let now = self.0.load(Ordering::Relaxed).wrapping_add(POLL);
        self.0.store(now, Ordering::Relaxed);
        now / POLL
    }

    /// Returns the number of the last poll of a handler.
    pub(crate) fn last(&self) -> u32 {
        self.0.load(Ordering::Relaxed) / POLL
    }

    /// Records that the handler has waits that do not end with its polls.
    pub(crate) fn mark_apart(&self) {
        self.0.fetch_or(APART, Ordering::Relaxed);
    }

    /// Ends the polls of a handler; returns whether it has waits that do not end with them.
    #[inline]
    pub(crate) fn end(&self) -> bool {
        let now = self.0.load(Ordering::Relaxed);
        let next = (now & !APART).wrapping_add(POLL);
        self.0.store(next, Ordering::Relaxed);
        now & APART != 0
    }
}

/// Returns the number of polls from one to another; the numbers wrap around.
pub(crate) fn since(earlier: u32, later: u32) -> u32 {
    later.wrapping_sub(earlier) & (u32::MAX / POLL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_of_two_polls_is_right_where_the_numbers_wrap_around() {
        let polls = PollCount(AtomicU32::new(u32::MAX - 2));
        let before = polls.last();
        let numbers = [polls.count(), polls.count(), polls.count()];
        assert!(numbers[2] < before, "they wrap around");
        assert_eq!(numbers.map(|number| since(before, number)), [1, 2, 3]);
    }
}
