//! A bucket of tokens and the line in front of it. Pure: the time comes in, who may go comes out.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::otp::rate_limit::{Rate, RateStats};

/// A place in the line; the lowest is first.
pub(crate) type Place = u64;

/// `W` is how somebody in the line is told that he has his token.
#[derive(Debug)]
pub(crate) struct Bucket<W> {
    rate: Rate,
    /// In parts of a token: each nanosecond adds `rate.tokens` of them, and a token is as many as the period has
    /// nanoseconds. Whole numbers, so nothing is lost however long it runs.
    parts: u128,
    filled: Duration,
    line: BTreeMap<Place, W>,
    next: Place,
    stats: RateStats,
}

impl<W> Bucket<W> {
    /// Full.
    pub(crate) fn new(rate: Rate) -> Self {
        Self {
            rate,
            parts: u128::from(rate.burst) * rate.token(),
            filled: Duration::ZERO,
            line: BTreeMap::new(),
            next: 0,
            stats: RateStats::default(),
        }
    }

    /// Adds what has come until now. Those in the line get their tokens first, whether or not they look for them; they
    /// come out in their order, to be told. Only what nobody waits for can overflow.
    #[must_use = "those who got a token are to be told"]
    pub(crate) fn advance(&mut self, now: Duration) -> Vec<W> {
        let passed = now.saturating_sub(self.filled);
        self.filled = self.filled.max(now);
        let more = passed
            .as_nanos()
            .saturating_mul(u128::from(self.rate.tokens));
        self.parts = self.parts.saturating_add(more);
        let mut served = Vec::new();
        while !self.line.is_empty() && self.take_one() {
            served.extend(self.line.pop_first().map(|(_, told)| told));
        }
        let most = u128::from(self.rate.burst).saturating_mul(self.rate.token());
        self.parts = self.parts.min(most);
        served
    }

    /// Takes a token if there is one, and nobody waits for it.
    pub(crate) fn take(&mut self) -> bool {
        self.line.is_empty() && self.take_one()
    }

    /// The same, and counts that it was refused.
    pub(crate) fn take_or_refuse(&mut self) -> bool {
        let taken = self.take();
        self.stats.refused += u64::from(!taken);
        taken
    }

    /// Somebody joins the line, at its end.
    pub(crate) fn join(&mut self, told: W) -> Place {
        let place = self.next;
        self.next += 1;
        self.line.insert(place, told);
        self.stats.delayed += 1;
        place
    }

    /// Somebody gives up. A token that he got and has not used comes back, for who [waits](Self::advance) now.
    pub(crate) fn leave(&mut self, place: Place) {
        if self.line.remove(&place).is_none() {
            self.parts = self.parts.saturating_add(self.rate.token());
            self.stats.taken -= 1;
        }
    }

    /// When the first in the line gets his token; none if nobody waits.
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
