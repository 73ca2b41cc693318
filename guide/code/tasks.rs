//! What the page "Tasks" says, as tests.

// ANCHOR: imports
use std::error::Error;
use std::future::pending;
use std::time::Duration;

use ambit::prelude::*;
use ambit::task::{self, OnTimeout, TaskError};
use ambit::test::expect_crash;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;
// ANCHOR_END: imports

// ANCHOR: count
fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Returns the number after that many seconds.
async fn count(n: u64) -> u64 {
    sleep(secs(n)).await;
    n
}
// ANCHOR_END: count

// ANCHOR: linked
#[ambit::test]
async fn a_task_and_its_owner_end_together() {
    let owner = ambit::spawn(|_: Inbox<()>| async {
        let report = Task::<u8>::spawn(async { panic!("no paper") });
        expect_crash(report.pid());
        report.await.ok();
        println!("never reached");
    });
    expect_crash(&owner);
    assert!(matches!(owner.closed().await, ExitReason::Panic(_)));
}
// ANCHOR_END: linked

// ANCHOR: unlinked
#[ambit::test]
async fn without_the_link_a_failure_is_an_error() {
    let report = Task::<u8>::spawn_unlinked(async { panic!("no paper") });
    expect_crash(report.pid());
    let failed = report.await;
    assert!(matches!(
        failed,
        Err(TaskError::Exited(ExitReason::Panic(_)))
    ));
}
// ANCHOR_END: unlinked

// ANCHOR: waiting
#[ambit::test]
async fn three_ways_to_wait() -> Result<(), Box<dyn Error>> {
    // A time limit; the task continues.
    let slow = Task::spawn(count(9)).timeout(secs(2));
    assert_eq!(slow.await, Err(TaskError::Timeout));

    // A time limit that can be repeated.
    let mut slow = Task::spawn(count(9));
    assert_eq!(slow.yield_for(secs(2)).await?, None);
    assert_eq!(slow.yield_for(secs(8)).await?, Some(9));

    // A time limit, after which the task is ended.
    let mut slow = Task::spawn(count(9));
    let value = match slow.yield_for(secs(2)).await? {
        Some(value) => Some(value),
        None => slow.shutdown(Shutdown::Brutal).await?, // a value that is ready now is not lost
    };
    assert_eq!(value, None);
    Ok(())
}
// ANCHOR_END: waiting

// ANCHOR: many
#[ambit::test]
async fn many_at_once() -> Result<(), Box<dyn Error>> {
    let all = task::await_many([3, 1, 2].map(|n| Task::spawn(count(n))));
    assert_eq!(all.timeout(secs(5)).await?, [3, 1, 2]);

    // The first two results; the other tasks are ended.
    let mut offers = [3, 1, 9, 2].map(|n| Task::spawn(count(n)));
    let wait = task::yield_many(&mut offers, secs(5)).limit(2);
    let offers = wait.on_timeout(OnTimeout::Kill).await;
    assert_eq!(offers, [Ok(None), Ok(Some(1)), Ok(None), Ok(Some(2))]);
    Ok(())
}
// ANCHOR_END: many

// ANCHOR: stream
#[ambit::test]
async fn a_stream_returns_results_as_tasks_finish() {
    let counted = task::stream([3, 1, 2], count).concurrency(3);
    assert_eq!(counted.collect().await, [Ok(1), Ok(2), Ok(3)]);

    let counted = task::stream([3, 1, 2], count).concurrency(3).ordered();
    assert_eq!(counted.collect().await, [Ok(3), Ok(1), Ok(2)]);
}
// ANCHOR_END: stream

// ANCHOR: early
#[ambit::test]
async fn a_stream_that_is_dropped_ends_its_tasks() {
    let mut first = task::stream(1.., count).concurrency(8);
    assert_eq!(first.next().await, Some(Ok(1)));
    drop(first); // ends seven tasks; the test fails if one is left
}
// ANCHOR_END: early

// ANCHOR: late
#[ambit::test]
async fn each_element_has_its_own_timeout() {
    // A late task ends the stream ..
    let counted = task::stream([1, 9, 2], count)
        .concurrency(1)
        .timeout(secs(5));
    assert_eq!(counted.collect().await, [Ok(1), Err(TaskError::Timeout)]);

    // .. or only itself, and the error contains its element.
    let counted = task::stream([1, 9, 2], count).timeout(secs(5));
    let counted = counted.kill_on_timeout().ordered().keep_input();
    let outcomes = counted.collect().await;
    let late: Vec<_> = outcomes
        .iter()
        .filter_map(|one| one.as_ref().err())
        .collect();
    assert_eq!(outcomes.len(), 3);
    assert_eq!((late[0].input, &late[0].error), (9, &TaskError::Timeout));
}
// ANCHOR_END: late

// ANCHOR: supervised
#[ambit::test]
async fn tasks_under_a_supervisor() -> Result<(), Box<dyn Error>> {
    let mails = TaskSupervisor::builder().max_children(2).start().await?;
    let one = mails.spawn(count(1)).await?;
    let two = mails.spawn_unlinked(pending::<u64>()).await?;
    let refused = mails.spawn(count(3)).await;
    assert_eq!(refused.err(), Some(ChildError::MaxChildren));

    assert_eq!(one.await?, 1);
    assert_eq!(mails.children().await?, [two.pid()]);
    mails.stop().await?; // and the tasks that still run
    assert_eq!(two.await, Err(TaskError::Exited(ExitReason::Shutdown)));
    Ok(())
}
// ANCHOR_END: supervised

// ANCHOR: one_shot
#[ambit::test(real_time)]
async fn each_connection_is_a_task() -> Result<(), Box<dyn Error>> {
    let connections = TaskSupervisor::builder()
        .max_children(1_000)
        .start()
        .await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut client = TcpStream::connect(listener.local_addr()?).await?;

    let (mut socket, _peer) = listener.accept().await?;
    let greet = async move { socket.write_all(b"hello").await };
    connections.start_task(greet).await?;

    let mut greeting = String::new();
    client.read_to_string(&mut greeting).await?;
    assert_eq!(greeting, "hello");
    Ok(())
}
// ANCHOR_END: one_shot

// ANCHOR: clean
#[ambit::test]
async fn a_task_may_clean_up() -> Result<(), Box<dyn Error>> {
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let save = Task::spawn(async move {
        task::trap_exits(true).ok();
        begun.send(()).ok();
        count(3).await
    });
    has_begun.await?;
    assert_eq!(save.shutdown(secs(5)).await?, Some(3));
    Ok(())
}
// ANCHOR_END: clean
