//! The decision after a failed attempt: a pause, or the end. Pure: the remaining time and a random number are inputs.

use std::fmt;
use std::time::Duration;

use crate::retry::policy::{Jitter, Retry};

/// The reason why a [`Retry`] made no further attempt.
///
/// ```
/// use ambit::retry::{GaveUp, Retry};
/// #[ambit::main]
/// async fn main() {
///     let retry = Retry::times(5).run(async || Err::<(), _>("forbidden"));
///     let error = retry.when(|error| *error == "busy").await.unwrap_err();
///     assert_eq!((error.attempts, error.why), (1, GaveUp::Permanent));
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GaveUp {
    /// [`when`](crate::retry::Retrying::when) did not accept the error: another attempt would fail again, or do harm.
    Permanent,
    /// All attempts of the policy have failed.
    Attempts,
    /// The next pause would exceed [`within`](Retry::within), or the deadline of the call that is being handled.
    Time,
    /// The future was polled outside a tokio runtime, where there is no clock to wait on.
    NoRuntime,
}

impl fmt::Display for GaveUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Permanent => "the error is permanent",
            Self::Attempts => "it was the last attempt",
            Self::Time => "the time limit leaves no time for another attempt",
            Self::NoRuntime => "there is no tokio runtime to wait in",
        })
    }
}

/// One run of a policy.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    retry: Retry,
    attempts: u32,
    /// The last pause.
    last: Duration,
    /// The next one without jitter.
    grown: Duration,
}

impl Schedule {
    pub(crate) fn new(retry: Retry) -> Self {
        Self {
            retry,
            attempts: 0,
            last: retry.first,
            grown: retry.first,
        }
    }

    /// Returns the number of failed attempts.
    pub(crate) fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Records a failed attempt with `left` until the deadline, if there is one. Returns the pause before the next
    /// attempt, if there is one: a pause that would outlast the deadline is not begun.
    pub(crate) fn failed(
        &mut self,
        left: Option<Duration>,
        random: u64,
    ) -> Result<Duration, GaveUp> {
        self.attempts = self.attempts.saturating_add(1);
        if self
            .retry
            .attempts
            .is_some_and(|most| self.attempts >= most)
        {
            return Err(GaveUp::Attempts);
        }
        let pause = self.pause(random);
        self.last = pause;
        if left.is_some_and(|left| pause >= left) {
            return Err(GaveUp::Time);
        }
        Ok(pause)
    }

    fn pause(&mut self, random: u64) -> Duration {
        let Retry {
            first,
            factor,
            longest,
            jitter,
            ..
        } = self.retry;
        let grown = self.grown.min(longest);
        self.grown = grown.saturating_mul(factor);
        let pause = match jitter {
            Jitter::None => grown,
            Jitter::Full => between(Duration::ZERO, grown, random),
            Jitter::Equal => between(grown / 2, grown, random),
            Jitter::Decorrelated => {
                let most = self.last.saturating_mul(3).min(longest);
                between(first.min(most), most, random)
            }
        };
        pause.min(longest)
    }
}

/// Returns a uniformly distributed time from `least` to `most`.
fn between(least: Duration, most: Duration, random: u64) -> Duration {
    let width = nanos(most.saturating_sub(least));
    // The fraction of the width plus one; the product of two numbers below 2^64.
    let share = ((u128::from(width) + 1) * u128::from(random)) >> 64;
    least + Duration::from_nanos(u64::try_from(share).unwrap_or(width))
}

/// Saturates at 584 years.
fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
