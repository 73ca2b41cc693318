//! Clients that end, fail or give up: their workers return to the pool.

use super::*;

use ambit::pool::ClientFailure;
use ambit::test::{expect_crash, holdings};

use crate::support::log::Log;

/// Starts a process that checks a worker out, signals that, and keeps it as `keep` does.
async fn client(
    pool: &Pool<Worker>,
    keep: impl FnOnce(Lease<Worker>) -> Option<Lease<Worker>> + Send + 'static,
) -> Process {
    let (pool, (has, held)) = (pool.clone(), tokio::sync::oneshot::channel());
    let client = ambit::spawn(move |mut inbox: Inbox<()>| async move {
        let _kept = keep(take(&pool).await);
        has.send(()).unwrap();
        inbox.recv().await;
    });
    held.await.unwrap();
    client.into()
}

fn kill(client: &Process) {
    expect_crash(client);
    ambit::exit(client, ExitReason::Kill);
}

#[ambit::test]
async fn pool_05_the_worker_of_a_stopped_client_goes_to_the_next_client() {
    let pool = pool_of(1).await;
    for end in [kill, |client: &Process| {
        ambit::exit(client, ExitReason::Shutdown)
    }] {
        let client = client(&pool, Some).await;
        let mut next = pool.checkout();
        assert!(poll_once(&mut next).await.is_pending());
        end(&client);
        assert_eq!(next.await.unwrap().number().await, Ok(0));
    }
}

#[ambit::test]
async fn pool_05_a_lease_that_outlives_its_client_is_taken_back() {
    let pool = pool_of(1).await;
    // First a leaked lease; then one that was moved to a process that continues.
    let forgetful = client(&pool, |lease| {
        std::mem::forget(lease);
        None
    })
    .await;
    kill(&forgetful);
    assert!(take(&pool).await.number().await.is_ok());

    let (give, mut given) = tokio::sync::mpsc::unbounded_channel();
    let generous = client(&pool, move |lease| {
        give.send(lease).ok();
        None
    })
    .await;
    ambit::exit(&generous, ExitReason::Shutdown);
    generous.closed().await;
    let mine = take(&pool).await;
    drop(given.recv().await);
    assert_eq!(
        numbers(&pool),
        (0, 1, 0),
        "the late drop gives nothing back"
    );
    drop(mine);
}

#[ambit::test]
async fn pool_05_a_killed_client_costs_the_worker_if_so_configured() {
    let pool = Pool::builder(workers())
        .size(1)
        .restarts(0, SECOND)
        .on_client_failure(ClientFailure::Replace);
    let pool = pool.start().await.unwrap();
    let polite = client(&pool, Some).await;
    polite.stop().await.unwrap();
    assert_eq!(take(&pool).await.number().await, Ok(0));
    let killed = client(&pool, Some).await;
    kill(&killed);
    assert_eq!(take(&pool).await.number().await, Ok(1), "not a restart");

    // A server that keeps the lease in its state.
    struct Keeper(Option<Lease<Worker>>);
    #[gen_server]
    impl Keeper {
        #[call]
        async fn keep(&mut self, pool: Pool<Worker>) {
            self.0 = Some(take(&pool).await);
        }
    }
    let keeper = Keeper(None).start().await.unwrap();
    keeper.keep(pool.clone()).await.unwrap();
    crash(&keeper).await;
    assert_eq!(take(&pool).await.number().await, Ok(2));
    let keeper = Keeper(None).start().await.unwrap();
    keeper.keep(pool.clone()).await.unwrap();
    keeper.stop().await.unwrap();
    assert_eq!(take(&pool).await.number().await, Ok(2), "it ended in order");
}

/// A server that returns its worker in `#[terminate]`, and tries to check one out there.
struct Tidy {
    pool: Pool<Worker>,
    lease: Option<Lease<Worker>>,
    log: Log,
}

#[gen_server]
impl Tidy {
    #[call]
    async fn keep(&mut self) {
        self.lease = Some(take(&self.pool).await);
    }

    #[cast]
    fn fail(&mut self) -> Flow {
        Flow::Stop(ExitReason::error("no paper"))
    }

    #[terminate]
    async fn terminate(&mut self, _: &ExitReason) {
        self.lease = None;
        let again = self.pool.checkout().timeout(SECOND).await;
        self.log.add(match again {
            Ok(worker) => format!("{:?}", worker.number().await),
            Err(error) => error.to_string(),
        });
    }
}

#[ambit::test]
async fn a_lease_dropped_in_terminate_is_returned_immediately() {
    for (policy, after_failure) in [
        (ClientFailure::Return, "Ok(0)"),
        (ClientFailure::Replace, "Ok(1)"),
    ] {
        let log = Log::new();
        let pool = Pool::builder(workers()).size(1).on_client_failure(policy);
        let pool = pool.start().await.unwrap();
        let tidy = || Tidy {
            pool: pool.clone(),
            lease: None,
            log: log.clone(),
        };
        let stopped = tidy().start().await.unwrap();
        stopped.keep().await.unwrap();
        stopped.stop().await.unwrap();
        let failed = tidy().start().await.unwrap();
        failed.keep().await.unwrap();
        expect_crash(&failed);
        failed.fail().await.unwrap();
        failed.closed().await;
        assert_eq!(log.all(), ["Ok(0)", after_failure], "{policy:?}");
        settle().await;
        assert_eq!(numbers(&pool), (1, 0, 0));
    }
}

#[ambit::test]
async fn pool_06_the_worker_is_returned_whatever_the_job_does() {
    let pool = pool_of(1).await;
    let answer = pool.with(async |worker| worker.number().await).await;
    assert_eq!(answer, Ok(Ok(0)));
    let refused = pool.with(async |_| Err::<(), _>("no paper")).await;
    assert_eq!(refused, Ok(Err("no paper")), "an answer like any other");
    let (jobs, panicked) = (pool.clone(), ambit::test::crashes);
    let job = ambit::spawn(move |_: Inbox<()>| async move {
        let _: Result<(), _> = jobs.with(async |_| panic!("out of paper")).await;
    });
    let reason = job.closed().await;
    assert!(matches!(reason, ExitReason::Panic(_)), "{reason}");
    assert_eq!(panicked().len(), 1);
    assert_eq!(numbers(&pool), (1, 0, 0));
    assert_eq!(take(&pool).await.number().await, Ok(0));
}

#[ambit::test]
async fn pool_06_a_failed_or_cancelled_job_costs_the_worker_if_so_configured() {
    let pool = Pool::builder(workers())
        .size(1)
        .restarts(0, SECOND)
        .on_client_failure(ClientFailure::Replace);
    let pool = pool.start().await.unwrap();
    let refused = pool.with(async |_| Err::<(), _>("no paper")).await;
    assert_eq!(refused, Ok(Err("no paper")));
    assert_eq!(take(&pool).await.number().await, Ok(0));
    let cut = pool.with(async |worker| worker.rest(60 * SECOND).await);
    assert!(tokio::time::timeout(SECOND, cut).await.is_err());
    assert_eq!(take(&pool).await.number().await, Ok(1));
    let jobs = pool.clone();
    let job = ambit::spawn(move |_: Inbox<()>| async move {
        let _lease = take(&jobs).await;
        panic!("out of paper");
    });
    job.closed().await;
    assert_eq!(ambit::test::crashes().len(), 1);
    assert_eq!(take(&pool).await.number().await, Ok(2));
}

#[ambit::test]
async fn pool_08_finished_clients_leave_nothing_behind() {
    let pool = pool_of(1).await;
    let before = holdings();
    let held = take(&pool).await;
    let with_one = holdings().relations;
    assert_eq!(with_one, before.relations + 1, "the client is watched");
    let late = pool.checkout().timeout(SECOND).await.err();
    assert_eq!(late, Some(CheckoutError::Timeout));
    let mut cancelled = pool.checkout();
    assert!(poll_once(&mut cancelled).await.is_pending());
    assert_eq!(holdings().relations, with_one + 1);
    drop(cancelled);
    assert_eq!(holdings().relations, with_one);
    drop(held);
    settle().await;
    assert_eq!(holdings(), before);
    let client = client(&pool, Some).await;
    kill(&client);
    client.closed().await;
    settle().await;
    assert_eq!(holdings(), before);
}

#[ambit::test]
async fn code_outside_a_process_is_a_client_too() {
    let pool = pool_of(1).await;
    let held = take(&pool).await;
    let waits = pool.clone();
    let outside = tokio::task::spawn_blocking(move || {
        // No process owns this lease, so no exit returns it.
        waits.checkout().no_timeout().blocking().unwrap()
    });
    while pool.status().waiting == 0 {
        tokio::task::yield_now().await;
    }
    drop(held);
    let lease = outside.await.unwrap();
    assert_eq!((lease.number().await, numbers(&pool)), (Ok(0), (0, 1, 0)));
    drop(lease);
    assert_eq!(numbers(&pool), (1, 0, 0));
}
