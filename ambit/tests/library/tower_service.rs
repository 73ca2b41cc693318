//! A subject as a `tower::Service`: readiness is a permit of the mailbox.

use std::future::poll_fn;
use std::time::Duration;

use ambit::prelude::*;
use ambit::server::SubjectService;
use ambit::supervisor::{ChildSpec, Supervisor};
use tower::{Service, ServiceBuilder, ServiceExt};

/// Handles nothing while it is paused.
struct Store {
    sum: u64,
}

#[gen_server(mailbox = 2)]
impl Store {
    #[init]
    fn init(sum: u64) -> Self {
        Self { sum }
    }
    #[call]
    fn add(&mut self, by: u64) -> u64 {
        self.sum += by;
        self.sum
    }
    #[call(deferred)]
    fn never(&mut self, by: u64, reply: ReplyTo<u64>) {
        drop((by, reply));
    }
    #[cast]
    async fn pause(&mut self, time: Duration) {
        tokio::time::sleep(time).await;
    }
    #[cast]
    fn fail(&mut self) {
        panic!("as asked");
    }
}

type Adding = SubjectService<Store, u64, u64>;

fn adding(store: &StoreSubject) -> Adding {
    SubjectService::new(store, |by, reply| StoreCall::Add { by, reply })
}

async fn ready(service: &mut Adding) -> Result<(), CallError> {
    poll_fn(|cx| service.poll_ready(cx)).await
}

async fn is_ready_now(service: &mut Adding) -> bool {
    poll_fn(|cx| std::task::Poll::Ready(service.poll_ready(cx).is_ready())).await
}

#[ambit::test]
async fn a_service_answers_like_the_subject() {
    let store = Store::start(1).await.unwrap();
    assert_eq!(adding(&store).oneshot(2).await, Ok(3));
    let mut service = adding(&store);
    for sum in [4, 5] {
        assert_eq!(service.ready().await.unwrap().call(1).await, Ok(sum));
    }
}

#[ambit::test]
async fn readiness_reserves_a_mailbox_slot() {
    let store = Store::start(0).await.unwrap();
    let hour = Duration::from_secs(3600);
    store.pause(hour).await.unwrap();
    ambit::test::settle().await;
    let (mut first, mut second, mut third) = (adding(&store), adding(&store), adding(&store));
    ready(&mut first).await.unwrap();
    ready(&mut second).await.unwrap();
    // Both permits are held although nothing is queued.
    assert_eq!(ambit::process_info(&store).unwrap().queued, 0);
    assert!(!is_ready_now(&mut third).await);
    assert_eq!(store.fail().now(), Err(CastError::Full));
    // An unused permit goes to the next waiter.
    drop(second);
    ready(&mut third).await.unwrap();
    // A service that is ready sends without waiting.
    let (one, two) = (first.call(1), third.call(2));
    assert_eq!(ambit::process_info(&store).unwrap().queued, 2);
    tokio::time::sleep(hour).await;
    let (one, two) = (one.await, two.await);
    assert!(one.is_err() && two.is_err(), "their five seconds were over");
}

#[ambit::test]
async fn a_clone_does_not_inherit_the_reserved_slot() {
    let store = Store::start(0).await.unwrap();
    store.pause(Duration::from_secs(1)).await.unwrap();
    ambit::test::settle().await;
    let mut one = adding(&store);
    ready(&mut one).await.unwrap();
    let mut others = [one.clone(), one.clone()];
    assert!(is_ready_now(&mut others[0]).await);
    assert!(!is_ready_now(&mut others[1]).await);
}

#[ambit::test]
#[should_panic = "without a `poll_ready`"]
async fn a_call_that_is_not_ready_is_a_mistake() {
    let store = Store::start(0).await.unwrap();
    drop(adding(&store).call(1));
}

#[ambit::test]
async fn the_answer_has_a_deadline_of_its_own() {
    let store = Store::start(0).await.unwrap();
    let service = SubjectService::new(&store, |by, reply| StoreCall::Never { by, reply })
        .timeout(Duration::from_millis(20));
    let asked = service.oneshot(1).await;
    // The server has dropped the port.
    assert_eq!(asked, Err(CallError::NoReply));
    store.pause(Duration::from_secs(1)).await.unwrap();
    ambit::test::settle().await;
    let late = adding(&store).timeout(Duration::from_millis(20));
    assert_eq!(late.oneshot(1).await, Err(CallError::Timeout));
}

#[ambit::test]
async fn a_direct_service_ends_with_its_process() {
    let store = Store::start(0).await.unwrap();
    let mut service = adding(&store);
    ready(&mut service).await.unwrap();
    store.stop().await.unwrap();
    // The permit belongs to the mailbox of a stopped process.
    assert_eq!(ready(&mut service).await, Err(CallError::NoProcess));
    let mut late = adding(&store);
    assert_eq!(ready(&mut late).await, Err(CallError::NoProcess));
}

#[ambit::test]
async fn the_process_ends_between_readiness_and_call() {
    let store = Store::start(0).await.unwrap();
    let mut service = adding(&store);
    ready(&mut service).await.unwrap();
    store.stop().await.unwrap();
    assert_eq!(service.call(1).await, Err(CallError::NoProcess));
}

#[ambit::test]
async fn a_following_service_outlives_a_restart() {
    let supervisor = Supervisor::builder().start().await.unwrap();
    let spec = ChildSpec::from_fn(|| Store::start(0)).id("store");
    let store = supervisor.start_child(spec).await.unwrap();
    let mut service = adding(&store);
    ready(&mut service).await.unwrap();
    let before = store.pid();
    ambit::test::crash(&store).await;
    ambit::test::await_restart(&store, before).await;
    assert_eq!(service.ready().await.unwrap().call(7).await, Ok(7));
    // Without a process the service is ready, and its calls fail.
    supervisor.terminate_child("store").await.unwrap();
    assert_eq!(
        service.ready().await.unwrap().call(1).await,
        Err(CallError::NoProcess)
    );
    supervisor.restart_child("store").await.unwrap();
    assert_eq!(service.ready().await.unwrap().call(3).await, Ok(3));
}

#[ambit::test]
async fn load_shed_sees_a_full_mailbox() {
    let store = Store::start(0).await.unwrap();
    store.pause(Duration::from_secs(1)).await.unwrap();
    ambit::test::settle().await;
    let mut service = ServiceBuilder::new().load_shed().service(adding(&store));
    let (one, two) = (
        service.ready().await.unwrap().call(1),
        service.ready().await.unwrap().call(1),
    );
    let third = service.ready().await.unwrap().call(1).await;
    assert!(
        third
            .unwrap_err()
            .is::<tower::load_shed::error::Overloaded>()
    );
    assert_eq!((one.await.unwrap(), two.await.unwrap()), (1, 2));
}

#[ambit::test(flavor = "multi_thread")]
async fn ten_thousand_calls_pass_through_a_buffer_and_no_slot_is_lost() {
    let store = Store::start(0).await.unwrap();
    let service = ServiceBuilder::new()
        .buffer(16)
        .concurrency_limit(8)
        .timeout(Duration::from_secs(60))
        .service(adding(&store));
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let service = service.clone();
        callers.spawn(async move {
            for _ in 0..100 {
                service.clone().oneshot(1).await.unwrap();
            }
        });
    }
    while let Some(done) = callers.join_next().await {
        done.unwrap();
    }
    drop(service);
    assert_eq!(store.add(0).await, Ok(10_000));
    let places = [
        store.as_ref().reserve().await,
        store.as_ref().reserve().await,
    ];
    assert!(places.iter().all(Result::is_ok));
}
