//! How often to try again, and after which pauses.

use std::sync::Arc;
use std::time::Duration;

use crate::process::clock::Clock;
use crate::process::world::World;

/// Attempts and the pauses between them: three attempts, 100 ms, then twice as long each time up to 5 s.
///
/// ```
/// use ambit::Retry;
/// use std::time::Duration;
/// let patient = Retry::times(10).every(Duration::from_millis(50));
/// assert_ne!(patient, Retry::default());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a retry policy does nothing by itself"]
pub struct Retry {
    attempts: u32,
    first: Duration,
    factor: u32,
    longest: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        let (first, longest) = (Duration::from_millis(100), Duration::from_secs(5));
        Self {
            attempts: 3,
            first,
            factor: 2,
            longest,
        }
    }
}

impl Retry {
    /// So many attempts in all, at least one.
    pub fn times(attempts: u32) -> Self {
        Self {
            attempts,
            ..Self::default()
        }
    }

    /// The same pause before each further attempt.
    pub fn every(self, pause: Duration) -> Self {
        Self {
            first: pause,
            factor: 1,
            longest: pause,
            ..self
        }
    }

    /// A first pause that doubles each time, up to a longest one.
    pub fn exponential(self, first: Duration, longest: Duration) -> Self {
        Self {
            first,
            factor: 2,
            longest,
            ..self
        }
    }

    /// The pause after the attempt of this number, counted from one; `None` if it was the last.
    pub(crate) fn pause(self, attempt: u32) -> Option<Duration> {
        let growth = self.factor.saturating_pow(attempt.saturating_sub(1));
        (attempt < self.attempts).then(|| self.first.saturating_mul(growth).min(self.longest))
    }
}

/// Waits on a system's clock; not at all where there is none.
pub(crate) async fn rest(world: Option<Arc<World>>, pause: Duration) {
    let Some(world) = world else { return };
    let clock = Clock::start(&world, pause);
    std::future::poll_fn(|cx| clock.poll(cx)).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_end_with_the_last_attempt() {
        let ms = Duration::from_millis;
        let retry = Retry::times(5).exponential(ms(100), ms(350));
        let pauses: Vec<_> = (1..=5).map(|attempt| retry.pause(attempt)).collect();
        assert_eq!(
            pauses,
            [
                Some(ms(100)),
                Some(ms(200)),
                Some(ms(350)),
                Some(ms(350)),
                None
            ]
        );
        assert_eq!(Retry::times(0).pause(1), None);
    }
}
