//! Messages to stopped processes and lost nodes.

use std::time::Duration;

use ambit::prelude::*;
use tokio::time::Instant;

use crate::conformance::actors::Log;
use crate::conformance::stage::{everywhere, in_virtual_time, soon, until};

#[test]
fn dist_13_sends_to_a_stopped_process_are_ignored_and_oversized_ones_fail_locally() {
    everywhere(|stage| async move {
        let log = stage.near.on("far").start::<Log>(()).await.unwrap();
        let other = stage.near.on("far").start::<Log>(()).await.unwrap();
        // Longer than the maximum message: refused before any part is sent.
        let sent = || stage.near.peer("far").unwrap().traffic.messages_out;
        let before = sent();
        let endless = vec![0; 17 << 20];
        let refused = log.swallow(endless).await;
        assert!(
            matches!(refused, Err(CastError::TooLarge { .. })),
            "{refused:?}"
        );
        assert_eq!(sent(), before);
        // The server stops, and this node has not yet been notified.
        log.end().await.unwrap();
        until("it is known that it has ended", || {
            let silence = log.note(1).now();
            assert!(
                matches!(silence, Ok(()) | Err(CastError::NoProcess)),
                "{silence:?}"
            );
            !log.is_alive()
        })
        .await;
        assert_eq!(log.note(1).await, Err(CastError::NoProcess));
        assert_eq!(other.ping().await, Ok(7), "nothing else has happened");
        stage.lose().await;
        assert_eq!(other.note(1).await, Err(CastError::NoConnection));
        assert_eq!(other.note(1).now(), Err(CastError::NoConnection));
        stage.find().await;
        assert_eq!(other.heard().await, Ok(vec![]));
    });
}

#[test]
fn dist_14_a_send_to_a_lost_node_neither_waits_nor_fails() {
    everywhere(|stage| async move {
        let log = stage.near.on("far").start::<Log>(()).await.unwrap();
        stage.crash().await;
        // Sends never wait: before the loss is detected, after it, and after the restart.
        let begin = Instant::now();
        for number in 0..500 {
            let sent = log.note(number).await;
            assert!(
                matches!(sent, Ok(()) | Err(CastError::NoConnection)),
                "{sent:?}"
            );
        }
        assert!(
            begin.elapsed() < Duration::from_secs(2),
            "{:?}",
            begin.elapsed()
        );
        stage.connect().await;
        assert_eq!(log.note(0).await, Err(CastError::NoProcess));
    });
}

#[test]
fn dist_14_a_sender_waiting_on_a_silent_node_is_notified_when_it_is_lost() {
    in_virtual_time(|stage| async move {
        let log = stage.near.on("far").start::<Log>(()).await.unwrap();
        stage.part();
        let begin = Instant::now();
        let refused = soon(async {
            for number in 0.. {
                if let Err(error) = log.note(number).await {
                    return (number, error);
                }
            }
            unreachable!("more than there are numbers")
        })
        .await;
        assert_eq!(refused.1, CastError::NoConnection);
        assert!(
            refused.0 >= 1_000,
            "as many as a mailbox holds: {refused:?}"
        );
        let took = begin.elapsed();
        assert!(took < Duration::from_secs(5), "{took:?}");
        // Sends do not wait for the redial either.
        let begin = Instant::now();
        let address = stage.address();
        let near = stage.near.clone();
        let dials = tokio::spawn(async move { near.connect(address).await });
        tokio::time::sleep(Duration::from_millis(10)).await;
        let dialled = begin.elapsed();
        assert_eq!(log.note(0).await, Err(CastError::NoConnection));
        assert_eq!(begin.elapsed(), dialled);
        dials.abort();
    });
}
