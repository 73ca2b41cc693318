//! When a polled source asks again, and which answers are changes.

use std::net::SocketAddr;
use std::time::Duration;

use crate::rt::{self, Instant};

/// The default time between two polls.
const INTERVAL: Duration = Duration::from_secs(5);

/// The schedule of a polled source, and what it reported last.
#[derive(Debug)]
pub(super) struct PollSchedule {
    pub(super) interval: Duration,
    /// The time of the next poll; `None` before the first.
    due: Option<Instant>,
    /// The set that was returned last.
    reported: Option<Vec<SocketAddr>>,
    is_failing: bool,
}

impl PollSchedule {
    pub(super) fn new() -> Self {
        Self {
            interval: INTERVAL,
            due: None,
            reported: None,
            is_failing: false,
        }
    }

    /// Waits for the time of the next poll.
    pub(super) async fn wait(&self) {
        if let Some(due) = self.due {
            rt::sleep_until(due).await;
        }
    }

    /// Handles the result of a poll: the known set, and whether a part of the poll failed. Returns the set if it is a
    /// change, or the first success after a failure.
    pub(super) fn polled(
        &mut self,
        set: Option<Vec<SocketAddr>>,
        is_failing: bool,
    ) -> Option<Vec<SocketAddr>> {
        // After a failure the caller waits, unless it first gets a set.
        let is_error_next = is_failing && (set.is_none() || set == self.reported);
        let pause = match is_error_next {
            true => Duration::ZERO,
            false => self.interval,
        };
        self.due = Some(rt::after(pause));
        let has_recovered = std::mem::replace(&mut self.is_failing, is_failing) && !is_failing;
        let set = set?;
        if self.reported.as_ref() == Some(&set) && !has_recovered {
            return None;
        }
        self.reported = Some(set.clone());
        Some(set)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_longest_interval_polls_once() {
        let mut schedule = PollSchedule::new();
        schedule.interval = Duration::MAX;
        schedule.wait().await;
        let set = Some(vec![SocketAddr::from(([10, 0, 0, 1], 1))]);
        assert_eq!(schedule.polled(set.clone(), false), set);
        let year = Duration::from_secs(365 * 24 * 60 * 60);
        assert!(rt::timeout(year, schedule.wait()).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_failing_part_does_not_shorten_the_interval_of_sets_that_change() {
        let mut schedule = PollSchedule::new();
        let start = rt::now();
        for port in 1..=10 {
            schedule.wait().await;
            let set = Some(vec![SocketAddr::from(([10, 0, 0, 1], port))]);
            assert_eq!(schedule.polled(set.clone(), true), set);
        }
        assert_eq!(start.elapsed(), INTERVAL * 9);
        // Without a change, the caller gets the error, and waits.
        schedule.wait().await;
        let last = Some(vec![SocketAddr::from(([10, 0, 0, 1], 10))]);
        assert_eq!(schedule.polled(last, true), None);
        schedule.wait().await;
        assert_eq!(start.elapsed(), INTERVAL * 10);
    }
}
