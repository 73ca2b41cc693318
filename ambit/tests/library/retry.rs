//! Retries: attempts, pauses, and when they end.

use ambit::supervisor::Backoff;
use std::cell::{Cell, RefCell};
use std::future::{Future, pending, ready};
use std::pin::pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context as Cx, Poll, Waker};
use std::time::Duration;

use ambit::error::Executed;
use ambit::prelude::*;
use ambit::retry::{GaveUp, Jitter, Retry, RetryError};
use ambit::test::crash;
use tokio::time::Instant;

const fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// An operation that fails a number of times, and the times of its attempts.
struct Flaky {
    failures: u32,
    begun: Instant,
    at: RefCell<Vec<u128>>,
}

impl Flaky {
    fn new(failures: u32) -> Self {
        Self {
            failures,
            begun: Instant::now(),
            at: RefCell::default(),
        }
    }

    async fn attempt(&self) -> Result<usize, usize> {
        let mut at = self.at.borrow_mut();
        at.push(self.begun.elapsed().as_millis());
        if at.len() <= self.failures as usize {
            Err(at.len())
        } else {
            Ok(at.len())
        }
    }

    fn times(&self) -> Vec<u128> {
        self.at.borrow().clone()
    }
}

fn why<T, E>(outcome: Result<T, RetryError<E>>) -> (u32, GaveUp) {
    match outcome {
        Ok(_) => panic!("it did not fail"),
        Err(failed) => (failed.attempts, failed.why),
    }
}

#[ambit::test]
async fn it_tries_until_it_works_with_the_pauses_of_the_policy() {
    let flaky = Flaky::new(3);
    let retry = Retry::times(9).exponential(ms(100), ms(300));
    assert_eq!(retry.run(|| flaky.attempt()).await, Ok(4));
    assert_eq!(flaky.times(), [0, 100, 300, 600]);
}

#[ambit::test]
async fn without_words_it_is_three_attempts_after_100_and_200_ms() {
    let flaky = Flaky::new(9);
    let outcome = Retry::default().run(|| flaky.attempt()).await;
    let text = outcome.clone().map_err(|error| error.to_string());
    assert_eq!(text, Err("3 (attempt 3; it was the last attempt)".into()));
    let failed = outcome.unwrap_err();
    assert_eq!(
        (failed.error, failed.attempts, failed.why),
        (3, 3, GaveUp::Attempts)
    );
    assert_eq!(flaky.times(), [0, 100, 300]);
}

#[ambit::test]
async fn an_error_that_is_not_transient_ends_it_at_once() {
    let flaky = Flaky::new(9);
    let retry = Retry::unlimited().every(ms(10));
    let outcome = retry.run(|| flaky.attempt()).when(|n| *n < 4).await;
    assert_eq!(why(outcome), (4, GaveUp::Permanent));
}

#[ambit::test]
async fn the_time_ends_it_before_a_pause_that_would_outlast_it() {
    let flaky = Flaky::new(u32::MAX);
    let retry = Retry::unlimited()
        .exponential(ms(100), ms(800))
        .within(ms(1_000));
    let begun = Instant::now();
    let outcome = retry.run(|| flaky.attempt()).await;
    assert_eq!(why(outcome), (4, GaveUp::Time));
    assert_eq!(flaky.times(), [0, 100, 300, 700]);
    assert_eq!(begun.elapsed().as_millis(), 700, "it does not wait in vain");
}

struct Slow;

#[gen_server]
impl Slow {
    #[call]
    async fn think(&self, time: Duration) -> Duration {
        tokio::time::sleep(time).await;
        time
    }
}

struct Front {
    slow: SlowSubject,
}

#[gen_server]
impl Front {
    /// Retries as long as its caller waits.
    #[call]
    async fn insist(&self) -> (u32, GaveUp) {
        let attempt = || self.slow.think(ms(60_000)).timeout(ms(80));
        let retry = Retry::unlimited().every(ms(20));
        why(retry.run(attempt).await)
    }
}

#[ambit::test]
async fn calls_of_an_attempt_wait_no_longer_than_what_is_left() {
    let slow = Slow.start().await.unwrap();
    let begun = Instant::now();
    let attempt = || slow.think(ms(60_000));
    let outcome = Retry::times(9).within(ms(400)).run(attempt).await;
    assert_eq!(why(outcome), (1, GaveUp::Time));
    let took = begun.elapsed();
    assert!((ms(400)..=ms(405)).contains(&took), "{took:?}");
    // A call after the retry has its own timeout again.
    let slow = Slow.start().await.unwrap();
    assert_eq!(slow.think(ms(1_000)).await, Ok(ms(1_000)));
}

#[ambit::test]
async fn the_deadline_of_a_request_ends_the_retries_of_its_handler() {
    let slow = Slow.start().await.unwrap();
    let front = Front { slow }.start().await.unwrap();
    let begun = Instant::now();
    // A pause that exceeds the caller's deadline does not start, so the error arrives in time.
    let outcome = front.insist().timeout(ms(300)).await;
    assert_eq!(outcome, Ok((3, GaveUp::Time)));
    assert!(begun.elapsed() < ms(300), "{:?}", begun.elapsed());
}

#[ambit::test]
async fn dropped_in_a_pause_it_makes_no_other_attempt() {
    let tries = Rc::new(Cell::new(0));
    let counted = tries.clone();
    let retry = Retry::unlimited().every(ms(100));
    let running = retry.run(move || {
        counted.set(counted.get() + 1);
        ready(Err::<(), _>(()))
    });
    let given_up = tokio::time::timeout(ms(250), running).await;
    assert!(given_up.is_err());
    assert_eq!(tries.get(), 3);
    tokio::time::sleep(ms(1_000)).await;
    assert_eq!((tries.get(), Rc::strong_count(&tries)), (3, 1));
}

#[ambit::test]
async fn dropped_in_an_attempt_it_drops_the_attempt() {
    struct Attempt(Rc<Cell<bool>>);
    impl Drop for Attempt {
        fn drop(&mut self) {
            self.0.set(true);
        }
    }
    let dropped = Rc::new(Cell::new(false));
    let running = Retry::default().run(|| {
        let attempt = Attempt(dropped.clone());
        async move {
            let _attempt = attempt;
            pending::<Result<(), ()>>().await
        }
    });
    let given_up = tokio::time::timeout(ms(10), running).await;
    assert!(given_up.is_err() && dropped.get());
}

#[test]
fn a_retry_without_a_runtime_makes_one_attempt_and_no_pause() {
    let mut running = pin!(Retry::default().run(|| ready(Err::<(), _>("no"))));
    let mut cx = Cx::from_waker(Waker::noop());
    let Poll::Ready(outcome) = running.as_mut().poll(&mut cx) else {
        panic!("there is nothing to wait for");
    };
    assert_eq!(why(outcome), (1, GaveUp::NoRuntime));
}

/// Returns the times of the attempts of a run with jitter.
async fn jittered() -> Vec<u128> {
    let flaky = Flaky::new(9);
    let retry = Retry::times(6)
        .exponential(ms(100), ms(5_000))
        .jitter(Jitter::Full);
    let _ = retry.run(|| flaky.attempt()).await;
    flaky.times()
}

const OF_SEED_7: [u128; 6] = [0, 78, 125, 475, 722, 1000];

#[ambit::test(seed = 7)]
async fn the_same_seed_makes_the_same_pauses() {
    assert_eq!(jittered().await, OF_SEED_7);
}

#[ambit::test(seed = 8)]
async fn another_seed_makes_other_pauses() {
    assert_ne!(jittered().await, OF_SEED_7);
}

#[test]
fn only_transient_errors_are_worth_a_retry() {
    let exited = |executed| CallError::Exited {
        reason: ExitReason::Killed,
        executed,
    };
    let away = |executed| CallError::NoConnection { executed };
    let safe = [
        CallError::NoProcess,
        CallError::Full,
        exited(Executed::No),
        away(Executed::No),
    ];
    let idempotent = [
        CallError::Timeout,
        exited(Executed::Maybe),
        away(Executed::Maybe),
    ];
    let never = [
        CallError::CallsItself,
        CallError::Cycle { pids: Vec::new() },
        CallError::NoReply,
        CallError::BlocksRuntime,
        CallError::WrongType,
    ];
    for error in &safe {
        assert!(error.is_transient() && error.is_transient_if_idempotent());
    }
    for error in &idempotent {
        assert!(!error.is_transient() && error.is_transient_if_idempotent());
    }
    for error in &never {
        assert!(!error.is_transient() && !error.is_transient_if_idempotent());
    }
    let unsent = [
        CastError::NoProcess,
        CastError::Full,
        CastError::Timeout,
        CastError::NoConnection,
    ];
    for error in &unsent {
        assert!(error.is_transient());
    }
    for error in [CastError::BlocksRuntime, CastError::TooLarge { limit: 1 }] {
        assert!(!error.is_transient());
    }
}

#[derive(Default)]
struct Counter {
    value: u64,
}

#[gen_server]
impl Counter {
    #[call]
    fn hit(&mut self) -> u64 {
        self.value += 1;
        self.value
    }
}

#[ambit::test]
async fn a_call_is_retried_until_a_crashed_server_is_back() {
    let spec = ChildSpec::from_fn(|| Counter::default().start().name("counter"))
        .backoff(Backoff::constant(ms(700)));
    let tree = Supervisor::builder().child(spec).start().await.unwrap();
    let counter = CounterSubject::named("counter");
    assert_eq!(counter.hit().await, Ok(1));
    crash(counter.pid()).await;
    assert_eq!(counter.hit().await, Err(CallError::NoProcess));
    let retry = Retry::times(20).every(ms(100));
    let hit = retry.run(|| counter.hit()).when(CallError::is_transient);
    assert_eq!(hit.await, Ok(1));
    tree.stop().await.unwrap();
}

#[ambit::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_retry_against_a_mailbox_that_is_always_full() {
    let done = AtomicU32::new(0);
    let counter = Counter::default().start().mailbox(1).await.unwrap();
    let one = async || {
        let retry = Retry::unlimited()
            .exponential(Duration::from_micros(10), ms(2))
            .jitter(Jitter::Decorrelated);
        for _ in 0..50 {
            let ask = async || counter.hit().now()?.await;
            let hit = retry.run(&ask).when(CallError::is_transient).await;
            assert!(hit.is_ok(), "{hit:?}");
            done.fetch_add(1, Ordering::Relaxed);
        }
    };
    tokio::join!(one(), one(), one(), one(), one(), one());
    assert_eq!(done.into_inner(), 300);
    assert_eq!(counter.hit().await, Ok(301));
}
