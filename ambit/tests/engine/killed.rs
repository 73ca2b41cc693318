//! A server or a caller that is killed while a handler runs inline on the caller's stack.

use std::sync::mpsc;
use std::thread;

use ambit::error::Executed;
use ambit::prelude::*;
use ambit::system::System;

use crate::engine::script::{Log, Script, add, ask, ask_late, ask_with, both_ways, start};
use crate::support::process::{quiet, soon};

fn killed() -> CallError {
    CallError::Exited {
        reason: ExitReason::Killed,
        executed: Executed::Maybe,
    }
}

both_ways! {
    async fn from_another_thread_while_the_handler_computes<W>() {
        let (_system, _inside) = quiet();
        let log = Log::new();
        let script = start::<W>(&log).await;
        let (begun, began) = mpsc::channel();
        let (kill, told) = mpsc::channel();
        let target = script.clone();
        let killer = thread::spawn(move || {
            began.recv().unwrap();
            ambit::exit(&target, ExitReason::Kill);
            kill.send(()).unwrap();
        });
        let answer = ask(&script, move |state, _| {
            begun.send(()).unwrap();
            told.recv().unwrap();
            state.value = 1;
            state.value
        });
        // The handler runs to its end, and its immediate answer reaches the caller.
        assert_eq!(soon(answer).await, Ok(1));
        assert_eq!(soon(script.closed()).await, ExitReason::Killed);
        assert_eq!(log.take(), ["dropped"]);
        assert!(matches!(add(&script, 1).await, Err(CallError::NoProcess)));
        killer.join().unwrap();
    }

    async fn by_itself<W>() {
        let (_system, _inside) = quiet();
        let log = Log::new();
        let script = start::<W>(&log).await;
        let kept = ask_with(&script, |state, ctx, reply| {
            ambit::exit(ctx.pid(), ExitReason::Kill);
            state.kept.push(reply);
            Flow::Continue
        });
        assert_eq!(soon(kept).await, Err(killed()));
        assert_eq!(soon(script.closed()).await, ExitReason::Killed);
        assert_eq!(log.take(), ["dropped"]);
    }

    async fn a_panic_after_the_kill_does_not_change_who_was_first<W>() {
        let (_system, _inside) = quiet();
        let script = start::<W>(&Log::new()).await;
        let error = ask_with(&script, |_, ctx, _reply| {
            ambit::exit(ctx.pid(), ExitReason::Kill);
            panic!("too late")
        });
        assert!(matches!(soon(error).await, Err(CallError::Exited { .. })));
        soon(script.closed()).await;
        assert!(!script.is_alive());
    }

    async fn the_caller_in_the_handler<W>() {
        let (system, _inside) = quiet();
        let script = start::<W>(&Log::new()).await;
        let target = script.clone();
        let caller = ambit::spawn(move |inbox: Inbox<u8>| async move {
            let own = inbox.pid();
            let asked = ask(&target, move |state, _| {
                ambit::exit(own, ExitReason::Kill);
                state.value += 1;
                state.value
            });
            asked.await.unwrap();
            std::future::pending::<()>().await;
        });
        assert_eq!(soon(caller.closed()).await, ExitReason::Killed);
        assert_eq!(add(&script, 1).await, Ok(2), "the server goes on");
        script.stop().await.unwrap();
        assert_eq!(system.process_count(), 0);
    }

    async fn the_caller_while_it_waits<W>() {
        let (_system, _inside) = quiet();
        let script = start::<W>(&Log::new()).await;
        let target = script.clone();
        let caller = ambit::spawn(move |_: Inbox<u8>| async move {
            let keep = ask_with(&target, |state, _, reply| {
                state.kept.push(reply);
                Flow::Continue
            });
            keep.await.ok();
        });
        while soon(ask(&script, |state, _| state.kept.len())).await.unwrap() == 0 {
            tokio::task::yield_now().await;
        }
        ambit::exit(&caller, ExitReason::Kill);
        soon(caller.closed()).await;
        assert!(ask(&script, |state, _| state.kept[0].is_closed()).await.unwrap());
        assert_eq!(ambit::process_info(&script).unwrap().waits_for, []);
    }

    async fn an_async_handler_that_waits_is_cut_short<W>() {
        let (_system, _inside) = quiet();
        let log = Log::new();
        let script = start::<W>(&log).await;
        let target = script.clone();
        let late = tokio::spawn(async move { ask_late(&target, usize::MAX).await });
        tokio::task::yield_now().await;
        ambit::exit(&script, ExitReason::Kill);
        assert!(matches!(
            soon(late).await.unwrap(),
            Err(CallError::Exited { reason: ExitReason::Killed, .. } | CallError::NoProcess)
        ));
        soon(script.closed()).await;
        assert_eq!(log.take(), ["dropped"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_any_moment_of_many_inline_calls() {
    let system = System::builder().quiet_panics(true).build().unwrap();
    let _inside = system.enter();
    for round in 0..2_000 {
        let log = Log::new();
        let script = start::<true>(&log).await;
        let watch = script.monitor();
        let target: Subject<Script<true>> = script.clone();
        let calls = tokio::spawn(async move {
            let mut answered = 0;
            while let Ok(sum) = add(&target, 1).await {
                answered += 1;
                assert_eq!(sum, answered, "each call counts once");
            }
        });
        for _ in 0..round % 7 {
            tokio::task::yield_now().await;
        }
        ambit::exit(&script, ExitReason::Kill);
        assert_eq!(soon(watch).await.reason, ExitReason::Killed);
        soon(calls).await.unwrap();
        assert_eq!(log.take(), ["dropped"]);
    }
    assert_eq!(system.process_count(), 0);
}
