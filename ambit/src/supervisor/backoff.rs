//! Delays between the restarts of a child.

use std::time::Duration;

/// The delays before the restarts of one child. They grow with each attempt, and start anew after the child has run
/// long enough. The first restart is delayed too. Without a backoff, a child is restarted at once, as in OTP.
///
/// A backoff does not hide a permanent failure: the time spent waiting does not count towards the window of the
/// supervisor's restart limit.
///
/// ```
/// use std::time::Duration;
/// use ambit::supervisor::Backoff;
/// let backoff = Backoff::exponential(Duration::from_millis(100), Duration::from_secs(10))
///     .jitter(0.2)
///     .healthy_after(Duration::from_secs(60));
/// # drop(backoff);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    first: Duration,
    max: Duration,
    jitter: f64,
    healthy_after: Duration,
}

impl Backoff {
    /// Returns a backoff whose delay starts at `first` and doubles up to `max`, without jitter. A `max` below `first`
    /// is raised to `first`. The delay starts anew at `first` after the child has run for `max`.
    pub fn exponential(first: Duration, max: Duration) -> Self {
        Self {
            first,
            max: max.max(first),
            jitter: 0.0,
            healthy_after: max.max(first),
        }
    }

    /// Returns a backoff that delays every restart by `delay`, without jitter.
    pub fn constant(delay: Duration) -> Self {
        Self::exponential(delay, delay)
    }

    /// Shortens each delay by a random fraction between 0 and `part`, so that children do not restart in lockstep.
    /// Default: 0. Values outside 0 to 1 are clamped; NaN counts as 0.
    pub fn jitter(mut self, part: f64) -> Self {
        self.jitter = if part.is_nan() {
            0.0
        } else {
            part.clamp(0.0, 1.0)
        };
        self
    }

    /// Sets the uptime after which a child counts as healthy, measured from the end of its start. If the child ran for
    /// at least `uptime`, its next restart is delayed by the first delay again. Default: the maximum delay. With zero,
    /// only failed starts lengthen the delay.
    pub fn healthy_after(mut self, uptime: Duration) -> Self {
        self.healthy_after = uptime;
        self
    }

    /// Returns the delay before attempt `attempt`, counted from 0; `random` is random.
    fn delay(&self, attempt: u32, random: u64) -> Duration {
        let factor = 2_u32.saturating_pow(attempt);
        let full = self.first.saturating_mul(factor).min(self.max);
        // The upper half of the random number, as a fraction.
        let part = f64::from((random >> 32) as u32) / f64::from(u32::MAX);
        let shorter = full.as_secs_f64() * self.jitter * part;
        // A floating-point fraction may be slightly longer than the whole.
        full.saturating_sub(Duration::try_from_secs_f64(shorter).unwrap_or(full))
    }
}

/// The delays of one child so far.
#[derive(Debug, Default)]
pub(crate) struct Delays(Option<Box<FailedTries>>);

#[derive(Debug, Default)]
struct FailedTries {
    /// The number of attempts since it was last healthy.
    attempts: u32,
    /// The time of its last start, until its run time has been evaluated.
    began: Option<Duration>,
}

impl FailedTries {
    /// Forgets the attempts if the last run was long enough.
    fn evaluate(&mut self, backoff: &Backoff, now: Duration) {
        let uptime = self.began.take().map(|began| now.saturating_sub(began));
        if uptime.is_some_and(|uptime| uptime >= backoff.healthy_after) {
            self.attempts = 0;
        }
    }
}

impl Delays {
    pub(crate) fn started(&mut self, backoff: Option<&Backoff>, now: Duration) {
        if backoff.is_some() {
            self.0.get_or_insert_default().began = Some(now);
        }
    }

    /// Evaluates a run that ends without a failure of the child, for example for the restart of a group.
    pub(crate) fn stopped(&mut self, backoff: Option<&Backoff>, now: Duration) {
        if let (Some(backoff), Some(tries)) = (backoff, &mut self.0) {
            tries.evaluate(backoff, now);
        }
    }

    /// Returns the delay of the next start.
    pub(crate) fn next(
        &mut self,
        backoff: Option<&Backoff>,
        now: Duration,
        random: u64,
    ) -> Duration {
        let Some(backoff) = backoff else {
            return Duration::ZERO;
        };
        let tries = self.0.get_or_insert_default();
        tries.evaluate(backoff, now);
        let delay = backoff.delay(tries.attempts, random);
        tries.attempts = tries.attempts.saturating_add(1);
        delay
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_longest() {
        let backoff = Backoff::exponential(Duration::from_secs(1), Duration::from_secs(5));
        let delays: Vec<_> = (0..5)
            .map(|n| backoff.delay(n, u64::MAX).as_secs())
            .collect();
        assert_eq!(delays, [1, 2, 4, 5, 5]);
        assert_eq!(backoff.delay(u32::MAX, 0), Duration::from_secs(5));
    }

    #[test]
    fn a_long_run_that_another_child_ends_counts_as_healthy() {
        let second = Duration::from_secs(1);
        let backoff = Backoff::exponential(second, 60 * second);
        let mut delays = Delays::default();
        let fails = |delays: &mut Delays, now| {
            let delay = delays.next(Some(&backoff), now, 0);
            delays.started(Some(&backoff), now);
            delay
        };
        assert_eq!(fails(&mut delays, second), second);
        assert_eq!(fails(&mut delays, 2 * second), 2 * second);
        delays.stopped(Some(&backoff), 10_000 * second);
        delays.started(Some(&backoff), 10_000 * second);
        assert_eq!(fails(&mut delays, 10_001 * second), second);
        delays.stopped(Some(&backoff), 10_002 * second);
        delays.started(Some(&backoff), 10_002 * second);
        assert_eq!(fails(&mut delays, 10_003 * second), 2 * second);
    }

    #[test]
    fn an_unlimited_delay_stays_unlimited() {
        let never = Backoff::constant(Duration::MAX);
        assert_eq!(never.delay(3, u64::MAX), Duration::MAX);
        assert!(never.jitter(1.0).delay(3, u64::MAX) < Duration::from_secs(1 << 32));
    }

    #[test]
    fn jitter_only_shortens_and_by_no_more_than_its_part() {
        let backoff = Backoff::constant(Duration::from_secs(10)).jitter(0.5);
        assert_eq!(backoff.delay(0, 0), Duration::from_secs(10));
        assert_eq!(backoff.delay(0, u64::MAX), Duration::from_secs(5));
    }
}
