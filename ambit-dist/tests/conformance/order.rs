//! The order of messages of one process, and the effect of long messages on others.

use std::time::Duration;

use ambit::prelude::*;

use crate::conformance::actors::Log;
use crate::conformance::stage::{everywhere, in_process, soon};

#[test]
fn dist_15_messages_of_one_sender_arrive_in_order_whatever_their_kind() {
    everywhere(|stage| async move {
        const MESSAGES: u64 = 3_000;
        let log = stage.near.on("far").start::<Log>(()).await.unwrap();
        let last = log.clone();
        let heard = in_process(move |mut inbox| async move {
            inbox.trap_exits(true);
            inbox.link(&log).unwrap();
            for number in 0..MESSAGES {
                match number % 100 {
                    50 => assert_eq!(log.ask(number).await, Ok(number)),
                    // Longer than a frame: it is fragmented, and stays in order.
                    75 => {
                        log.swallow(vec![1; 100_000]).await.unwrap();
                        log.note(number).await.unwrap();
                    }
                    _ => log.note(number).await.unwrap(),
                }
            }
            let heard = log.heard().await;
            // The end of the server arrives after its last reply.
            let last = log.ask(MESSAGES).send();
            log.end().await.unwrap();
            assert_eq!(last.await, Ok(MESSAGES));
            let end = soon(inbox.next()).await;
            assert!(
                matches!(&end, InboxEvent::Exit(exit) if exit.reason == ExitReason::shutdown_with("asked to")),
                "{end:?}"
            );
            heard
        })
        .await;
        assert_eq!(heard, Ok((0..MESSAGES).collect()));
        assert!(!last.is_alive());
    });
}

#[test]
fn dist_15_a_huge_message_does_not_hold_up_small_ones_of_others() {
    everywhere(|stage| async move {
        const HUGE: usize = 4 << 20;
        let log = stage.near.on("far").start::<Log>(()).await.unwrap();
        let mut others = Vec::new();
        // Enough servers for each lane to have some.
        for _ in 0..12 {
            let start = stage.near.on("far").start::<Log>(());
            others.push(start.await.unwrap());
        }
        let mut weighs = log.weigh(vec![1; HUGE]).no_timeout().send();
        let small: Vec<_> = others.iter().map(|log| log.ping().send()).collect();
        let all = async {
            for one in small {
                assert_eq!(one.await, Ok(7));
            }
        };
        let first = tokio::select! {
            biased;
            () = soon(all) => "small",
            _ = &mut weighs => "huge",
        };
        assert_eq!(first, "small");
        let minute = Duration::from_secs(60);
        let weight = tokio::time::timeout(minute, weighs).await.unwrap();
        assert_eq!(weight, Ok(HUGE));
    });
}
