//! Calls and casts of one party to a server of the other.
//!
//! These cases of GenServer are not here, because nothing of them passes between two parties: GS-16 (every remote
//! message has a method), GS-25 and 26 (internals of the server), GS-30 to GS-32 (reports and introspection, on the
//! server's node), GS-33 (the caller's queue). The cases about starts are in `starts`.

use std::time::Duration;

use ambit::error::Executed;
use ambit::error::StopError;
use ambit::prelude::*;

use super::parties::{in_process, next, panic_text, poll_once, soon, there, until};
use super::servers::{Clerk, rig_here, rig_there};
use super::stage::{play, race};

fn exited(reason: ExitReason, executed: Executed) -> CallError {
    CallError::Exited { reason, executed }
}

#[test]
fn gs_08_a_deferred_call_is_answered_later() {
    play(|stage| async move {
        let (rig, ..) = rig_there(&stage).await;
        let (one, two) = (rig.keep().send(), rig.keep().send());
        assert_eq!(rig.kept().await, Ok((2, 0)));
        assert_eq!(rig.answer_all(3).await, Ok(2));
        assert_eq!((soon(one).await, soon(two).await), (Ok(3), Ok(3)));
    });
}

#[test]
fn gs_10_a_call_to_a_stopped_process_fails_before_its_timeout() {
    play(|stage| async move {
        let (rig, own, _) = rig_there(&stage).await;
        own.stop().await.unwrap();
        let minutes = Duration::from_secs(300);
        for _ in 0..3 {
            let outcome = soon(rig.get().timeout(minutes).into_owned()).await;
            assert_eq!(outcome, Err(CallError::NoProcess));
        }
        let outcome = soon(rig.get().no_timeout().into_owned()).await;
        assert_eq!(outcome, Err(CallError::NoProcess));
        assert_eq!(soon(rig.get().send()).await, Err(CallError::NoProcess));
    });
}

#[test]
fn gs_12_a_normal_stop_without_an_answer_is_a_failed_call() {
    play(|stage| async move {
        for reason in [
            ExitReason::Normal,
            ExitReason::Shutdown,
            ExitReason::error("x"),
        ] {
            let (rig, ..) = rig_there(&stage).await;
            let outcome = rig.stop_silently(reason.clone()).await;
            assert_eq!(outcome, Err(exited(reason, Executed::Maybe)));
        }
    });
}

/// D2: a cast to a process that is known to have ended returns `NoProcess`, and has no other effect.
#[test]
fn gs_14_a_cast_to_a_stopped_process_has_no_side_effect() {
    play(|stage| async move {
        let (rig, own, log) = rig_there(&stage).await;
        own.stop().await.unwrap();
        let seen = log.take();
        rig.note(1).await.ok();
        rig.note(1).now().ok();
        soon(rig.closed()).await;
        assert_eq!(rig.note(1).await, Err(CastError::NoProcess));
        assert_eq!(rig.note(1).now(), Err(CastError::NoProcess));
        stage.settle().await;
        assert_eq!((seen.len(), log.all().len()), (1, 0));
    });
}

#[test]
fn gs_15_one_client_is_handled_in_order() {
    race(|stage| async move {
        for _ in 0..stage.rounds(500) {
            let (rig, _, log) = rig_there(&stage).await;
            in_process(|_: Inbox<u8>| async move {
                rig.note_slowly(1).await.unwrap();
                rig.note(2).now().unwrap();
                let three = rig.trace(3).send();
                rig.note(4).await.unwrap();
                assert_eq!(rig.trace(5).await, Ok(5));
                assert_eq!(three.await, Ok(3));
            })
            .await;
            let all = ["cast 1", "cast 2", "call 3", "cast 4", "call 5"];
            assert_eq!(log.all(), all);
        }
    });
}

#[test]
fn gs_17_a_stop_with_an_answer_terminates_answers_exits_in_this_order() {
    race(|stage| async move {
        for round in 0..stage.rounds(1000) {
            let (rig, _, log) = rig_there(&stage).await;
            in_process(move |mut inbox: Inbox<u8>| async move {
                let monitor = inbox.monitor(&rig);
                let reason = ExitReason::shutdown_with(round);
                let answer = if round % 2 == 0 {
                    rig.stop_with_answer(reason.clone()).await
                } else {
                    rig.stop_slowly_with_answer(reason.clone()).await
                };
                log.add("answer");
                assert_eq!(answer, Ok(7));
                let InboxEvent::Down(down) = next(&mut inbox).await else {
                    panic!("it was monitored")
                };
                assert_eq!((down.monitor, down.reason), (monitor, reason));
                let end = format!("terminate(7): shutdown: {round}");
                assert_eq!(log.all(), [&end, "answer"]);
            })
            .await;
        }
    });
}

#[test]
fn gs_18_any_stop_terminates_once_with_its_reason() {
    play(|stage| async move {
        let reasons = [
            ExitReason::Normal,
            ExitReason::Shutdown,
            ExitReason::shutdown_with("x"),
            ExitReason::error("y"),
            ExitReason::Kill,
        ];
        for reason in reasons {
            for way in 0..6 {
                let (rig, _, log) = rig_there(&stage).await;
                let watch = rig.monitor();
                match way {
                    0 => rig.stop_by_cast(reason.clone()).await.unwrap(),
                    1 => rig.fail_by_cast(reason.clone()).await.unwrap(),
                    2 => drop(rig.stop_silently(reason.clone()).await),
                    3 => drop(rig.stop_with_answer(reason.clone()).await),
                    4 => drop(rig.stop_slowly_with_answer(reason.clone()).await),
                    _ => rig.stop_with(reason.clone()).await.unwrap(),
                }
                rig.note(1).now().ok();
                assert_eq!(soon(watch).await.reason, reason, "way {way}");
                assert_eq!(log.all(), [format!("terminate(7): {reason}")], "way {way}");
            }
        }
    });
}

#[test]
fn gs_19_a_panic_is_reported_to_the_caller() {
    play(|stage| async move {
        for is_async in [false, true] {
            let (rig, _, log) = rig_there(&stage).await;
            let watch = rig.monitor();
            let outcome = if is_async {
                rig.explode_later().await
            } else {
                rig.explode().await
            };
            let reason = soon(watch).await.reason;
            assert_eq!(panic_text(&reason), "boom");
            assert_eq!(log.all(), [format!("terminate(13): {reason}")]);
            assert_eq!(outcome, Err(exited(reason, Executed::Maybe)));
        }
    });
}

#[test]
fn gs_21_stop_returns_after_the_server_has_exited() {
    play(|stage| async move {
        for reason in [ExitReason::Normal, ExitReason::Shutdown] {
            let (rig, own, log) = rig_there(&stage).await;
            let watch = rig.monitor();
            rig.stop_with(reason.clone()).await.unwrap();
            assert!(!own.is_alive());
            assert_eq!(log.all(), [format!("terminate(7): {reason}")]);
            assert_eq!(soon(watch).await.reason, reason);
            assert_eq!(rig.stop().await, Err(StopError::NoProcess));
        }
    });
}

#[test]
fn gs_22_an_untrapped_signal_kills_without_terminate() {
    play(|stage| async move {
        for reason in [
            ExitReason::Shutdown,
            ExitReason::error("x"),
            ExitReason::Kill,
        ] {
            let (rig, _, log) = rig_there(&stage).await;
            ambit::exit(&rig, reason.clone());
            let seen = soon(rig.closed()).await;
            let expected = if reason == ExitReason::Kill {
                ExitReason::Killed
            } else {
                reason
            };
            assert_eq!(seen, expected);
            assert!(log.is_empty(), "no terminate after {seen}");
        }
        let (rig, ..) = rig_there(&stage).await;
        ambit::exit(&rig, ExitReason::Normal);
        assert_eq!(rig.get().await, Ok(7), "`normal` from another is ignored");
    });
}

#[test]
fn gs_27_several_requests_may_be_open() {
    play(|stage| async move {
        let (rig, ..) = rig_there(&stage).await;
        let pending: Vec<_> = (0..50).map(|n| rig.add(n).send()).collect();
        let mut sum = 7;
        for (n, one) in (0..50).zip(pending) {
            sum += n;
            assert_eq!(soon(one).await, Ok(sum), "each has its own answer");
        }
        let mut kept = rig.keep().no_timeout().send();
        assert_eq!(rig.kept().await, Ok((1, 0)));
        for _ in 0..3 {
            let outer = tokio::time::timeout(Duration::from_millis(5), &mut kept).await;
            assert!(outer.is_err(), "nobody has answered");
        }
        rig.answer_all(11).await.unwrap();
        assert_eq!(
            soon(kept).await,
            Ok(11),
            "waited for again, it yields the answer"
        );
        let lost = rig.keep().send();
        rig.stop().await.unwrap();
        let expected = exited(ExitReason::Normal, Executed::Maybe);
        assert_eq!(soon(lost).await, Err(expected));
    });
}

#[test]
fn a_late_answer_is_never_seen_and_the_server_detects_the_cancelled_call() {
    play(|stage| async move {
        let (rig, ..) = rig_there(&stage).await;
        in_process(move |mut inbox: Inbox<u8>| async move {
            // On a busy machine, a short time may pass before the server has the call.
            let mut short = Duration::from_millis(5);
            let known = loop {
                let outcome = rig.keep().timeout(short).await;
                assert_eq!(outcome, Err(CallError::Timeout));
                let known = rig.kept().await.unwrap();
                if known != (0, 0) {
                    break known;
                }
                short *= 2;
                assert!(short < Duration::from_secs(10), "the server has no call");
            };
            assert_eq!(known, (1, 1), "it knows");
            assert_eq!(rig.answer_all(9).await, Ok(0));
            // A dropped call is detected too.
            drop(rig.keep().send());
            assert_eq!(rig.kept().await, Ok((1, 1)));
            assert_eq!(rig.answer_all(9).await, Ok(0));
            assert_eq!(rig.add(1).await, Ok(8), "and it is not harmed");
            assert_eq!(inbox.next_within(Duration::ZERO).await, None);
            assert!(
                ambit::process_info(inbox.pid())
                    .unwrap()
                    .waits_for
                    .is_empty()
            );
        })
        .await;
    });
}

#[test]
fn an_exit_reports_maybe_executed_only_for_the_request_in_the_handler() {
    play(|stage| async move {
        for kill in [false, true] {
            let (rig, own, _) = rig_there(&stage).await;
            let in_handler = rig.hang().no_timeout().send();
            let empty = || stage.there(|| ambit::process_info(&own).unwrap().queued == 0);
            until("it is handled", empty).await;
            let queued: Vec<_> = (0..3).map(|_| rig.add(1).no_timeout().send()).collect();
            let all = || stage.there(|| ambit::process_info(&own).unwrap().queued == 3);
            until("they are queued", all).await;
            let (sent, reason) = match kill {
                true => (ExitReason::Kill, ExitReason::Killed),
                false => (ExitReason::error("x"), ExitReason::error("x")),
            };
            ambit::exit(&rig, sent);
            let maybe = exited(reason.clone(), Executed::Maybe);
            assert_eq!(soon(in_handler).await, Err(maybe));
            for one in queued {
                let not = exited(reason.clone(), Executed::No);
                assert_eq!(soon(one).await, Err(not));
            }
        }
    });
}

/// The mailbox has a capacity of eight; further messages wait, and keep their order.
#[test]
fn beyond_the_mailbox_messages_wait_and_keep_their_order() {
    play(|stage| async move {
        let (rig, _, log) = rig_there(&stage).await;
        in_process(move |_: Inbox<u8>| async move {
            let mut casts: Vec<_> = (0..100).map(|n| rig.note_slowly(n).into_owned()).collect();
            for cast in &mut casts {
                drop(poll_once(cast).await);
            }
            let last = rig.trace(100).send();
            assert_eq!(soon(last).await, Ok(100));
        })
        .await;
        let expected = (0..100).map(|n| format!("cast {n}"));
        let expected: Vec<_> = expected.chain(["call 100".to_owned()]).collect();
        assert_eq!(log.all(), expected);
    });
}

/// Both parties call each other, through handles that were sent back and forth (X92).
#[test]
fn a_handle_that_round_trips_refers_to_the_same_process() {
    play(|stage| async move {
        let (here, _) = rig_here().await;
        let (near, own, _) = rig_there(&stage).await;
        let known = stage.take(here.clone()).await;
        assert_eq!(stage.bring(known.clone()).await, here);
        assert_eq!(stage.bring(known.clone()).await.pid(), here.pid());
        assert_eq!(stage.take(near.clone()).await, own);
        // A remote server calls both.
        let clerk = there(&stage, async { Clerk.start().await.unwrap() }).await;
        let clerk = stage.bring(clerk).await;
        assert_eq!(clerk.add_to(here.clone(), 1).await, Ok(Ok(8)));
        assert_eq!(clerk.add_to(near.clone(), 2).await, Ok(Ok(9)));
        assert_eq!((here.get().await, near.get().await), (Ok(8), Ok(9)));
    });
}
