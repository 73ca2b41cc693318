//! Many clients on several threads: no worker is lost, no client waits without end, no worker has two clients.

use super::*;

use std::pin::Pin;
use std::sync::atomic::AtomicBool;
use std::task::{Context as Polled, Wake};

/// A worker that detects two simultaneous clients.
#[derive(Clone, Default)]
struct Alone(Arc<AtomicBool>);

#[gen_server]
impl Alone {
    #[call]
    fn used(&self) -> Arc<AtomicBool> {
        self.0.clone()
    }

    /// A call, so that a late client gets an error and leaves no dead letter.
    #[call]
    fn leave(&mut self, ctx: &mut Context<Self>) {
        ctx.stop(ExitReason::Shutdown);
    }
}

async fn use_alone(worker: &AloneSubject, nth: usize) {
    let Ok(used) = worker.used().await else {
        return;
    };
    assert!(!used.swap(true, Ordering::SeqCst), "two clients at once");
    if nth.is_multiple_of(3) {
        tokio::task::yield_now().await;
    }
    assert!(used.swap(false, Ordering::SeqCst));
    if nth.is_multiple_of(17) {
        worker.leave().await.ok();
    }
}

async fn storm(pool: &Pool<Alone>) {
    let mut clients = Vec::new();
    for client in 0..8_usize {
        let pool = pool.clone();
        clients.push(ambit::spawn(move |_: Inbox<()>| async move {
            for nth in 1..60_usize {
                let which = client * 60 + nth;
                if which.is_multiple_of(7) {
                    // Gives up at an arbitrary moment.
                    let brief = Duration::from_micros(which as u64 % 90);
                    drop(pool.checkout().timeout(brief).await);
                    continue;
                }
                let lease = pool.checkout().timeout(60 * SECOND).await.unwrap();
                use_alone(&lease, which).await;
            }
        }));
    }
    for client in clients {
        let reason = client.closed().await;
        assert!(
            matches!(reason, ExitReason::Normal | ExitReason::NoProcess),
            "{reason}"
        );
    }
}

#[ambit::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_storm_of_clients_and_deaths_loses_no_worker() {
    for round in 0..10_usize {
        let spec = ChildSpec::from_fn(|| Alone::default().start());
        let pool = Pool::builder(spec)
            .size(3)
            .max_overflow(round % 3)
            .restarts(1_000_000, SECOND);
        let pool = match round % 2 {
            0 => pool.start().await.unwrap(),
            _ => {
                let pool = pool.lazy().on_checkin(async |_| {});
                pool.start().await.unwrap()
            }
        };
        storm(&pool).await;
        // All workers can be checked out at the same time: none was lost.
        let mut all = Vec::new();
        for _ in 0..3 {
            all.push(pool.checkout().timeout(60 * SECOND).await.unwrap());
        }
        assert_eq!(pool.status().waiting, 0);
        drop(all);
        // Stopping the pool during a start would be reported as a crash.
        settle().await;
        pool.stop().await.unwrap();
    }
}

#[ambit::test(flavor = "multi_thread", worker_threads = 4)]
async fn clients_that_are_killed_at_any_moment_leave_nothing_behind() {
    for _ in 0..40 {
        let pool = pool_of(2).await;
        let clients: Vec<_> = (0..6)
            .map(|_| {
                let pool = pool.clone();
                ambit::spawn(move |_: Inbox<()>| async move {
                    loop {
                        let lease = take(&pool).await;
                        lease.number().await.ok();
                    }
                })
            })
            .collect();
        for client in &clients {
            tokio::task::yield_now().await;
            ambit::exit(client, ExitReason::Kill);
        }
        for client in clients {
            client.closed().await;
        }
        let both = [take(&pool).await, take(&pool).await];
        assert_eq!(numbers(&pool), (0, 2, 0));
        drop(both);
        assert_eq!(numbers(&pool), (2, 0, 0));
        pool.stop().await.unwrap();
        drop(ambit::test::crashes());
    }
}

/// A waker that inspects the pool when it wakes a client, and when it is dropped.
struct Looks(Pool<Worker>, Arc<AtomicUsize>);

impl Wake for Looks {
    fn wake(self: Arc<Self>) {
        drop(self.0.workers());
        self.1.fetch_add(1, Ordering::SeqCst);
    }
}

impl Drop for Looks {
    fn drop(&mut self) {
        drop(self.0.workers());
    }
}

#[ambit::test]
async fn the_wakers_of_waiting_clients_may_use_the_pool() {
    let pool = pool_of(1).await;
    let woken = Arc::new(AtomicUsize::new(0));
    let waits = |checkout: &mut ambit::pool::Checkout<Worker>| {
        let waker = Arc::new(Looks(pool.clone(), woken.clone())).into();
        let polled = Pin::new(checkout).poll(&mut Polled::from_waker(&waker));
        assert!(polled.is_pending());
    };
    let held = take(&pool).await;
    let [mut first, mut gives_up, mut last] = [pool.checkout(), pool.checkout(), pool.checkout()];
    for checkout in [&mut first, &mut gives_up, &mut last] {
        // The second waker replaces the first.
        waits(checkout);
        waits(checkout);
    }
    drop(gives_up);
    drop(held);
    assert_eq!(woken.load(Ordering::SeqCst), 1, "the one that is served");
    pool.stop().await.unwrap();
    assert_eq!(woken.load(Ordering::SeqCst), 2, "the end of the pool");
    drop((first, last));
}

/// Returns whether a worker serves a client right after the crash of the only worker.
async fn is_served_after_a_crash(pool: &Pool<Worker>) -> bool {
    let crashed = pool.checkout().await.unwrap();
    ambit::test::expect_crash(&*crashed);
    ambit::exit(&*crashed, ExitReason::Kill);
    // The call fails as soon as the worker ends, which is before the pool knows.
    crashed.rest(60 * SECOND).await.unwrap_err();
    drop(crashed);
    let next = pool.checkout().await.unwrap();
    next.number().await.is_ok()
}

#[ambit::test(flavor = "multi_thread", worker_threads = 2)]
async fn pool_04_a_worker_that_has_just_crashed_is_not_handed_out() {
    let pool = Pool::builder(workers()).size(1).restarts(u32::MAX, SECOND);
    let pool = pool.start().await.unwrap();
    for round in 0..200 {
        assert!(is_served_after_a_crash(&pool).await, "round {round}");
    }
}

#[ambit::test]
async fn pool_04_a_free_worker_that_has_just_been_killed_is_not_handed_out() {
    let pool = Pool::builder(workers()).size(2).restarts(u32::MAX, SECOND);
    let pool = pool.start().await.unwrap();
    for _ in 0..20 {
        for worker in pool.workers() {
            ambit::test::expect_crash(&worker.handle);
            ambit::exit(&worker.handle, ExitReason::Kill);
        }
        let next = pool.checkout().await.unwrap();
        assert!(next.number().await.is_ok());
        settle().await;
    }
}
