//! Routing: the worker that receives a message.

use super::*;

use std::collections::BTreeSet;

use ambit::pool::Route;

async fn routed(size: usize, route: Route) -> Pool<Worker> {
    let pool = Pool::builder(workers()).size(size).route(route);
    pool.restarts(100, SECOND).start().await.unwrap()
}

async fn seen(pool: &Pool<Worker>, times: usize) -> Vec<usize> {
    let mut seen = Vec::new();
    for _ in 0..times {
        seen.push(pool.worker().number().await.unwrap());
    }
    seen
}

#[ambit::test]
async fn round_robin_cycles_through_the_workers() {
    let pool = routed(3, Route::RoundRobin).await;
    assert_eq!(seen(&pool, 7).await, [0, 1, 2, 0, 1, 2, 0]);
}

#[ambit::test]
async fn random_reaches_all() {
    let pool = routed(4, Route::Random).await;
    let all: BTreeSet<_> = seen(&pool, 200).await.into_iter().collect();
    assert_eq!(all.len(), 4);
}

#[ambit::test]
async fn the_least_busy_one_is_chosen_by_what_waits_for_it() {
    let pool = routed(3, Route::LeastBusy).await;
    let busy: Vec<_> = (0..3).map(|key| pool.worker_for(&key)).collect();
    // Two calls for the first worker, one for the third; the second is idle.
    let mut calls = [
        busy[0].rest(SECOND).send(),
        busy[0].rest(SECOND).send(),
        busy[2].rest(SECOND).send(),
    ];
    settle().await;
    assert_eq!(seen(&pool, 4).await, [1, 1, 1, 1]);
    for call in &mut calls {
        assert!(call.await.is_ok());
    }
}

/// A worker whose handler of the idle timeout takes a minute.
struct Napper {
    number: usize,
}

#[gen_server]
impl Napper {
    #[call]
    fn number(&self) -> usize {
        self.number
    }

    #[call]
    fn nap_soon(&mut self, ctx: &mut Context<Self>) {
        ctx.idle_timeout(SECOND);
    }

    #[info]
    async fn on_idle(&mut self, _: IdleTimeout) {
        tokio::time::sleep(60 * SECOND).await;
    }
}

#[ambit::test]
async fn a_worker_in_the_handler_of_its_idle_timeout_is_not_the_least_busy_one() {
    let made = AtomicUsize::new(0);
    let spec = ChildSpec::from_fn(move || {
        let number = made.fetch_add(1, Ordering::Relaxed);
        Napper { number }.start()
    });
    let pool = Pool::builder(spec).size(2).route(Route::LeastBusy);
    let pool = pool.start().await.unwrap();
    pool.worker_for(&0).nap_soon().await.unwrap();
    tokio::time::sleep(2 * SECOND).await;
    for _ in 0..4 {
        assert_eq!(pool.worker().number().await, Ok(1));
    }
}

#[ambit::test]
async fn a_key_keeps_its_worker_and_integers_go_by_their_absolute_value() {
    let pool = routed(4, Route::RoundRobin).await;
    assert_eq!(pool.worker_for(&6).number().await, Ok(2));
    assert_eq!(pool.worker_for(&-7_i64).number().await, Ok(3));
    assert_eq!(pool.worker_for("ada"), pool.worker_for("ada"));
    let all: BTreeSet<_> = ["ada", "joe", "mike", "robert", "bjarne", "barbara"]
        .map(|name| pool.worker_for(name).pid())
        .into();
    assert!(all.len() > 1, "not all in one place");
}

#[ambit::test]
async fn by_key_a_process_keeps_its_worker() {
    let pool = routed(4, Route::ByKey).await;
    let mine = seen(&pool, 5).await;
    assert!(mine.iter().all(|number| *number == mine[0]));
    let outside = pool.clone();
    let number = tokio::spawn(async move { outside.worker().number().await });
    assert_eq!(number.await.unwrap(), Ok(0), "no process, no key");
}

#[ambit::test]
async fn a_routed_handle_keeps_its_slot_and_routing_skips_stopped_workers() {
    let (leave, fails) = (Arc::new(tokio::sync::Semaphore::new(2)), ());
    let gate = leave.clone();
    struct Gated;
    #[gen_server]
    impl Gated {
        #[init]
        async fn init(gate: Arc<tokio::sync::Semaphore>) -> Self {
            gate.acquire().await.unwrap().forget();
            Self
        }
        #[call]
        fn ping(&self) {}
    }
    let () = fails;
    let pool = Pool::builder(Gated::child_spec(gate)).size(2);
    let pool = pool.start().await.unwrap();
    let (first, second) = (pool.worker(), pool.worker());
    crash(&first).await;
    // The restarted worker has not started yet.
    assert_eq!(first.ping().await, Err(CallError::NoProcess));
    assert_eq!((pool.worker(), pool.worker()), (second.clone(), second));
    assert_eq!(pool.worker_for(&0), first, "a key has no other place");
    let mut patient = first.when_available();
    patient = patient.with_timeout(SECOND);
    leave.add_permits(1);
    assert_eq!(patient.ping().await, Ok(()));
    assert_eq!(pool.worker(), first);
}

#[ambit::test]
async fn x93_routed_messages_make_the_workers_of_a_lazy_pool() {
    for route in [Route::RoundRobin, Route::LeastBusy] {
        let pool = Pool::builder(workers()).size(3).lazy().route(route);
        let pool = pool.start().await.unwrap();
        for number in 0..3 {
            assert_eq!(processes(), number);
            assert_eq!(pool.worker().when_available().number().await, Ok(number));
        }
        assert_eq!(seen(&pool, 3).await.len(), 3);
        assert_eq!(processes(), 3);
        pool.stop().await.unwrap();
    }
}

#[ambit::test]
async fn a_lease_refers_to_one_process_and_a_routed_handle_to_a_slot() {
    let pool = routed(1, Route::RoundRobin).await;
    let (lease, routed) = (take(&pool).await, pool.worker());
    assert_eq!(lease.pid(), routed.pid());
    let old = routed.pid();
    crash(&routed).await;
    ambit::test::await_restart(&routed, old).await;
    assert_eq!(routed.number().await, Ok(1));
    assert_eq!(lease.number().await, Err(CallError::NoProcess));
}
