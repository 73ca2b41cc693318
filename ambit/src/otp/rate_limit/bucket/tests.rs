//! Random arrivals at random rates, compared with a simple model: fractions of tokens, and a list of waiters.

use super::*;
use crate::test_rng::TestRng;

const fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// Credit in nanoseconds times tokens: a token is worth the nanoseconds of a period.
struct Model {
    tokens: u64,
    period: u64,
    burst: u64,
    credit: u64,
    /// Credit above the burst.
    extra: u64,
    at: u64,
    line: Vec<u32>,
}

impl Model {
    /// As if nanosecond by nanosecond: a waiter gets its token as soon as it exists.
    fn pass_to(&mut self, now: u64) -> Vec<u32> {
        self.credit += (now - self.at) * self.tokens;
        self.at = now;
        let waits = !self.line.is_empty();
        let whole = usize::try_from(self.credit / self.period).unwrap();
        let served: Vec<_> = self.line.drain(..whole.min(self.line.len())).collect();
        self.credit -= served.len() as u64 * self.period;
        let above = self.credit.saturating_sub(self.burst * self.period);
        self.extra = if waits {
            above.min(10_000_000 * self.tokens)
        } else {
            self.extra.saturating_sub(above.saturating_sub(self.extra))
        };
        self.credit -= above.saturating_sub(self.extra);
        served
    }

    fn take(&mut self) -> bool {
        let is_there = self.line.is_empty() && self.credit >= self.period;
        if is_there {
            self.credit -= self.period;
        }
        is_there
    }
}

#[test]
fn random_arrivals_fare_as_in_the_model() {
    for seed in 0..2_000 {
        let mut rng = TestRng::new(seed);
        let (tokens, burst) = (1 + rng.below(50), 1 + rng.below(5));
        let period = ms(1 + rng.below(200));
        let mut bucket = Bucket::new(Rate::per(period, tokens).burst(burst));
        let period = u64::try_from(period.as_nanos()).unwrap();
        let mut model = Model {
            tokens: tokens.into(),
            period,
            burst: burst.into(),
            credit: u64::from(burst) * period,
            extra: 0,
            at: 0,
            line: Vec::new(),
        };
        let (mut now, mut taken) = (0, 0u64);
        // The waiters in the queue, and those with a token that they have not seen yet.
        let (mut places, mut unseen) = (BTreeMap::new(), Vec::new());
        for step in 0..300 {
            now += rng.below(20_000_000);
            let served = bucket.advance(Duration::from_nanos(now));
            assert_eq!(served, model.pass_to(now), "seed {seed}, step {step}");
            taken += served.len() as u64;
            unseen.extend(served);
            match rng.below(8) {
                0..=3 => {
                    let expected = model.take();
                    assert_eq!(bucket.take(), expected, "seed {seed}, step {step}");
                    taken += u64::from(expected);
                    if !expected {
                        places.insert(step, bucket.join(step));
                        model.line.push(step);
                        model.extra = 0;
                    }
                }
                4 if !model.line.is_empty() => {
                    let gone = model.line.remove(rng.below(model.line.len()));
                    bucket.leave(places[&gone]);
                }
                // A waiter gives up a token that it has not seen: it goes to the next one.
                5 if !unseen.is_empty() => {
                    let gone = unseen.remove(rng.below(unseen.len()));
                    bucket.leave(places[&gone]);
                    model.credit += period;
                    let served = bucket.advance(Duration::from_nanos(now));
                    assert_eq!(served, model.pass_to(now), "seed {seed}, step {step}");
                    taken = taken + served.len() as u64 - 1;
                    unseen.extend(served);
                }
                6 => unseen.clear(),
                _ => {}
            }
            // Exact to the nanosecond.
            let missing = period.saturating_sub(model.credit).div_ceil(model.tokens);
            let next = (!model.line.is_empty()).then(|| Duration::from_nanos(now + missing));
            assert_eq!(bucket.next(), next, "seed {seed}, step {step}");
            // Never more than the initial burst and the tokens accrued since.
            let most = u64::from(burst) + now * u64::from(tokens) / period;
            assert!(taken <= most, "seed {seed}, step {step}: {taken} of {most}");
            assert_eq!(bucket.stats().taken, taken);
            assert_eq!(bucket.stats().waiting, model.line.len());
        }
    }
}

#[test]
fn unused_tokens_are_kept_up_to_the_burst() {
    let mut bucket = Bucket::<()>::new(Rate::per(ms(100), 1).burst(3));
    let mut take = |at| {
        assert!(bucket.advance(at).is_empty());
        (0..9).take_while(|_| bucket.take()).count()
    };
    assert_eq!(take(ms(0)), 3);
    assert_eq!(take(ms(99)), 0);
    assert_eq!(take(ms(250)), 2);
    // Half a token is left of that.
    assert_eq!(take(ms(300)), 1);
    assert_eq!(take(ms(100_000)), 3);
}

#[test]
fn tokens_accrued_between_two_checks_go_to_the_waiters() {
    let mut bucket = Bucket::new(Rate::per(ms(10), 1));
    assert!(bucket.take());
    for n in 0..4 {
        bucket.join(n);
    }
    assert_eq!(bucket.next(), Some(ms(10)));
    // Three tokens have accrued meanwhile, and no fourth.
    assert_eq!(bucket.advance(ms(35)), [0, 1, 2]);
    assert_eq!(bucket.next(), Some(ms(40)));
    assert_eq!(bucket.advance(ms(45)), [3]);
    assert_eq!(bucket.next(), None);
    assert!(!bucket.take());
    assert!(bucket.advance(ms(50)).is_empty());
    assert!(bucket.take());
}

/// Returns how many tokens there are at once, `idle` after a waiter was served `late`.
fn left_after(late: Duration, idle: Duration) -> usize {
    let mut bucket = Bucket::new(Rate::per(ms(1), 1).burst(2));
    while bucket.take() {}
    bucket.join(());
    let served = ms(1) + late;
    assert_eq!(bucket.advance(served).len(), 1);
    assert!(bucket.advance(served + idle).is_empty());
    std::iter::from_fn(|| bucket.take().then_some(())).count()
}

#[test]
fn tokens_that_accrue_while_a_waiter_is_served_late_are_kept_for_a_while() {
    assert_eq!(left_after(ms(1), ms(0)), 1);
    assert_eq!(left_after(ms(6), ms(0)), 6);
    // The burst, and 10 ms.
    assert_eq!(left_after(ms(100), ms(0)), 12);
    // Unneeded, they are lost at the rate at which they came.
    assert_eq!(left_after(ms(6), ms(1)), 5);
    assert_eq!(left_after(ms(6), ms(4)), 2);
    assert_eq!(left_after(ms(6), ms(100)), 2);
}

#[test]
fn the_greatest_numbers_do_not_overflow() {
    let rate = Rate::per(Duration::MAX, u32::MAX).burst(u32::MAX);
    let mut bucket = Bucket::<()>::new(rate);
    assert!(bucket.take());
    assert!(bucket.advance(Duration::MAX).is_empty());
    assert!(bucket.take());
    assert!(bucket.take_or_refuse());
    bucket.join(());
    assert!(bucket.next().is_some());
    assert_eq!((bucket.stats().taken, bucket.stats().refused), (3, 0));
}
