//! Pids, references and handles that make a round trip to another node.

use std::time::Duration;

use ambit::prelude::*;

use crate::conformance::actors::Log;
use crate::conformance::stage::{everywhere, in_process, soon};

#[test]
fn x92_what_went_to_another_node_and_came_back_is_equal_to_the_original() {
    everywhere(|stage| async move {
        let there = soon(stage.near.on("far").start::<Log>(())).await.unwrap();
        let here = Log::start().await.unwrap();
        let (mine, far_log) = (here.clone(), there.clone());
        in_process(move |mut inbox| async move {
            let monitor = inbox.monitor(&mine);
            let own = ambit::self_pid().unwrap();
            for pid in [own, mine.pid(), far_log.pid()] {
                assert_eq!(far_log.back(pid, monitor).await, Ok((pid, monitor)));
            }
            // A reference is equal after the round trip.
            let (_, back) = far_log.back(own, monitor).await.unwrap();
            assert!(inbox.demonitor(back));
        })
        .await;
        // The server's own pid equals the one in its handle.
        assert_eq!(there.own_pid().await, Ok(there.pid()));
        assert_eq!(there.know(here.clone()).await, Ok(true));
        assert_eq!(
            there.know(here.clone()).await,
            Ok(false),
            "known there as the same"
        );
        assert_eq!(there.know(there.clone()).await, Ok(true));
        assert_eq!(there.know(there.clone()).await, Ok(false));
        let known = there.known().await.unwrap();
        assert_eq!(known, [here.clone(), here.clone(), there.clone(), there]);
        // A returned handle refers to the local process directly, not through the other node.
        stage.lose().await;
        assert_eq!(known[0].ask(3).await, Ok(3));
        assert_eq!(here.heard().await, Ok(vec![3]));
    });
}

#[test]
fn x92_an_answer_to_a_question_that_the_loss_has_ended_is_dropped() {
    everywhere(|stage| async move {
        let log = soon(stage.near.on("far").start::<Log>(())).await.unwrap();
        let lost = log.keep().no_timeout().send();
        assert_eq!(log.kept().await, Ok((1, 0)));
        stage.lose().await;
        assert!(matches!(
            soon(lost).await,
            Err(CallError::NoConnection { .. })
        ));
        stage.find().await;
        // The next call may reuse the number of the lost one.
        let mut next = log.keep().no_timeout().send();
        assert_eq!(log.kept().await, Ok((2, 1)));
        let early = tokio::time::timeout(Duration::from_millis(50), &mut next).await;
        assert!(early.is_err(), "{early:?}");
        log.answer_all().await.unwrap();
        assert_eq!(soon(next).await, Ok(1));
        assert_eq!(log.ping().await, Ok(7));
    });
}
