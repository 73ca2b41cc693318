//! Tasks that signal readiness: until then their start is in progress, and can fail.

use std::future::pending;
use std::io;
use std::sync::{Arc, Mutex};

use ambit::error::ChildError;
use ambit::prelude::*;
use ambit::supervisor::DynamicSupervisor;
use ambit::test::{expect_crash, settle};
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep};

use std::time::Duration;

use crate::supervision::support::*;

/// Returns the spec of a task that is ready after `time`.
fn ready_after(log: &Log, id: &'static str, time: Duration) -> ChildSpec<Task> {
    let log = log.clone();
    ChildSpec::task_with_ready(id, move |ready| {
        let log = log.clone();
        async move {
            sleep(time).await;
            log.add(format_args!("+{id}"));
            ready.notify();
            pending::<()>().await;
        }
    })
}

#[ambit::test]
async fn the_next_child_is_started_when_the_one_before_is_ready() {
    let log = Log::new();
    let began = Instant::now();
    let supervisor = Supervisor::builder()
        .child(ready_after(&log, "slow", 3 * SECOND))
        .child(Role::new("next", &log).spec())
        .start()
        .await
        .unwrap();
    assert_eq!(log.all(), ["+slow", "+next"]);
    assert_eq!(began.elapsed(), 3 * SECOND);
    running(state(&supervisor, "slow").await);
}

#[ambit::test(real_time)]
async fn a_port_in_use_is_a_failed_start_with_its_error() {
    let holder = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = holder.local_addr().unwrap();
    let listener = move || {
        ChildSpec::task_with_ready("listener", move |ready| async move {
            let listener = TcpListener::bind(address).await?;
            ready.notify();
            listener.accept().await?;
            Ok::<_, io::Error>(())
        })
    };
    let workers = DynamicSupervisor::builder().start().await.unwrap();
    let error = workers.start_child(listener()).await.unwrap_err();
    let ChildError::Start(StartError::Init(ExitReason::Error(report))) = &error else {
        panic!("{error:?}");
    };
    let cause = report.downcast_ref::<io::Error>().unwrap();
    assert_eq!(cause.kind(), io::ErrorKind::AddrInUse);
    assert_eq!(workers.count_children().await.unwrap().specs, 0);
    let tree = Supervisor::builder().child(listener()).start().await;
    let text = failed_child(&tree.unwrap_err());
    assert_eq!(text, format!("failed to start child `listener`: {cause}"));
}

#[ambit::test]
async fn a_task_that_ends_before_it_is_ready_has_not_started() {
    let error = ExitReason::error("no");
    for reason in [ExitReason::Normal, ExitReason::Shutdown, error] {
        let end = reason.clone();
        let spec = ChildSpec::task_with_ready("short", move |_ready| {
            let end = end.clone();
            async move { end }
        });
        let tree = Supervisor::builder().start().await.unwrap();
        let started = tree.start_child(spec).await;
        assert_eq!(started, Err(ChildError::Start(StartError::Init(reason))));
        assert_eq!(states(&tree).await, []);
    }
}

#[ambit::test]
async fn a_panic_before_the_signal_is_a_failed_start() {
    let spec = ChildSpec::task_with_ready("short", |_ready| async {
        panic!("at the start");
        #[expect(unreachable_code, reason = "it says of which type the output is")]
        ()
    });
    let tree = Supervisor::builder().start().await.unwrap();
    let started = tree.start_child(spec).await;
    let Err(ChildError::Start(StartError::Init(ExitReason::Panic(report)))) = started else {
        panic!("{started:?}");
    };
    assert_eq!(report.message(), "at the start");
}

#[ambit::test]
async fn a_task_that_drops_its_ready_signal_and_keeps_running_is_stopped() {
    for elsewhere in [false, true] {
        let spec = ChildSpec::task_with_ready("silent", move |ready| async move {
            if elsewhere {
                tokio::spawn(async move {
                    sleep(SECOND).await;
                    drop(ready);
                });
            } else {
                drop(ready);
            }
            pending::<()>().await;
        });
        let tree = Supervisor::builder().start().await.unwrap();
        let error = tree.start_child(spec).await.unwrap_err().to_string();
        assert!(error.contains("dropped its `Ready`"), "{error}");
        assert!(error.contains("call `notify()`"), "{error}");
        assert_eq!(states(&tree).await, []);
    }
}

#[ambit::test]
async fn a_restart_waits_for_the_signal_and_fails_like_a_start() {
    let log = Log::new();
    let gates = Arc::new(Mutex::new(Vec::new()));
    let task = {
        let gates = gates.clone();
        ChildSpec::task_with_ready("a", move |ready| {
            let (open, opened) = tokio::sync::oneshot::channel::<Result<(), &'static str>>();
            gates.lock().unwrap().push(open);
            async move {
                opened.await.unwrap_or(Ok(()))?;
                ready.notify();
                expect_crash(ambit::self_pid().unwrap());
                sleep(SECOND).await;
                Err::<(), _>("broken")
            }
        })
    };
    let open = |how| gates.lock().unwrap().pop().unwrap().send(how).unwrap();
    let start = Supervisor::builder()
        .strategy(Strategy::RestForOne)
        .child(task)
        .child(Role::new("b", &log).spec())
        .start();
    let start = start.send();
    settle().await;
    assert_eq!(log.all(), [""; 0], "its sibling waits");
    open(Ok(()));
    let tree = start.await.unwrap();
    log.take();
    sleep(SECOND + ms(1)).await;
    assert_eq!(log.take(), ["-b: shutdown"], "and waits again");
    open(Err("not yet"));
    settle().await;
    assert_eq!(log.all(), [""; 0]);
    open(Ok(()));
    settle().await;
    assert_eq!(log.all(), ["+b"]);
    tree.stop().await.unwrap();
}

#[ambit::test]
async fn a_task_that_is_not_ready_when_its_supervisor_stops_is_killed() {
    let log = Log::new();
    let never = ready_after(&log, "never", Duration::MAX);
    let start = Supervisor::builder()
        .child(never)
        .start()
        .name("tree")
        .send();
    settle().await;
    let tree = Supervisor::named("tree");
    tree.stop_with(ExitReason::Shutdown).await.unwrap();
    assert_eq!(start.await, Err(StartError::Init(ExitReason::Shutdown)));
    assert_eq!(log.all(), [""; 0]);
}

#[ambit::test]
async fn a_ready_notification_counts_even_if_the_task_exits_immediately() {
    for _ in 0..100 {
        let spec = ChildSpec::task_with_ready("quick", |ready| async move { ready.notify() });
        let workers = DynamicSupervisor::builder().start().await.unwrap();
        let quick = workers.start_child(spec.restart(Restart::Temporary)).await;
        quick.unwrap();
    }
}
