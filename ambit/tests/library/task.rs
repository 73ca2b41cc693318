//! Tasks: values, failures, links, and ownership.

use ambit::process::Target;
use std::future::pending;
use std::pin::Pin;
use std::time::Duration;

use ambit::prelude::*;
use ambit::task;
use ambit::task::TaskError;
use ambit::test::{Probe, crashes, expect_crash, holdings, settle};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};

use crate::support::process::poll_once;

mod many;
mod one_shot;
mod races;
mod stream;
mod supervised;

fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn links(target: impl Target) -> Vec<Pid> {
    ambit::process_info(target).unwrap().links
}

async fn slow<T>(time: Duration, value: T) -> T {
    sleep(time).await;
    value
}

/// Ends the calling process with this reason, at its next suspension.
async fn end<T>(reason: ExitReason) -> T {
    ambit::exit(ambit::self_pid().unwrap(), reason);
    pending().await
}

fn failed<T>(reason: ExitReason) -> Result<T, TaskError> {
    Err(TaskError::Exited(reason))
}

/// Takes all events that are queued now.
async fn queued(inbox: &mut Inbox<u8>) -> Vec<InboxEvent<u8>> {
    let mut events = Vec::new();
    while let Some(event) = inbox.next_within(Duration::ZERO).await {
        events.push(event);
    }
    events
}

#[ambit::test]
async fn task_01_only_the_value_is_delivered(mut inbox: Inbox<u8>) {
    for traps in [false, true] {
        inbox.trap_exits(traps);
        let before = holdings();
        let quick = Task::spawn(async { 1 });
        let slow = Task::spawn(slow(secs(60), 2));
        assert_eq!((quick.await, slow.await), (Ok(1), Ok(2)));
        settle().await;
        assert_eq!(queued(&mut inbox).await, []);
        assert_eq!(holdings(), before);
    }
}

#[ambit::test]
async fn task_01_when_the_await_returns_the_task_has_ended() {
    let task = Task::spawn(async { 1 });
    let pid = task.pid();
    assert!(ambit::is_alive(pid));
    assert_eq!(task.await, Ok(1));
    assert!(!ambit::is_alive(pid));
}

#[ambit::test]
async fn task_02_a_crash_of_the_task_ends_its_owner() {
    let (sender, receiver) = oneshot::channel();
    let owner = ambit::spawn(move |inbox: Inbox<u8>| async move {
        let task = Task::<u8>::spawn(async { panic!("broken") });
        assert_eq!(links(inbox.pid()), [task.pid()]);
        sender.send(task.pid()).ok();
        task.await.ok();
        unreachable!("the owner is gone");
    });
    expect_crash(&owner);
    expect_crash(receiver.await.unwrap());
    let ExitReason::Panic(report) = owner.closed().await else {
        panic!("the reason of the task")
    };
    assert_eq!(report.message(), "broken");
}

#[ambit::test]
async fn task_02_the_crash_of_the_owner_ends_the_task() {
    let (sender, receiver) = oneshot::channel();
    let owner = ambit::spawn(move |_: Inbox<u8>| async move {
        let linked = Task::spawn(pending::<u8>());
        let unlinked = Task::spawn_unlinked(pending::<u8>());
        sender.send((linked.pid(), unlinked.pid())).ok();
        pending::<()>().await;
    });
    let (linked, unlinked) = receiver.await.unwrap();
    let mut probe = Probe::<()>::new();
    probe.monitor(linked);
    let reason = ExitReason::error("out of memory");
    expect_crash(&owner);
    expect_crash(linked);
    ambit::exit(&owner, reason.clone());
    assert_eq!(probe.expect_down().await.reason, reason);
    assert!(ambit::is_alive(unlinked), "it belongs to nobody");
}

#[ambit::test]
async fn task_02_an_owner_that_traps_exits_receives_the_failure_from_the_await(
    mut inbox: Inbox<u8>,
) {
    inbox.trap_exits(true);
    let reason = ExitReason::error("bad luck");
    let task = Task::<u8>::spawn(end(reason.clone()));
    expect_crash(task.pid());
    assert_eq!(links(inbox.pid()), [task.pid()]);
    assert_eq!(task.await, failed(reason));
    settle().await;
    assert_eq!(queued(&mut inbox).await, []);
    assert_eq!(links(inbox.pid()), []);
}

#[ambit::test]
async fn task_02_a_normal_end_of_the_owner_leaves_the_task() {
    let (sender, receiver) = oneshot::channel();
    let (done, is_done) = oneshot::channel();
    ambit::spawn(move |_: Inbox<u8>| async move {
        let task = Task::spawn(async move {
            sleep(secs(10)).await;
            done.send(()).ok();
        });
        sender.send(task.pid()).ok();
    });
    assert!(ambit::is_alive(receiver.await.unwrap()));
    assert_eq!(is_done.await, Ok(()));
}

#[ambit::test]
async fn task_03_only_the_owner_may_wait_for_a_task() {
    let mut tasks: Vec<_> = (0..4).map(|_| Task::spawn(pending::<u8>())).collect();
    let pids: Vec<_> = tasks.iter().map(Task::pid).collect();
    let before = Instant::now();
    let stranger = Task::spawn(async move {
        let mut outcomes = Vec::new();
        outcomes.push(task::await_many([tasks.remove(0)]).await.map(drop));
        let many = task::yield_many(&mut tasks[..1], secs(9)).await;
        outcomes.extend(many.into_iter().map(|outcome| outcome.map(drop)));
        outcomes.push(tasks[0].yield_for(secs(9)).await.map(drop));
        outcomes.push(tasks.remove(0).timeout(secs(9)).await.map(drop));
        outcomes.push(tasks.remove(0).shutdown(secs(9)).await.map(drop));
        outcomes.push(tasks.remove(0).ignore().map(drop));
        outcomes
    });
    for outcome in stranger.await.unwrap() {
        assert_eq!(outcome, Err(TaskError::NotOwner));
    }
    assert_eq!(before.elapsed(), Duration::ZERO, "nothing has waited");
    for pid in pids {
        assert!(ambit::is_alive(pid), "nothing has been done to {pid}");
    }
}

#[test]
fn a_task_spawned_outside_a_process_can_be_awaited_anywhere() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let task = Task::spawn(async { 7 });
        assert!(task::callers().is_empty());
        let elsewhere = ambit::spawn(move |_: Inbox<u8>| async move {
            assert_eq!(task.await, Ok(7));
        });
        assert_eq!(elsewhere.closed().await, ExitReason::Normal);
    });
}

#[test]
fn without_a_runtime_the_task_has_ended() {
    let task = Task::spawn(async { 7 });
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let outcome = runtime.block_on(task);
    assert_eq!(outcome, failed(ExitReason::error("no tokio runtime")));
}

#[ambit::test]
async fn task_05_an_end_without_a_value_is_the_error() {
    let reasons = [
        ExitReason::Normal,
        ExitReason::Shutdown,
        ExitReason::Timeout,
        ExitReason::NoProcess,
        ExitReason::error("bad luck"),
    ];
    for reason in reasons {
        let task = Task::<u8>::spawn_unlinked(end(reason.clone()));
        expect_crash(task.pid());
        assert_eq!(task.await, failed(reason));
    }
    let task = Task::<u8>::spawn_unlinked(end(ExitReason::Kill));
    expect_crash(task.pid());
    assert_eq!(task.await, failed(ExitReason::Killed));

    let task = Task::<u8>::spawn_unlinked(async { panic!("broken") });
    expect_crash(task.pid());
    let Err(TaskError::Exited(ExitReason::Panic(report))) = task.await else {
        panic!("a panic is the reason")
    };
    assert_eq!(report.message(), "broken");
}

#[ambit::test]
async fn a_timed_out_task_keeps_running_and_sends_no_result(mut inbox: Inbox<u8>) {
    let (sender, receiver) = oneshot::channel();
    let task = Task::spawn(async move {
        sleep(secs(2)).await;
        sender.send(()).ok();
        3
    });
    let asked = Instant::now();
    assert_eq!(task.timeout(secs(1)).await, Err(TaskError::Timeout));
    assert_eq!(asked.elapsed(), secs(1));
    assert_eq!(receiver.await, Ok(()), "it goes on");
    settle().await;
    assert_eq!(queued(&mut inbox).await, []);
}

#[ambit::test]
async fn a_dropped_task_keeps_running() {
    let (sender, receiver) = oneshot::channel();
    drop(Task::spawn(async move {
        sleep(secs(1)).await;
        sender.send(()).ok();
    }));
    assert_eq!(receiver.await, Ok(()));
}

#[ambit::test]
async fn an_await_by_reference_loses_nothing() {
    let mut task = Task::spawn(slow(secs(3), 5)).timeout(secs(2));
    assert!(poll_once(&mut task).await.is_pending());
    sleep(secs(1)).await;
    assert!(poll_once(&mut task).await.is_pending());
    assert_eq!((&mut task).await, Err(TaskError::Timeout));
    assert_eq!((&mut task).await, Ok(5), "another wait, another deadline");
    assert_eq!(task.await, failed(ExitReason::NoProcess), "only once");
}

#[ambit::test]
async fn task_07_a_yield_can_be_repeated() {
    let mut task = Task::spawn(slow(secs(3), 5));
    assert_eq!(task.yield_for(secs(1)).await, Ok(None));
    assert_eq!(task.yield_for(Duration::ZERO).await, Ok(None));
    assert_eq!(task.yield_for(secs(5)).await, Ok(Some(5)));
    let asked = Instant::now();
    assert_eq!(task.yield_for(secs(5)).await, Ok(None), "it comes once");
    assert_eq!(asked.elapsed(), Duration::ZERO);

    let mut task = Task::<u8>::spawn_unlinked(end(ExitReason::Shutdown));
    assert_eq!(task.yield_for(secs(1)).await, failed(ExitReason::Shutdown));
    assert_eq!(
        task.yield_for(secs(1)).await,
        Ok(None),
        "and so does a failure"
    );
}

#[ambit::test]
async fn task_07_a_value_wins_over_the_end() {
    // The task sends itself an exit signal, and returns its value before the signal takes effect.
    let mut task = Task::spawn_unlinked(async {
        ambit::exit(ambit::self_pid().unwrap(), ExitReason::error("late"));
        5
    });
    expect_crash(task.pid());
    settle().await;
    assert!(!ambit::is_alive(task.pid()));
    assert_eq!(task.yield_for(Duration::ZERO).await, Ok(Some(5)));
}

#[ambit::test]
async fn task_10_shutdown_ends_a_task_and_waits() {
    for how in [
        Shutdown::Brutal,
        Shutdown::After(secs(1)),
        Shutdown::Infinity,
    ] {
        let task = Task::spawn(pending::<u8>());
        let pid = task.pid();
        assert_eq!(task.shutdown(how).await, Ok(None));
        assert!(!ambit::is_alive(pid));
    }
    assert!(
        crashes().is_empty(),
        "who is killed by its owner has not crashed"
    );
}

/// Starts a task that ignores exits for `time`; they are trapped when this returns.
async fn deaf(time: Duration) -> Task<u8> {
    let (sender, receiver) = oneshot::channel();
    let task = Task::spawn(async move {
        task::trap_exits(true).unwrap();
        sender.send(()).ok();
        slow(time, 7).await
    });
    receiver.await.unwrap();
    task
}

#[ambit::test]
async fn task_10_a_task_that_ignores_it_is_killed_when_the_time_is_up() {
    let asked = Instant::now();
    let stubborn = deaf(secs(60)).await;
    assert_eq!(stubborn.shutdown(secs(5)).await, failed(ExitReason::Killed));
    assert_eq!(asked.elapsed(), secs(5));

    let brutally = deaf(secs(60)).await;
    assert_eq!(brutally.shutdown(Shutdown::Brutal).await, Ok(None));
    assert_eq!(asked.elapsed(), secs(5));
    assert!(crashes().is_empty());
}

#[ambit::test]
async fn task_10_a_value_that_arrives_meanwhile_is_returned() {
    let in_time = deaf(secs(3)).await;
    assert_eq!(in_time.shutdown(secs(5)).await, Ok(Some(7)));
    let late = deaf(secs(60)).await;
    assert_eq!(late.shutdown(Shutdown::Infinity).await, Ok(Some(7)));

    let done = Task::spawn(async { 1 });
    settle().await;
    assert_eq!(done.shutdown(Shutdown::Brutal).await, Ok(Some(1)));

    let failing = Task::<u8>::spawn_unlinked(end(ExitReason::Timeout));
    expect_crash(failing.pid());
    settle().await;
    assert_eq!(failing.shutdown(secs(1)).await, failed(ExitReason::Timeout));
}

#[ambit::test]
async fn task_10_a_shutdown_that_is_given_up_kills() {
    let stubborn = deaf(secs(60)).await;
    let pid = stubborn.pid();
    let mut ending = Box::pin(stubborn.shutdown(Shutdown::Infinity));
    assert!(poll_once(&mut ending).await.is_pending());
    assert!(ambit::is_alive(pid));
    drop(ending);
    settle().await;
    assert!(!ambit::is_alive(pid));
}

#[ambit::test]
async fn task_11_an_ignored_task_keeps_running_alone(mut inbox: Inbox<u8>) {
    let (sender, receiver) = oneshot::channel();
    let task = Task::<u8>::spawn(async move {
        sleep(secs(1)).await;
        sender.send(()).ok();
        end(ExitReason::error("nobody cares")).await
    });
    expect_crash(task.pid());
    assert_eq!(task.ignore(), Ok(None));
    assert_eq!(links(inbox.pid()), []);
    assert_eq!(receiver.await, Ok(()));
    settle().await;
    assert_eq!(queued(&mut inbox).await, []);
}

#[ambit::test]
async fn task_11_an_available_result_is_returned() {
    let task = Task::spawn(async { 7 });
    settle().await;
    assert_eq!(task.ignore(), Ok(Some(7)));
    let task = Task::<u8>::spawn_unlinked(end(ExitReason::Shutdown));
    settle().await;
    assert_eq!(task.ignore(), failed(ExitReason::Shutdown));
    assert_eq!(Task::completed(7).ignore(), Ok(Some(7)));
}

#[ambit::test]
async fn task_21_unrelated_messages_stay_in_the_mailbox_without_interfering(mut inbox: Inbox<u8>) {
    let other = ambit::spawn(|_: Inbox<u8>| async {});
    inbox.monitor(&other);
    other.closed().await;
    inbox.subject().send(9).await.unwrap();

    let mut task = Task::spawn(slow(secs(1), 1));
    inbox.monitor(task.pid());
    assert_eq!(task.yield_for(Duration::ZERO).await, Ok(None));
    assert_eq!(task.await, Ok(1));
    let tripled = task::stream([1, 2], |n| async move { n * 3 }).ordered();
    assert_eq!(tripled.collect().await, [Ok(3), Ok(6)]);

    let events = queued(&mut inbox).await;
    assert!(
        matches!(
            &events[..],
            [
                InboxEvent::Down(_),
                InboxEvent::Message(9),
                InboxEvent::Down(_)
            ]
        ),
        "{events:?}"
    );
}

#[ambit::test]
async fn x73_a_completed_task_needs_no_process() {
    let before = holdings();
    let task = Task::completed(7);
    assert_eq!(task.pid(), Pid::NOBODY);
    assert_eq!(holdings(), before);
    assert_eq!(task.timeout(secs(1)).await, Ok(7));
    let mut task = Task::completed(8);
    assert_eq!(task.yield_for(secs(1)).await, Ok(Some(8)));
    assert_eq!(task.yield_for(secs(1)).await, Ok(None));
    assert_eq!(Task::completed(9).shutdown(secs(1)).await, Ok(Some(9)));
    let values = task::await_many([Task::completed(1), Task::completed(2)]);
    assert_eq!(values.timeout(secs(1)).await, Ok(vec![1, 2]));
}

/// Starts a chain of `left` tasks, and returns the number of callers of the last one.
fn successor(left: u32) -> Pin<Box<dyn Future<Output = usize> + Send>> {
    Box::pin(async move {
        match left {
            0 => task::callers().len(),
            _ => Task::spawn(successor(left - 1)).await.unwrap(),
        }
    })
}

#[ambit::test]
async fn a_chain_of_successors_names_no_more_than_sixteen_callers() {
    assert_eq!(successor(10).await, 10);
    assert_eq!(successor(40).await, 16);
}

#[ambit::test]
async fn x74_a_task_records_the_chain_of_its_callers(inbox: Inbox<u8>) {
    assert_eq!(task::callers(), []);
    let outer = Task::spawn_unlinked(async {
        let inner = Task::spawn(async { task::callers() });
        (inner.await.unwrap(), task::callers())
    });
    let pid = outer.pid();
    let (inner, own) = outer.await.unwrap();
    assert_eq!(inner, [pid, inbox.pid()]);
    assert_eq!(own, [inbox.pid()]);
}
