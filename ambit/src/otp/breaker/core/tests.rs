//! Random calls on random breakers, compared with a simple model that keeps all history.

use super::*;
use crate::test_rng::TestRng;

const fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// The whole history: each question is answered by going through all of it.
struct Model {
    policy: Policy,
    now: Duration,
    /// The time and the new state of the last change.
    changed: (Duration, BreakerState),
    /// The outcomes of the calls let through since then, in that order; `None`: in progress.
    calls: Vec<Option<(Duration, Outcome)>>,
    /// In the order in which they ended.
    ended: Vec<(Duration, Outcome)>,
    generation: usize,
}

impl Model {
    fn new(policy: Policy) -> Self {
        Self {
            policy,
            now: Duration::ZERO,
            changed: (Duration::ZERO, BreakerState::Closed),
            calls: Vec::new(),
            ended: Vec::new(),
            generation: 0,
        }
    }

    fn state(&self) -> BreakerState {
        let (since, state) = self.changed;
        match state {
            BreakerState::Open if self.now >= since + self.policy.open_for => {
                BreakerState::HalfOpen
            }
            state => state,
        }
    }

    fn become_now(&mut self, state: BreakerState) {
        self.changed = (self.now, state);
        self.calls.clear();
        self.ended.clear();
        self.generation += 1;
    }

    /// Returns the number of the call, if it is let through.
    fn ask(&mut self) -> Option<(usize, usize)> {
        match self.state() {
            BreakerState::Open => return None,
            BreakerState::HalfOpen => {
                if self.changed.1 == BreakerState::Open {
                    self.become_now(BreakerState::HalfOpen);
                }
                let of_use = |call: &&Option<(Duration, Outcome)>| {
                    !matches!(call, Some((_, Outcome::Unknown)))
                };
                if self.calls.iter().filter(of_use).count() >= self.policy.probes as usize {
                    return None;
                }
            }
            BreakerState::Closed => {}
        }
        self.calls.push(None);
        Some((self.generation, self.calls.len() - 1))
    }

    fn done(&mut self, (generation, call): (usize, usize), outcome: Outcome) {
        if generation != self.generation {
            return;
        }
        self.calls[call] = Some((self.now, outcome));
        self.ended.push((self.now, outcome));
        let known = |wanted: Outcome| self.ended.iter().filter(move |(_, one)| *one == wanted);
        match self.changed.1 {
            BreakerState::Closed => {
                let count = match self.policy.within {
                    Some(within) => known(Outcome::Failure)
                        .filter(|(at, _)| *at + within >= self.now)
                        .count(),
                    None => {
                        let outcomes = self.ended.iter().rev();
                        let outcomes = outcomes.filter(|(_, one)| *one != Outcome::Unknown);
                        outcomes
                            .take_while(|(_, one)| *one == Outcome::Failure)
                            .count()
                    }
                };
                if count >= self.policy.failures as usize && outcome == Outcome::Failure {
                    self.become_now(BreakerState::Open);
                }
            }
            BreakerState::HalfOpen => {
                if outcome == Outcome::Failure {
                    self.become_now(BreakerState::Open);
                } else if known(Outcome::Success).count() >= self.policy.probes as usize {
                    self.become_now(BreakerState::Closed);
                }
            }
            BreakerState::Open => {}
        }
    }
}

fn policy(rng: &mut TestRng) -> Policy {
    Policy {
        failures: 1 + rng.below(5),
        within: (rng.below(2) == 0).then(|| ms(1 + rng.below(100))),
        open_for: ms(rng.below(100)),
        probes: 1 + rng.below(3),
    }
}

#[test]
fn random_calls_fare_as_in_the_model() {
    let mut seen = [0; 3];
    for seed in 0..2_000 {
        let mut rng = TestRng::new(seed);
        let policy = policy(&mut rng);
        let (mut core, mut model) = (Core::new(policy), Model::new(policy));
        let mut under_way = Vec::new();
        for step in 0..200 {
            model.now += ms([0, 0, 1, 10, 60][rng.below(5usize)]);
            let now = model.now;
            let before = model.changed.1;
            let change = match rng.below(20) {
                0 => {
                    model.become_now(BreakerState::Open);
                    core.open(now)
                }
                1 => {
                    model.become_now(BreakerState::Closed);
                    core.close()
                }
                2..=10 => {
                    let (asked, change) = core.ask(now);
                    let expected = model.ask();
                    assert_eq!(
                        asked.is_ok(),
                        expected.is_some(),
                        "seed {seed}, step {step}"
                    );
                    if let Err(refused) = asked {
                        let is_open = matches!(refused, Refused::Open(_));
                        assert_eq!(is_open, model.state() == BreakerState::Open);
                    }
                    under_way.extend(asked.ok().zip(expected));
                    change
                }
                _ if under_way.is_empty() => None,
                _ => {
                    let at = rng.below(under_way.len());
                    let (epoch, call) = under_way.swap_remove(at);
                    let outcome = match rng.below(5) {
                        0..=1 => Outcome::Success,
                        2..=3 => Outcome::Failure,
                        _ => Outcome::Unknown,
                    };
                    model.done(call, outcome);
                    core.done(now, epoch, outcome)
                }
            };
            let after = model.state();
            assert_eq!(core.state(now), after, "seed {seed}, step {step}");
            let entered = model.changed.1;
            let expected = (before != entered).then_some((before, entered));
            assert_eq!(change, expected, "seed {seed}, step {step}");
            seen[after as usize] += 1;
        }
    }
    assert!(seen.iter().all(|count| *count > 10_000), "{seen:?}");
}

#[test]
fn refused_calls_report_the_remaining_open_time() {
    let mut core = Core::new(Policy {
        failures: 1,
        within: None,
        open_for: ms(100),
        probes: 1,
    });
    let epoch = core.ask(ms(0)).0.unwrap();
    let opened = core.done(ms(10), epoch, Outcome::Failure);
    assert_eq!(opened, Some((BreakerState::Closed, BreakerState::Open)));
    assert_eq!(core.ask(ms(30)).0, Err(Refused::Open(ms(80))));
    assert_eq!(core.ask(ms(109)).0, Err(Refused::Open(ms(1))));
    assert!(core.ask(ms(110)).0.is_ok());
    assert_eq!(core.ask(ms(110)).0, Err(Refused::Probing));
}

#[test]
fn a_breaker_with_an_unlimited_open_time_does_not_overflow() {
    let mut core = Core::new(Policy {
        failures: 1,
        within: Some(Duration::MAX),
        open_for: Duration::MAX,
        probes: 1,
    });
    core.open(ms(5));
    assert_eq!(core.state(ms(u64::MAX)), BreakerState::Open);
}
