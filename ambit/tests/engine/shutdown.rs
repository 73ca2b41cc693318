//! A runtime that shuts down while a server is working, idle or without a task: its state is dropped once, and all
//! observers are notified.

use std::pin::pin;
use std::sync::mpsc;
use std::task::{Context as TaskContext, Poll, Waker};
use std::thread;
use std::time::Duration;

use ambit::prelude::*;
use tokio::runtime::{Builder, Runtime};

use crate::engine::script::{Log, Script, add, ask, ask_late, start, tasks_at_most};

/// A timeout longer than any test here.
const PATIENCE: Duration = Duration::from_secs(60);

fn runtime() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

/// Waits for the end of the server in another runtime.
fn closed(script: &Subject<Script<true>>) -> ExitReason {
    let script = script.clone();
    let (done, told) = mpsc::channel();
    thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        done.send(runtime.block_on(script.closed())).ok();
    });
    told.recv_timeout(PATIENCE).expect("it is told of the end")
}

#[test]
fn while_the_server_rests() {
    for _ in 0..50 {
        let (log, runtime) = (Log::new(), runtime());
        let script = runtime.block_on(async {
            let script = start::<true>(&log).await;
            assert_eq!(add(&script, 1).await, Ok(1));
            assert_eq!(ask_late(&script, 1).await, Ok(2));
            script
        });
        drop(runtime);
        assert_eq!(closed(&script), ExitReason::Shutdown);
        assert_eq!(log.take(), ["dropped"]);
        assert!(!script.is_alive());
    }
}

#[test]
fn while_it_has_no_task() {
    let (log, runtime) = (Log::new(), runtime());
    let script = runtime.block_on(async {
        let script = start::<true>(&log).await;
        assert_eq!(ask_late(&script, 1).await, Ok(1));
        // Only the time driver is left.
        tasks_at_most(1).await;
        script
    });
    drop(runtime);
    assert_eq!(closed(&script), ExitReason::Shutdown);
    assert_eq!(log.take(), ["dropped"]);
}

#[test]
fn while_a_caller_runs_its_handler() {
    for _ in 0..20 {
        let (log, runtime) = (Log::new(), runtime());
        let script = runtime.block_on(start::<true>(&log));
        let (begun, began) = mpsc::channel();
        let (open, gate) = mpsc::channel::<()>();
        let (target, handle) = (script.clone(), runtime.handle().clone());
        // The caller is not a task of the runtime: it continues while the runtime shuts down.
        let caller = thread::spawn(move || {
            handle.block_on(async move {
                let asked = ask(&target, move |_, _| {
                    begun.send(()).unwrap();
                    gate.recv().ok();
                    7
                });
                asked.await
            })
        });
        began.recv_timeout(PATIENCE).unwrap();
        let shut = thread::spawn(move || runtime.shutdown_timeout(Duration::from_millis(100)));
        drop(open);
        shut.join().unwrap();
        let answer = caller.join().unwrap();
        assert!(
            matches!(answer, Ok(7) | Err(CallError::Exited { .. })),
            "{answer:?}"
        );
        assert_eq!(closed(&script), ExitReason::Shutdown);
        assert_eq!(log.take(), ["dropped"]);
    }
}

#[test]
fn while_an_async_handler_is_pending() {
    let (log, runtime) = (Log::new(), runtime());
    let (script, pending) = runtime.block_on(async {
        let script = start::<true>(&log).await;
        let pending = ask_late(&script, usize::MAX).send();
        (script, pending)
    });
    drop(runtime);
    assert_eq!(closed(&script), ExitReason::Shutdown);
    assert_eq!(log.take(), ["dropped"]);
    let other = Builder::new_current_thread().enable_all().build().unwrap();
    let answer = other.block_on(pending);
    assert!(
        matches!(
            answer,
            Err(CallError::Exited {
                reason: ExitReason::Shutdown,
                ..
            })
        ),
        "{answer:?}"
    );
}

#[test]
fn while_callers_and_senders_come() {
    for _ in 0..50 {
        let (log, runtime) = (Log::new(), runtime());
        let script = runtime.block_on(start::<true>(&log));
        for _ in 0..2 {
            let target = script.clone();
            runtime.spawn(async move { while add(&target, 1).await.is_ok() {} });
        }
        let (target, handle) = (script.clone(), runtime.handle().clone());
        let outside = thread::spawn(move || {
            let mut calls = 0_u64;
            while handle.block_on(async { add(&target, 1).await }).is_ok() {
                calls += 1;
            }
            calls
        });
        drop(runtime);
        assert_eq!(closed(&script), ExitReason::Shutdown);
        outside.join().unwrap();
        assert_eq!(log.take(), ["dropped"]);
    }
}

/// Shuts down a runtime in its drop, and sends what `closed` of a process of that runtime then returns.
struct Owner {
    runtime: Option<Runtime>,
    process: Subject<()>,
    closed: mpsc::Sender<Poll<ExitReason>>,
}

impl Drop for Owner {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
        let closed = pin!(self.process.closed());
        let closed = closed.poll(&mut TaskContext::from_waker(Waker::noop()));
        self.closed.send(closed).unwrap();
    }
}

/// The future of the other process holds the runtime, and is dropped in the exit of that process.
#[test]
fn while_another_process_ends_on_the_thread() {
    let single = || Builder::new_current_thread().enable_all().build().unwrap();
    let (outer, inner) = (single(), single());
    let process = inner.block_on(async {
        ambit::spawn(|mut inbox: Inbox<()>| async move {
            inbox.recv().await;
        })
    });
    let (sender, closed) = mpsc::channel();
    let owner = Owner {
        runtime: Some(inner),
        process,
        closed: sender,
    };
    outer.block_on(async {
        ambit::spawn(move |mut inbox: Inbox<()>| async move {
            inbox.recv().await;
            drop(owner);
        });
    });
    drop(outer);
    assert_eq!(closed.recv(), Ok(Poll::Ready(ExitReason::Shutdown)));
}
