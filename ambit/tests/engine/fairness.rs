//! Calls in place take nothing from others: neither their turn nor their processor.

use std::time::{Duration, Instant};

use ambit::prelude::*;
use tokio::task::JoinSet;

use crate::engine::script::{Log, add, start};

#[tokio::test]
async fn a_loop_of_calls_lets_a_timer_fire() {
    let script = start::<true>(&Log::new()).await;
    let fired = tokio::spawn(tokio::time::sleep(Duration::from_millis(20)));
    let began = Instant::now();
    let mut calls = 0_u64;
    while !fired.is_finished() {
        add(&script, 1).await.unwrap();
        calls += 1;
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "the timer was starved by {calls} calls"
        );
    }
    assert!(calls > 1);
}

#[tokio::test]
async fn a_loop_of_calls_lets_other_tasks_run() {
    let script = start::<true>(&Log::new()).await;
    let other = tokio::spawn(async {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    });
    let mut calls = 0_u64;
    while !other.is_finished() {
        add(&script, 1).await.unwrap();
        calls += 1;
        assert!(calls < 10_000_000, "the task was starved");
    }
}

struct Cruncher;

/// Work that no optimizer takes away.
fn crunch(rounds: u64) -> u64 {
    let mut x = 0x9e37_79b9_7f4a_7c15_u64;
    for n in 0..rounds {
        x = std::hint::black_box(x ^ (x << 13) ^ (x >> 7) ^ n);
    }
    x
}

#[gen_server]
impl Cruncher {
    #[call]
    fn crunch(&mut self, rounds: u64) -> u64 {
        crunch(rounds)
    }
}

/// How many rounds take five milliseconds here.
fn five_milliseconds() -> u64 {
    let rounds = 1 << 20;
    let quickest = (0..5)
        .map(|_| {
            let began = Instant::now();
            crunch(rounds);
            began.elapsed()
        })
        .min()
        .unwrap();
    (rounds as f64 * 0.005 / quickest.as_secs_f64()) as u64
}

/// Awaits all at once, in one task, as `join_all` does.
async fn join_all(crunchers: &[CruncherSubject], rounds: u64) {
    let mut calls: Vec<_> = crunchers
        .iter()
        .map(|one| Some(one.crunch(rounds)))
        .collect();
    std::future::poll_fn(|cx| {
        for call in &mut calls {
            let answer = call.as_mut().map(|call| std::pin::Pin::new(call).poll(cx));
            if let Some(std::task::Poll::Ready(answer)) = answer {
                answer.unwrap();
                *call = None;
            }
        }
        if calls.iter().all(Option::is_none) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn join_all_over_busy_servers_uses_both_workers() {
    if std::thread::available_parallelism().map_or(1, usize::from) < 2 {
        eprintln!("SKIPPED: join_all_over_busy_servers_uses_both_workers needs two processors");
        return;
    }
    if std::env::var("AMBIT_IN_PLACE").is_ok_and(|way| way == "always") {
        eprintln!("SKIPPED: with AMBIT_IN_PLACE=always callers run everything themselves");
        return;
    }
    let rounds = five_milliseconds();
    let mut starts = JoinSet::new();
    for _ in 0..8 {
        starts.spawn(async { Cruncher.start().await.unwrap() });
    }
    let crunchers = starts.join_all().await;
    for _ in 0..2 {
        crunchers[0].crunch(rounds).await.unwrap();
    }
    // On a busy machine one round says little: the best of many counts.
    let (mut best, deadline) = (0.0_f64, Instant::now() + Duration::from_secs(20));
    while best < 1.7 && Instant::now() < deadline {
        let known = crunchers.clone();
        // The same worker does both, and the other one is free.
        let (single, joint) = tokio::spawn(async move {
            let began = Instant::now();
            for one in &known {
                one.crunch(rounds).await.unwrap();
            }
            let single = began.elapsed();
            let began = Instant::now();
            join_all(&known, rounds).await;
            (single, began.elapsed())
        })
        .await
        .unwrap();
        best = best.max(single.as_secs_f64() / joint.as_secs_f64());
    }
    assert!(
        best >= 1.7,
        "only {best:.2} times faster than one after the other"
    );
}
