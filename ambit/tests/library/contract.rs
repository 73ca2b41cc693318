//! The public contract of the library, with the names and signatures of its page: other code compiles against them.
#![allow(missing_docs, dead_code, clippy::unused_async)]

use std::error::Error;
use std::fmt::Debug;
use std::time::Duration;

use ambit::agent::Agent;
use ambit::application::{Application, Applications};
use ambit::group::{Group, GroupEvent, GroupMonitor, NotJoined};
use ambit::pool::{CheckoutError, Lease, Pool, PoolStatus, Route};
use ambit::prelude::*;
use ambit::pubsub::{PubSub, Topic};
use ambit::server::{Call, Cast, Start};
use ambit::table::TableTransfer;
use ambit::task;
use ambit::task::{Task, TaskError};
use ambit::test::Probe;

#[derive(Clone, Debug, PartialEq)]
struct News(u32);

impl Message for News {}

struct Worker {
    done: u32,
}

#[gen_server]
impl Worker {
    #[init]
    fn init(done: u32) -> Self {
        Self { done }
    }
    #[call]
    fn done(&self) -> u32 {
        self.done
    }
    #[cast]
    fn work(&mut self) {
        self.done += 1;
    }
    #[info]
    fn news(&mut self, _news: News) {}
}

fn is_error<E: Error + Clone + PartialEq + Debug + Send + Sync + 'static>() {}
fn is_debug<T: Debug>() {}
fn is_handle<H: Clone + Debug + Send + Sync + 'static>() {}

#[test]
fn errors_and_handles_implement_the_documented_traits() {
    is_error::<TaskError>();
    is_error::<CheckoutError>();
    is_error::<NotJoined>();
    // `Worker` is not `Debug` itself.
    is_debug::<GroupEvent<Worker>>();
    is_debug::<TableTransfer<u32, Worker>>();
    is_handle::<Agent<u32>>();
    is_handle::<Group<Worker>>();
    is_handle::<PubSub>();
    is_handle::<Topic<News>>();
    is_handle::<Pool<Worker>>();
    is_handle::<Applications>();
}

#[ambit::test]
async fn agents() {
    let start: Start<Agent<u32>> = Agent::start(|| 42);
    let agent: Agent<u32> = start.await.unwrap();
    assert_eq!(agent.get(|n| *n).await, Ok(42));
    assert_eq!(agent.update(|n| *n += 1).await, Ok(()));
    assert_eq!(
        agent
            .get_and_update(|n| std::mem::replace(n, 7))
            .timeout(Duration::from_secs(1))
            .await,
        Ok(43)
    );
    agent.cast(|n| *n += 1).await.unwrap();
    assert!(agent.is_alive());
    let spec: ChildSpec<Agent<u32>> = Agent::child_spec(|| 1);
    drop(spec);
    agent.stop().await.unwrap();
}

#[ambit::test]
async fn tasks() {
    let task: Task<u32> = Task::spawn(async { 1 });
    let _: Pid = task.pid();
    let one: Result<u32, TaskError> = task.await;
    assert_eq!(one, Ok(1));
    let soon = Duration::from_secs(1);
    assert_eq!(Task::spawn_unlinked(async { 2 }).timeout(soon).await, Ok(2));
    let mut slow = Task::spawn(std::future::pending::<u32>());
    let none: Result<Option<u32>, TaskError> = slow.yield_for(soon).await;
    assert_eq!(none, Ok(None));
    let ended: Result<Option<u32>, TaskError> = slow.shutdown(Shutdown::Brutal).await;
    assert_eq!(ended, Ok(None));

    let mut stream = task::stream([3u32, 1, 2], |n| async move { n * 2 })
        .concurrency(2)
        .ordered()
        .timeout(soon);
    let first: Option<Result<u32, TaskError>> = stream.next().await;
    assert_eq!(first, Some(Ok(6)));
    let rest: Vec<Result<u32, TaskError>> = stream.collect().await;
    assert_eq!(rest, [Ok(2), Ok(4)]);
}

#[ambit::test]
async fn groups_and_topics() {
    let worker = Worker::start(0).await.unwrap();
    let group: Group<Worker> = Group::new();
    group.join("workers", &worker).unwrap();
    let members: Vec<WorkerSubject> = group.members("workers").into_iter().collect();
    assert_eq!(members, std::slice::from_ref(&worker));
    assert_eq!(group.groups().len(), 1);
    let (watched, monitor) = group.monitor("workers", Probe::new().recipient());
    let _: GroupMonitor = monitor;
    assert_eq!(watched.len(), 1);
    let delivered: usize = group.broadcast("workers", WorkerCast::Work {});
    assert_eq!(delivered, 1);
    let left: Result<(), NotJoined> = group.leave("workers", &worker);
    assert_eq!(left, Ok(()));
    assert!(group.leave("workers", &worker).is_err());

    let topic: Topic<News> = PubSub::new().topic::<News>("news");
    assert!(topic.subscribe(&worker.recipient::<News>()));
    let delivered: usize = topic.broadcast(News(1));
    assert_eq!(delivered, 1);
    let others: usize = topic.broadcast_from(worker.pid(), News(2));
    assert_eq!(others, 0);
    assert_eq!(topic.subscribers().len(), 1);
    topic.unsubscribe(worker.pid());
}

#[ambit::test]
async fn pools() {
    let start: Start<Pool<Worker>> = Pool::<Worker>::builder(Worker::child_spec(0))
        .size(2)
        .route(Route::RoundRobin)
        .start();
    let pool = start.await.unwrap();
    let worker: WorkerSubject = pool.worker();
    assert_eq!(worker.done().await, Ok(0));
    let keyed: WorkerSubject = pool.worker_for(&"key");
    keyed.work().await.unwrap();
    let lease: Result<Lease<Worker>, CheckoutError> =
        pool.checkout().timeout(Duration::from_secs(1)).await;
    let lease = lease.unwrap();
    let call: Call<'_, Worker, u32> = lease.done();
    assert!(call.await.is_ok());
    let cast: Cast<'_, Worker> = lease.work();
    assert_eq!(cast.await, Ok(()));
    let PoolStatus {
        free,
        busy,
        waiting,
        ..
    } = pool.status();
    assert_eq!((free, busy, waiting), (1, 1, 0));
}

#[ambit::test]
async fn applications() {
    let store =
        Application::new("store").on_start(|| async { Supervisor::builder().start().await });
    let shop = Application::new("shop")
        .depends_on("store")
        .on_start(|| async { Supervisor::builder().start().await })
        .on_stop(|| async {});
    let all = Applications::new([store, shop]);
    let started = all.ensure_all_started("shop").await.unwrap();
    assert_eq!(started, ["store", "shop"]);
    assert!(all.start("shop").await.is_err());
    assert_eq!(all.running().await.unwrap(), ["store", "shop"]);
    all.stop("shop").await.unwrap();
    all.stop_all().await.unwrap();
}
