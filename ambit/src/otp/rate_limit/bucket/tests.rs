//! Random arrivals at random rates, compared with a plain model: fractions of tokens, and a list of those who wait.

use super::*;
use crate::dice::Dice;

const fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// Credit in nanoseconds times tokens: a token is as much as the period has nanoseconds.
struct Model {
    tokens: u64,
    period: u64,
    burst: u64,
    credit: u64,
    at: u64,
    line: Vec<Place>,
}

impl Model {
    fn pass_to(&mut self, now: u64) {
        self.credit += (now - self.at) * self.tokens;
        self.at = now;
        let most = (self.burst + self.line.len() as u64) * self.period;
        self.credit = self.credit.min(most);
    }

    fn take(&mut self) -> bool {
        let is_there = self.credit >= self.period;
        if is_there {
            self.credit -= self.period;
        }
        is_there
    }
}

#[test]
fn random_arrivals_fare_as_in_the_model() {
    for seed in 0..2_000 {
        let mut dice = Dice(seed);
        let (tokens, burst) = (1 + dice.below(50), 1 + dice.below(5));
        let period = ms(1 + dice.below(200));
        let mut bucket = Bucket::new(Rate::per(period, tokens).burst(burst));
        let period = u64::try_from(period.as_nanos()).unwrap();
        let mut model = Model {
            tokens: tokens.into(),
            period,
            burst: burst.into(),
            credit: u64::from(burst) * period,
            at: 0,
            line: Vec::new(),
        };
        let (mut now, mut taken) = (0, 0u64);
        for step in 0..300 {
            now += dice.below(20_000_000);
            let at = Duration::from_nanos(now);
            let place = dice.below(8);
            match place {
                0..=2 => {
                    model.pass_to(now);
                    let expected = model.line.is_empty() && model.take();
                    assert_eq!(bucket.take(at), expected, "seed {seed}, step {step}");
                    taken += u64::from(expected);
                    if !expected {
                        model.line.push(bucket.join(step));
                    }
                }
                3 if !model.line.is_empty() => {
                    // Somebody gives up; who is first then is told.
                    let at = dice.below(model.line.len());
                    let gone = model.line.remove(at);
                    let told = bucket.leave(gone);
                    assert_eq!(told.is_some(), at == 0 && !model.line.is_empty());
                }
                4 if model.line.len() > 1 => {
                    // Not his turn.
                    let place = model.line[1];
                    assert_eq!(bucket.ask(at, place), Turn::Later);
                }
                _ if !model.line.is_empty() => {
                    model.pass_to(now);
                    let first = model.line[0];
                    match bucket.ask(at, first) {
                        Turn::Taken(behind) => {
                            assert!(model.take(), "seed {seed}, step {step}");
                            taken += 1;
                            model.line.remove(0);
                            assert_eq!(behind.is_some(), !model.line.is_empty());
                        }
                        Turn::In(time) => {
                            assert!(!model.take(), "seed {seed}, step {step}");
                            // Not a nanosecond too late, and none too early.
                            let missing = period - model.credit;
                            let time = u64::try_from(time.as_nanos()).unwrap();
                            assert!(time * model.tokens >= missing);
                            assert!((time - 1) * model.tokens < missing);
                        }
                        Turn::Later => panic!("seed {seed}: the first has his turn"),
                    }
                }
                _ => {}
            }
            // Never more than the bucket held and what has come since.
            let most = u64::from(burst) + now * u64::from(tokens) / period;
            assert!(taken <= most, "seed {seed}, step {step}: {taken} of {most}");
            assert_eq!(bucket.stats().taken, taken);
            assert_eq!(bucket.stats().waiting, model.line.len());
        }
    }
}

#[test]
fn what_is_not_taken_is_kept_up_to_the_burst() {
    let mut bucket = Bucket::<()>::new(Rate::per(ms(100), 1).burst(3));
    let mut take = |at| (0..9).take_while(|_| bucket.take(at)).count();
    assert_eq!(take(ms(0)), 3);
    assert_eq!(take(ms(99)), 0);
    assert_eq!(take(ms(250)), 2);
    // Half a token is left of that.
    assert_eq!(take(ms(300)), 1);
    assert_eq!(take(ms(100_000)), 3);
}

#[test]
fn the_time_of_whoever_is_woken_late_is_not_lost() {
    let mut bucket = Bucket::new(Rate::per(ms(10), 1));
    assert!(bucket.take(ms(0)));
    let line: Vec<_> = (0..3).map(|n| bucket.join(n)).collect();
    assert_eq!(bucket.ask(ms(0), line[0]), Turn::In(ms(10)));
    // Three tokens have come meanwhile, and no fourth.
    assert_eq!(bucket.ask(ms(35), line[0]), Turn::Taken(Some(1)));
    assert_eq!(bucket.ask(ms(35), line[1]), Turn::Taken(Some(2)));
    assert_eq!(bucket.ask(ms(35), line[2]), Turn::Taken(None));
    assert!(!bucket.take(ms(35)) && bucket.take(ms(40)));
}

#[test]
fn the_greatest_numbers_do_not_overflow() {
    let rate = Rate::per(Duration::MAX, u32::MAX).burst(u32::MAX);
    let mut bucket = Bucket::<()>::new(rate);
    assert!(bucket.take(Duration::ZERO));
    assert!(bucket.take(Duration::MAX));
    assert!(bucket.take_or_refuse(Duration::MAX));
    assert_eq!((bucket.stats().taken, bucket.stats().refused), (3, 0));
}
