//! The public contract of supervision, with the names and signatures of its page: other code compiles against them.

use ambit::supervisor::{AutoShutdown, Backoff, PartitionSupervisor};
use std::error::Error;
use std::fmt::{Debug, Display};
use std::future::Future;
use std::hash::Hash;
use std::time::Duration;

use ambit::prelude::*;
use ambit::server::Start;
use ambit::supervisor::{AdminRequest, Child, ChildCounts, ChildInfo, ChildKind, ChildState};

struct Counter {
    value: u64,
}

#[gen_server]
impl Counter {
    #[init]
    fn init(value: u64) -> Self {
        Self { value }
    }
    #[call]
    fn get(&self) -> u64 {
        self.value
    }
}

struct Cache;

#[gen_server]
impl Cache {
    #[call]
    fn get(&self) -> u64 {
        0
    }
}

struct App {
    limit: u64,
}

#[supervisor(strategy = RestForOne, restarts = 3, within = Duration::from_secs(5))]
impl App {
    #[child]
    fn rooms(&self) -> ChildSpec<DynamicSupervisor> {
        DynamicSupervisor::child_spec()
    }
    #[child(restart = Transient, shutdown = Duration::from_secs(10))]
    fn counter(&self) -> ChildSpec<Counter> {
        Counter::child_spec(self.limit)
    }
    #[child]
    fn sibling(&self, app: &AppSubject) -> Result<ChildSpec<Cache>, StartError> {
        let _: CounterSubject = app.counter();
        Ok(ChildSpec::once(Cache.start()))
    }
    #[child]
    fn poller(&self) -> ChildSpec<Task> {
        ChildSpec::task("poller", || async {
            std::future::pending::<()>().await;
        })
    }
}

fn is_error<E: Error + Clone + PartialEq + Display + Debug + Send + Sync + 'static>() {}
fn is_handle<H: Clone + Debug + Eq + Hash + Send + Sync + 'static>() {}
fn is_ask<T>(ask: &AdminRequest<T>)
where
    AdminRequest<T>: Future<Output = T> + Unpin + Send + 'static,
{
    let _ = ask;
}
fn is_child<C: Child<Handle = H>, H>() {}

#[test]
fn types_implement_the_documented_traits() {
    is_error::<ChildError>();
    is_handle::<Supervisor>();
    is_handle::<DynamicSupervisor>();
    is_handle::<PartitionSupervisor<Counter>>();
    is_handle::<AppSubject>();
    is_child::<ChildSpec<Counter>, CounterSubject>();
    is_child::<Result<ChildSpec<App>, String>, AppSubject>();
    is_child::<ChildSpec<Task<()>>, Process>();
    let _ = |error: ChildError| {
        matches!(
            error,
            ChildError::NotFound
                | ChildError::Restarting
                | ChildError::Running
                | ChildError::AlreadyPresent
                | ChildError::MaxChildren
                | ChildError::BadSpec(_)
                | ChildError::Start(StartError::Ignored)
                | ChildError::NoProcess
        )
    };
    let _ = [
        Strategy::OneForOne,
        Strategy::OneForAll,
        Strategy::RestForOne,
    ];
    let _ = [Restart::Permanent, Restart::Transient, Restart::Temporary];
    let _ = [AutoShutdown::Never, AutoShutdown::Any, AutoShutdown::All];
    let _ = [
        Shutdown::Brutal,
        Shutdown::After(Duration::ZERO),
        Shutdown::Infinity,
    ];
    let _ = |info: ChildInfo| -> (String, ChildState, ChildKind, Restart, Shutdown, bool) {
        #[allow(clippy::needless_match, reason = "the contract names the variants")]
        let state = match info.state {
            ChildState::Running(pid) => ChildState::Running(pid),
            ChildState::Restarting => ChildState::Restarting,
            other => other,
        };
        (
            info.id,
            state,
            info.kind,
            info.restart,
            info.shutdown,
            info.significant,
        )
    };
    let _ = |counts: ChildCounts| -> [usize; 4] {
        [
            counts.specs,
            counts.active,
            counts.workers,
            counts.supervisors,
        ]
    };
}

fn specs(registry: &Registry<String, Counter>) -> ChildSpec<Counter> {
    let _: ChildSpec<Cache> = Cache::child_spec(|| Cache);
    let _: ChildSpec<App> = ChildSpec::from_fn(|| App { limit: 1 }.start());
    ChildSpec::from_fn(|| Counter::start(0))
        .id("counter")
        .restart(Restart::Transient)
        .shutdown(Shutdown::Brutal)
        .shutdown(Duration::from_secs(1))
        .significant(false)
        .backoff(Backoff::exponential(
            Duration::from_millis(1),
            Duration::from_secs(1),
        ))
        .name("counter")
        .via(registry, "counter")
        .mailbox(64)
        .keep_mailbox()
}

#[ambit::test]
async fn children_as_data() {
    let registry = Registry::unique();
    let builder = Supervisor::builder()
        .strategy(Strategy::OneForOne)
        .restarts(3, Duration::from_secs(5))
        .auto_shutdown(AutoShutdown::Never)
        .child(specs(&registry));
    let start: Start<Supervisor> = builder.start();
    let supervisor: Supervisor = start.await.expect("it starts");
    let which: AdminRequest<Result<Vec<ChildInfo>, CallError>> = supervisor.which_children();
    is_ask(&which);
    assert_eq!(which.await.map(|all| all.len()), Ok(1));
    let count: AdminRequest<Result<ChildCounts, CallError>> = supervisor.count_children();
    assert_eq!(count.await.map(|counts| counts.active), Ok(1));
    let terminated: AdminRequest<Result<(), ChildError>> = supervisor.terminate_child("counter");
    assert_eq!(terminated.await, Ok(()));
    let restarted: AdminRequest<Result<Pid, ChildError>> = supervisor.restart_child("counter");
    assert!(restarted.await.is_ok_and(ambit::is_alive));
    let deleted: AdminRequest<Result<(), ChildError>> = supervisor.delete_child("counter");
    assert_eq!(deleted.await, Err(ChildError::Running));
    let started: AdminRequest<Result<CacheSubject, ChildError>> =
        supervisor.start_child(Cache::child_spec(|| Cache));
    assert_eq!(started.await.expect("it starts").get().await, Ok(0));
    let process: &Process = &supervisor;
    process.stop().await.expect("it stops");
}

#[ambit::test]
async fn children_as_methods() {
    let app: AppSubject = App { limit: 7 }.start().await.expect("it starts");
    let counter: CounterSubject = app.counter();
    assert_eq!(counter.get().await, Ok(7));
    let poller: Process = app.poller();
    assert!(poller.is_alive());
    let rooms: DynamicSupervisor = app.rooms();
    let room: CounterSubject = rooms
        .start_child(Counter::child_spec(1))
        .await
        .expect("it starts");
    assert_eq!(rooms.count_children().await.map(|all| all.specs), Ok(1));
    assert_eq!(rooms.which_children().await.map(|all| all.len()), Ok(1));
    assert_eq!(rooms.terminate_child(room.pid()).await, Ok(()));
    assert_eq!(app.count_children().await.map(|all| all.specs), Ok(4));
    assert!(app.terminate_child("counter").await.is_ok());
    assert_eq!(counter.get().await, Err(CallError::NoProcess));
}

#[ambit::test]
async fn dynamic_and_partitioned() {
    let rooms = DynamicSupervisor::builder()
        .max_children(1)
        .restarts(3, Duration::from_secs(5));
    let _: ChildSpec<DynamicSupervisor> = rooms.child_spec();
    let rooms: DynamicSupervisor = rooms.start().await.expect("it starts");
    assert!(rooms.start_child(Counter::child_spec(1)).await.is_ok());
    let refused = rooms.start_child(Counter::child_spec(1)).await;
    assert_eq!(refused.unwrap_err(), ChildError::MaxChildren);
    let shards =
        PartitionSupervisor::<Counter>::builder(|index: usize| Counter::child_spec(index as u64));
    let shards: PartitionSupervisor<Counter> =
        shards.partitions(4).start().await.expect("it starts");
    let shard: CounterSubject = shards.route(&6_u64);
    assert_eq!((shard.get().await, shards.len()), (Ok(2), 4));
}

#[ambit::test]
async fn a_name_of_a_supervisor_is_of_no_protocol() {
    let start = Supervisor::builder().start().name("app");
    let app = start.await.expect("it starts");
    let found = ambit::whereis::<Counter>("app");
    assert_eq!(found, Err(ambit::error::LookupError::WrongType));
    assert_eq!(Supervisor::named("app").pid(), app.pid());
}
