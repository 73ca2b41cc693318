//! The effect of each fault.

use std::time::Duration;

use ambit_dist::sim::{Cause, Chaos, Fault, Outcome, Sim, SimError, TraceKind};

use crate::simulator::quic::{IDLE, ask, connect, echo, endpoint, reconnect};

const SECOND: Duration = Duration::from_secs(1);

fn pair() -> (String, String) {
    ("c".into(), "s".into())
}

/// Adds a client that sends requests until it has this many answers, reconnecting when necessary.
fn asks(sim: &mut Sim, answers: u32, pause: Duration) {
    sim.host("s", echo);
    sim.client("c", move |host| async move {
        let endpoint = endpoint(&host);
        let (mut got, mut connections) = (0, 0);
        while got < answers {
            let connection = reconnect(&endpoint, &host, "s").await;
            connections += 1;
            while got < answers && ask(&connection, &got.to_le_bytes()).await.is_some() {
                ambit_dist::sim::note!("answer {got} on connection {connections}");
                got += 1;
                tokio::time::sleep(pause).await;
            }
        }
    });
}

fn run(build: impl FnOnce(&mut Sim)) -> Result<Outcome, Box<SimError>> {
    let mut sim = Sim::new(3);
    sim.keep_events(true);
    build(&mut sim);
    sim.run()
}

fn count(outcome: &Outcome, is: impl Fn(&TraceKind) -> bool) -> usize {
    outcome
        .events
        .iter()
        .filter(|event| is(&event.what))
        .count()
}

fn connections(outcome: &Outcome) -> usize {
    let notes = outcome.events.iter().filter_map(|event| match &event.what {
        TraceKind::Note(text) => text.rsplit(' ').next()?.parse().ok(),
        _ => None,
    });
    notes.max().unwrap_or(0)
}

#[test]
fn without_faults_nothing_is_lost_and_one_connection_is_enough() {
    let outcome = run(|sim| asks(sim, 50, Duration::from_millis(10))).unwrap();
    assert_eq!(
        count(&outcome, |what| matches!(what, TraceKind::Lost { .. })),
        0
    );
    assert_eq!(connections(&outcome), 1);
    assert!(outcome.datagrams > 100, "{}", outcome.datagrams);
}

#[test]
fn lost_and_doubled_datagrams_are_made_good_by_quic() {
    let outcome = run(|sim| {
        asks(sim, 50, Duration::from_millis(10));
        sim.loss(0.1).duplicates(0.1);
    });
    let outcome = outcome.unwrap();
    let lost = count(&outcome, |what| matches!(what, TraceKind::Lost { .. }));
    let sent = count(&outcome, |what| matches!(what, TraceKind::Sent { .. }));
    let received = count(&outcome, |what| matches!(what, TraceKind::Received { .. }));
    let share = lost as f64 / (lost + sent) as f64;
    assert!((0.04..0.16).contains(&share), "{lost} of {}", lost + sent);
    assert!(received > sent, "{received} of {sent}");
    assert_eq!(connections(&outcome), 1);
}

#[test]
fn a_partition_that_outlives_the_idle_time_ends_a_connection_and_healing_lets_a_new_one_come() {
    let outcome = run(|sim| {
        let (c, s) = pair();
        asks(sim, 100, SECOND / 10);
        sim.at(2 * SECOND, Fault::Partition(c.clone(), s.clone()));
        sim.at(12 * SECOND, Fault::Heal(c, s));
    });
    let outcome = outcome.unwrap();
    assert_eq!(connections(&outcome), 2);
    assert!(outcome.time > 20 * SECOND, "{:?}", outcome.time);
    let silent = |event: &&ambit_dist::sim::TraceEvent| {
        (2 * SECOND + SECOND / 10..12 * SECOND).contains(&event.at)
            && matches!(event.what, TraceKind::Received { .. })
    };
    assert_eq!(outcome.events.iter().filter(silent).count(), 0);
}

#[test]
fn a_short_partition_is_only_a_delay() {
    let outcome = run(|sim| {
        let (c, s) = pair();
        asks(sim, 50, SECOND / 10);
        sim.at(2 * SECOND, Fault::Partition(c.clone(), s.clone()));
        sim.at(2 * SECOND + IDLE / 2, Fault::Heal(c, s));
    });
    assert_eq!(connections(&outcome.unwrap()), 1);
}

#[test]
fn a_cut_in_one_direction_lets_the_other_pass() {
    let outcome = run(|sim| {
        let (c, s) = pair();
        asks(sim, 60, SECOND / 10);
        sim.at(2 * SECOND, Fault::Cut(s, c));
        sim.at(12 * SECOND, Fault::HealAll);
    });
    let outcome = outcome.unwrap();
    let within = |host: &str| {
        let hears = |event: &&ambit_dist::sim::TraceEvent| {
            (3 * SECOND..12 * SECOND).contains(&event.at)
                && *event.host == *host
                && matches!(event.what, TraceKind::Received { .. })
        };
        outcome.events.iter().filter(hears).count()
    };
    assert_eq!(within("c"), 0);
    assert!(within("s") > 0);
}

#[test]
fn held_data_arrives_after_the_release() {
    let outcome = run(|sim| {
        let (c, s) = pair();
        asks(sim, 40, SECOND / 10);
        sim.at(2 * SECOND, Fault::Hold(c.clone(), s.clone()));
        sim.at(4 * SECOND, Fault::Release(c, s));
    });
    let outcome = outcome.unwrap();
    assert_eq!(connections(&outcome), 1);
    assert_eq!(
        count(&outcome, |what| matches!(what, TraceKind::Lost { .. })),
        0
    );
}

#[test]
fn latency_delays_each_answer() {
    let time = |latency| {
        let outcome = run(|sim| {
            asks(sim, 20, Duration::ZERO);
            sim.latency(latency..=latency);
        });
        outcome.unwrap().time
    };
    let (short, long) = (
        time(Duration::from_millis(2)),
        time(Duration::from_millis(50)),
    );
    assert!(long > short * 5, "{short:?} {long:?}");
}

#[test]
fn chaos_ends_and_the_cluster_works_again() {
    let outcome = run(|sim| {
        asks(sim, 400, SECOND / 10);
        sim.chaos(Chaos::until(30 * SECOND)).limit(120 * SECOND);
    });
    let outcome = outcome.unwrap();
    assert!(outcome.faults.contains(&(30 * SECOND, Fault::HealAll)));
}

#[test]
fn impossible_faults_are_rejected() {
    let refused = |fault: Fault| {
        let error = run(|sim| {
            asks(sim, 1, SECOND);
            sim.at(Duration::ZERO, fault);
        });
        let error = error.unwrap_err();
        assert!(matches!(error.cause, Cause::BadFault { .. }), "{error}");
        error.to_string()
    };
    assert!(refused(Fault::Crash("nobody".into())).contains("no host of that name"));
    assert!(refused(Fault::Crash("c".into())).contains("client"));
    assert!(refused(Fault::Hold("s".into(), "s".into())).contains("twice"));
    let latency = Fault::Latency("c".into(), "s".into(), Duration::from_micros(999));
    assert!(refused(latency).contains("below the minimum"));
}

#[test]
fn an_unfinished_run_names_its_unfinished_clients() {
    let error = run(|sim| {
        sim.host("s", echo);
        sim.client("done", |_| async {});
        sim.client("waits", |host| async move {
            let endpoint = endpoint(&host);
            let connection = connect(&endpoint, &host, "s").await.unwrap();
            connection.closed().await;
        });
        sim.limit(20 * SECOND);
    });
    let error = error.unwrap_err();
    assert_eq!(
        error.cause,
        Cause::TooLong {
            limit: 20 * SECOND,
            clients: vec!["waits".into()]
        }
    );
}

#[test]
fn a_fault_that_cannot_be_applied_is_rejected_although_the_run_ends_before_it() {
    let error = run(|sim| {
        asks(sim, 1, SECOND);
        sim.at(90 * SECOND, Fault::Crash("typo".into()));
    });
    let cause = error.unwrap_err().cause;
    assert!(matches!(cause, Cause::BadFault { .. }), "{cause}");
}

#[test]
#[should_panic(expected = "is empty: begin with the shorter one")]
fn an_empty_range_of_latencies_is_refused() {
    Sim::new(1).latency(Duration::from_millis(20)..=Duration::from_millis(1));
}
