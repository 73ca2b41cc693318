//! Pools: checkouts and checkins, and workers that start and stop with the load.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ambit::pool::{
    CheckoutError, CheckoutOrder, Lease, Pool, PoolState, PoolStatus, PoolWorkerState,
};
use ambit::prelude::*;
use ambit::supervisor::Backoff;
use ambit::test::{crash, settle};

mod clients;
mod hooks;
mod life;
mod races;
mod routes;

const SECOND: Duration = Duration::from_secs(1);

/// A worker with the number of its start.
struct Worker {
    number: usize,
}

#[gen_server]
impl Worker {
    #[call]
    fn number(&self) -> usize {
        self.number
    }

    /// Returns after `time`.
    #[call]
    async fn rest(&mut self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    /// Ends by itself, without a request from the pool.
    #[cast]
    fn leave(&mut self) -> Flow {
        Flow::Stop(ExitReason::Shutdown)
    }
}

/// Returns the spec of workers numbered from 0.
fn workers() -> ChildSpec<Worker> {
    let made = AtomicUsize::new(0);
    ChildSpec::from_fn(move || {
        let number = made.fetch_add(1, Ordering::Relaxed);
        Worker { number }.start()
    })
}

async fn pool_of(size: usize) -> Pool<Worker> {
    let pool = Pool::builder(workers()).size(size).restarts(100, SECOND);
    pool.start().await.unwrap()
}

async fn take(pool: &Pool<Worker>) -> Lease<Worker> {
    pool.checkout().await.unwrap()
}

/// Returns the numbers of free workers, busy workers and waiting clients.
fn numbers(pool: &Pool<Worker>) -> (usize, usize, usize) {
    let status = pool.status();
    (status.free, status.busy, status.waiting)
}

/// Returns true if a pool ended for this reason because its workers used up the allowed restarts.
fn gave_up(reason: &ExitReason) -> bool {
    reason.is_clean() && reason.to_string().contains(" ended again after ")
}

/// Returns the number of running workers.
fn processes() -> usize {
    let is_worker = |process: &&ambit::inspect::ProcessInfo| process.type_name == "Worker";
    ambit::inspect::processes().iter().filter(is_worker).count()
}

#[ambit::test]
async fn pool_01_numbers_follow_each_checkout_and_return() {
    let pool = Pool::builder(workers()).size(2).max_overflow(1);
    let pool = pool.start().await.unwrap();
    assert_eq!(numbers(&pool), (2, 0, 0));
    assert_eq!(pool.status().state, PoolState::Ready);
    let one = take(&pool).await;
    assert_eq!(numbers(&pool), (1, 1, 0));
    let two = take(&pool).await;
    assert_eq!(pool.status().state, PoolState::Overflow);
    let three = take(&pool).await;
    assert_eq!(numbers(&pool), (0, 3, 0));
    assert_eq!(pool.status().state, PoolState::Full);
    assert_eq!((pool.status().size, pool.status().overflow), (2, 1));
    drop(three);
    // The third one is asked to stop, because no client waits.
    assert_eq!((numbers(&pool), pool.status().stopping), ((0, 2, 0), 1));
    settle().await;
    drop((one, two));
    assert_eq!(numbers(&pool), (2, 0, 0));
    assert_eq!(pool.status().state, PoolState::Ready);
}

#[ambit::test]
async fn pool_02_a_blocking_checkout_queues_in_order_and_a_non_blocking_one_is_refused() {
    let pool = pool_of(1).await;
    let held = take(&pool).await;
    let refused = pool.checkout().now().await.err();
    assert_eq!(refused, Some(CheckoutError::Full));
    let (order, mut served) = tokio::sync::mpsc::unbounded_channel();
    for n in 0..3 {
        let (asked, order) = (pool.clone(), order.clone());
        ambit::spawn(move |_: Inbox<()>| async move {
            let worker = take(&asked).await;
            order.send((n, worker.number().await)).unwrap();
        });
        settle().await;
        assert_eq!(numbers(&pool), (0, 1, n + 1));
    }
    drop(held);
    for n in 0..3 {
        assert_eq!(served.recv().await, Some((n, Ok(0))), "in request order");
    }
    settle().await;
    assert!(pool.checkout().now().await.is_ok());
}

#[ambit::test]
async fn pool_02_only_so_many_clients_wait() {
    let pool = Pool::builder(workers()).size(1).max_waiting(1);
    let pool = pool.start().await.unwrap();
    let held = take(&pool).await;
    let mut first = pool.checkout();
    assert!(poll_once(&mut first).await.is_pending());
    assert_eq!(pool.checkout().await.err(), Some(CheckoutError::Full));
    // A client that gave up frees its slot in the queue.
    drop(first);
    let late = pool.checkout().timeout(SECOND).await.err();
    assert_eq!(late, Some(CheckoutError::Timeout));
    assert_eq!(numbers(&pool), (0, 1, 0));
    drop(held);
}

#[ambit::test]
async fn pool_03_overflow_workers_come_with_the_load_and_go_with_it() {
    let pool = Pool::builder(workers()).size(5).max_overflow(5);
    let pool = pool.start().await.unwrap();
    let mut held = Vec::new();
    for _ in 0..7 {
        held.push(take(&pool).await);
    }
    assert_eq!((numbers(&pool), processes()), ((0, 7, 0), 7));
    held.truncate(5);
    settle().await;
    assert_eq!((numbers(&pool), processes()), ((0, 5, 0), 5));
    held.truncate(3);
    settle().await;
    assert_eq!((numbers(&pool), processes()), ((2, 3, 0), 5));
    for _ in 0..7 {
        held.push(pool.checkout().now().await.unwrap());
    }
    assert_eq!(processes(), 10);
    assert_eq!(
        pool.checkout().now().await.err(),
        Some(CheckoutError::Full),
        "n + m, and no more"
    );
    // While a client waits, no worker is stopped.
    let mut waits = pool.checkout();
    assert!(poll_once(&mut waits).await.is_pending());
    held.pop();
    let eleventh = waits.await.unwrap();
    assert_eq!((numbers(&pool), processes()), ((0, 10, 0), 10));
    drop(eleventh);
}

#[ambit::test]
async fn pool_04_an_idle_worker_that_dies_is_replaced() {
    let pool = pool_of(2).await;
    let worker = pool.worker();
    let old = worker.pid();
    crash(&worker).await;
    ambit::test::await_restart(&worker, old).await;
    assert_eq!(worker.number().await, Ok(2), "by the next one");
    assert_eq!(numbers(&pool), (2, 0, 0));
}

#[ambit::test]
async fn pool_04_a_busy_overflow_worker_that_dies_is_not_replaced() {
    let pool = Pool::builder(workers()).size(1).max_overflow(1);
    let pool = pool.start().await.unwrap();
    let (one, two) = (take(&pool).await, take(&pool).await);
    crash(&*two).await;
    settle().await;
    assert_eq!((numbers(&pool), processes()), ((0, 1, 0), 1));
    assert_eq!(two.number().await, Err(CallError::NoProcess));
    drop(two);
    assert_eq!(numbers(&pool), (0, 1, 0), "it gives nothing back");
    drop(one);
    assert_eq!(numbers(&pool), (1, 0, 0));
}

#[ambit::test]
async fn pool_04_the_replacement_goes_to_the_first_waiter() {
    let pool = pool_of(1).await;
    let held = take(&pool).await;
    let mut first = pool.checkout();
    let mut second = pool.checkout();
    assert!(poll_once(&mut first).await.is_pending());
    assert!(poll_once(&mut second).await.is_pending());
    crash(&*held).await;
    let first = first.await.unwrap();
    assert_eq!(first.number().await, Ok(1));
    assert_eq!(held.number().await, Err(CallError::NoProcess));
    drop(held);
    assert!(
        poll_once(&mut second).await.is_pending(),
        "it was the first's"
    );
    drop(first);
    assert_eq!(second.await.unwrap().number().await, Ok(1));
}

#[ambit::test]
async fn pool_09_the_last_or_the_first_that_came_back_is_next() {
    for (order, expected) in [
        (CheckoutOrder::Lifo, [2, 0, 1]),
        (CheckoutOrder::Fifo, [1, 0, 2]),
    ] {
        let pool = Pool::builder(workers()).size(3).hand_out(order);
        let pool = pool.start().await.unwrap();
        let mut held = [take(&pool).await, take(&pool).await, take(&pool).await].map(Some);
        let mut numbers = [0; 3];
        for (at, lease) in held.iter().flatten().enumerate() {
            numbers[at] = lease.number().await.unwrap();
        }
        for number in [1, 0, 2] {
            let at = numbers.iter().position(|n| *n == number).unwrap();
            held[at] = None;
        }
        let again = [take(&pool).await, take(&pool).await, take(&pool).await];
        for (lease, number) in again.iter().zip(expected) {
            assert_eq!(lease.number().await, Ok(number), "{order:?}");
        }
    }
}

#[ambit::test]
async fn a_client_can_request_the_replacement_of_its_worker() {
    let pool = Pool::builder(workers()).size(1).restarts(0, SECOND);
    let pool = pool.start().await.unwrap();
    let lease = take(&pool).await;
    let end = lease.monitor();
    lease.replace(ExitReason::shutdown_with("it smokes"));
    assert_eq!(end.await.reason, ExitReason::shutdown_with("it smokes"));
    assert_eq!(take(&pool).await.number().await, Ok(1));
}

#[ambit::test]
async fn a_stopped_pool_returns_no_process_errors() {
    let pool = pool_of(1).await;
    pool.stop().await.unwrap();
    assert_eq!(pool.checkout().await.err(), Some(CheckoutError::NoProcess));
    assert_eq!(pool.worker().number().await, Err(CallError::NoProcess));
    assert_eq!(
        pool.worker_for(&1).number().await,
        Err(CallError::NoProcess)
    );
    assert_eq!(pool.status(), PoolStatus::default());
    assert_eq!(pool.resize(2), Err(ChildError::NoProcess));
    let blocked = Pool::<Worker>::named("nobody").checkout().blocking();
    assert_eq!(blocked.err(), Some(CheckoutError::BlocksRuntime));
}

/// Polls a future once, in the task of the test.
async fn poll_once<F: Future + Unpin>(future: &mut F) -> std::task::Poll<F::Output> {
    std::future::poll_fn(|cx| std::task::Poll::Ready(std::pin::Pin::new(&mut *future).poll(cx)))
        .await
}

/// Returns the states of its workers, oldest first.
fn states(pool: &Pool<Worker>) -> Vec<PoolWorkerState> {
    let workers = pool.workers();
    workers.iter().map(|worker| worker.state).collect()
}

#[ambit::test]
async fn pool_01_its_workers_are_listed_with_their_pids_handles_and_states() {
    use PoolWorkerState::{Busy, Free};
    let pool = pool_of(3).await;
    let lease = take(&pool).await;
    let workers = pool.workers();
    assert_eq!(workers.len(), processes());
    for worker in &workers {
        assert_eq!(worker.pid, Some(worker.handle.pid()));
        let is_leased = worker.handle.pid() == lease.pid();
        assert_eq!(worker.state, if is_leased { Busy } else { Free });
    }
    let numbers: Vec<_> = workers
        .iter()
        .map(|worker| worker.handle.number())
        .collect();
    for (number, answer) in numbers.into_iter().enumerate() {
        assert_eq!(answer.await, Ok(number), "oldest first");
    }
    drop(lease);
    assert_eq!(states(&pool), [Free; 3]);
}

#[ambit::test]
async fn a_listed_worker_is_one_process_and_not_its_replacement() {
    let pool = pool_of(2).await;
    let before = pool.workers();
    crash(&before[0].handle).await;
    settle().await;
    assert!(!before[0].handle.is_alive());
    let after = pool.workers();
    assert_eq!((after.len(), &after[0]), (2, &before[1]));
    assert!(!before.iter().any(|old| old.pid == after[1].pid));
}

#[ambit::test]
async fn workers_that_start_and_that_stop_are_listed_as_such() {
    let spec = workers().backoff(Backoff::constant(SECOND));
    let pool = Pool::builder(spec).size(2).restarts(100, SECOND);
    let pool = pool.start().await.unwrap();
    let first = pool.workers();
    crash(&first[0].handle).await;
    settle().await;
    let status = pool.status();
    assert_eq!(status.starting, 1);
    assert_eq!(
        states(&pool),
        [PoolWorkerState::Free, PoolWorkerState::Starting]
    );
    assert_eq!(pool.workers()[1].pid, None);
    tokio::time::sleep(2 * SECOND).await;
    assert_eq!(states(&pool), [PoolWorkerState::Free; 2]);
    let busy = pool.workers()[0].handle.clone();
    let resting = busy.rest(SECOND).send();
    tokio::task::yield_now().await;
    pool.resize(1).unwrap();
    settle().await;
    let status = pool.status();
    let listed = states(&pool);
    let stopping = listed
        .iter()
        .filter(|state| **state == PoolWorkerState::Stopping);
    assert_eq!(stopping.count(), status.stopping);
    drop(resting);
    pool.stop().await.unwrap();
    assert!(pool.workers().is_empty(), "of a pool that has ended");
}
