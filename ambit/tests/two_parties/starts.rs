//! Servers that one party starts on the side of the other.
//!
//! These cases about starts are not here: GS-06 and the names of the others (a name belongs to one system), and those
//! that need a start which the test blocks at a gate (`conformance` and `servers`).

use ambit::error::StopError;
use std::time::Duration;

use ambit::prelude::*;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::fickle::{FickleSubject, How};
use super::parties::{dawdle, in_process, next, panic_text, queued, soon, until};
use super::stage::{Stage, play, race};

/// Waits until the other side has this number of processes.
async fn count_is(stage: &Stage, count: usize) {
    until("nothing is left of it", || stage.count() == count).await;
}

async fn start(stage: &Stage, how: How, linked: bool) -> Result<FickleSubject, StartError> {
    soon(stage.start(how, linked, None)).await
}

#[test]
fn gs_01_x7_a_start_returns_when_init_is_done() {
    play(|stage| async move {
        let began = Instant::now();
        let fickle = start(&stage, How::Slowly(50), false).await.unwrap();
        assert!(began.elapsed() >= Duration::from_millis(50));
        assert_eq!(fickle.ping().await, Ok(7));
    });
}

/// The starter gets the error at once, although the start would never complete.
#[test]
fn gs_02_03_05_proc_16_a_failed_start_is_reported_linked_or_not_and_leaves_nothing() {
    play(|stage| async move {
        in_process(|mut inbox: Inbox<u8>| async move {
            inbox.trap_exits(true);
            let before = stage.count();
            for linked in [false, true] {
                let refused = start(&stage, How::Refuses, linked).await;
                let reason = ExitReason::error("no luck");
                assert_eq!(refused.err(), Some(StartError::Init(reason)));
                let ignored = start(&stage, How::Ignores, linked).await;
                assert_eq!(ignored.err(), Some(StartError::Ignored));
                match start(&stage, How::Panics, linked).await {
                    Err(StartError::Init(reason)) => assert_eq!(panic_text(&reason), "no luck"),
                    other => panic!("{other:?}"),
                }
                count_is(&stage, before).await;
            }
            assert_eq!(queued(&stage, &mut inbox).await, []);
        })
        .await;
    });
}

#[test]
fn proc_17_a_start_that_times_out_kills_the_server_and_leaves_nothing() {
    play(|stage| async move {
        in_process(|mut inbox: Inbox<u8>| async move {
            inbox.trap_exits(true);
            let before = stage.count();
            for linked in [false, true] {
                let patience = Some(Duration::from_millis(60));
                let late = soon(stage.start(How::Hangs, linked, patience)).await;
                assert_eq!(late.err(), Some(StartError::Timeout));
                count_is(&stage, before).await;
            }
            assert_eq!(queued(&stage, &mut inbox).await, []);
        })
        .await;
    });
}

#[test]
fn gs_07_link_10_a_linked_start_delivers_the_exit_and_a_plain_one_does_not() {
    play(|stage| async move {
        in_process(|mut inbox: Inbox<u8>| async move {
            inbox.trap_exits(true);
            for reason in [
                ExitReason::error("at once"),
                ExitReason::shutdown_with("at once"),
            ] {
                let ended = start(&stage, How::Ends(reason.clone()), false).await;
                soon(ended.unwrap().closed()).await;
                assert_eq!(queued(&stage, &mut inbox).await, []);
                // The same for a server that has ended before the start returns.
                let ended = start(&stage, How::Ends(reason.clone()), true).await;
                let from = ended.unwrap().pid();
                assert_eq!(
                    next(&mut inbox).await,
                    InboxEvent::Exit(Exit { from, reason })
                );
            }
            let linked = start(&stage, How::Well, true).await.unwrap();
            linked.stop_with(ExitReason::Shutdown).await.unwrap();
            let (from, reason) = (linked.pid(), ExitReason::Shutdown);
            assert_eq!(
                next(&mut inbox).await,
                InboxEvent::Exit(Exit { from, reason })
            );
        })
        .await;
    });
}

#[test]
fn link_11_no_linked_server_outlives_a_starter_that_is_killed_while_it_starts() {
    race(|stage| async move {
        let before = stage.count();
        for n in 0..stage.rounds(500) {
            let at = stage.clone();
            let (began, has_begun) = oneshot::channel();
            let starter = ambit::spawn(move |mut inbox: Inbox<u8>| async move {
                let fickle = start(&at, How::Well, true).await;
                began.send(()).ok();
                inbox.recv().await;
                drop(fickle);
            });
            dawdle(n).await;
            // In every fifth round the server is already running.
            if n % 5 == 0 {
                soon(has_begun).await.ok();
            }
            ambit::exit(&starter, ExitReason::Kill);
            soon(starter.closed()).await;
            count_is(&stage, before).await;
        }
    });
}

#[test]
fn gs_20_a_panic_in_terminate_is_what_is_seen_from_the_other_side() {
    play(|stage| async move {
        for reason in [ExitReason::Normal, ExitReason::error("first")] {
            let fickle = start(&stage, How::Fails, false).await.unwrap();
            let watch = fickle.monitor();
            match fickle.stop_with(reason).await {
                Err(StopError::Exited(reason)) => {
                    assert_eq!(panic_text(&reason), "no luck at the end");
                }
                other => panic!("{other:?}"),
            }
            assert_eq!(panic_text(&soon(watch).await.reason), "no luck at the end");
        }
    });
}
