//! Nodes that are killed, and restarted under the same name.

use std::time::Duration;

use ambit::error::{CallError, CastError, Executed};
use ambit::process::{ExitReason, InboxEvent};
use ambit_dist::DownReason;
use tokio::time::Instant;

use crate::process::Far;
use crate::program::Setup;
use crate::servers::LogSubject;
use crate::stage::{Near, PATIENCE, SILENCE, cookie, near, within};

/// Starts the same node in another process.
async fn next_life(near: &Near, cookie: &str, before: &Far, silence: Duration) -> Far {
    Far::start(&Setup {
        name: "b".to_owned(),
        cookie: cookie.to_owned(),
        listen: before.address,
        seeds: vec![near.node.local_addr()],
        silence,
    })
    .await
}

/// Checks that handles of the first incarnation reach no process, least of all one of the second.
async fn is_dead(near: &Near, old: &LogSubject) {
    let new = near.log_on("b").await;
    assert_ne!(old.pid(), new.pid());
    assert!(!old.is_alive());
    assert_eq!(old.note(1).await, Err(CastError::NoProcess));
    assert_eq!(old.note(2).now(), Err(CastError::NoProcess));
    assert_eq!(old.ask(3).await, Err(CallError::NoProcess));
    ambit::exit(old, ExitReason::Kill);
    let monitor = within("the Down of a stopped process", old.monitor());
    assert_eq!(monitor.await.reason, ExitReason::NoProcess);
    let mut probe = ambit::test::Probe::<u8>::new();
    probe.monitor(old.pid());
    assert_eq!(probe.expect_down().await.reason, ExitReason::NoProcess);
    probe.link(old.pid()).unwrap();
    match probe.expect_event().await {
        InboxEvent::Exit(exit) => assert_eq!(exit.reason, ExitReason::NoProcess),
        other => panic!("{other:?} instead of the end of a stopped process"),
    }
    assert_eq!(new.seen().await, Ok((0, 0, true)));
}

#[ambit::test(real_time)]
async fn a_killed_node_is_lost_and_its_next_incarnation_is_another_node() {
    let cookie = cookie();
    let mut far = Far::on_loopback("b", &cookie, SILENCE, &[]).await;
    let mut near = near(&cookie, SILENCE).await;
    near.node.connect(far.address).await.unwrap();
    let first = near.up("b").await;
    let old = near.log_on("b").await;
    let mut probe = ambit::test::Probe::<u8>::new();
    probe.monitor(&old);
    let pending = old.hold().no_timeout().send();
    assert_eq!(old.ask(0).await, Ok(0));

    far.process.kill();
    let killed = Instant::now();
    assert_eq!(near.down("b").await, DownReason::TimedOut);
    let to_notice = killed.elapsed();
    let executed = Executed::Maybe;
    let ended = within("the end of a call", pending).await;
    assert_eq!(ended, Err(CallError::NoConnection { executed }));
    assert_eq!(probe.expect_down().await.reason, ExitReason::NoConnection);

    // Only the first node dials: it finds the second by its address.
    let _far = Far::start(&Setup {
        name: "b".to_owned(),
        cookie,
        listen: far.address,
        seeds: Vec::new(),
        silence: SILENCE,
    })
    .await;
    let started = Instant::now();
    let second = near.up("b").await;
    println!(
        "killed: noticed after {to_notice:?}, found again after {:?}",
        started.elapsed()
    );
    assert!(second > first, "{first} {second}");
    is_dead(&near, &old).await;
    probe.subject().send(1).await.unwrap();
    assert_eq!(probe.expect().await, 1);
    near.nothing_else().await;
}

#[ambit::test(real_time)]
async fn a_new_incarnation_that_connects_first_replaces_the_previous_one() {
    let cookie = cookie();
    // Detection by silence would take far longer than the test.
    let mut far = Far::on_loopback("b", &cookie, PATIENCE, &[]).await;
    let mut near = near(&cookie, PATIENCE).await;
    near.node.connect(far.address).await.unwrap();
    near.up("b").await;
    let old = near.log_on("b").await;
    let mut probe = ambit::test::Probe::<u8>::new();
    probe.monitor(&old);

    far.process.kill();
    let killed = Instant::now();
    let mut far = next_life(&near, &cookie, &far, PATIENCE).await;
    assert_eq!(near.down("b").await, DownReason::Restarted);
    near.up("b").await;
    println!(
        "killed and started at once: notified after {:?}",
        killed.elapsed()
    );
    assert!(killed.elapsed() < PATIENCE / 2);
    far.up("a").await;
    assert_eq!(probe.expect_down().await.reason, ExitReason::NoConnection);
    is_dead(&near, &old).await;
    near.nothing_else().await;
}
