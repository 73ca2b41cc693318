//! A rate limiter on the clock of its system, shared by many callers.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context as Cx, Waker};
use std::time::Duration;

use ambit::prelude::*;
use ambit::rate_limit::{Rate, RateLimiter};
use ambit::test::settle;
use tokio::time::Instant;

use crate::support::log::Log;

const fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

struct Lamp {
    log: Log,
    begun: Instant,
}

#[gen_server]
impl Lamp {
    #[cast]
    fn flash(&mut self, n: u32) {
        let at = self.begun.elapsed().as_millis();
        self.log.add(format_args!("{n} at {at}"));
    }

    #[call]
    fn flash_back(&mut self, n: u32) -> u32 {
        self.flash(n);
        n
    }
}

async fn lamp() -> (LampSubject, Log) {
    let log = Log::new();
    let lamp = Lamp {
        log: log.clone(),
        begun: Instant::now(),
    };
    (lamp.start().await.unwrap(), log)
}

#[ambit::test]
async fn casts_and_calls_go_in_the_rhythm_of_the_rate() {
    let (lamp, log) = lamp().await;
    let limiter = RateLimiter::new(Rate::per_second(10).burst(2));
    for n in 0..4 {
        limiter.limit(lamp.flash(n)).await.unwrap();
    }
    assert_eq!(limiter.limit(lamp.flash_back(4)).await, Ok(4));
    let expected = ["0 at 0", "1 at 0", "2 at 100", "3 at 200", "4 at 300"];
    assert_eq!(log.take(), expected);
    let stats = limiter.stats();
    assert_eq!((stats.taken, stats.delayed), (5, 3));
    assert_eq!((stats.refused, stats.waiting), (0, 0));
}

#[ambit::test]
async fn one_caller_reaches_a_rate_that_is_finer_than_the_timer() {
    for rate in [1_000, 10_000, 100_000] {
        let limiter = RateLimiter::new(Rate::per_second(rate));
        let begun = Instant::now();
        for _ in 0..rate {
            limiter.acquire().await;
        }
        let took = begun.elapsed();
        assert!(took >= ms(999) && took < ms(1_010), "{rate}: {took:?}");
    }
}

#[ambit::test]
async fn try_acquire_never_overtakes_a_waiter() {
    let limiter = RateLimiter::new(Rate::per(ms(100), 1));
    assert!(limiter.try_acquire());
    assert!(!limiter.try_acquire());
    let waiting = tokio::spawn(limiter.acquire());
    settle().await;
    tokio::time::advance(ms(100)).await;
    // The token is available, but reserved for the waiting caller.
    assert!(!limiter.try_acquire());
    waiting.await.unwrap();
    assert_eq!(limiter.stats().refused, 2);
    tokio::time::sleep(ms(100)).await;
    assert!(limiter.try_acquire());
}

#[ambit::test]
async fn waiters_are_served_in_fifo_order() {
    let limiter = RateLimiter::new(Rate::per(ms(50), 1));
    let served = Arc::new(Mutex::new(Vec::new()));
    let begun = Instant::now();
    let mut tasks = Vec::new();
    for n in 0..20u64 {
        let (limiter, served) = (limiter.clone(), served.clone());
        tasks.push(tokio::spawn(async move {
            limiter.acquire().await;
            served
                .lock()
                .unwrap()
                .push((n, begun.elapsed().as_millis()));
        }));
        settle().await;
    }
    assert_eq!(limiter.stats().waiting, 19);
    for task in tasks {
        task.await.unwrap();
    }
    let expected: Vec<_> = (0..20).map(|n| (n, u128::from(n) * 50)).collect();
    assert_eq!(*served.lock().unwrap(), expected);
}

#[ambit::test]
async fn a_cancelled_waiter_takes_no_token_and_delays_no_other() {
    let limiter = RateLimiter::new(Rate::per(ms(100), 1));
    limiter.acquire().await;
    let begun = Instant::now();
    let line: Vec<_> = (0..5).map(|_| tokio::spawn(limiter.acquire())).collect();
    settle().await;
    // The first, one in the middle, and the last.
    for at in [0, 2, 4] {
        line[at].abort();
    }
    settle().await;
    assert_eq!(limiter.stats().waiting, 2);
    let mut times = Vec::new();
    for (at, task) in line.into_iter().enumerate() {
        match task.await {
            Ok(()) => times.push((at, begun.elapsed().as_millis())),
            Err(error) => assert!(error.is_cancelled()),
        }
    }
    assert_eq!(times, [(1, 100), (3, 200)]);
    assert_eq!(limiter.stats().taken, 3);
    // A future that is never polled is not queued.
    drop(limiter.acquire());
    assert_eq!(limiter.stats().waiting, 0);
}

#[ambit::test]
async fn an_unpolled_waiter_gets_its_token_and_delays_no_other() {
    let limiter = RateLimiter::new(Rate::per(ms(100), 1));
    limiter.acquire().await;
    let begun = Instant::now();
    let mut unpolled = pin!(limiter.acquire());
    let mut cx = Cx::from_waker(Waker::noop());
    assert!(unpolled.as_mut().poll(&mut cx).is_pending());
    limiter.acquire().await;
    assert_eq!(begun.elapsed(), ms(200), "one token for each");
    assert!(unpolled.as_mut().poll(&mut cx).is_ready());
    assert_eq!(limiter.stats().taken, 3);
}

#[ambit::test]
async fn a_token_of_an_unpolled_waiter_passes_to_the_next_waiter_when_dropped() {
    let limiter = RateLimiter::new(Rate::per(ms(100), 1));
    limiter.acquire().await;
    let begun = Instant::now();
    let mut unpolled = Box::pin(limiter.acquire());
    let mut cx = Cx::from_waker(Waker::noop());
    assert!(unpolled.as_mut().poll(&mut cx).is_pending());
    let next = tokio::spawn(limiter.acquire());
    tokio::time::sleep(ms(150)).await;
    assert!(!next.is_finished());
    drop(unpolled);
    next.await.unwrap();
    assert_eq!(begun.elapsed(), ms(150));
    assert_eq!((limiter.stats().taken, limiter.stats().waiting), (2, 0));
}

#[ambit::test]
async fn a_limiter_without_waiters_leaves_no_deadline() {
    let before = ambit::test::holdings();
    let limiter = RateLimiter::new(Rate::per(ms(100), 1));
    limiter.acquire().await;
    let waits = tokio::time::timeout(ms(10), limiter.acquire());
    assert!(waits.await.is_err());
    assert_eq!(ambit::test::holdings(), before);
}

#[ambit::test]
async fn a_cast_that_is_given_up_in_the_line_is_not_sent() {
    let (lamp, log) = lamp().await;
    let limiter = RateLimiter::new(Rate::per(ms(100), 1));
    limiter.acquire().await;
    let late = tokio::time::timeout(ms(50), limiter.limit(lamp.flash(1))).await;
    assert!(late.is_err());
    limiter.limit(lamp.flash(2)).await.unwrap();
    settle().await;
    assert_eq!(log.take(), ["2 at 100"]);
}

#[ambit::test]
async fn the_wait_for_a_token_is_not_part_of_the_deadline() {
    let (lamp, log) = lamp().await;
    let limiter = RateLimiter::new(Rate::per(ms(10_000), 1));
    limiter.acquire().await;
    let call = lamp.flash_back(1).timeout(ms(20));
    assert_eq!(limiter.limit(call).await, Ok(1));
    assert_eq!(log.take(), ["1 at 10000"]);
}

#[ambit::test(flavor = "multi_thread", worker_threads = 4)]
async fn never_more_pass_than_the_rate_allows() {
    let limiter = RateLimiter::new(Rate::per(ms(1), 20).burst(50));
    let begun = Instant::now();
    let passed = Arc::new(AtomicU64::new(0));
    let mut tasks = Vec::new();
    for n in 0..16 {
        let (limiter, passed) = (limiter.clone(), passed.clone());
        tasks.push(tokio::spawn(async move {
            for round in 0..100 {
                if (n + round) % 5 == 0 {
                    // Some callers give up.
                    drop(tokio::time::timeout(Duration::from_micros(50), limiter.acquire()).await);
                    continue;
                }
                limiter.acquire().await;
                // Takes the count first: the elapsed time can only be larger.
                let count = passed.fetch_add(1, Ordering::SeqCst) + 1;
                let nanos = u64::try_from(begun.elapsed().as_nanos()).unwrap();
                let most = 50 + nanos / 50_000 + 1;
                assert!(count <= most, "{count} of {most}");
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(passed.load(Ordering::SeqCst), 1_280);
    let stats = limiter.stats();
    assert!(stats.taken >= 1_280 && stats.waiting == 0, "{stats:?}");
}

#[test]
fn a_limiter_continues_in_another_system_after_its_own_has_ended() {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap()
    };
    let first = runtime();
    let limiter = first.block_on(async { RateLimiter::new(Rate::per(ms(100), 1)) });
    // The virtual clock of the first system is far ahead of that of the second one.
    first.block_on(async {
        assert!(limiter.try_acquire());
        tokio::time::advance(Duration::from_secs(1_000)).await;
        assert!(limiter.try_acquire());
    });
    drop(first);
    runtime().block_on(async {
        assert!(!limiter.try_acquire(), "the one token is taken");
        let began = Instant::now();
        limiter.acquire().await;
        let waited = began.elapsed();
        assert!((ms(95)..=ms(105)).contains(&waited), "{waited:?}");
        tokio::time::advance(ms(100)).await;
        assert!(limiter.try_acquire());
    });
}

/// Counts its wakes.
#[derive(Default)]
struct Wakes(AtomicU64);

impl std::task::Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn a_waiter_of_another_system_continues_when_the_system_of_the_limiter_ends() {
    let runtime = || {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_time().start_paused(true).build().unwrap()
    };
    let (first, second) = (runtime(), runtime());
    let limiter = first.block_on(async { RateLimiter::new(Rate::per(ms(100), 1)) });
    assert!(first.block_on(async { limiter.try_acquire() }));
    let wakes = Arc::new(Wakes::default());
    let waker = Waker::from(wakes.clone());
    let mut waits = pin!(limiter.acquire());
    let mut poll =
        || second.block_on(async { waits.as_mut().poll(&mut Cx::from_waker(&waker)).is_ready() });
    assert!(!poll());
    assert_eq!(wakes.0.load(Ordering::SeqCst), 0);
    drop(first);
    assert_eq!(wakes.0.load(Ordering::SeqCst), 1, "the alarm is lost");
    assert!(!poll());
    // The alarm is now that of the second system.
    second.block_on(async { tokio::time::sleep(ms(200)).await });
    assert_eq!(wakes.0.load(Ordering::SeqCst), 2);
    assert!(poll());
}

#[test]
fn it_works_without_a_runtime() {
    let limiter = RateLimiter::new(Rate::per(ms(5), 1));
    assert!(limiter.try_acquire());
    let begun = std::time::Instant::now();
    let mut waits = pin!(limiter.acquire());
    while waits
        .as_mut()
        .poll(&mut Cx::from_waker(Waker::noop()))
        .is_pending()
    {
        std::thread::yield_now();
    }
    assert!(begun.elapsed() >= ms(4), "{:?}", begun.elapsed());
}
