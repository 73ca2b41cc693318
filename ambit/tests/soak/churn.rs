//! One process that creates and ends very many objects of every kind, and holds no more at the end than at the
//! beginning.
//!
//! `CHURN=1000000` sets the number of each; the default is a few thousand.

use std::time::Duration;

use ambit::application::{Application, Applications};
use ambit::breaker::CircuitBreaker;
use ambit::group::Group;
use ambit::pool::Pool;
use ambit::prelude::*;
use ambit::pubsub::PubSub;
use ambit::rate_limit::{Rate, RateLimiter};
use ambit::supervisor::Supervisor;
use ambit::table::Access;
use ambit::table::{Table, TableTransfer};
use ambit::test::holdings;

use crate::{held, settles, variable};

/// The number of each, unless `CHURN` is set.
const TIMES: u64 = 4_000;
/// The divisor for kinds that cost a thousand times as much as the others.
const RARELY: u64 = 50;
/// How many more bytes may be held after all rounds than after the first quarter: caches for reuse vary.
const MARGIN: usize = 40 << 10;

const HOUR: Duration = Duration::from_secs(3600);

struct Idle;

#[gen_server]
impl Idle {
    #[call]
    fn nothing(&self) {}
}

/// Creates and ends something `times` times.
async fn churn(what: &str, times: u64, mut make_and_end: impl AsyncFnMut(u64)) {
    for n in 0..times / 4 {
        make_and_end(n).await;
    }
    let (relations, before) = (holdings().relations, held());
    for n in times / 4..times {
        make_and_end(n).await;
    }
    settles(what, relations, || holdings().relations).await;
    let more = held().saturating_sub(before);
    eprintln!("{times} {what}: {more} bytes more");
    assert!(more <= MARGIN, "{what}: {more} bytes more after {times}");
}

#[ambit::test(real_time)]
async fn resources_created_and_ended_by_one_owner_leave_nothing_behind(inbox: Inbox<u8>) {
    let _alone = crate::ALONE.lock().await;
    let times = variable("CHURN").unwrap_or(TIMES);
    shared_state(&inbox, times).await;
    names(&inbox, times).await;
    subscribers(&inbox, times).await;
    limits(times).await;
    signals(times).await;
    work(times).await;
}

async fn shared_state(inbox: &Inbox<u8>, times: u64) {
    churn("tables", times, async |n| {
        let table: Table<u64, u64> = Table::new();
        table.insert(n, n).unwrap();
        table.end().unwrap();
    })
    .await;
    churn("tables that are dropped", times, async |n| {
        let table: Table<u64, u64> = Table::new();
        table.insert(n, n).unwrap();
    })
    .await;
    churn("tables with names", times, async |_| {
        let table: Table<u64, u64> = Table::builder().name("churn").create().unwrap();
        table.end().unwrap();
    })
    .await;
    let mut given = inbox.open::<TableTransfer<u64, u64>>();
    churn("tables that are given away", times, async |_| {
        let builder = Table::<u64, u64>::builder().access(Access::Public);
        let table = builder.create().unwrap();
        table.give_away(&given.subject().recipient()).unwrap();
        let TableTransfer { table, .. } = given.recv().await.unwrap();
        table.end().unwrap();
    })
    .await;
}

async fn names(inbox: &Inbox<u8>, times: u64) {
    let own = inbox.subject();
    churn("registries", times, async |n| {
        let registry: Registry<u64, u8> = Registry::unique();
        registry.register(n, &own).unwrap();
    })
    .await;
    let registry: Registry<u64, u8> = Registry::unique();
    churn("registrations", times, async |n| {
        registry.register(n, &own).unwrap();
        registry.unregister(&n).unwrap();
    })
    .await;
    churn("local names", times, async |n| {
        let name = format!("churn {n}");
        ambit::register(&name, &own).unwrap();
        ambit::unregister(&name).unwrap();
    })
    .await;
}

async fn subscribers(inbox: &Inbox<u8>, times: u64) {
    let own = inbox.subject();
    churn("scopes of groups", times, async |_| {
        let scope: Group<u8> = Group::new();
        scope.join("churn", &own).unwrap();
    })
    .await;
    churn("scopes with names", times, async |n| {
        let scope = Group::<u8>::scope(&format!("churn {n}"));
        scope.join("churn", &own).unwrap();
        scope.leave("churn", &own).unwrap();
    })
    .await;
    let scope: Group<u8> = Group::new();
    churn("groups", times, async |n| {
        let name = format!("churn {n}");
        scope.join(&name, &own).unwrap();
        scope.leave(&name, &own).unwrap();
    })
    .await;
    let changes = inbox.open::<ambit::group::GroupEvent<u8>>();
    churn("monitors of groups", times, async |n| {
        let (_, monitor) = scope.monitor(&format!("churn {n}"), changes.subject().recipient());
        monitor.demonitor();
    })
    .await;
    churn("hubs", times, async |_| {
        let topic = PubSub::new().topic::<u8>("churn");
        assert!(topic.subscribe(&inbox.recipient()));
    })
    .await;
    let hub = PubSub::new();
    churn("topics", times, async |n| {
        let topic = hub.topic::<u8>(&format!("churn {n}"));
        assert!(topic.subscribe(&inbox.recipient()));
        assert_eq!(topic.unsubscribe(inbox.pid()), 1);
    })
    .await;
    churn("subscriptions", times, async |n| {
        drop(hub.topic::<u8>(&format!("churn {n}")).listen());
    })
    .await;
}

async fn limits(times: u64) {
    churn("rate limiters", times, async |_| {
        let limiter = RateLimiter::new(Rate::per_second(1_000_000));
        limiter.acquire().await;
    })
    .await;
    churn("circuit breakers", times, async |_| {
        let breaker = CircuitBreaker::builder("churn").failures(1).build();
        let failed = breaker.call(async || Err::<(), _>("down")).await;
        assert!(failed.is_err());
    })
    .await;
}

async fn signals(times: u64) {
    let idle = Idle.start().await.unwrap();
    churn("timers", times, async |_| {
        ambit::kill_after(HOUR, idle.pid()).cancel();
    })
    .await;
    churn("monitors", times, async |_| drop(idle.monitor())).await;
    churn("links", times, async |_| {
        assert!(ambit::link(&idle).unwrap().is_ok());
        ambit::unlink(&idle).unwrap();
    })
    .await;
    churn("pending calls", times, async |_| {
        drop(idle.nothing().send())
    })
    .await;
    idle.stop().await.unwrap();
}

async fn work(times: u64) {
    churn("tasks", times, async |n| {
        assert_eq!(Task::spawn(async move { n }).await, Ok(n));
    })
    .await;
    churn("processes", times / RARELY, async |_| {
        let idle = Idle.start().await.unwrap();
        idle.stop().await.unwrap();
    })
    .await;
    churn("pools", times / RARELY, async |_| {
        let spec = ChildSpec::from_fn(|| Idle.start());
        let pool = Pool::builder(spec).size(1).start().await.unwrap();
        pool.stop().await.unwrap();
    })
    .await;
    let spec = ChildSpec::from_fn(|| Idle.start());
    let pool = Pool::builder(spec).size(1).start().await.unwrap();
    churn("leases", times, async |_| {
        drop(pool.checkout().await.unwrap())
    })
    .await;
    pool.stop().await.unwrap();
    let app = Application::new("churn").on_start(|| Supervisor::builder().start());
    let apps = Applications::new([app]);
    churn("applications", times / RARELY, async |_| {
        apps.start("churn").await.unwrap();
        apps.stop("churn").await.unwrap();
    })
    .await;
}
