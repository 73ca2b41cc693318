//! Hosts that crash and restart.

use std::time::Duration;

use ambit_dist::sim::{Cause, Fault, Sim};

use crate::simulator::quic::{ask, echo, endpoint, reconnect};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_bounced_host_restarts_as_a_new_incarnation() {
    let mut sim = Sim::new(1);
    sim.host("s", echo);
    sim.client("c", |host| async move {
        let endpoint = endpoint(&host);
        let connection = reconnect(&endpoint, &host, "s").await;
        assert_eq!(ask(&connection, b"who?").await, Some(1));
        host.faults().bounce("s");
        assert_eq!(ask(&connection, b"who?").await, None);
        let connection = reconnect(&endpoint, &host, "s").await;
        assert_eq!(ask(&connection, b"who?").await, Some(2));
    });
    sim.run().unwrap();
}

#[test]
fn a_crashed_host_is_silent_until_it_is_bounced() {
    let mut sim = Sim::new(1);
    sim.host("s", echo);
    sim.at(SECOND, Fault::Crash("s".into()))
        .at(31 * SECOND, Fault::Bounce("s".into()));
    sim.client("c", |host| async move {
        let endpoint = endpoint(&host);
        tokio::time::sleep(2 * SECOND).await;
        let connection = reconnect(&endpoint, &host, "s").await;
        assert!(host.now() > 31 * SECOND, "{:?}", host.now());
        assert_eq!(ask(&connection, b"who?").await, Some(2));
    });
    sim.run().unwrap();
}

#[test]
fn each_incarnation_has_its_own_seeds_and_all_share_one_wall_clock() {
    let mut sim = Sim::new(1);
    let (tell, told) = std::sync::mpsc::channel();
    sim.host("s", move |host| {
        tell.send((host.seed("key"), host.seed("other"), host.wall_clock()))
            .unwrap();
        async {}
    });
    sim.at(SECOND, Fault::Bounce("s".into()))
        .at(2 * SECOND, Fault::Skew("s".into(), -5_000));
    sim.at(3 * SECOND, Fault::Bounce("s".into()))
        .limit(4 * SECOND);
    sim.run().unwrap();
    let lives: Vec<(u64, u64, u64)> = told.iter().collect();
    let seeds: std::collections::BTreeSet<u64> = lives
        .iter()
        .flat_map(|incarnation| [incarnation.0, incarnation.1])
        .collect();
    assert_eq!((lives.len(), seeds.len()), (3, 6));
    let since = |incarnation: usize| lives[incarnation].2 as i64 - lives[0].2 as i64;
    assert!((1_000..1_010).contains(&since(1)), "{}", since(1));
    assert!((-2_000..-1_990).contains(&since(2)), "{}", since(2));
}

#[test]
fn code_that_fails_ends_the_run_with_its_text() {
    let fails = |build: fn(&mut Sim)| {
        let mut sim = Sim::new(5);
        build(&mut sim);
        sim.run().unwrap_err()
    };
    let error = fails(|sim| {
        sim.host("s", |_| async { Err::<(), _>("no disk") });
        sim.client("c", |_| std::future::pending::<()>());
    });
    assert_eq!(
        error.cause,
        Cause::Host {
            host: "s".into(),
            text: "no disk".into()
        }
    );
    let error = fails(|sim| {
        sim.client("c", |_| async { Err::<(), _>("no answer") });
    });
    assert!(
        error.to_string().contains("no answer") && error.to_string().contains("Sim::new(5)"),
        "{error}"
    );
}

#[test]
fn a_run_without_clients_is_checked_for_leaks_at_its_limit() {
    let run = |leaks: bool| {
        let mut sim = Sim::new(1);
        sim.settles().limit(20 * SECOND);
        sim.host("a", move |host| async move {
            let node = host.node(9_000).start().await.unwrap();
            let kept = match leaks {
                true => node.names().reserve("kept").await.ok(),
                false => None,
            };
            std::future::pending::<()>().await;
            drop((node, kept));
        });
        sim.run()
    };
    run(false).unwrap();
    let cause = run(true).unwrap_err().cause;
    assert!(matches!(cause, Cause::Always { .. }), "{cause}");
}
