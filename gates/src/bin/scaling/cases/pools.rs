//! Pools and agents: checkouts, workers that start and stop, shared values.

use ambit::agent::Agent;
use ambit::pool::{CheckoutError, CheckoutOrder, Lease, Pool, Route};
use ambit::prelude::*;
use tokio::sync::oneshot;

use super::{Order, SECOND, Script, end, poll_once, turns};
use crate::case::{Case, case};
use crate::run::Run;

#[rustfmt::skip] // a table: one line per case
pub(super) fn all() -> Vec<Case> {
    vec![
        case!("pools/start workers", 500, ["Pool::builder", "PoolBuilder::size", "PoolBuilder::start"], start),
        case!("pools/check out and return", 500, ["Pool::checkout", "Pool::with", "Pool::status"], |run, n| check_out(run, n, CheckoutOrder::Lifo)),
        case!("pools/check out and return, oldest first", 500, ["PoolBuilder::hand_out"], |run, n| check_out(run, n, CheckoutOrder::Fifo)),
        case!("pools/wait for a worker", 1_000, ["Checkout::no_timeout"], wait),
        case!("pools/give up waiting, in order", 1_000, [], |run, n| give_up(run, n, Order::Forward)),
        case!("pools/give up waiting, at random", 1_000, [], |run, n| give_up(run, n, Order::Random)),
        case!("pools/time out waiting", 1_000, ["Checkout::timeout", "Checkout::now"], time_out),
        case!("pools/free workers die", 500, ["PoolBuilder::restarts"], |run, n| free_die(run, n, false)),
        case!("pools/free workers die, all at once", 500, [], |run, n| free_die(run, n, true)),
        case!("pools/busy workers die", 500, [], busy_die),
        case!("pools/clients die", 500, [], clients_die),
        case!("pools/replace workers", 500, ["Lease::replace"], replace),
        case!("pools/hooks end workers", 500, [], hooks_end),
        case!("pools/workers", 500, ["Pool::workers"], workers).linear("the answer is the whole set"),
        case!("pools/resize", 500, ["Pool::resize"], resize),
        case!("pools/overflow and shrink", 500, ["PoolBuilder::max_overflow"], overflow),
        case!("pools/spread, in turn", 500, ["Pool::worker", "PoolBuilder::route"], |run, n| spread(run, n, Route::RoundRobin)),
        case!("pools/queue up at busy workers, in turn", 250, [], |run, n| queue_up(run, n, Route::RoundRobin)),
        case!("pools/queue up at busy workers, the least busy", 250, [], |run, n| queue_up(run, n, Route::LeastBusy)),
        case!("pools/spread, by key", 500, ["Pool::worker_for"], by_key),
        case!("pools/end with waiting clients", 1_000, [], end_waiting),
        case!("agents/queue reads and changes", 1_000, ["Agent::get", "Agent::update", "Agent::get_and_update", "Agent::cast"], agents),
        case!("agents/start many, and end", 500, ["Agent::start"], many_agents),
        case!("pools/spread, to the least busy", 500, [], least_busy).linear("each worker is looked at"),
    ]
}

/// The worker of the pools.
struct Worker;

#[gen_server]
impl Worker {
    #[init]
    fn init() -> Self {
        Self
    }

    #[call]
    fn ping(&self) {}
}

fn builder(size: usize) -> ambit::pool::PoolBuilder<Worker> {
    Pool::builder(Worker::child_spec())
        .size(size)
        .restarts(u32::MAX, SECOND)
}

async fn pool(size: usize) -> Pool<Worker> {
    builder(size).start().await.expect("it starts")
}

async fn take(pool: &Pool<Worker>, n: usize) -> Vec<Lease<Worker>> {
    let mut all = Vec::new();
    for _ in 0..n {
        all.push(pool.checkout().await.expect("there is a free worker"));
    }
    all
}

async fn start(mut run: Run, n: usize) {
    run.begin().await;
    let pool = pool(n).await;
    run.end().await;
    drop(pool);
}

async fn check_out(mut run: Run, n: usize, order: CheckoutOrder) {
    let pool = builder(n).hand_out(order).start().await.expect("it starts");
    run.begin().await;
    let all = take(&pool, n).await;
    assert_eq!(pool.status().busy, n);
    Order::Random.drop(all);
    for _ in 0..n {
        pool.with(async |worker| worker.ping().await)
            .await
            .expect("there is a free worker")
            .expect("it lives");
    }
    run.end().await;
}

fn waiting(pool: &Pool<Worker>, n: usize) -> Vec<ambit::pool::Checkout<Worker>> {
    let wait = |_| {
        let mut wait = pool.checkout().no_timeout();
        assert!(poll_once(&mut wait).is_pending());
        wait
    };
    (0..n).map(wait).collect()
}

async fn wait(mut run: Run, n: usize) {
    let pool = pool(1).await;
    let first = take(&pool, 1).await;
    run.begin().await;
    let waits = waiting(&pool, n);
    drop(first);
    for wait in waits {
        drop(wait.await.expect("it is handed on"));
    }
    run.end().await;
}

async fn give_up(mut run: Run, n: usize, order: Order) {
    let pool = pool(1).await;
    let first = take(&pool, 1).await;
    let waits = waiting(&pool, n);
    run.begin().await;
    order.drop(waits);
    run.end().await;
    drop(first);
}

async fn time_out(mut run: Run, n: usize) {
    let pool = pool(1).await;
    let first = take(&pool, 1).await;
    run.begin().await;
    let wait = |_| {
        let mut wait = pool.checkout().timeout(SECOND);
        assert!(poll_once(&mut wait).is_pending());
        wait
    };
    let waits: Vec<_> = (0..n).map(wait).collect();
    for wait in waits {
        assert_eq!(wait.await.map(drop), Err(CheckoutError::Timeout));
        assert!(pool.checkout().now().await.is_err());
    }
    run.end().await;
    drop(first);
}

async fn pids(pool: &Pool<Worker>, n: usize) -> Vec<Pid> {
    let all = take(pool, n).await;
    all.iter().map(|lease| lease.pid()).collect()
}

async fn free_die(mut run: Run, n: usize, at_once: bool) {
    let pool = pool(n).await;
    let pids = pids(&pool, n).await;
    run.begin().await;
    for index in Order::Random.of(n) {
        ambit::exit(pids[index], ExitReason::Kill);
        if !at_once {
            turns(4).await;
        }
    }
    turns(8).await;
    drop(take(&pool, n).await);
    run.end().await;
}

async fn busy_die(mut run: Run, n: usize) {
    let pool = pool(n).await;
    let all = take(&pool, n).await;
    run.begin().await;
    for lease in &all {
        ambit::exit(lease.pid(), ExitReason::Kill);
        turns(4).await;
    }
    drop(all);
    drop(take(&pool, n).await);
    run.end().await;
}

/// Each client is a process that holds a worker.
async fn clients_die(mut run: Run, n: usize) {
    let pool = pool(n).await;
    let client = |_| {
        let pool = pool.clone();
        ambit::spawn(move |_: Inbox<()>| async move {
            let _lease = pool.checkout().await;
            std::future::pending::<()>().await;
        })
    };
    let clients: Vec<_> = (0..n).map(client).collect();
    turns(8).await;
    assert_eq!(pool.status().busy, n);
    run.begin().await;
    for index in Order::Random.of(n) {
        end(&clients[index]).await;
    }
    drop(take(&pool, n).await);
    run.end().await;
}

async fn replace(mut run: Run, n: usize) {
    let pool = pool(n).await;
    run.begin().await;
    for lease in take(&pool, n).await {
        lease.replace(ExitReason::error("broken"));
        turns(4).await;
    }
    drop(take(&pool, n).await);
    run.end().await;
}

/// A hook ends each returned worker, which counts as a restart.
async fn hooks_end(mut run: Run, n: usize) {
    let worn = |_| std::future::ready(Flow::Stop(ExitReason::error("worn")));
    let pool = builder(n)
        .on_checkin(worn)
        .start()
        .await
        .expect("it starts");
    run.begin().await;
    Order::Random.drop(take(&pool, n).await);
    turns(8).await;
    drop(take(&pool, n).await);
    run.end().await;
}

async fn resize(mut run: Run, n: usize) {
    let pool = pool(1).await;
    run.begin().await;
    pool.resize(n).expect("it lives");
    drop(take(&pool, n).await);
    pool.resize(1).expect("it lives");
    turns(8).await;
    run.end().await;
}

async fn overflow(mut run: Run, n: usize) {
    let pool = builder(1).max_overflow(n).start().await.expect("it starts");
    run.begin().await;
    Order::Random.drop(take(&pool, n).await);
    turns(8).await;
    run.end().await;
}

async fn spread(mut run: Run, n: usize, route: Route) {
    let pool = builder(n).route(route).start().await.expect("it starts");
    run.begin().await;
    for _ in 0..n {
        pool.worker().ping().await.expect("it lives");
    }
    run.end().await;
}

/// Two workers are busy while messages queue up.
async fn queue_up(mut run: Run, n: usize, route: Route) {
    let pool = Pool::builder(Script::child_spec()).size(2).route(route);
    let pool = pool.start().await.expect("it starts");
    let mut goes = Vec::new();
    for worker in pool.workers() {
        let ((holds, held), (go, until)) = (oneshot::channel(), oneshot::channel());
        drop(worker.handle.hold(holds, until).send());
        held.await.expect("it is held");
        goes.push(go);
    }
    run.begin().await;
    for _ in 0..n {
        pool.worker().note().now().expect("there is capacity");
    }
    run.end().await;
    drop(goes);
}

async fn by_key(mut run: Run, n: usize) {
    let pool = pool(n).await;
    run.begin().await;
    for key in 0..n {
        pool.worker_for(&key).ping().await.expect("it lives");
    }
    run.end().await;
}

async fn least_busy(mut run: Run, n: usize) {
    let pool = builder(n)
        .route(Route::LeastBusy)
        .start()
        .await
        .expect("it starts");
    run.begin().await;
    for _ in 0..8 {
        pool.worker().ping().await.expect("it lives");
    }
    run.end().await;
}

async fn workers(mut run: Run, n: usize) {
    let pool = pool(n).await;
    run.begin().await;
    assert_eq!(pool.workers().len(), n);
    run.end().await;
}

async fn end_waiting(mut run: Run, n: usize) {
    let pool = pool(1).await;
    let first = take(&pool, 1).await;
    let waits = waiting(&pool, n);
    run.begin().await;
    end(&pool).await;
    for wait in waits {
        assert!(wait.await.is_err());
    }
    run.end().await;
    drop(first);
}

async fn agents(mut run: Run, n: usize) {
    let agent = Agent::start(|| 0_u64).await.expect("it starts");
    run.begin().await;
    let mut reads = Vec::new();
    for _ in 0..n / 4 {
        reads.push(agent.get(|value| *value).send());
        reads.push(agent.get_and_update(|value| *value).send());
        drop(agent.cast(|value| *value += 1).now());
        agent.update(|value| *value += 1).await.expect("it lives");
    }
    for read in reads {
        read.await.expect("it lives");
    }
    run.end().await;
}

async fn many_agents(mut run: Run, n: usize) {
    run.begin().await;
    let mut all = Vec::new();
    for _ in 0..n {
        all.push(Agent::start(|| 0_u64).await.expect("it starts"));
    }
    for agent in &all {
        end(agent).await;
    }
    run.end().await;
}
