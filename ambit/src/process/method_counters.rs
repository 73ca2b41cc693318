//! The number and the duration of the runs of a method, counted by many threads without contention.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::process::histogram::{Histogram, Times};
use crate::process::thread_shard;

/// The counters of one method.
#[derive(Debug)]
pub(crate) struct MethodCounters {
    /// One line per thread, and a last one that the remaining threads share.
    lines: [CounterLine; thread_shard::OWN + 1],
    panicked: AtomicU64,
    times: Histogram,
}

/// On a cache line of its own: counting threads must not slow each other down.
#[derive(Debug, Default)]
#[repr(align(64))]
pub(crate) struct CounterLine {
    handled: AtomicU64,
    /// The count at which the next message is timed.
    next: AtomicU64,
}

impl CounterLine {
    /// Returns how many messages are handled before the next one is timed.
    #[inline]
    pub(crate) fn left(&self) -> u32 {
        let next = self.next.load(Ordering::Relaxed);
        let left = next.saturating_sub(self.handled.load(Ordering::Relaxed));
        u32::try_from(left).unwrap_or(u32::MAX)
    }

    pub(crate) fn leave(&self, left: u32) {
        let handled = self.handled.load(Ordering::Relaxed);
        self.next
            .store(handled + u64::from(left), Ordering::Relaxed);
    }
}

impl Default for MethodCounters {
    fn default() -> Self {
        Self {
            lines: std::array::from_fn(|_| CounterLine::default()),
            panicked: AtomicU64::new(0),
            times: Histogram::default(),
        }
    }
}

impl MethodCounters {
    /// Returns the line of this thread.
    #[inline]
    pub(crate) fn line(&self) -> &CounterLine {
        &self.lines[thread_shard::own().min(thread_shard::OWN)]
    }

    /// Adds to the count of a line, which this thread has just requested.
    #[inline]
    pub(crate) fn handled(&self, line: &CounterLine, count: u32) {
        let count = u64::from(count);
        if std::ptr::eq(line, &raw const self.lines[thread_shard::OWN]) {
            line.handled.fetch_add(count, Ordering::Relaxed);
        } else {
            // Only this thread writes here.
            let handled = line.handled.load(Ordering::Relaxed);
            line.handled.store(handled + count, Ordering::Relaxed);
        }
    }

    pub(crate) fn took(&self, time: Duration) {
        self.times.add(time);
    }

    pub(crate) fn panicked(&self) {
        self.panicked.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns how often the method completed, and how often it panicked.
    pub(crate) fn counts(&self) -> (u64, u64) {
        let lines = self.lines.iter();
        let handled = lines.map(|line| line.handled.load(Ordering::Relaxed)).sum();
        (handled, self.panicked.load(Ordering::Relaxed))
    }

    pub(crate) fn times(&self) -> Times {
        self.times.read()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn no_count_is_lost_however_many_threads_count() {
        let tally = Arc::new(MethodCounters::default());
        let threads = 2 * thread_shard::OWN as u64;
        let counting = || {
            let tally = tally.clone();
            move || (0..1_000).for_each(|_| tally.handled(tally.line(), 1))
        };
        let all: Vec<_> = (0..threads)
            .map(|_| std::thread::Builder::new().spawn(counting()).unwrap())
            .collect();
        all.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(tally.counts(), (threads * 1_000, 0));
    }

    #[test]
    fn the_first_and_then_one_of_so_many_is_due() {
        let tally = MethodCounters::default();
        let mut due = 0;
        for _ in 0..256 {
            let line = tally.line();
            if line.left() == 0 {
                due += 1;
                line.leave(64);
            }
            tally.handled(line, 1);
        }
        assert_eq!(due, 4);
    }
}
