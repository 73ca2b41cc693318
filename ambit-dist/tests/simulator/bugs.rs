//! The simulator finds a planted mistake.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use ambit_dist::sim::{Sim, Sweep, always, sometimes};
use quinn::{Connection, RecvStream};

use crate::simulator::quic::{connect, endpoint};

/// The streams on which a client sends its numbers.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    /// All on one stream.
    OneStream,
    /// Each on its own stream, as if streams preserved order among each other.
    StreamEach,
}

const NUMBERS: u32 = 30;

/// Sends numbers from one host to another, and checks that they arrive in order.
fn in_order(sim: &mut Sim, way: Way) {
    sim.host("s", move |host| async move {
        let endpoint = endpoint(&host);
        let connection = endpoint.accept().await.unwrap().await.unwrap();
        let last = Arc::new(AtomicU32::new(0));
        while let Ok(stream) = connection.accept_uni().await {
            tokio::spawn(receive(stream, connection.clone(), last.clone()));
        }
    });
    sim.client("c", move |host| async move {
        let endpoint = endpoint(&host);
        let connection = connect(&endpoint, &host, "s").await.unwrap();
        send(&connection, way).await;
        connection.closed().await;
    });
    sim.loss(0.01);
}

async fn receive(mut stream: RecvStream, connection: Connection, last: Arc<AtomicU32>) {
    let mut bytes = [0; 4];
    while stream.read_exact(&mut bytes).await.is_ok() {
        let number = u32::from_le_bytes(bytes);
        let before = last.swap(number, Ordering::Relaxed);
        sometimes!(number > 1, "a second number comes");
        always!(number > before, "in order", "{number} comes after {before}");
        if number == NUMBERS {
            connection.close(0_u32.into(), b"all there");
        }
    }
}

async fn send(connection: &Connection, way: Way) {
    let mut stream = connection.open_uni().await.unwrap();
    for number in 1..=NUMBERS {
        stream.write_all(&number.to_le_bytes()).await.unwrap();
        if way == Way::StreamEach {
            stream.finish().ok();
            stream = connection.open_uni().await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
    stream.finish().ok();
}

#[test]
fn a_planted_mistake_is_found_within_five_hundred_seeds() {
    let report = Sweep::over(0..500)
        .enough_failures(1)
        .run(|sim| in_order(sim, Way::StreamEach));
    let text = report.verdict().unwrap_err();
    assert!(text.contains("`in order` must always hold"), "{text}");
    // The seed in the error reproduces the same failure.
    let seed = report.failures[0].seed;
    let again = Sweep::over(seed..seed + 1).run(|sim| in_order(sim, Way::StreamEach));
    assert_eq!(again.verdict().unwrap_err(), report.failures[0].to_string());
}

#[test]
fn without_the_mistake_every_seed_passes() {
    Sweep::over(0..100)
        .run(|sim| in_order(sim, Way::OneStream))
        .assert_passed();
}

#[test]
fn conditions_that_never_hold_are_reported() {
    let report = Sweep::over(0..3).run(|sim| {
        sim.promise("is not even looked at");
        sim.client("c", |_| async { sometimes!(false, "cannot be") });
    });
    assert_eq!(report.never(), ["cannot be", "is not even looked at"]);
    assert!(
        report
            .verdict()
            .unwrap_err()
            .contains("never true in 3 runs")
    );
}

#[test]
fn extra_seeds_run_until_each_condition_was_true() {
    let since = |first: u64| {
        Sweep::over(0..3).extra_seeds(8).run(move |sim| {
            let late = sim.seed() >= first;
            sim.client("c", move |_| async move { sometimes!(late, "late") });
        })
    };
    // Blocks of 3 seeds; the last has the rest.
    assert_eq!(
        [0, 2, 3, 8, 9, 10].map(|first| since(first).runs),
        [3, 3, 6, 9, 11, 11]
    );
    assert_eq!(since(10).verdict(), Ok(()));
    let text = since(11).verdict().unwrap_err();
    assert!(text.contains("never true in 11 runs: `late`"), "{text}");
}

#[test]
fn no_extra_seed_runs_after_a_failure() {
    let report = Sweep::over(0..3).extra_seeds(9).run(|sim| {
        let seed = sim.seed();
        sim.client("c", move |_| async move {
            always!(seed != 1, "not 1");
            sometimes!(false, "cannot be");
        });
    });
    assert_eq!((report.runs, report.failures.len()), (3, 1));
}

#[test]
fn a_condition_that_fails_inside_a_process_fails_the_run() {
    let mut sim = Sim::new(1);
    sim.client("c", |_| async {
        let process = ambit::spawn(|_: ambit::process::Inbox<()>| async {
            always!(1 > 2, "in a process");
        });
        drop(process);
        std::future::pending::<()>().await;
    });
    let error = sim.run().unwrap_err();
    assert!(
        error
            .to_string()
            .contains("`in a process` must always hold"),
        "{error}"
    );
}

#[test]
fn a_sweep_over_no_seeds_does_not_pass() {
    let report = Sweep::over(7..7).run(|sim| in_order(sim, Way::OneStream));
    let text = report.verdict().unwrap_err();
    assert_eq!(text, "no seed was run: the range of seeds is empty");
}
