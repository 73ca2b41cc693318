//! Tests that the pauses of random policies stay within the bounds of their jitter, and repeat with the same random
//! numbers.

use std::time::Duration;

use super::schedule::{GaveUp, Schedule};
use super::*;
use crate::test_rng::TestRng;

const fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

impl TestRng {
    /// Returns a time from almost nothing to more than any clock can count.
    fn duration(&mut self) -> Duration {
        match self.below(8) {
            0 => Duration::ZERO,
            1 => Duration::MAX,
            2 => Duration::from_nanos(self.below(1_000)),
            _ => ms(self.below(10_000)),
        }
    }

    fn policy(&mut self, jitter: Jitter) -> Retry {
        let attempts = u32::try_from(self.below(40)).unwrap();
        let factor = u32::try_from(self.below(5)).unwrap();
        Retry::times(attempts)
            .exponential(self.duration(), self.duration())
            .factor(factor)
            .jitter(jitter)
    }
}

/// Returns all pauses of one run in which every attempt fails.
fn pauses(retry: Retry, rng: &mut TestRng) -> Vec<Duration> {
    let mut schedule = Schedule::new(retry);
    std::iter::from_fn(|| schedule.failed(None, rng.next_u64()).ok()).collect()
}

/// Returns the pause after attempt `n`, counted from one, without jitter: the plain model.
fn model(retry: Retry, n: usize) -> Duration {
    let mut pause = retry.first;
    for _ in 1..n {
        pause = pause.saturating_mul(retry.factor);
    }
    pause.min(retry.longest)
}

#[test]
fn pauses_double_up_to_the_longest_and_end_with_the_last_attempt() {
    let retry = Retry::times(5).exponential(ms(100), ms(350));
    let expected = [ms(100), ms(200), ms(350), ms(350)];
    assert_eq!(pauses(retry, &mut TestRng::new(1)), expected);
    assert_eq!(
        pauses(Retry::times(0), &mut TestRng::new(1)),
        Vec::<Duration>::new()
    );
    assert_eq!(
        pauses(Retry::default(), &mut TestRng::new(1)),
        [ms(100), ms(200)]
    );
}

#[test]
fn every_jitter_keeps_to_its_bounds() {
    use Jitter::{Decorrelated, Equal, Full, None};
    for seed in 0..4_000 {
        let mut rng = TestRng::new(seed);
        let jitter = [None, Full, Equal, Decorrelated][usize::try_from(seed % 4).unwrap()];
        let retry = rng.policy(jitter);
        let made = pauses(retry, &mut rng);
        let wanted = retry.attempts.unwrap().max(1) as usize - 1;
        assert_eq!(made.len(), wanted, "{retry:?}");
        let mut last = retry.first;
        for (at, pause) in made.into_iter().enumerate() {
            let plain = model(retry, at + 1);
            let (least, most) = match jitter {
                None => (plain, plain),
                Full => (Duration::ZERO, plain),
                Equal => (plain / 2, plain),
                Decorrelated => {
                    let most = last.saturating_mul(3).min(retry.longest);
                    (retry.first.min(most), most)
                }
            };
            assert!(
                (least..=most).contains(&pause),
                "seed {seed}: {pause:?} is not in {least:?}..={most:?} of {retry:?}"
            );
            last = pause;
        }
    }
}

#[test]
fn jitter_reaches_both_ends_of_its_bounds() {
    let retry = |jitter| Retry::times(9).exponential(ms(100), ms(900)).jitter(jitter);
    let pause = |jitter, random| Schedule::new(retry(jitter)).failed(None, random);
    assert_eq!(pause(Jitter::Full, 0), Ok(Duration::ZERO));
    assert_eq!(pause(Jitter::Full, u64::MAX), Ok(ms(100)));
    assert_eq!(pause(Jitter::Equal, 0), Ok(ms(50)));
    assert_eq!(pause(Jitter::Equal, u64::MAX), Ok(ms(100)));
    assert_eq!(pause(Jitter::Decorrelated, 0), Ok(ms(100)));
    assert_eq!(pause(Jitter::Decorrelated, u64::MAX), Ok(ms(300)));
}

#[test]
fn the_same_random_numbers_make_the_same_pauses_and_others_make_others() {
    for seed in 0..100 {
        let retry = Retry::times(20)
            .exponential(ms(100), ms(5_000))
            .jitter([Jitter::Full, Jitter::Equal, Jitter::Decorrelated][seed as usize % 3]);
        let run = |seed| pauses(retry, &mut TestRng::new(seed));
        assert_eq!(run(seed), run(seed));
        assert_ne!(run(seed), run(seed + 1));
    }
}

#[test]
fn a_pause_that_would_outlast_the_time_is_not_begun() {
    let mut schedule = Schedule::new(Retry::unlimited().every(ms(100)));
    assert_eq!(schedule.failed(Some(ms(101)), 0), Ok(ms(100)));
    assert_eq!(schedule.failed(Some(ms(100)), 0), Err(GaveUp::Time));
    assert_eq!(schedule.failed(Some(Duration::ZERO), 0), Err(GaveUp::Time));
    // Out of both: the error names the attempts.
    let mut last = Schedule::new(Retry::times(1));
    assert_eq!(last.failed(Some(Duration::ZERO), 0), Err(GaveUp::Attempts));
}

#[test]
fn without_a_limit_it_never_ends_by_itself() {
    let mut schedule = Schedule::new(Retry::unlimited());
    for _ in 0..10_000 {
        assert!(schedule.failed(None, 0).is_ok());
    }
    assert_eq!(schedule.attempts(), 10_000);
}
