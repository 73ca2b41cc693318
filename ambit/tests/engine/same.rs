//! Inline and queued execution are equivalent: the handler does the same, and the caller sees the same.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ambit::error::Executed;
use ambit::prelude::*;
use ambit::system::System;
use ambit::telemetry;

use crate::engine::script::{
    Job, Log, add, ask, ask_with, both_ways, is_polled_here, marked, ms, runs_in_place, start,
};
use crate::support::process::{quiet, soon};

fn boom() -> Flow {
    panic!("boom")
}

/// Returns the exit reason in the caller's error.
fn error_reason(error: &CallError) -> &ExitReason {
    match error {
        CallError::Exited { reason, .. } => reason,
        other => panic!("{other:?}"),
    }
}

fn exited(reason: ExitReason) -> CallError {
    CallError::Exited {
        reason,
        executed: Executed::Maybe,
    }
}

both_ways! {
    async fn the_caller_runs_the_handler_only_where_it_may<W>() {
        let script = start::<W>(&Log::new()).await;
        let here = marked(ask(&script, |_, _| is_polled_here())).await.unwrap();
        assert_eq!(here, runs_in_place(W));
        let sent = marked(ask(&script, |_, _| is_polled_here()).send()).await.unwrap();
        assert!(!sent, "what is sent goes through the queue");
    }

    async fn self_pid_and_context_are_the_servers<W>() {
        let script = start::<W>(&Log::new()).await;
        let before = ambit::self_pid();
        let (own, of_context) = ask(&script, |_, ctx| (ambit::self_pid().unwrap(), ctx.pid()))
            .await
            .unwrap();
        assert_eq!((own, of_context), (script.pid(), script.pid()));
        assert_eq!(ambit::self_pid(), before, "the caller is who it was");
    }

    async fn a_panic_is_the_servers_end_and_not_the_callers<W>() {
        let (_system, _inside) = quiet();
        let log = Log::new();
        let script = start::<W>(&log).await;
        let watch = script.monitor();
        let error = ask_with(&script, |_, _, _reply| boom()).await.unwrap_err();
        let CallError::Exited { reason: ExitReason::Panic(report), executed } = &error else {
            panic!("{error:?}");
        };
        assert_eq!((report.message(), *executed), ("boom", Executed::Maybe));
        assert!(report.location().unwrap().contains("same.rs"), "{report}");
        assert!(matches!(soon(watch).await.reason, ExitReason::Panic(_)));
        assert_eq!(log.take(), [format!("terminate: {}", error_reason(&error)), "dropped".into()]);
        assert_eq!(add(&script, 1).await, Err(CallError::NoProcess));
    }

    async fn a_stop_answers_its_caller_after_terminate<W>() {
        let log = Log::new();
        let script = start::<W>(&log).await;
        let stopped = ask(&script, |_, ctx| {
            ctx.stop(ExitReason::Shutdown);
            7
        });
        assert_eq!(stopped.await, Ok(7));
        assert_eq!(log.all()[0], "terminate: shutdown", "the answer came after it");
        assert_eq!(soon(script.closed()).await, ExitReason::Shutdown);
        assert_eq!(log.take(), ["terminate: shutdown", "dropped"]);
    }

    async fn a_continuation_comes_before_the_next_message<W>() {
        let log = Log::new();
        let script = start::<W>(&log).await;
        let first = ask(&script, |state, ctx| {
            state.log.add("call");
            ctx.continue_with(Job::Later(Box::new(|state, _| {
                Box::pin(async move {
                    tokio::task::yield_now().await;
                    state.log.add("continued");
                    Flow::Continue
                })
            })));
        });
        first.await.unwrap();
        ask(&script, |state, _| state.log.add("next")).await.unwrap();
        assert_eq!(log.all(), ["call", "continued", "next"]);
    }

    async fn a_deferred_answer_comes_when_it_is_given<W>() {
        let script = start::<W>(&Log::new()).await;
        let waits = script.clone();
        let deferred = tokio::spawn(async move {
            ask_with(&waits, |state, _, reply| {
                state.kept.push(reply);
                Flow::Continue
            })
            .await
        });
        while ask(&script, |state, _| state.kept.len()).await.unwrap() == 0 {
            tokio::task::yield_now().await;
        }
        ask(&script, |state, _| state.kept.remove(0).send(5)).await.unwrap();
        assert_eq!(soon(deferred).await.unwrap(), Ok(5));
    }

    async fn a_deferred_answer_that_never_comes_is_a_timeout<W>() {
        let script = start::<W>(&Log::new()).await;
        let keep = ask_with(&script, |state, _, reply| {
            state.kept.push(reply);
            Flow::Continue
        });
        assert_eq!(keep.timeout(ms(20)).await, Err(CallError::Timeout));
        assert!(ask(&script, |state, _| state.kept[0].is_closed()).await.unwrap());
        let sent = ask(&script, |state, _| state.kept.remove(0).send(1));
        assert!(!sent.await.unwrap(), "nobody waits for it");
    }

    async fn a_dropped_port_says_no_reply_while_the_server_goes_on<W>() {
        let script = start::<W>(&Log::new()).await;
        let dropped = ask_with(&script, |_, _, _reply| Flow::Continue);
        assert_eq!(soon(dropped).await, Err(CallError::NoReply));
        assert_eq!(add(&script, 1).await, Ok(1));
    }

    async fn a_dropped_port_says_exited_when_the_server_stops<W>() {
        let script = start::<W>(&Log::new()).await;
        let dropped = ask_with(&script, |_, _, _reply| Flow::Stop(ExitReason::Shutdown));
        assert_eq!(soon(dropped).await, Err(exited(ExitReason::Shutdown)));
    }

    async fn a_dropped_port_of_another_caller_is_told_too<W>() {
        let script = start::<W>(&Log::new()).await;
        let waits = ask_with(&script, |state, _, reply| {
            state.kept.push(reply);
            Flow::Continue
        })
        .send();
        let cleared = ask(&script, |state, _| {
            let kept = state.kept.len();
            state.kept.clear();
            kept
        });
        assert_eq!(cleared.await, Ok(1));
        assert_eq!(soon(waits).await, Err(CallError::NoReply));
    }

    async fn a_dropped_port_is_settled_before_an_idle_wait<W>() {
        let script = start::<W>(&Log::new()).await;
        let waits = ask_with(&script, |state, _, reply| {
            state.kept.push(reply);
            Flow::Continue
        })
        .send();
        let cleared = ask(&script, |state, ctx| {
            state.kept.clear();
            ctx.idle_timeout(Duration::from_secs(1_000));
        });
        cleared.await.unwrap();
        assert_eq!(soon(waits).await, Err(CallError::NoReply));
    }

    async fn a_kept_port_says_exited_when_the_server_ends<W>() {
        let script = start::<W>(&Log::new()).await;
        let keep = ask_with(&script, |state, ctx, reply| {
            state.kept.push(reply);
            ctx.stop(ExitReason::Shutdown);
            Flow::Continue
        });
        assert_eq!(soon(keep).await, Err(exited(ExitReason::Shutdown)));
    }

    async fn the_handler_knows_how_long_its_caller_waits<W>() {
        let script = start::<W>(&Log::new()).await;
        let limit = Duration::from_secs(3);
        let left = ask(&script, |_, ctx| ctx.remaining()).timeout(limit).await.unwrap();
        assert!(left.is_some_and(|left| left <= limit && left > ms(500)), "{left:?}");
        let left = ask(&script, |_, ctx| ctx.remaining()).await.unwrap();
        assert!(left.is_some_and(|left| left > limit), "{left:?}");
        let left = ask(&script, |_, ctx| ctx.remaining()).no_timeout().await;
        assert_eq!(left, Ok(None));
    }

    async fn an_idle_timeout_set_in_a_call_fires_once<W>() {
        let log = Log::new();
        let script = start::<W>(&log).await;
        ask(&script, |_, ctx| ctx.idle_timeout(ms(5))).await.unwrap();
        let deadline = std::time::Instant::now() + Duration::from_secs(20);
        while log.is_empty() && std::time::Instant::now() < deadline {
            tokio::time::sleep(ms(1)).await;
        }
        assert_eq!(add(&script, 1).await, Ok(1));
        assert_eq!(log.all(), ["idle"]);
    }

    async fn a_message_ends_the_idle_time<W>() {
        let log = Log::new();
        let script = start::<W>(&log).await;
        ask(&script, |_, ctx| ctx.idle_timeout(Duration::from_secs(1000))).await.unwrap();
        assert_eq!(add(&script, 1).await, Ok(1));
        assert_eq!(add(&script, 1).await, Ok(2));
        assert!(log.is_empty());
    }

    async fn a_monitor_set_in_a_call_gives_one_down<W>() {
        let log = Log::new();
        let script = start::<W>(&log).await;
        let other = start::<W>(&Log::new()).await;
        let target = other.clone();
        ask(&script, move |_, ctx| ctx.monitor(&target)).await.unwrap();
        other.stop().await.unwrap();
        assert_eq!(add(&script, 1).await, Ok(1));
        assert_eq!(log.all(), ["down: normal"]);
    }

    async fn a_trapped_exit_is_a_message<W>() {
        let log = Log::new();
        let script = start::<W>(&log).await;
        let other = start::<W>(&Log::new()).await;
        let target = other.clone();
        let linked = ask(&script, move |_, ctx| {
            ctx.trap_exits(true);
            ctx.link(&target)
        });
        assert_eq!(linked.await, Ok(Ok(())));
        other.stop_with(ExitReason::Shutdown).await.unwrap();
        assert_eq!(add(&script, 1).await, Ok(1));
        assert_eq!(log.all(), ["exit: shutdown"]);
    }

    async fn what_a_handler_sends_to_itself_comes_after_it<W>() {
        let log = Log::new();
        let script = start::<W>(&log).await;
        ask(&script, |state, ctx| {
            let cast = Job::Now(Box::new(|state, _| {
                state.log.add("cast");
                Flow::Continue
            }));
            ctx.subject().send(cast).now().unwrap();
            state.log.add("call");
        })
        .await
        .unwrap();
        assert_eq!(add(&script, 1).await, Ok(1));
        assert_eq!(log.all(), ["call", "cast"]);
    }

    async fn a_server_that_calls_itself_is_told<W>() {
        let script = start::<W>(&Log::new()).await;
        let own = script.clone();
        let error = script.call(move |reply| {
            Job::Later(Box::new(move |_, ctx| {
                Box::pin(async move {
                    let own = add(&own, 1).await;
                    ctx.answer(reply, own);
                    Flow::Continue
                })
            }))
        });
        assert_eq!(soon(error).await, Ok(Err(CallError::CallsItself)));
    }

    async fn telemetry_hears_of_each_handler<W>() {
        let (system, _inside) = quiet();
        let handled = Arc::new(Mutex::new(Vec::new()));
        let known = handled.clone();
        let _listening = system.on_event(move |event| {
            if let telemetry::Event::Handled { method, .. } = event {
                known.lock().unwrap().push(*method);
            }
        });
        let script = start::<W>(&Log::new()).await;
        assert_eq!(add(&script, 1).await, Ok(1));
        assert!(ask_with(&script, |_, _, _reply| Flow::Continue).await.is_err());
        script.stop().await.unwrap();
        assert_eq!(*handled.lock().unwrap(), ["call", "call"]);
    }

    async fn a_crash_report_names_the_methods<W>() {
        let (system, _inside) = quiet();
        let reports = Arc::new(Mutex::new(Vec::new()));
        let known = reports.clone();
        let _listening = system.on_event(move |event| {
            if let telemetry::Event::Crashed(report) = event {
                known.lock().unwrap().push(report.methods.clone());
            }
        });
        let script = start::<W>(&Log::new()).await;
        crate::engine::script::ask_late(&script, 1).await.unwrap();
        assert_eq!(add(&script, 1).await, Ok(2));
        assert!(ask_with(&script, |_, _, _reply| boom()).await.is_err());
        soon(script.closed()).await;
        assert_eq!(*reports.lock().unwrap(), [["call", "call", "late call"]]);
    }

    async fn calls_of_one_caller_are_handled_in_order<W>() {
        let log = Log::new();
        let script = start::<W>(&log).await;
        for n in 0..50_u64 {
            let cast = Job::Now(Box::new(move |state: &mut crate::engine::script::Script<W>, _: &mut _| {
                state.log.add(n * 2);
                Flow::Continue
            }));
            script.send(cast).await.unwrap();
            ask(&script, move |state, _| state.log.add(n * 2 + 1)).await.unwrap();
        }
        let expected: Vec<_> = (0..100).map(|n: u64| n.to_string()).collect();
        assert_eq!(log.all(), expected);
    }

    async fn a_suspended_server_answers_when_it_is_resumed<W>() {
        let script = start::<W>(&Log::new()).await;
        ambit::sys::suspend(&script).await.unwrap();
        let asked = tokio::spawn({
            let script = script.clone();
            async move { add(&script, 1).await }
        });
        let late = add(&script, 1).timeout(ms(30)).await;
        assert_eq!(late, Err(CallError::Timeout));
        ambit::sys::resume(&script).await.unwrap();
        assert!(soon(asked).await.unwrap().is_ok());
        assert_eq!(add(&script, 0).await, Ok(2));
    }
}

#[tokio::test]
async fn an_inline_handler_finds_the_system_of_its_server() {
    let system = System::builder().build().unwrap();
    let inside = system.enter();
    let script = start::<true>(&Log::new()).await;
    drop(inside);
    let in_handler = ask(&script, |_, _| System::current().unwrap())
        .await
        .unwrap();
    assert_eq!(in_handler, system);
}
