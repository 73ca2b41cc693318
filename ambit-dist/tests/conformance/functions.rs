//! Functions of another node. (Erlang: `erpc`.)

use std::time::Duration;

use ambit::error::Executed;
use ambit::prelude::*;
use ambit::task::Task;
use tokio::time::{Instant, timeout};

use crate::conformance::actors::{Log, area, double_after, fails, nested, tells_who, waits};
use crate::conformance::stage::{everywhere, in_process, in_virtual_time, soon, until, until_some};

#[test]
fn dist_07_a_function_gives_its_value_its_error_or_its_panic_nested_ones_too() {
    everywhere(|stage| async move {
        let far = stage.near.on("far");
        assert_eq!(soon(far.call(area(2, 3))).await, Ok(Ok(6)));
        let error = Err("too large".to_owned());
        assert_eq!(soon(far.call(area(u64::MAX, 3))).await, Ok(error));
        let panicked = soon(far.call(fails("on purpose".to_owned()))).await;
        let Err(CallError::Exited { reason, .. }) = panicked else {
            panic!("{panicked:?}")
        };
        assert!(matches!(&reason, ExitReason::Panic(report) if report.message() == "on purpose"));
        // A nested call to a server of this node: its answer, and its end.
        let log = Log::start().await.unwrap();
        assert_eq!(soon(far.call(nested(log.clone(), false))).await, Ok(Ok(7)));
        let crashed = soon(far.call(nested(log, true))).await.unwrap();
        let Err(CallError::Exited { reason, .. }) = crashed else {
            panic!("{crashed:?}")
        };
        assert!(matches!(&reason, ExitReason::Panic(report) if report.message() == "asked to"));
    });
}

#[test]
fn dist_08_a_call_times_out_on_time_without_an_answer_and_without_a_network() {
    in_virtual_time(|stage| async move {
        let far = stage.near.on("far");
        let time = Duration::from_millis(700);
        let in_time = |begin: Instant| {
            let took = begin.elapsed();
            assert!(
                took >= time && took < time + Duration::from_millis(200),
                "{took:?}"
            );
        };
        let begin = Instant::now();
        assert_eq!(
            far.call(waits()).timeout(time).await,
            Err(CallError::Timeout)
        );
        in_time(begin);
        // The late result must not reach any caller.
        let late = far.call(double_after(4, 900)).timeout(time).await;
        assert_eq!(late, Err(CallError::Timeout));
        assert_eq!(
            soon(far.call(double_after(5, 500))).await,
            Ok(10),
            "and not 8"
        );
        until("work without a caller has ended", || {
            stage.far().system.process_count() == 0
        })
        .await;
        stage.part();
        let begin = Instant::now();
        assert_eq!(
            far.call(waits()).timeout(time).await,
            Err(CallError::Timeout)
        );
        in_time(begin);
    });
}

#[test]
fn dist_10_the_caller_receives_the_signal_that_killed_the_worker() {
    everywhere(|stage| async move {
        let log = Log::start().await.unwrap();
        let signals = [
            (ExitReason::error("bad luck"), ExitReason::error("bad luck")),
            (ExitReason::Shutdown, ExitReason::Shutdown),
            (ExitReason::Kill, ExitReason::Killed),
        ];
        for (count, (signal, reason)) in signals.into_iter().enumerate() {
            let call = stage.near.on("far").call(tells_who(log.clone()));
            let pending = call.no_timeout().send().unwrap();
            let worker = until_some("the worker has reported", || async {
                log.met().await.unwrap().get(count).copied()
            })
            .await;
            ambit::exit(worker, signal);
            let executed = Executed::Maybe;
            assert_eq!(
                soon(pending).await,
                Err(CallError::Exited { reason, executed })
            );
        }
        // The same reason returned as a value stays a value.
        let error = stage.near.on("far").call(area(u64::MAX, 2));
        assert_eq!(soon(error).await, Ok(Err("too large".to_owned())));
    });
}

#[test]
fn dist_11_a_request_is_waited_for_again_and_again_and_leaves_nothing_behind() {
    everywhere(|stage| async move {
        let (near, far) = (stage.near.clone(), stage.far());
        in_process(move |mut inbox| async move {
            let mut pending = near.on("far").call(double_after(21, 300)).send().unwrap();
            let mut looks = 0;
            let answer = loop {
                let moment = Duration::from_millis(50);
                match timeout(moment, &mut pending).await {
                    Ok(answer) => break answer,
                    Err(_) => looks += 1,
                }
            };
            assert_eq!(answer, Ok(42));
            assert!(looks >= 2, "{looks}");
            drop(pending);
            // Dropping the pending call stops its work, and no result arrives.
            let pending = near.on("far").call(waits()).send().unwrap();
            until("it runs", || far.system.process_count() == 1).await;
            drop(pending);
            until("it has ended", || far.system.process_count() == 0).await;
            let message = inbox.next_within(Duration::from_millis(500)).await;
            assert!(message.is_none(), "{message:?}");
        })
        .await;
    });
}

#[test]
fn dist_12_calls_of_many_nodes_are_answered_in_their_order_within_one_time() {
    everywhere(|stage| async move {
        let time = Duration::from_secs(1);
        // The first call is the slowest; one node is called twice, one is missing, one function fails, and one never
        // returns.
        let third = stage.another("third", |builder| builder).await;
        soon(stage.near.connect(third.local_addr())).await.unwrap();
        let ask = |node: &str, number, millis| {
            let call = stage.near.on(node).call(double_after(number, millis));
            call.timeout(time).send()
        };
        let begin = Instant::now();
        let first = ask("far", 1, 300);
        let nobody = ask("nobody", 2, 0);
        let never = ask("far", 3, 3_600_000);
        let failed = stage.near.on("far").call(fails("alone".to_owned()));
        let failed = failed.timeout(time).send();
        let same = ask("third", 4, 0);
        let twice = ask("third", 4, 0);
        let mut outcomes = Vec::new();
        for one in [first, nobody, never, failed, same, twice] {
            outcomes.push(match one {
                Ok(pending) => pending.await,
                Err(error) => Err(error),
            });
        }
        let took = begin.elapsed();
        assert!(
            took >= time && took < 2 * time,
            "one time for all: {took:?}"
        );
        let executed = Executed::No;
        assert_eq!(
            outcomes[..3],
            [
                Ok(2),
                Err(CallError::NoConnection { executed }),
                Err(CallError::Timeout)
            ]
        );
        assert!(
            matches!(
                &outcomes[3],
                Err(CallError::Exited {
                    reason: ExitReason::Panic(_),
                    ..
                })
            ),
            "{outcomes:?}"
        );
        assert_eq!(outcomes[4..], [Ok(8), Ok(8)]);
    });
}

#[test]
fn task_05_a_task_waiting_for_a_lost_node_reports_the_loss() {
    everywhere(|stage| async move {
        let node = stage.near.clone();
        let task =
            Task::spawn_unlinked(async move { node.on("far").call(waits()).no_timeout().await });
        until("it runs", || stage.far().system.process_count() == 1).await;
        stage.lose().await;
        let executed = Executed::Maybe;
        let lost = Err(CallError::NoConnection { executed });
        assert_eq!(soon(task).await.unwrap(), lost);
        until("the work without a caller has ended", || {
            stage.far().system.process_count() == 0
        })
        .await;
    });
}
