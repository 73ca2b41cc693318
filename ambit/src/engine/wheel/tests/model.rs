//! Random operations against a simple model: one ordered map of all armed deadlines.

use std::collections::BTreeMap;

use super::*;
use crate::test_rng::TestRng;

/// Returns a duration from zero to 30 years, with each magnitude equally likely.
fn span(random: &mut TestRng) -> Duration {
    let magnitude = 1 << random.below(60);
    Duration::from_nanos(random.below(magnitude)).min(rt::FAR)
}

struct Run {
    setup: Setup,
    random: TestRng,
    now: Instant,
    /// By time and arming order, which is also the number.
    armed: BTreeMap<(Instant, u64), Deadline>,
    numbers: u64,
    /// Deadlines that are not armed any more.
    past: Vec<Deadline>,
    /// True if no due entry is left.
    drained: bool,
    /// Each entry goes to a separate shard, and no two have the same time.
    spread: bool,
}

impl Run {
    fn new(seed: u64, spread: bool) -> Self {
        let setup = Setup::new();
        setup.wheel.spread.store(spread, Ordering::Relaxed);
        Self {
            now: setup.start,
            setup,
            random: TestRng::new(seed),
            armed: BTreeMap::new(),
            numbers: 0,
            past: Vec::new(),
            drained: true,
            spread,
        }
    }

    fn step(&mut self) {
        match self.random.below(10) {
            0..4 => self.arm(),
            4..7 => self.disarm(),
            7 => {
                let turn = self.random.below(4);
                self.fire(turn);
            }
            8 => {
                self.now += span(&mut self.random).min(Duration::from_secs(100));
                self.fire(u64::MAX);
            }
            _ => self.sleep(),
        }
        assert_eq!(self.setup.wheel.armed(), self.armed.len());
    }

    fn arm(&mut self) {
        let at = match self.random.below(10) {
            // An entry in the past of those being fired has no defined order.
            0 if self.drained => self.setup.start + (self.now - self.setup.start) / 2,
            1 | 2 => self.pick().map_or(self.now, |key| key.0.max(self.now)),
            _ => self.now + span(&mut self.random),
        };
        let at = if self.spread { self.alone(at) } else { at };
        OWN_SHARD.set(self.random.below(SHARDS as u64) as usize);
        let deadline = self.setup.arm(at, self.numbers);
        assert_eq!(deadline.at(), at);
        self.armed.insert((at, self.numbers), deadline);
        self.numbers += 1;
    }

    fn disarm(&mut self) {
        if let Some(key) = self.pick() {
            let deadline = self.armed.remove(&key).unwrap();
            let entry = self.setup.wheel.disarm(deadline).expect("it is armed");
            entry.expire(self.now);
            assert_eq!(self.setup.seen.lock().pop(), Some(key.1));
            self.past.push(deadline);
        }
        if let Some(past) = self.past.last() {
            assert!(self.setup.wheel.disarm(*past).is_none());
        }
    }

    /// Fires up to `turn` due entries.
    fn fire(&mut self, turn: u64) {
        self.drained = false;
        for _ in 0..turn {
            let fired = self.setup.wheel.due(self.now).map(|entry| {
                entry.expire(self.now);
                self.setup.seen.lock().pop().unwrap()
            });
            let first = self.armed.first_entry();
            let due = first.filter(|entry| entry.key().0 <= self.now);
            assert_eq!(fired, due.as_ref().map(|entry| entry.key().1));
            let Some(due) = due else {
                self.drained = true;
                return;
            };
            self.past.push(due.remove());
        }
    }

    /// Sleeps like the time driver: no entry is late, and the wake-ups are bounded.
    fn sleep(&mut self) {
        self.fire(u64::MAX);
        let looks_at = self.setup.wheel.rest(Waker::noop());
        let Some(looks_at) = looks_at else {
            assert!(self.armed.is_empty());
            return;
        };
        assert!(looks_at > self.now, "it would not sleep at all");
        let earliest = self.armed.first_key_value().map(|(key, _)| key.0);
        assert!(
            earliest.is_none_or(|at| looks_at <= at),
            "it would sleep too long"
        );
        if looks_at - self.now < Duration::from_secs(1000) {
            self.now = looks_at;
            self.fire(u64::MAX);
        }
    }

    fn pick(&mut self) -> Option<(Instant, u64)> {
        let from = self.random.below(self.numbers.max(1));
        let mut keys = self.armed.keys();
        keys.find(|key| key.1 >= from).copied()
    }

    /// Returns the next time from `at` on without an armed entry.
    fn alone(&self, mut at: Instant) -> Instant {
        while self.armed.range((at, 0)..=(at, u64::MAX)).next().is_some() {
            at += Duration::from_nanos(1);
        }
        at
    }
}

fn compare(spread: bool) {
    let (runs, steps) = if cfg!(miri) { (3, 100) } else { (300, 600) };
    for seed in 1..=runs {
        let mut run = Run::new(seed * 0x9e37_79b9, spread);
        for _ in 0..steps {
            run.step();
        }
        run.now += 2 * rt::FAR;
        run.fire(u64::MAX);
        assert!(run.armed.is_empty());
        assert_eq!(run.setup.wheel.rest(Waker::noop()), None);
    }
}

#[test]
fn the_wheel_is_an_ordered_map() {
    compare(false);
}

#[test]
fn the_wheel_is_an_ordered_map_over_all_shards() {
    compare(true);
}

/// The clock advances from wake-up to wake-up, like a paused one.
#[test]
fn every_deadline_fires_at_its_exact_time() {
    let (setup, mut random) = (Setup::new(), TestRng::new(7));
    let deadlines = if cfg!(miri) { 50 } else { 2000 };
    let mut times: Vec<_> = (0..deadlines)
        .map(|_| setup.start + span(&mut random))
        .collect();
    for (number, at) in times.iter().enumerate() {
        let taken_back = setup.arm(*at - Duration::from_nanos(1), 0);
        setup.arm(*at, number as u64);
        assert!(setup.wheel.disarm(taken_back).is_some());
    }
    times.sort_unstable();
    let (mut fired, mut looks) = (Vec::new(), 0);
    // Before the first scan of the slots the time is unknown.
    setup.wheel.due(setup.start - Duration::from_secs(1));
    while let Some(now) = setup.wheel.rest(Waker::noop()) {
        looks += 1;
        fired.extend(setup.fire(now).into_iter().map(|_| now));
    }
    assert_eq!(fired, times);
    assert!(looks < 2 * times.len(), "{looks} looks");
}
