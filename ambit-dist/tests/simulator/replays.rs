//! Runs of the same seed are equal.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ambit_dist::sim::{Cause, Chaos, Sim, Sweep, always, note, replay, sometimes};

use crate::simulator::quic::{ask, echo, endpoint, reconnect};

/// All hosts send requests to all others, under every kind of fault.
fn mesh(sim: &mut Sim) {
    const NAMES: [&str; 4] = ["n1", "n2", "n3", "n4"];
    sim.hosts(4, |host| async move {
        tokio::spawn(echo(host.clone()));
    });
    sim.client("c", |host| async move {
        let endpoint = endpoint(&host);
        let mut rng = host.rng("order");
        for round in 0..12_u32 {
            let to = *rng.pick(&NAMES).unwrap();
            let connection = reconnect(&endpoint, &host, to).await;
            let answer = ask(&connection, &round.to_le_bytes()).await;
            note!("{to} says {answer:?}");
            sometimes!(answer > Some(1), "a later incarnation answers");
            tokio::time::sleep(Duration::from_millis(rng.below(500))).await;
        }
    });
    sim.chaos(Chaos::until(Duration::from_secs(12)).crashes(true))
        .loss(0.02)
        .duplicates(0.01);
    sim.limit(Duration::from_secs(300));
}

#[test]
fn every_seed_runs_the_same_way_twice() {
    let report = Sweep::over(0..8).twice_every(1).run(mesh);
    report.assert_passed();
    assert_eq!(report.runs, 8);
}

#[test]
fn different_seeds_run_different_ways() {
    let hash = |seed| replay(seed, mesh).unwrap().trace;
    assert_ne!(hash(1), hash(2));
}

#[test]
fn a_run_that_does_not_replay_from_its_seed_reports_the_first_difference() {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let error = replay(4, |sim| {
        sim.reproduce_with("just sim-replay numbers 4");
        sim.client("c", |_| async {
            note!("the same");
            note!("number {}", CALLS.fetch_add(1, Ordering::Relaxed));
        });
    });
    let error = error.unwrap_err();
    assert!(matches!(error.cause, Cause::NotTheSame { .. }));
    let text = error.to_string();
    assert!(
        text.contains("number 0") && text.contains("number 1"),
        "{text}"
    );
    assert_eq!(error.reproduce, "just sim-replay numbers 4");
}

#[test]
fn a_run_that_fails_only_sometimes_does_not_replay_from_its_seed() {
    static CALLS: AtomicU64 = AtomicU64::new(1);
    let error = replay(4, |sim| {
        sim.client("c", |_| async {
            let is_even = CALLS.fetch_add(1, Ordering::Relaxed).is_multiple_of(2);
            always!(is_even, "every run is an even one");
        });
    });
    let error = error.unwrap_err();
    assert!(matches!(error.cause, Cause::NotTheSame { .. }), "{error}");
}

#[test]
fn a_replayed_failure_has_all_events_up_to_it() {
    let fails = |sim: &mut Sim| {
        sim.client("c", |_| async {
            for number in 0..100 {
                note!("number {number}");
            }
            always!(false, "no run is right");
        });
    };
    let error = replay(4, fails).unwrap_err();
    assert!(matches!(error.cause, Cause::Always { .. }), "{error}");
    assert!(error.last.len() < 100);
    assert!(error.events.len() > 100, "{}", error.events.len());
    assert_eq!(replay(4, fails).unwrap_err().trace, error.trace);
}

#[test]
fn a_note_may_use_the_run() {
    let outcome = replay(4, |sim| {
        sim.client("c", |host| async move {
            struct Noted(ambit_dist::sim::Host);
            impl std::fmt::Display for Noted {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    note!("inside");
                    write!(f, "at {:?}", self.0.now())
                }
            }
            note!("{}", Noted(host));
        });
    });
    let texts: Vec<String> = outcome
        .unwrap()
        .events
        .iter()
        .map(ToString::to_string)
        .collect();
    let has = |text: &str| texts.iter().any(|event| event.contains(text));
    assert!(has("inside") && has("at 0ns"), "{texts:?}");
}
