//! A token bucket and its wait queue. Pure: the time comes in, the waiters to notify come out.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::otp::rate_limit::rate::{Rate, RateStats};

/// A queue ticket; the lowest is first.
pub(crate) type Place = u64;

/// How much of the delay of a late alarm is made up. A timer is late by one or two milliseconds, longer on a busy
/// machine.
const LATE: Duration = Duration::from_millis(10);

/// `W` notifies a waiter that it has its token.
#[derive(Debug)]
pub(crate) struct Bucket<W> {
    rate: Rate,
    /// In parts of a token: each nanosecond adds `rate.tokens` parts, and a token has as many parts as the period has
    /// nanoseconds. Integers, so there is no rounding error over time.
    parts: u128,
    /// Parts above the burst, which accrued while the last waiter waited longer than it had to.
    extra: u128,
    filled: Duration,
    line: BTreeMap<Place, W>,
    next: Place,
    stats: RateStats,
}

impl<W> Bucket<W> {
    /// Returns a full bucket.
    pub(crate) fn new(rate: Rate) -> Self {
        Self {
            rate,
            parts: u128::from(rate.burst) * rate.token(),
            extra: 0,
            filled: Duration::ZERO,
            line: BTreeMap::new(),
            next: 0,
            stats: RateStats::default(),
        }
    }

    /// Adds the tokens that have accrued until `now` and grants them to the waiters in FIFO order, polled or not.
    /// Returns the waiters to notify. Only tokens that no waiter needs can overflow. Tokens that accrued because the
    /// last waiter was served late do not overflow at once: the callers that waited too long may catch up.
    #[must_use = "waiters that got a token must be notified"]
    pub(crate) fn advance(&mut self, now: Duration) -> Vec<W> {
        let passed = now.saturating_sub(self.filled);
        self.filled = self.filled.max(now);
        let more = passed
            .as_nanos()
            .saturating_mul(u128::from(self.rate.tokens));
        self.parts = self.parts.saturating_add(more);
        let had_waiters = !self.line.is_empty();
        let mut served = Vec::new();
        while !self.line.is_empty() && self.take_one() {
            served.extend(self.line.pop_first().map(|(_, waiter)| waiter));
        }
        let most = u128::from(self.rate.burst).saturating_mul(self.rate.token());
        if had_waiters {
            let late = LATE.as_nanos() * u128::from(self.rate.tokens);
            self.extra = self.parts.saturating_sub(most).min(late);
        } else {
            // No caller needs them: none has to catch up any more.
            let unneeded = self.parts.saturating_sub(most.saturating_add(self.extra));
            self.extra = self.extra.saturating_sub(unneeded);
        }
        self.parts = self.parts.min(most.saturating_add(self.extra));
        served
    }

    /// Takes a token if there is one and no waiter needs it.
    pub(crate) fn take(&mut self) -> bool {
        self.line.is_empty() && self.take_one()
    }

    /// Like `take`, and counts a rejection.
    pub(crate) fn take_or_refuse(&mut self) -> bool {
        let taken = self.take();
        self.stats.refused += u64::from(!taken);
        taken
    }

    /// Adds a waiter at the end of the queue.
    pub(crate) fn join(&mut self, waiter: W) -> Place {
        let place = self.next;
        self.next += 1;
        self.line.insert(place, waiter);
        self.extra = 0;
        self.stats.delayed += 1;
        place
    }

    /// Removes a waiter. A token that was granted to it and not used comes back; [`advance`](Self::advance) grants it
    /// anew.
    pub(crate) fn leave(&mut self, place: Place) {
        if self.line.remove(&place).is_none() {
            self.parts = self.parts.saturating_add(self.rate.token());
            self.stats.taken -= 1;
        }
    }

    /// Iterates over the waiters, the first one first.
    pub(crate) fn waiters(&self) -> impl Iterator<Item = &W> {
        self.line.values()
    }

    /// Returns when the first waiter gets its token; `None` without waiters.
    pub(crate) fn next(&self) -> Option<Duration> {
        self.line.first_key_value()?;
        let missing = self.rate.token().saturating_sub(self.parts);
        let time = missing.div_ceil(u128::from(self.rate.tokens));
        let time = Duration::from_nanos(u64::try_from(time).unwrap_or(u64::MAX));
        Some(self.filled.saturating_add(time))
    }

    pub(crate) fn stats(&self) -> RateStats {
        RateStats {
            waiting: self.line.len(),
            ..self.stats
        }
    }

    fn take_one(&mut self) -> bool {
        let left = self.parts.checked_sub(self.rate.token());
        if let Some(left) = left {
            self.parts = left;
            self.stats.taken += 1;
        }
        left.is_some()
    }
}

#[cfg(test)]
mod tests;
