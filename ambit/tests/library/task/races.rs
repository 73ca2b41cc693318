//! Many tasks on several threads, ended in every way and at arbitrary moments.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use ambit::task::TaskSupervisor;

use super::*;

async fn dawdle(n: usize) {
    for _ in 0..n % 7 {
        tokio::task::yield_now().await;
    }
}

/// Waits until only `left` processes remain.
async fn gone(left: usize) {
    for _ in 0..2000 {
        if holdings().processes == left {
            return;
        }
        sleep(Duration::from_millis(1)).await;
    }
    panic!("{} processes are left", holdings().processes);
}

#[ambit::test(flavor = "multi_thread")]
async fn a_shutdown_races_with_a_task_about_to_end() {
    let before = holdings().processes;
    for n in 0..600 {
        let task = Task::spawn(async move {
            dawdle(n).await;
            n
        });
        dawdle(n / 7).await;
        let how = [
            Shutdown::Brutal,
            Shutdown::After(secs(5)),
            Shutdown::Infinity,
        ][n % 3];
        match task.shutdown(how).await {
            Ok(Some(value)) => assert_eq!(value, n),
            Ok(None) => {}
            Err(error) => panic!("{error}"),
        }
    }
    gone(before).await;
}

#[ambit::test(flavor = "multi_thread")]
async fn a_stream_that_is_dropped_at_any_moment_leaves_nothing() {
    let before = holdings();
    let running = Arc::new(AtomicUsize::new(0));
    for n in 0..200 {
        let counter = running.clone();
        let mut stream = task::stream(0..50, move |m: usize| {
            let counter = counter.clone();
            async move {
                counter.fetch_add(1, Ordering::Relaxed);
                let _leaving = scope(move || {
                    counter.fetch_sub(1, Ordering::Relaxed);
                });
                dawdle(n + m).await;
                m
            }
        })
        .concurrency(1 + n % 5);
        for _ in 0..n % 9 {
            assert!(matches!(stream.next().await, Some(Ok(_))));
        }
        drop(stream);
    }
    gone(before.processes).await;
    assert_eq!(running.load(Ordering::Relaxed), 0);
    assert_eq!(holdings(), before);
}

fn scope(leave: impl FnMut()) -> impl Drop {
    struct Scope<F: FnMut()>(F);
    impl<F: FnMut()> Drop for Scope<F> {
        fn drop(&mut self) {
            (self.0)();
        }
    }
    Scope(leave)
}

#[ambit::test(flavor = "multi_thread")]
async fn an_owner_that_is_killed_takes_its_tasks_along() {
    let before = holdings().processes;
    for n in 0..200 {
        let (started, has_started) = oneshot::channel();
        let owner = ambit::spawn(move |_: Inbox<u8>| async move {
            let one = Task::spawn(pending::<()>());
            let mut stream = task::stream(0..9, |_| pending::<()>()).concurrency(3);
            // The receiver is dropped if the test does not wait.
            started.send(()).ok();
            dawdle(n).await;
            stream.next().await;
            one.await.ok();
        });
        expect_crash(&owner);
        // On a busy machine every other owner would be killed before it has any task.
        if n % 2 == 0 {
            has_started.await.unwrap();
        }
        dawdle(n / 7).await;
        ambit::exit(&owner, ExitReason::Kill);
        owner.closed().await;
    }
    gone(before).await;
    // The tasks ended with the reason of their owners.
    let ended = crashes();
    assert!(!ended.is_empty());
    assert!(ended.iter().all(|crash| crash.reason == ExitReason::Killed));
}

#[ambit::test(flavor = "multi_thread")]
async fn a_thousand_tasks_each_give_their_own_value() {
    let tasks = (0..1000_usize).map(|n| {
        Task::spawn(async move {
            dawdle(n).await;
            n
        })
    });
    let values = task::await_many(tasks).await.unwrap();
    assert!(values.into_iter().eq(0..1000));
    let squares = task::stream(0..1000_usize, |n| async move {
        dawdle(n).await;
        n * n
    });
    let squares = squares.concurrency(16).ordered().collect().await;
    assert!(squares.into_iter().eq((0..1000).map(|n| Ok(n * n))));
}

#[ambit::test(flavor = "multi_thread")]
async fn a_stream_that_fits_its_supervisor_is_never_refused() {
    let builder = TaskSupervisor::builder().max_children(3);
    let supervisor = builder.start().await.unwrap();
    let numbers = supervisor.stream(0..500_usize, |n| async move {
        dawdle(n).await;
        n
    });
    let numbers = numbers.concurrency(3).ordered().collect().await;
    assert!(numbers.into_iter().eq((0..500).map(Ok)));
}

#[ambit::test(flavor = "multi_thread")]
async fn a_start_that_is_given_up_at_any_moment_leaves_no_task() {
    let supervisor = TaskSupervisor::builder().start().await.unwrap();
    let before = holdings().processes;
    for n in 0..200 {
        let mut spawn = supervisor.spawn(pending::<()>());
        for _ in 0..n % 5 {
            if let Poll::Ready(task) = poll_once(&mut spawn).await {
                assert_eq!(task.unwrap().shutdown(Shutdown::Brutal).await, Ok(None));
                break;
            }
            dawdle(n).await;
        }
    }
    settle().await;
    gone(before).await;
}

/// `main` runs outside the scheduler, where a task that has used up its cooperative budget wakes itself at once.
#[test]
fn a_main_that_streams_under_a_stopped_supervisor_ends() {
    #[ambit::main(flavor = "multi_thread", worker_threads = 1)]
    async fn main() {
        let supervisor = TaskSupervisor::builder().start().await.unwrap();
        supervisor.stop().await.unwrap();
        for _ in 0..300 {
            let stream = supervisor.stream([1], |n| async move { n });
            let outcomes = stream.collect().await;
            assert!(matches!(outcomes[..], [Err(TaskError::Start(_))]));
        }
    }
    let (report, reported) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        main();
        report.send(()).ok();
    });
    reported.recv_timeout(secs(60)).expect("it ends");
}
