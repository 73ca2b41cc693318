//! Servers started from another node.

use std::time::Duration;

use ambit::error::Executed;
use ambit::prelude::*;
use ambit_dist::StartOnError;
use tokio::time::timeout;

use crate::conformance::actors::{Brief, Log, Slow};
use crate::conformance::stage::{everywhere, in_process, soon, until};

fn not_asked(refused: Result<impl Sized, StartOnError>) -> CallError {
    match refused.err() {
        Some(StartOnError::Call { error, .. }) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn dist_17_links_and_monitors_get_the_real_reason_of_an_immediate_exit() {
    everywhere(|stage| async move {
        for reason in [
            ExitReason::error("at once"),
            ExitReason::shutdown_with("at once"),
        ] {
            let (far, expected) = (stage.near.on("far"), reason.clone());
            in_process(move |mut inbox| async move {
                inbox.trap_exits(true);
                let start = far.start::<Brief>((reason,)).link();
                let brief = soon(start).await.unwrap();
                let heard = soon(inbox.next()).await;
                assert!(
                    matches!(&heard, InboxEvent::Exit(exit) if exit.from == brief.pid() && exit.reason == expected),
                    "{heard:?}"
                );
                assert_eq!(brief.ping().await, Err(CallError::NoProcess));
            })
            .await;
        }
        // A starter that does not trap exits ends with the server.
        let (far, reason) = (stage.near.on("far"), ExitReason::error("both"));
        let ends = reason.clone();
        let starter = ambit::spawn(move |mut inbox: Inbox<u8>| async move {
            let brief = far.start::<Brief>((ends,)).link().await;
            drop(brief);
            inbox.recv().await;
        });
        assert_eq!(soon(starter.closed()).await, reason);
    });
}

#[test]
fn dist_17_a_start_during_which_the_connection_is_lost_leaves_no_orphan() {
    everywhere(|stage| async move {
        let far = stage.near.on("far");
        let start = tokio::spawn(async move { far.start::<Slow>((100_000,)).await });
        let count = || stage.far().system.process_count();
        until("it is being started", || count() > 0).await;
        stage.lose().await;
        let executed = Executed::Maybe;
        let lost = CallError::NoConnection { executed };
        assert_eq!(not_asked(soon(start).await.unwrap()), lost);
        until("nothing of it is left", || count() == 0).await;
    });
}

#[test]
fn dist_17_a_start_that_is_abandoned_is_taken_back() {
    everywhere(|stage| async move {
        let far = stage.near.on("far");
        let count = || stage.far().system.process_count();
        let abandoned = async { far.start::<Slow>((200,)).await.map(drop) };
        let moment = Duration::from_millis(100);
        let late = timeout(moment, abandoned).await;
        assert!(late.is_err());
        let in_time = far.start::<Slow>((60_000,)).timeout(moment).await;
        assert_eq!(not_asked(in_time), CallError::Timeout);
        until("nothing of it is left", || count() == 0).await;
        // A second start receives its own answer.
        let log = soon(far.start::<Log>(())).await.unwrap();
        assert_eq!((log.ping().await, count()), (Ok(7), 1));
    });
}
