//! Streams of tasks.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use futures_core::Stream;

use crate::support::log::Log;

use super::*;

/// Returns each number after as many seconds.
fn sleepy(n: u64) -> impl Future<Output = u64> + Send {
    slow(secs(n), n)
}

fn all_ok(numbers: &[u64]) -> Vec<Result<u64, TaskError>> {
    numbers.iter().copied().map(Ok).collect()
}

#[ambit::test]
async fn task_14_ordered_outcomes_come_in_the_order_of_the_input() {
    for concurrency in [1, 2, 4, 9] {
        let stream = task::stream([5, 1, 3, 2], sleepy);
        let outcomes = stream.concurrency(concurrency).ordered().collect().await;
        assert_eq!(outcomes, all_ok(&[5, 1, 3, 2]));
    }
}

#[ambit::test]
async fn task_15_outcomes_come_as_the_tasks_end() {
    let stream = task::stream([5, 1, 3, 2], sleepy).concurrency(4);
    assert_eq!(stream.collect().await, all_ok(&[1, 2, 3, 5]));
    // Two at a time: 5 and 1, then 3 next to the 5, then 2.
    let stream = task::stream([5, 1, 3, 2], sleepy).concurrency(2);
    assert_eq!(stream.collect().await, all_ok(&[1, 3, 5, 2]));
    // Outcomes that arrive while the stream is not polled keep the order of the ends.
    let mut stream = task::stream([1, 4, 3, 2], sleepy).concurrency(4);
    assert_eq!(stream.next().await, Some(Ok(1)));
    sleep(secs(10)).await;
    assert_eq!(stream.collect().await, all_ok(&[2, 3, 4]));
}

#[ambit::test]
async fn task_16_never_more_run_than_are_allowed() {
    for (concurrency, ordered) in [(1, true), (1, false), (3, true), (3, false), (50, false)] {
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (running, seen) = (now.clone(), most.clone());
        let stream = task::stream(0..20, move |n: u64| {
            let (running, seen) = (running.clone(), seen.clone());
            async move {
                let count = running.fetch_add(1, Ordering::Relaxed) + 1;
                seen.fetch_max(count, Ordering::Relaxed);
                sleep(secs(1 + n % 3)).await;
                running.fetch_sub(1, Ordering::Relaxed);
            }
        });
        let stream = stream.concurrency(concurrency);
        let stream = if ordered { stream.ordered() } else { stream };
        assert_eq!(stream.collect().await.len(), 20);
        assert_eq!(most.load(Ordering::Relaxed), concurrency.min(20));
    }
}

#[ambit::test]
async fn task_16_none_at_a_time_is_refused() {
    let refused = catch_unwind(|| task::stream([1], sleepy).concurrency(0));
    let text = refused.unwrap_err().downcast::<&str>().unwrap();
    assert!(text.contains("`.concurrency(n)` takes one or more"));
}

#[ambit::test]
async fn options_set_after_the_first_poll_are_rejected() {
    let mut stream = task::stream([1, 2], sleepy);
    assert_eq!(stream.next().await, Some(Ok(1)));
    let refused = catch_unwind(AssertUnwindSafe(|| stream.ordered()));
    assert!(refused.is_err());
}

/// Logs its drop.
struct Source(u64, Log);

impl Iterator for Source {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        self.0 += 1;
        Some(self.0)
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.1.add("closed");
    }
}

#[ambit::test]
async fn task_17_a_reader_that_stops_early_leaves_nothing_behind(mut inbox: Inbox<u8>) {
    for (traps, deaf) in [(false, false), (true, false), (false, true)] {
        inbox.trap_exits(traps);
        let before = holdings();
        let log = Log::new();
        let mut stream = task::stream(Source(0, log.clone()), move |n| async move {
            task::trap_exits(deaf).unwrap();
            slow(secs(n), n).await
        })
        .concurrency(3);
        assert_eq!(stream.next().await, Some(Ok(1)));
        assert_eq!(stream.next().await, Some(Ok(2)));
        assert_eq!(links(inbox.pid()).len(), 3);
        assert!(log.is_empty());
        drop(stream);
        assert_eq!(log.all(), ["closed"]);
        assert_eq!(links(inbox.pid()), []);
        settle().await;
        assert_eq!(holdings(), before, "though they trap exits: {deaf}");
        assert_eq!(queued(&mut inbox).await, []);
    }
    assert!(crashes().is_empty());
}

#[ambit::test]
async fn task_17_the_source_is_closed_when_it_is_used_up() {
    let log = Log::new();
    let source = Source(0, log.clone()).take(2);
    let mut stream = task::stream(source, sleepy).concurrency(3);
    assert_eq!(stream.next().await, Some(Ok(1)));
    assert_eq!(log.all(), ["closed"]);
    assert_eq!(stream.next().await, Some(Ok(2)));
    assert_eq!(stream.next().await, None);
    assert_eq!(stream.next().await, None, "and that is so for ever");
}

#[ambit::test]
async fn task_18_a_task_that_takes_too_long_ends_the_stream(mut inbox: Inbox<u8>) {
    for ordered in [false, true] {
        let before = holdings();
        let (log, asked) = (Log::new(), Instant::now());
        // Three at a time: the timeout of each counts from its own start.
        let stream = task::stream(Source(0, log.clone()), |n| slow(secs(2 * n), n));
        let stream = stream.concurrency(3).timeout(secs(5));
        let mut stream = if ordered { stream.ordered() } else { stream };
        assert_eq!(stream.next().await, Some(Ok(1)));
        assert_eq!(stream.next().await, Some(Ok(2)));
        assert_eq!(stream.next().await, Some(Err(TaskError::Timeout)));
        assert_eq!(asked.elapsed(), secs(5));
        settle().await;
        assert_eq!(log.all(), ["closed"]);
        assert_eq!(holdings(), before);
        assert_eq!(stream.next().await, None);
    }
    assert_eq!(queued(&mut inbox).await, []);
}

#[ambit::test]
async fn task_18_each_task_is_timed_from_its_own_start() {
    let stream = task::stream([4, 4, 4, 4], sleepy).concurrency(2);
    let outcomes = stream.timeout(secs(5)).collect().await;
    assert_eq!(outcomes, all_ok(&[4, 4, 4, 4]));
}

#[ambit::test]
async fn task_18_a_task_is_timed_from_its_own_start_though_the_reader_is_slow() {
    let stream = task::stream([0, 8], sleepy).concurrency(1);
    let mut stream = stream.timeout(secs(5));
    assert_eq!(stream.next().await, Some(Ok(0)));
    sleep(secs(4)).await;
    assert_eq!(stream.next().await, Some(Err(TaskError::Timeout)));
}

#[ambit::test]
async fn task_18_or_only_that_task_is_killed() {
    let stream = task::stream([1, 9, 2, 8, 3], sleepy);
    let stream = stream.concurrency(2).timeout(secs(5)).kill_on_timeout();
    let late = || Err(TaskError::Timeout);
    let expected = [Ok(1), late(), Ok(2), late(), Ok(3)];
    assert_eq!(stream.ordered().collect().await, expected);
    assert!(crashes().is_empty());
}

fn even() -> ExitReason {
    ExitReason::shutdown_with("even")
}

/// Fails for even numbers.
async fn odd(n: u64) -> u64 {
    sleep(secs(n)).await;
    if n.is_multiple_of(2) {
        end(even()).await
    } else {
        n
    }
}

#[ambit::test]
async fn task_20_failures_are_elements_at_their_position(mut inbox: Inbox<u8>) {
    let expected = [Ok(1), failed(even()), Ok(3), failed(even()), Ok(5)];
    let unlinked = task::stream(1..=5, odd).unlinked().ordered();
    assert_eq!(unlinked.collect().await, expected);
    inbox.trap_exits(true);
    let trapped = task::stream(1..=5, odd).concurrency(5);
    assert_eq!(trapped.collect().await, expected);
    settle().await;
    assert_eq!(queued(&mut inbox).await, []);
}

#[ambit::test]
async fn task_20_a_reader_that_does_not_trap_dies_with_the_task() {
    let before = holdings().processes;
    let reader = ambit::spawn(|_: Inbox<u8>| async {
        let mut stream = task::stream([1, 2, 9, 9], odd).concurrency(4);
        assert_eq!(stream.next().await, Some(Ok(1)));
        stream.next().await;
        unreachable!("the reader is gone");
    });
    assert_eq!(reader.closed().await, even());
    settle().await;
    assert_eq!(holdings().processes, before, "and the others with it");
}

#[ambit::test]
async fn task_20_a_reader_that_dies_takes_the_tasks_along() {
    let before = holdings();
    let reader = ambit::spawn(|_: Inbox<u8>| async {
        task::stream(0..9, |_| pending::<()>())
            .concurrency(4)
            .collect()
            .await;
    });
    settle().await;
    assert_eq!(holdings().processes, before.processes + 5);
    ambit::exit(&reader, ExitReason::Shutdown);
    settle().await;
    assert_eq!(holdings(), before);
}

#[ambit::test]
async fn x75_failures_carry_their_input() {
    let stream = task::stream(["one", "three", "seven"], |word: &str| {
        slow(secs(word.len() as u64), word.len())
    });
    let stream = stream
        .timeout(secs(4))
        .kill_on_timeout()
        .ordered()
        .keep_input();
    let outcomes = stream.collect().await;
    let failures = outcomes.into_iter().filter_map(Result::err);
    let failures: Vec<_> = failures
        .map(|failed| (failed.input, failed.error))
        .collect();
    assert_eq!(
        failures,
        [("three", TaskError::Timeout), ("seven", TaskError::Timeout)]
    );

    let mut stream = task::stream(1..=4, odd).unlinked().ordered().keep_input();
    assert_eq!(stream.next().await, Some(Ok(1)));
    let failure = stream.next().await.unwrap().unwrap_err();
    assert_eq!(
        (failure.input, failure.error),
        (2, TaskError::Exited(even()))
    );
}

#[ambit::test]
async fn x76_a_stream_is_read_where_it_is_sent(inbox: Inbox<u8>) {
    let stream = task::stream(1..=3, |n| async move { (n, task::callers()) }).ordered();
    let reader = Task::spawn(async move { stream.collect().await });
    let pid = reader.pid();
    for (n, outcome) in (1..).zip(reader.await.unwrap()) {
        assert_eq!(
            outcome,
            Ok((n, vec![pid, inbox.pid()])),
            "its tasks are the reader's"
        );
    }
    // The same for a stream that has started.
    let mut stream = task::stream([1, 2, 3], sleepy).concurrency(3);
    assert_eq!(stream.next().await, Some(Ok(1)));
    let reader = Task::spawn(async move { stream.collect().await });
    assert_eq!(reader.await.unwrap(), all_ok(&[2, 3]));
}

#[ambit::test]
async fn a_read_that_is_given_up_loses_nothing() {
    let mut stream = task::stream([1, 2, 3], sleepy).concurrency(3);
    let mut seen = Vec::new();
    while seen.len() < 3 {
        let read = tokio::time::timeout(Duration::from_millis(300), stream.next());
        if let Ok(outcome) = read.await {
            seen.extend(outcome);
        }
    }
    assert_eq!(seen, all_ok(&[1, 2, 3]));
}

#[ambit::test]
async fn a_slow_reader_holds_up_the_tasks() {
    let begun = Arc::new(AtomicUsize::new(0));
    let counter = begun.clone();
    let mut stream = task::stream(0.., move |_: u64| {
        counter.fetch_add(1, Ordering::Relaxed);
        async {}
    })
    .concurrency(4);
    for read in 1..10 {
        stream.next().await;
        settle().await;
        assert_eq!(begun.load(Ordering::Relaxed), read + 4);
    }
}

#[ambit::test]
async fn it_is_a_stream_for_other_libraries() {
    let mut stream = task::stream([2, 1], sleepy).concurrency(2);
    let mut outcomes = Vec::new();
    // The stream need not be pinned.
    while let Some(outcome) = poll_fn(|cx| Pin::new(&mut stream).poll_next(cx)).await {
        outcomes.push(outcome);
    }
    assert_eq!(outcomes, all_ok(&[1, 2]));

    let mut stream = task::stream([2], odd).unlinked().keep_input();
    let next = poll_fn(|cx| Pin::new(&mut stream).poll_next(cx)).await;
    assert_eq!(next.unwrap().unwrap_err().input, 2);
}

#[ambit::test]
async fn a_panic_of_the_closure_loses_no_outcome() {
    let make = |n: u64| {
        assert_ne!(n, 1, "on purpose");
        async move { n }
    };
    for ordered in [false, true] {
        let mut stream = task::stream(0..3, make).concurrency(1);
        if ordered {
            stream = stream.ordered();
        }
        let (mut outcomes, mut panics) = (Vec::new(), 0);
        loop {
            let outcome = poll_fn(|cx| {
                let mut poll = || Pin::new(&mut stream).poll_next(cx);
                match catch_unwind(AssertUnwindSafe(&mut poll)) {
                    Ok(polled) => polled.map(Ok),
                    Err(_) => Poll::Ready(Err(())),
                }
            });
            match outcome.await {
                Ok(Some(outcome)) => outcomes.push(outcome),
                Ok(None) => break,
                Err(()) => panics += 1,
            }
        }
        assert_eq!((panics, outcomes), (1, all_ok(&[0, 2])));
    }
}

#[ambit::test]
async fn task_16_a_task_that_has_timed_out_ends_before_another_takes_its_place() {
    let log = Log::new();
    let of = |n: u64| {
        log.add(format_args!("start {n}"));
        let end = Logged(log.clone(), n);
        async move {
            sleep(secs(9)).await;
            drop(end);
        }
    };
    let stream = task::stream(0..2, of).concurrency(1);
    let outcomes = stream.timeout(secs(1)).kill_on_timeout().collect().await;
    assert_eq!(outcomes, [Err(TaskError::Timeout), Err(TaskError::Timeout)]);
    assert_eq!(log.take(), ["start 0", "end 0", "start 1", "end 1"]);
}

/// Logs its drop.
struct Logged(Log, u64);

impl Drop for Logged {
    fn drop(&mut self) {
        self.0.add(format_args!("end {}", self.1));
    }
}

#[ambit::test]
async fn a_loop_over_outcomes_that_are_there_lets_other_tasks_run() {
    const COUNT: usize = 1_000;
    let mut stream = task::stream(0..COUNT, |n| async move { n }).concurrency(COUNT);
    assert!(stream.next().await.is_some());
    sleep(secs(1)).await;
    let read = std::cell::Cell::new(1);
    let mut reading = std::pin::pin!(async {
        while stream.next().await.is_some() {
            read.set(read.get() + 1);
        }
    });
    let first = poll_fn(|cx| Poll::Ready(reading.as_mut().poll(cx).is_ready())).await;
    assert!(
        !first && read.get() < COUNT / 2,
        "{} in one poll",
        read.get()
    );
    reading.await;
    assert_eq!(read.get(), COUNT);
}
