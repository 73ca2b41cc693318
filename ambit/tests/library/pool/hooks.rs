//! The hooks of a pool, which check its workers.

use super::*;

use std::sync::Mutex;

use ambit::process::ExitReason as Why;
use ambit::server::Flow;
use ambit::test::expect_crash;

/// The next results of a hook; `Continue` when there is none.
#[derive(Clone, Default)]
struct Verdicts(Arc<Mutex<Vec<Flow>>>);

impl Verdicts {
    fn next(&self) -> Flow {
        self.0.lock().unwrap().pop().unwrap_or_default()
    }

    fn push(&self, flow: Flow) {
        self.0.lock().unwrap().push(flow);
    }
}

fn gone(why: &str) -> Flow {
    Flow::Stop(Why::shutdown_with(why))
}

#[ambit::test]
async fn pool_11_a_hook_can_discard_a_worker_and_the_client_gets_the_next_one() {
    let (out, back) = (Verdicts::default(), Verdicts::default());
    let (on_out, on_back) = (out.clone(), back.clone());
    let pool = Pool::builder(workers())
        .size(1)
        .restarts(0, SECOND)
        .on_checkout(move |_| std::future::ready(on_out.next()))
        .on_checkin(move |_| std::future::ready(on_back.next()));
    let pool = pool.start().await.unwrap();
    // At checkout. A worker that is too young would have failed.
    tokio::time::sleep(SECOND).await;
    out.push(gone("stale"));
    let end = pool.worker().monitor();
    let lease = take(&pool).await;
    assert_eq!(lease.number().await, Ok(1));
    assert_eq!(end.await.reason, Why::shutdown_with("stale"));
    // At checkin, with a waiting client.
    back.push(gone("dirty"));
    let end = lease.monitor();
    let mut waits = pool.checkout();
    assert!(poll_once(&mut waits).await.is_pending());
    drop(lease);
    assert_eq!(waits.await.unwrap().number().await, Ok(2));
    assert_eq!(end.await.reason, Why::shutdown_with("dirty"));
}

#[ambit::test]
async fn a_hook_that_refuses_every_new_worker_ends_the_pool() {
    for reason in [Why::Normal, Why::Shutdown, Why::shutdown_with("stale")] {
        let made = Arc::new(AtomicUsize::new(0));
        let count = made.clone();
        let spec = ChildSpec::from_fn(move || {
            let number = count.fetch_add(1, Ordering::Relaxed);
            Worker { number }.start()
        });
        let pool = Pool::builder(spec)
            .size(1)
            .restarts(2, SECOND)
            .on_checkout(move |_| std::future::ready(Flow::Stop(reason.clone())));
        let pool = pool.start().await.unwrap();
        let refused = pool.checkout().await.err();
        assert!(
            matches!(&refused, Some(CheckoutError::Exited(reason)) if gave_up(reason)),
            "{refused:?}"
        );
        assert_eq!(made.load(Ordering::Relaxed), 3, "two replacements");
    }
}

#[ambit::test]
async fn pool_11_a_worker_may_leave_at_a_message_and_is_replaced() {
    let pool = pool_of(1).await;
    let held = take(&pool).await;
    let mut waits = pool.checkout();
    assert!(poll_once(&mut waits).await.is_pending());
    let end = held.monitor();
    held.leave().await.unwrap();
    assert_eq!(waits.await.unwrap().number().await, Ok(1));
    assert_eq!(end.await.reason, Why::Shutdown);
}

#[ambit::test]
async fn pool_11_a_ping_can_discard_a_worker() {
    let verdicts = Verdicts::default();
    let said = verdicts.clone();
    let pool = Pool::builder(workers())
        .size(1)
        .restarts(0, SECOND)
        .on_ping(SECOND, move |_| std::future::ready(said.next()));
    let pool = pool.start().await.unwrap();
    verdicts.push(gone("asleep"));
    let end = pool.worker().monitor();
    assert_eq!(end.await.reason, Why::shutdown_with("asleep"));
    settle().await;
    assert_eq!(take(&pool).await.number().await, Ok(1));
}

#[ambit::test]
async fn pool_11_a_worker_that_does_not_hear_is_ended_by_its_supervisor() {
    let pool = Pool::builder(workers().shutdown(SECOND)).size(1);
    let pool = pool.start().await.unwrap();
    let lease = take(&pool).await;
    let end = lease.monitor();
    ambit::test::hang(&*lease);
    let before = tokio::time::Instant::now();
    lease.replace(Why::shutdown_with("it smokes"));
    assert_eq!(end.await.reason, Why::Shutdown, "not heard");
    assert_eq!(before.elapsed(), SECOND);
    assert_eq!(take(&pool).await.number().await, Ok(1));
}

#[ambit::test]
async fn pool_12_a_panicking_hook_costs_only_the_worker() {
    let panics = Arc::new(AtomicUsize::new(0));
    let left = panics.clone();
    let look = move |_| {
        let left = left.clone();
        async move {
            let is_bad = left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1))
                .is_ok();
            assert!(!is_bad, "it sees ghosts");
        }
    };
    let pool = Pool::builder(workers())
        .size(2)
        .hand_out(CheckoutOrder::Fifo)
        .on_checkout(look.clone())
        .on_checkin(look);
    let pool = pool.start().await.unwrap();
    // At checkout: the client gets another one.
    panics.store(1, Ordering::Relaxed);
    let bad = pool.worker_for(&0);
    expect_crash(&bad);
    let end = bad.monitor();
    let lease = take(&pool).await;
    assert_eq!(lease.number().await, Ok(1));
    assert_eq!(ghosts(end.await), "it sees ghosts");
    settle().await;
    assert_eq!(numbers(&pool), (1, 1, 0));
    // At checkin.
    panics.store(1, Ordering::Relaxed);
    expect_crash(&*lease);
    let end = lease.monitor();
    drop(lease);
    assert_eq!(ghosts(end.await), "it sees ghosts");
    settle().await;
    assert_eq!(numbers(&pool), (2, 0, 0));
    assert_eq!(pool.worker_for(&0).number().await, Ok(2));
    assert_eq!(pool.worker_for(&1).number().await, Ok(3));
}

fn ghosts(down: Down) -> String {
    match down.reason {
        Why::Panic(report) => report.message().to_owned(),
        other => panic!("it ends with the panic of the hook, not {other}"),
    }
}

#[ambit::test]
async fn pool_12_a_terminate_that_fails_is_no_more_than_an_end() {
    struct Fragile;
    #[gen_server]
    impl Fragile {
        #[call]
        fn ping(&self) {}
        #[terminate]
        fn terminate(&mut self, _: &Why) {
            panic!("it breaks");
        }
    }
    let pool = Pool::builder(ChildSpec::from_fn(|| Fragile.start())).size(1);
    let pool = pool.restarts(0, SECOND).start().await.unwrap();
    let lease = pool.checkout().await.unwrap();
    expect_crash(&*lease);
    let end = lease.monitor();
    lease.replace(Why::Shutdown);
    assert!(matches!(end.await.reason, Why::Panic(_)));
    let next = pool.checkout().await.unwrap();
    assert_eq!(next.ping().await, Ok(()));
    expect_crash(&*next);
    drop(next);
}

#[ambit::test]
async fn a_client_that_leaves_during_the_look_gives_the_worker_to_the_next() {
    let gate = Arc::new(tokio::sync::Semaphore::new(0));
    let (opens, looks) = (gate.clone(), Arc::new(AtomicUsize::new(0)));
    let checkins = looks.clone();
    let pool = Pool::builder(workers())
        .size(1)
        .on_checkout(move |_| {
            let opens = opens.clone();
            async move { opens.acquire().await.unwrap().forget() }
        })
        .on_checkin(move |_| {
            checkins.fetch_add(1, Ordering::Relaxed);
            std::future::ready(())
        });
    let pool = pool.start().await.unwrap();
    let late = pool.checkout().timeout(SECOND).await.err();
    assert_eq!(late, Some(CheckoutError::Timeout));
    assert_eq!(numbers(&pool), (0, 1, 0), "the look goes on");
    gate.add_permits(2);
    assert_eq!(take(&pool).await.number().await, Ok(0));
    settle().await;
    // The checkout was rolled back each time.
    assert_eq!(looks.load(Ordering::Relaxed), 2);
}

#[ambit::test]
async fn x94_only_idle_workers_are_pinged_so_many_per_cycle_and_the_row_stays() {
    let pinged = Arc::new(Mutex::new(Vec::new()));
    let noted = pinged.clone();
    let pool = Pool::builder(workers())
        .size(4)
        .hand_out(CheckoutOrder::Fifo)
        .max_pings(2)
        .on_ping(SECOND, move |worker: WorkerSubject| {
            let noted = noted.clone();
            async move {
                let number = worker.number().await?;
                noted.lock().unwrap().push(number);
                Ok::<_, CallError>(())
            }
        });
    let pool = pool.start().await.unwrap();
    let taken = || std::mem::take(&mut *pinged.lock().unwrap());
    let held = take(&pool).await;
    assert_eq!(held.number().await, Ok(0));
    let mut cycles = Vec::new();
    for _ in 0..3 {
        tokio::time::sleep(SECOND).await;
        settle().await;
        let mut cycle = taken();
        cycle.sort_unstable();
        cycles.push(cycle);
    }
    assert_eq!(
        cycles,
        [vec![1, 2], vec![1, 3], vec![1, 2]],
        "never worker 0"
    );
    let row = [take(&pool).await, take(&pool).await, take(&pool).await];
    for (lease, number) in row.iter().zip(1..) {
        assert_eq!(lease.number().await, Ok(number), "as without pings");
    }
    tokio::time::sleep(SECOND).await;
    settle().await;
    assert_eq!(taken(), [0usize; 0], "all are busy");
}
