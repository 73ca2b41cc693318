//! The end of an owner that has created and ended very many objects takes no longer than that of one with few.
//!
//! The measure is the number of allocations and frees at its end, and the number of freed bytes: these do not depend on
//! the machine.

use std::time::Duration;

use ambit::application::{Application, Applications};
use ambit::breaker::CircuitBreaker;
use ambit::group::Group;
use ambit::pool::Pool;
use ambit::prelude::*;
use ambit::pubsub::PubSub;
use ambit::rate_limit::{Rate, RateLimiter};
use ambit::supervisor::Supervisor;
use ambit::system::System;
use ambit::table::Table;
use ambit::test::holdings;
use tokio::runtime::Builder;
use tokio::sync::oneshot;

use crate::{ALLOCATOR, settles};

const FEW: u64 = 500;
const MANY: u64 = 4 * FEW;
/// The divisor for kinds that cost a thousand times as much as the others.
const RARELY: u64 = 50;
/// The first rounds fill caches; other threads may allocate at any time, so the minimum of several rounds counts.
const ROUNDS: usize = 4;
/// How much more the larger one may cost: a cost that grows with the number exceeds it.
const MARGIN: usize = 16;
const HOUR: Duration = Duration::from_secs(3600);

#[derive(Clone)]
struct Idle;

#[gen_server]
impl Idle {
    #[call]
    fn nothing(&self) {}
}

/// The allocations and frees of an end, and the number of freed bytes.
#[derive(Clone, Copy, Debug)]
struct Cost {
    steps: usize,
    bytes: usize,
}

fn cost() -> Cost {
    let now = ALLOCATOR.stats();
    Cost {
        steps: now.allocations + now.deallocations + now.reallocations,
        bytes: now.bytes_deallocated,
    }
}

/// Uses objects that the owner owns: tables, names, members, subscriptions.
fn owns(inbox: &Inbox<u8>, kept: &Kept, n: u64) {
    let (own, name) = (inbox.subject(), format!("churn {n}"));
    let table: Table<u64, u64> = Table::new();
    table.insert(n, n).unwrap();
    table.end().unwrap();
    let table: Table<u64, u64> = Table::builder().name("churn").create().unwrap();
    table.end().unwrap();
    drop(Table::<u64, u64>::new());
    let registry: Registry<u64, u8> = Registry::unique();
    registry.register(n, &own).unwrap();
    kept.registry.register(n, &own).unwrap();
    kept.registry.unregister(&n).unwrap();
    ambit::register(&name, &own).unwrap();
    ambit::unregister(&name).unwrap();
    Group::<u8>::new().join("churn", &own).unwrap();
    kept.scope.join(&name, &own).unwrap();
    kept.scope.leave(&name, &own).unwrap();
    let topic = kept.hub.topic::<u8>(&name);
    assert!(topic.subscribe(&own.recipient()));
    assert_eq!(topic.unsubscribe(own.pid()), 1);
    assert!(
        PubSub::new()
            .topic::<u8>("churn")
            .subscribe(&own.recipient())
    );
}

/// Uses relations to others: timers, monitors, links, calls, tasks, leases, tokens.
async fn uses(kept: &Kept, n: u64) {
    ambit::kill_after(HOUR, kept.idle.pid()).cancel();
    drop(kept.idle.monitor());
    assert!(ambit::link(&kept.idle).unwrap().is_ok());
    ambit::unlink(&kept.idle).unwrap();
    drop(kept.idle.nothing().send());
    assert_eq!(Task::spawn(async move { n }).await, Ok(n));
    drop(kept.pool.checkout().await.unwrap());
    RateLimiter::new(Rate::per_second(1_000_000))
        .acquire()
        .await;
    let breaker = CircuitBreaker::builder("churn").failures(1).build();
    assert!(breaker.call(async || Err::<(), _>("down")).await.is_err());
}

async fn starts(apps: &Applications) {
    Idle.start().await.unwrap().stop().await.unwrap();
    let pool = Pool::builder(Idle::child_spec(|| Idle)).size(1);
    pool.start().await.unwrap().stop().await.unwrap();
    apps.start("churn").await.unwrap();
    apps.stop("churn").await.unwrap();
}

/// The objects that outlive the owner.
#[derive(Clone)]
struct Kept {
    registry: Registry<u64, u8>,
    scope: Group<u8>,
    hub: PubSub,
    idle: IdleSubject,
    pool: Pool<Idle>,
    apps: Applications,
}

/// Returns the cost of the end of an owner that has created and ended `times` of each.
async fn end_after(times: u64, kept: &Kept) -> Cost {
    let (done, is_done) = oneshot::channel();
    let own = kept.clone();
    let owner = ambit::spawn(move |mut inbox: Inbox<u8>| async move {
        for n in 0..times {
            owns(&inbox, &own, n);
            uses(&own, n).await;
            if n.is_multiple_of(RARELY) {
                starts(&own.apps).await;
            }
        }
        done.send(()).unwrap();
        inbox.recv().await;
    });
    is_done.await.unwrap();
    quiet().await;
    let before = cost();
    owner.send(0).await.unwrap();
    owner.closed().await;
    quiet().await;
    let after = cost();
    Cost {
        steps: after.steps - before.steps,
        bytes: after.bytes - before.bytes,
    }
}

/// Yields often enough for all other tasks to reach their next wait.
async fn quiet() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

#[test]
fn the_end_of_an_owner_takes_no_longer_after_more() {
    crate::alone(&mut Builder::new_current_thread(), compare);
}

async fn compare(system: System) {
    let before = holdings();
    let app = Application::new("churn").on_start(|| Supervisor::builder().start());
    let pool = Pool::builder(Idle::child_spec(|| Idle)).size(1);
    let kept = Kept {
        registry: Registry::unique(),
        scope: Group::new(),
        hub: PubSub::new(),
        idle: Idle.start().await.unwrap(),
        pool: pool.start().await.unwrap(),
        apps: Applications::new([app]),
    };
    let mut least = [FEW, MANY].map(|times| (times, None));
    for _ in 0..ROUNDS {
        for (times, least) in &mut least {
            let now = end_after(*times, &kept).await;
            let least = least.get_or_insert(now);
            least.steps = least.steps.min(now.steps);
            least.bytes = least.bytes.min(now.bytes);
        }
    }
    let [(_, Some(few)), (_, Some(many))] = least else {
        panic!("there was no round");
    };
    eprintln!("the end after {FEW} of each: {few:?}; after {MANY}: {many:?}");
    assert!(many.steps <= few.steps + MARGIN, "{few:?}, {many:?}");
    assert!(many.bytes <= few.bytes + (MARGIN << 6), "{few:?}, {many:?}");
    kept.pool.stop().await.unwrap();
    kept.idle.stop().await.unwrap();
    drop(kept);
    assert!(system.stop(crate::PATIENCE).await.is_empty());
    settles("what the system holds", before, holdings).await;
}
