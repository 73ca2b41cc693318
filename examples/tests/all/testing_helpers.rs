//! Testing servers: a till that rings, closes by itself and is restarted, examined with each part of the test kit.
#![allow(missing_docs, reason = "tests")]

use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;
use ambit::test::{
    Probe, assert_down, assert_restarted, assert_tree, crash, crashes, dead_letters, expect_crash,
    fill_mailbox, settle, start_supervised,
};
use tokio::time::Instant;

// ANCHOR: server
/// Notifies a bell of each sale, and closes after an hour without one.
#[derive(Clone)]
struct Till {
    bell: Recipient<String>,
    sold: u32,
}

const HOUR: Duration = Duration::from_secs(3600);

#[gen_server(mailbox = 2)]
impl Till {
    #[init]
    fn new(ctx: &mut Context<Self>, bell: Recipient<String>) -> Self {
        ctx.idle_timeout(HOUR);
        Self { bell, sold: 0 }
    }

    #[cast]
    fn sell(&mut self, ctx: &mut Context<Self>, thing: String) {
        assert_ne!(thing, "nothing", "it cannot be sold");
        self.sold += 1;
        self.bell.send(format!("sold: {thing}")).now().ok();
        ctx.idle_timeout(HOUR);
    }

    #[call]
    fn sold(&self) -> u32 {
        self.sold
    }

    #[info]
    fn on_silence(&mut self, ctx: &mut Context<Self>, _: IdleTimeout) {
        ctx.stop(ExitReason::Shutdown);
    }
}
// ANCHOR_END: server

/// A `Probe` is a process that the test controls: it receives, monitors and waits.
#[ambit::test]
async fn a_sale_sends_a_notification() -> Result<(), Box<dyn Error>> {
    let mut bell = Probe::<String>::new();
    let till = Till::start(bell.recipient()).await?;
    till.sell("a lamp".into()).await?;
    assert_eq!(bell.expect().await, "sold: a lamp");
    bell.refute_within(Duration::from_secs(60)).await;
    Ok(())
}

/// The clock jumps to the next timer, so hours take no time.
#[ambit::test]
async fn a_till_closes_an_hour_after_the_last_sale() -> Result<(), Box<dyn Error>> {
    let mut bell = Probe::<String>::new();
    let till = Till::start(bell.recipient()).await?;
    tokio::time::sleep(HOUR / 2).await;
    till.sell("a lamp".into()).await?;
    bell.expect().await;

    let sold = Instant::now();
    let end = till.monitor();
    assert_eq!(end.await.reason, ExitReason::Shutdown);
    assert_eq!(sold.elapsed(), HOUR);
    Ok(())
}

/// `settle` returns when all processes are idle; the clock does not advance meanwhile.
#[ambit::test]
async fn casts_have_been_handled_when_all_is_quiet() -> Result<(), Box<dyn Error>> {
    let mut bell = Probe::<String>::new();
    let till = Till::start(bell.recipient()).await?;
    let before = Instant::now();
    till.sell("a lamp".into()).await?;
    till.sell("a rug".into()).await?;
    settle().await;
    let state: Till = ambit::sys::state_of::<Till>(&till).await?; // without a method for it
    assert_eq!(state.sold, 2);
    assert_eq!(before.elapsed(), Duration::ZERO);
    bell.expect().await;
    bell.expect().await; // an unread message of a probe becomes a dead letter
    Ok(())
}

// ANCHOR: crash
/// `crash` makes a process panic, and marks the crash as expected.
#[ambit::test]
async fn a_till_restarts_empty() -> Result<(), Box<dyn Error>> {
    let mut bell = Probe::<String>::new();
    let till = start_supervised(Till::child_spec(bell.recipient())).await;
    till.sell("a lamp".into()).await?;
    assert_eq!(till.sold().await?, 1);
    bell.expect().await;

    let old = till.pid();
    let new = assert_restarted!(till, crash(&till).await);
    assert_ne!(old, new);
    assert_eq!(till.sold().await?, 0);
    Ok(())
}

/// A crash in the code under test must be expected, or taken: any other fails the test.
#[ambit::test]
async fn nothing_cannot_be_sold() -> Result<(), Box<dyn Error>> {
    let mut probe = Probe::<String>::new();
    let till = Till::start(probe.recipient()).await?;
    probe.monitor(&till);
    till.sell("nothing".into()).await?;
    assert_down!(probe, ExitReason::Panic(_));
    let crashes = crashes();
    assert_eq!(crashes.len(), 1);
    assert_eq!(crashes[0].methods, ["sell"]); // the method,
    let arguments = crashes[0].arguments.clone().unwrap_or_default();
    assert!(arguments.contains("nothing"), "{arguments}"); // and its arguments
    Ok(())
}
// ANCHOR_END: crash

/// Tests a full mailbox without filling it by hand.
#[ambit::test]
async fn a_busy_till_returns_a_full_error() -> Result<(), Box<dyn Error>> {
    let mut bell = Probe::<String>::new();
    let till = Till::start(bell.recipient()).await?;
    let full = fill_mailbox(&till);
    assert_eq!(till.sell("a lamp".into()).now(), Err(CastError::Full));
    drop(full);
    assert_eq!(till.sell("a lamp".into()).now(), Ok(()));
    assert_eq!(bell.expect().await, "sold: a lamp");
    Ok(())
}

/// Unhandled messages must be expected, or taken, too.
#[ambit::test]
async fn messages_queued_at_a_crash_are_not_lost_silently() -> Result<(), Box<dyn Error>> {
    let bell = Probe::<String>::new();
    let till = Till::start(bell.recipient()).await?;
    expect_crash(&till);
    till.sell("nothing".into()).await?;
    till.sell("a lamp".into()).await?;
    till.closed().await;
    let lost = dead_letters();
    assert_eq!(lost.len(), 1);
    assert!(lost[0].contains("Ended"), "{lost:?}");
    Ok(())
}

/// Compares a tree with its expected picture.
#[ambit::test]
async fn two_tills_under_a_supervisor() -> Result<(), Box<dyn Error>> {
    let bell = Probe::<String>::new();
    let till = |id: &str| Till::child_spec(bell.recipient()).id(id);
    let shop = Supervisor::builder()
        .child(till("left"))
        .child(till("right"));
    let shop = shop.start().await?;
    shop.terminate_child("left").await?;
    assert_tree!(
        shop,
        "
        left (stopped)
        right
        "
    );
    Ok(())
}
