//! A bucket of tokens and the line in front of it. Pure: the time comes in, who may go comes out.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::otp::rate_limit::{Rate, RateStats};

/// A place in the line; the lowest is first.
pub(crate) type Place = u64;

/// `W` is how somebody in the line is told that his turn has come.
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

/// What the first in the line gets.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Turn<W> {
    /// A token. Who is first now, if anybody waits.
    Taken(Option<W>),
    /// A token in so long.
    In(Duration),
    /// There are others before.
    Later,
}

impl<W: Clone> Bucket<W> {
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

    /// Takes a token if there is one, and nobody waits for it.
    pub(crate) fn take(&mut self, now: Duration) -> bool {
        self.fill(now);
        self.line.is_empty() && self.take_one()
    }

    /// The same, and counts that it was refused.
    pub(crate) fn take_or_refuse(&mut self, now: Duration) -> bool {
        let taken = self.take(now);
        self.stats.refused += u64::from(!taken);
        taken
    }

    /// Somebody joins the line, at its end. Whoever becomes the first of those who are there is told with `told`.
    pub(crate) fn join(&mut self, told: W) -> Place {
        let place = self.next;
        self.next += 1;
        self.line.insert(place, told);
        self.stats.delayed += 1;
        place
    }

    /// Somebody in the line asks whether it is his turn.
    pub(crate) fn ask(&mut self, now: Duration, place: Place) -> Turn<W> {
        if self.line.first_key_value().map(|(first, _)| *first) != Some(place) {
            return Turn::Later;
        }
        self.fill(now);
        if self.take_one() {
            self.line.remove(&place);
            return Turn::Taken(self.first());
        }
        let missing = self.rate.token() - self.parts;
        let time = missing.div_ceil(u128::from(self.rate.tokens));
        Turn::In(Duration::from_nanos(
            u64::try_from(time).unwrap_or(u64::MAX),
        ))
    }

    /// Somebody leaves the line. If he was first, gives who is now.
    pub(crate) fn leave(&mut self, place: Place) -> Option<W> {
        let was_first = self.line.first_key_value()?.0 == &place;
        self.line.remove(&place);
        self.first().filter(|_| was_first)
    }

    pub(crate) fn stats(&self) -> RateStats {
        RateStats {
            waiting: self.line.len(),
            ..self.stats
        }
    }

    fn first(&self) -> Option<W> {
        self.line.first_key_value().map(|(_, waker)| waker.clone())
    }

    fn take_one(&mut self) -> bool {
        let left = self.parts.checked_sub(self.rate.token());
        if let Some(left) = left {
            self.parts = left;
            self.stats.taken += 1;
        }
        left.is_some()
    }

    /// Those who wait would have taken their tokens in time, had they been woken in time: only what is beyond that
    /// overflows.
    fn fill(&mut self, now: Duration) {
        let passed = now.saturating_sub(self.filled);
        self.filled = self.filled.max(now);
        let more = passed
            .as_nanos()
            .saturating_mul(u128::from(self.rate.tokens));
        let room = u128::from(self.rate.burst) + self.line.len() as u128;
        let most = room.saturating_mul(self.rate.token());
        self.parts = self.parts.saturating_add(more).min(most);
    }
}

#[cfg(test)]
mod tests;
