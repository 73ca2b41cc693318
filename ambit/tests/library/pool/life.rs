//! Lazy and eager pools, slow and failing starts, resizing, and the end.

use super::*;
use ambit::supervisor::Backoff;

use ambit::error::ChildError;
use ambit::supervisor::Supervisor;
use ambit::test::{assert_tree, crashes, expect_crash, start_supervised};
use tokio::sync::Semaphore;

use crate::support::log::Log;

#[ambit::test]
async fn x93_eager_workers_run_from_the_start() {
    let pool = pool_of(3).await;
    assert_eq!((numbers(&pool), processes()), ((3, 0, 0), 3));
}

#[ambit::test]
async fn x93_lazy_workers_are_made_on_first_need_up_to_n() {
    let pool = Pool::builder(workers()).size(2).lazy();
    let pool = pool.start().await.unwrap();
    assert_eq!((numbers(&pool), processes()), ((0, 0, 0), 0));
    assert_eq!(pool.status().state, PoolState::Ready);
    drop(pool.checkout().now().await.unwrap());
    drop(take(&pool).await);
    assert_eq!(processes(), 1, "one is enough so far");
    let _first = take(&pool).await;
    let mut two = [pool.checkout(), pool.checkout()];
    for checkout in &mut two {
        assert!(poll_once(checkout).await.is_pending());
    }
    settle().await;
    assert_eq!((pool.status().waiting, processes()), (1, 2));
}

#[ambit::test]
async fn x93_what_a_lazy_pool_has_made_it_keeps() {
    let pool = Pool::builder(workers()).size(2).lazy();
    let pool = pool.start().await.unwrap();
    let worker = pool.worker_for(&0);
    assert_eq!(worker.number().await, Err(CallError::NoProcess), "not yet");
    assert_eq!(worker.when_available().number().await, Ok(0));
    let old = worker.pid();
    crash(&worker).await;
    ambit::test::await_restart(&worker, old).await;
    assert_eq!(worker.number().await, Ok(1));
    settle().await;
    assert_eq!(processes(), 1);
}

/// A worker whose end takes a second.
#[derive(Clone)]
struct Lingering;

#[gen_server]
impl Lingering {
    #[call]
    fn ping(&self) {}

    #[terminate]
    async fn terminate(&mut self, _: &ExitReason) {
        tokio::time::sleep(SECOND).await;
    }
}

#[ambit::test]
async fn x93_a_lazy_worker_requested_while_another_stops_is_started_afterwards() {
    let spec = ChildSpec::from_fn(|| Lingering.start());
    let pool = Pool::builder(spec).size(2).lazy().start().await.unwrap();
    let first = pool.checkout().await.unwrap();
    first.replace(ExitReason::Shutdown);
    drop(pool.checkout().await.unwrap());
    let status = pool.status();
    assert_eq!(
        (status.stopping, status.free),
        (1, 1),
        "there is no capacity"
    );
    let before = tokio::time::Instant::now();
    let second = pool.worker_for(&1).when_available();
    assert_eq!(second.ping().await, Ok(()));
    assert_eq!(before.elapsed(), SECOND);
}

/// A worker whose start waits for a permit, and may fail.
#[derive(Clone)]
struct Slow(Arc<Semaphore>, Arc<AtomicUsize>);

#[gen_server]
impl Slow {
    #[init]
    async fn init(leave: Self) -> Result<Self, ExitReason> {
        leave.0.acquire().await.unwrap().forget();
        let fails = leave
            .1
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1));
        match fails {
            Ok(_) => Err(ExitReason::error("no line")),
            Err(_) => Ok(leave),
        }
    }

    #[call]
    fn ping(&self) {}
}

#[ambit::test]
async fn pool_10_a_pool_serves_while_a_worker_starts() {
    let (leave, fails) = (Arc::new(Semaphore::new(1)), Arc::default());
    let spec = Slow::child_spec(Slow(leave.clone(), fails));
    let pool = Pool::builder(spec).size(1).max_overflow(1).start();
    let pool = pool.await.unwrap();
    let first = pool.checkout().await.unwrap();
    let mut second = pool.checkout();
    assert!(poll_once(&mut second).await.is_pending());
    assert_eq!(pool.status().starting, 1);
    assert_eq!(first.ping().await, Ok(()));
    drop(first);
    // The returned worker came first; the other one is stopped as soon as it has started.
    let second = second.await.unwrap();
    let running = second.pid();
    assert_eq!(second.ping().await, Ok(()));
    drop(second);
    let third = pool.checkout().await.unwrap();
    assert_eq!((third.pid(), pool.status().starting), (running, 1));
    drop(third);
    leave.add_permits(1);
    settle().await;
    let status = pool.status();
    assert_eq!((status.free, status.starting, status.stopping), (1, 0, 0));
}

#[ambit::test]
async fn pool_10_a_failed_start_is_tried_again_beside_everything_else() {
    let (leave, fails) = (Arc::new(Semaphore::new(100)), Arc::new(AtomicUsize::new(2)));
    let spec = Slow::child_spec(Slow(leave, fails.clone()));
    let pool = Pool::builder(spec.backoff(Backoff::constant(SECOND)))
        .size(1)
        .lazy()
        .start();
    let pool = pool.await.unwrap();
    let before = tokio::time::Instant::now();
    let mut first = pool.checkout();
    assert!(poll_once(&mut first).await.is_pending());
    settle().await;
    assert_eq!((pool.status().waiting, pool.status().starting), (1, 1));
    assert!(first.await.is_ok());
    let took = before.elapsed().as_secs();
    assert_eq!((took, fails.load(Ordering::Relaxed)), (2, 0));
}

#[ambit::test]
async fn a_worker_that_cannot_start_ends_the_pool_as_it_would_a_supervisor() {
    let (leave, fails) = (
        Arc::new(Semaphore::new(100)),
        Arc::new(AtomicUsize::new(100)),
    );
    let spec = || Slow::child_spec(Slow(leave.clone(), fails.clone()));
    let eager = Pool::builder(spec()).size(2).start().await;
    let Err(StartError::Init(reason)) = eager else {
        panic!("it cannot start");
    };
    assert!(reason.to_string().contains("no line"), "{reason}");
    let lazy = Pool::builder(spec()).size(1).lazy().start().await.unwrap();
    let end = lazy.monitor();
    let waits = lazy.checkout().await.err();
    assert!(matches!(waits, Some(CheckoutError::Exited(reason)) if gave_up(&reason)));
    assert!(gave_up(&end.await.reason));
    assert_eq!(fails.load(Ordering::Relaxed), 100 - 1 - 4, "three restarts");
}

#[ambit::test]
async fn too_many_deaths_end_the_pool_and_its_supervisor_starts_a_new_one() {
    let pool = Pool::builder(workers()).size(2).restarts(1, SECOND);
    let pool = start_supervised(pool.child_spec()).await;
    let (old, worker) = (pool.pid(), pool.worker_for(&0));
    let end = pool.monitor();
    let lease = take(&pool).await;
    for _ in 0..2 {
        let pid = worker.pid();
        crash(pid).await;
        if pool.pid() == old && pool.is_alive() {
            settle().await;
        }
    }
    assert!(gave_up(&end.await.reason));
    ambit::test::await_restart(&pool, old).await;
    drop(lease);
    assert_eq!(
        numbers(&pool),
        (2, 0, 0),
        "an old lease means nothing to it"
    );
    assert!(pool.worker().number().await.is_ok());
    assert_eq!(processes(), 2);
}

#[ambit::test]
async fn the_end_of_the_manager_leaves_no_worker_behind() {
    let pool = pool_of(2).await;
    assert_tree!(
        pool,
        "
        workers
          Worker-1
          Worker-2
        manager
        "
    );
    let mut waits = {
        let _both = [take(&pool).await, take(&pool).await].map(std::mem::forget);
        pool.checkout()
    };
    assert!(poll_once(&mut waits).await.is_pending());
    let of_manager = |process: &ambit::inspect::ProcessInfo| process.type_name == "PoolManager";
    let manager = ambit::inspect::processes()
        .into_iter()
        .find(of_manager)
        .unwrap()
        .pid;
    expect_crash(manager);
    ambit::exit(manager, ExitReason::Kill);
    let told = waits.await.err();
    let reason = pool.closed().await;
    assert!(gave_up(&reason));
    assert_eq!(told, Some(CheckoutError::Exited(reason)));
    assert_eq!(processes(), 0);
}

#[ambit::test]
async fn pool_13_waiting_clients_receive_the_exit_reason_of_the_pool() {
    struct Noted(Log);
    #[gen_server]
    impl Noted {
        #[terminate]
        fn terminate(&mut self, reason: &ExitReason) {
            self.0.add(reason);
        }
    }
    let log = Log::new();
    let noted = log.clone();
    let spec = ChildSpec::from_fn(move || Noted(noted.clone()).start());
    let pool = Pool::builder(spec).size(2).start().await.unwrap();
    let held = [
        pool.checkout().await.unwrap(),
        pool.checkout().await.unwrap(),
    ];
    let mut waits = pool.checkout();
    assert!(poll_once(&mut waits).await.is_pending());
    let maintenance = ExitReason::shutdown_with("maintenance");
    pool.stop_with(maintenance.clone()).await.unwrap();
    let told = waits.await.err();
    assert_eq!(told, Some(CheckoutError::Exited(maintenance)));
    assert_eq!(log.all(), ["shutdown", "shutdown"], "each worker once");
    drop(held);
    assert_eq!(log.all().len(), 2);
}

#[ambit::test]
async fn a_pool_grows_at_once_and_shrinks_as_its_workers_come_back() {
    let pool = pool_of(1).await;
    let one = take(&pool).await;
    let mut waits = pool.checkout();
    assert!(poll_once(&mut waits).await.is_pending());
    pool.resize(3).unwrap();
    let two = waits.await.unwrap();
    settle().await;
    assert_eq!((numbers(&pool), processes()), ((1, 2, 0), 3));
    pool.resize(1).unwrap();
    settle().await;
    assert_eq!((numbers(&pool), processes()), ((0, 2, 0), 2));
    drop(one);
    settle().await;
    assert_eq!((numbers(&pool), processes()), ((0, 1, 0), 1));
    // The pool has one slot left, which now refers to the remaining worker.
    assert_eq!(pool.worker().number().await, two.number().await);
    drop(two);
    assert_eq!(numbers(&pool), (1, 0, 0));
    let none = pool.resize(0);
    assert!(matches!(none, Err(ChildError::BadSpec(_))), "{none:?}");
}

#[ambit::test]
async fn the_handles_of_a_pool_survive_a_smaller_size() {
    for is_lazy in [false, true] {
        let pool = Pool::builder(workers()).size(3);
        let pool = if is_lazy { pool.lazy() } else { pool };
        let pool = pool.start().await.unwrap();
        let handles = [0, 1, 2].map(|key| pool.worker_for(&key));
        for handle in &handles {
            assert!(handle.clone().when_available().number().await.is_ok());
        }
        pool.resize(1).unwrap();
        settle().await;
        assert!(handles[0].number().await.is_ok());
        for handle in &handles[1..] {
            assert_eq!(handle.number().await, Err(CallError::NoProcess));
        }
        let waits = handles[2].clone().when_available();
        let waits = ambit::spawn(move |_: Inbox<()>| async move {
            waits.number().await.unwrap();
        });
        settle().await;
        pool.resize(4).unwrap();
        assert_eq!(waits.closed().await, ExitReason::Normal, "{is_lazy}");
        settle().await;
        for (key, handle) in handles.iter().enumerate() {
            assert_eq!(handle, &pool.worker_for(&key));
            assert!(handle.number().await.is_ok(), "{key}, {is_lazy}");
        }
    }
}

#[ambit::test]
async fn a_size_beyond_the_limit_is_refused_before_anything_changes() {
    let told = |text: &str| {
        assert!(text.contains("at most 1048576 workers"), "{text}");
    };
    let pool = pool_of(2).await;
    for size in [usize::MAX, (1 << 20) + 1] {
        match pool.resize(size) {
            Err(ChildError::BadSpec(text)) => told(&text),
            other => panic!("a bad spec, not {other:?}"),
        }
        match Pool::builder(workers()).size(size).lazy().start().await {
            Err(StartError::BadSpec(text)) => told(&text),
            other => panic!("a bad spec, not {other:?}"),
        }
    }
    assert_eq!((numbers(&pool), pool.status().size), ((2, 0, 0), 2));
    pool.resize(3).unwrap();
    settle().await;
    assert_eq!(numbers(&pool), (3, 0, 0));
}

#[ambit::test]
async fn an_invalid_pool_is_rejected_before_any_process_starts() {
    let told = |refused: Result<Pool<Worker>, StartError>| match refused {
        Err(StartError::BadSpec(text)) => text,
        other => panic!("a bad spec, not {other:?}"),
    };
    let empty = told(Pool::builder(workers()).size(0).start().await);
    assert_eq!(empty, "a pool needs at least one worker: `.size(n)`");
    for window in [Duration::ZERO, Duration::MAX] {
        let window = told(Pool::builder(workers()).restarts(3, window).start().await);
        assert!(window.contains("cannot count restarts"), "{window}");
    }
    let once = ChildSpec::once(Worker { number: 0 }.start());
    let once = told(Pool::builder(once).start().await);
    assert!(once.contains("ChildSpec::from_fn"), "{once}");
    let kept = told(Pool::builder(workers().keep_mailbox()).start().await);
    assert!(kept.contains("keep_mailbox"), "{kept}");
    let ping = Pool::builder(workers()).on_ping(Duration::ZERO, async |_| {});
    assert!(told(ping.start().await).contains("pause"));
    let ping = Pool::builder(workers()).on_ping(SECOND, async |_| {});
    assert!(told(ping.max_pings(0).start().await).contains("one per cycle"));
    let mailbox = told(Pool::builder(workers().mailbox(0)).start().await);
    assert!(mailbox.contains("mailbox"), "{mailbox}");
    assert_eq!(processes(), 0);
}

#[ambit::test]
async fn a_pool_appears_in_a_supervision_tree_under_its_name() {
    let pool = Pool::builder(workers()).size(1).child_spec();
    let tree = Supervisor::builder().child(pool.id("printers").name("printers"));
    let tree = tree.start().await.unwrap();
    let pool = Pool::<Worker>::named("printers");
    assert_eq!(pool.worker().number().await, Ok(0));
    assert_tree!(
        tree,
        "
        printers
          workers
            Worker-1
          manager
        "
    );
}

/// A worker that fails right after its `#[init]`.
struct Brief;

#[gen_server]
impl Brief {
    #[init]
    fn init(ctx: &mut Context<Self>) -> Self {
        ctx.continue_with(BriefContinue::Fail);
        Self
    }

    #[continue_with]
    fn fail(&mut self) -> Result<(), ExitReason> {
        Err(ExitReason::error("no line"))
    }
}

#[ambit::test]
async fn a_worker_that_fails_right_after_its_init_is_reported_with_its_own_reason() {
    let pool = Pool::builder(Brief::child_spec()).size(1).lazy();
    let pool = pool.start().await.unwrap();
    while pool.checkout().await.is_ok() {}
    let reason = pool.closed().await.to_string();
    assert!(reason.contains("no line"), "{reason}");
    drop(crashes());
}
