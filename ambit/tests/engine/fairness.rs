//! Inline calls do not starve other tasks: other senders still get their turn, and other tasks their CPU time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ambit::prelude::*;

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

/// State that the handlers share.
#[derive(Default)]
struct Together {
    running: AtomicUsize,
    met: AtomicBool,
}

struct Cruncher {
    together: Arc<Together>,
}

#[gen_server]
impl Cruncher {
    #[init]
    fn new(together: Arc<Together>) -> Self {
        Self { together }
    }

    /// Spins until another handler runs at the same time, or until a limit that counts as slow; returns true if
    /// handlers overlapped.
    #[call]
    fn crunch(&mut self, waits: bool) -> bool {
        let together = &self.together;
        let began = Instant::now();
        let limit = Duration::from_millis(if waits { 60_000 } else { 5 });
        if together.running.fetch_add(1, Ordering::SeqCst) > 0 {
            together.met.store(true, Ordering::SeqCst);
        }
        while began.elapsed() < limit && !together.met.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        together.running.fetch_sub(1, Ordering::SeqCst);
        together.met.load(Ordering::SeqCst)
    }
}

/// Awaits all calls in one task, as `join_all` does.
async fn join_all(crunchers: &[CruncherSubject]) {
    let mut calls: Vec<_> = crunchers.iter().map(|one| Some(one.crunch(true))).collect();
    std::future::poll_fn(|cx| {
        for call in &mut calls {
            let answer = call.as_mut().map(|call| std::pin::Pin::new(call).poll(cx));
            if let Some(std::task::Poll::Ready(answer)) = answer {
                assert!(answer.unwrap(), "they ran one after the other");
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
    if std::env::var("AMBIT_IN_PLACE").is_ok_and(|way| way == "always") {
        eprintln!("SKIPPED: with AMBIT_IN_PLACE=always callers run everything themselves");
        return;
    }
    let together = Arc::new(Together::default());
    let mut crunchers = Vec::new();
    for _ in 0..8 {
        crunchers.push(Cruncher::start(together.clone()).await.unwrap());
    }
    // Slow twice: from now on callers queue the call for the server's task.
    for _ in 0..2 {
        assert_eq!(crunchers[0].crunch(false).await, Ok(false));
    }
    // In a task on a worker thread, as programs do it.
    tokio::spawn(async move { join_all(&crunchers).await })
        .await
        .unwrap();
}
