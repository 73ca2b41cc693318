//! The limit of what one session may send on the gossip channel. Each frame costs the task of the membership time, even
//! if all of its claims are known.

use std::time::Duration;

/// The length of a window, in probe intervals.
const PERIODS: u32 = 60;
/// The longest window.
const LONGEST: Duration = Duration::from_secs(60);
/// The maximum number of frames in a window. A peer with the same interval sends a few hundred, and one with a tenth of
/// it a few thousand.
pub(super) const MAX_FRAMES: usize = 10_000;
/// The maximum number of bytes in a window. The state of the largest cluster, sent as often as it may be repeated, is
/// half of it.
pub(super) const MAX_BYTES: usize = 32 * 1024 * 1024;

/// The frames and bytes of a session in the current window.
#[derive(Debug)]
pub(super) struct GossipBudget {
    window: Duration,
    start: Duration,
    frames: usize,
    bytes: usize,
}

/// Whether a frame may be handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spent {
    Within,
    /// This frame exceeds the limit.
    Exceeds,
    /// An earlier frame has exceeded the limit.
    Exceeded,
}

impl GossipBudget {
    /// Returns a budget that is fit for this interval of probes.
    pub(super) fn new(now: Duration, period: Duration) -> Self {
        Self {
            window: period.saturating_mul(PERIODS).min(LONGEST),
            start: now,
            frames: 0,
            bytes: 0,
        }
    }

    pub(super) fn window(&self) -> Duration {
        self.window
    }

    /// Counts a frame. Once the limit is exceeded, the session is to be closed, and no window begins any more.
    pub(super) fn spend(&mut self, now: Duration, bytes: usize) -> Spent {
        if self.is_over() {
            return Spent::Exceeded;
        }
        if now.saturating_sub(self.start) >= self.window {
            (self.start, self.frames, self.bytes) = (now, 0, 0);
        }
        self.frames += 1;
        self.bytes += bytes;
        match self.is_over() {
            true => Spent::Exceeds,
            false => Spent::Within,
        }
    }

    fn is_over(&self) -> bool {
        self.frames > MAX_FRAMES || self.bytes > MAX_BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD: Duration = Duration::from_millis(500);

    #[test]
    fn frames_and_bytes_are_limited_in_each_window() {
        let window = PERIOD * PERIODS;
        let mut budget = GossipBudget::new(Duration::ZERO, PERIOD);
        for now in [Duration::ZERO, window, window * 2] {
            for _ in 0..MAX_FRAMES {
                assert_eq!(budget.spend(now, 1), Spent::Within);
            }
        }
        assert_eq!(budget.spend(window * 2, 1), Spent::Exceeds);
        assert_eq!(budget.spend(window * 4, 1), Spent::Exceeded);

        let mut budget = GossipBudget::new(Duration::ZERO, PERIOD);
        assert_eq!(budget.spend(Duration::ZERO, MAX_BYTES), Spent::Within);
        assert_eq!(budget.spend(window, MAX_BYTES), Spent::Within);
        assert_eq!(budget.spend(window, 1), Spent::Exceeds);
    }

    #[test]
    fn a_window_lasts_a_minute_at_most() {
        let long = GossipBudget::new(Duration::ZERO, Duration::from_secs(600));
        assert_eq!(long.window(), LONGEST);
        let short = GossipBudget::new(Duration::ZERO, Duration::from_millis(1));
        assert_eq!(short.window(), Duration::from_millis(60));
    }
}
