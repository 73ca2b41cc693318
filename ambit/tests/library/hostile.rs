//! A user's type whose code calls back into ambit: in tables, topics, groups, pools, agents, tasks, circuit breakers,
//! rate limiters, state machines, applications, watchers and retries.

mod groups;
mod machine;
mod program;

use ambit::supervisor::PartitionSupervisor;
use std::sync::Arc;
use std::time::Duration;

use ambit::agent::Agent;
use ambit::breaker::CircuitBreaker;
use ambit::group::Group;
use ambit::prelude::*;
use ambit::process_info;
use ambit::pubsub::{PubSub, SubscribeOptions};
use ambit::rate_limit::{Rate, RateLimiter};
use ambit::table::{Access, tables};
use ambit::table::{OrderedTable, Table, TableError};

use crate::support::hostile::{Back, Code, Hostile, must_not_hang};
use crate::support::process::soon;

/// Values are behind an `Arc`, so that only their drop is user code; the test below covers `Clone`.
type Shared = Arc<Hostile>;

fn hashed() -> Table<Hostile, Shared> {
    Table::builder().access(Access::Public).create().unwrap()
}

fn ordered() -> OrderedTable<Hostile, Shared> {
    Table::ordered_builder()
        .access(Access::Public)
        .create()
        .unwrap()
}

fn all_of(back: &Back, codes: &[Code]) {
    for code in codes {
        assert!(back.count(*code) > 0, "no {code:?} has called back");
    }
}

#[test]
fn keys_and_values_of_a_table_may_use_it() {
    must_not_hang(|| async {
        let (back, table) = (Back::new(), hashed());
        let (own, inside) = (back.clone(), table.clone());
        back.arm(move || {
            // None of this runs under a lock, so every operation completes.
            let answers = |answer: Result<(), TableError>| {
                assert!(
                    matches!(answer, Ok(()) | Err(TableError::Gone)),
                    "{answer:?}"
                );
            };
            answers(inside.get(&own.value(1)).map(drop));
            answers(
                inside
                    .insert(own.value(50), Arc::new(own.value(0)))
                    .map(drop),
            );
            answers(inside.remove(&own.value(50)).map(drop));
            drop((inside.len(), inside.owner()));
            drop((tables(), format!("{inside:?}")));
        });
        for round in 0..3 {
            for n in 0..6 {
                table
                    .insert(back.value(n), Arc::new(back.value(n)))
                    .unwrap();
                let value = table.get(&back.value(n)).unwrap();
                assert_eq!(value.map(|value| value.n), Some(n));
            }
            let pairs = [0, 7, 1, 7].map(|n| (back.value(n), Arc::new(back.value(n + 10))));
            table.insert_all(pairs).unwrap();
            assert_eq!(table.len(), Ok(7), "round {round}");
            table
                .insert_new(back.value(8), Arc::new(back.value(8)))
                .unwrap();
            table
                .insert_new(back.value(8), Arc::new(back.value(8)))
                .unwrap();
            assert_eq!(table.contains(&back.value(8)), Ok(true));
            assert_eq!(table.keys().unwrap().len(), 8);
            assert_eq!(table.entries().unwrap().len(), 8);
            assert!(table.remove(&back.value(8)).unwrap().is_some());
            let is_even = |key: &Hostile, _: &mut Shared| key.n.is_multiple_of(2);
            assert_eq!(table.retain(is_even), Ok(4));
            table.clear().unwrap();
        }
        table
            .insert(back.value(1), Arc::new(back.value(1)))
            .unwrap();
        table.end().unwrap();
        back.disarm();
        all_of(&back, &[Code::Hash, Code::Eq, Code::Clone, Code::Drop]);
    });
}

#[test]
fn the_order_of_keys_may_ask_and_is_refused() {
    must_not_hang(|| async {
        let (back, table, other) = (Back::new(), ordered(), hashed());
        let (own, inside, beside) = (back.clone(), table.clone(), other);
        back.arm(move || {
            let is_refused = |answer: Result<(), TableError>| {
                assert!(
                    matches!(answer, Ok(()) | Err(TableError::Nested)),
                    "{answer:?}"
                );
            };
            is_refused(inside.get(&own.value(1)).map(drop));
            is_refused(
                inside
                    .insert(own.value(50), Arc::new(own.value(0)))
                    .map(drop),
            );
            is_refused(inside.remove(&own.value(50)).map(drop));
            is_refused(
                beside
                    .insert(own.value(1), Arc::new(own.value(0)))
                    .map(drop),
            );
            is_refused(beside.clear());
            drop((inside.owner(), tables(), format!("{inside:?}")));
        });
        for _ in 0..3 {
            for n in 0..6 {
                table
                    .insert(back.value(n), Arc::new(back.value(n)))
                    .unwrap();
                assert!(table.get(&back.value(n)).unwrap().is_some());
            }
            assert!(table.first().unwrap().is_some() && table.last().unwrap().is_some());
            assert!(table.next(&back.value(1)).unwrap().is_some());
            assert!(table.prev(&back.value(1)).unwrap().is_some());
            let some = table.range(back.value(1)..back.value(4)).unwrap();
            assert_eq!(some.len(), 3);
            let pairs = [0, 7, 1, 7].map(|n| (back.value(n), Arc::new(back.value(n + 10))));
            table.insert_all(pairs).unwrap();
            assert_eq!(table.len(), Ok(7));
            let is_even = |key: &Hostile, _: &mut Shared| key.n.is_multiple_of(2);
            assert_eq!(table.retain(is_even), Ok(4));
            assert!(table.remove(&back.value(2)).unwrap().is_some());
            table.clear().unwrap();
        }
        back.disarm();
        all_of(&back, &[Code::Ord, Code::Clone, Code::Drop]);
    });
}

#[test]
fn a_value_that_is_cloned_may_ask_and_is_refused() {
    must_not_hang(|| async {
        let back = Back::new();
        let table: Table<u8, Hostile> = Table::new();
        let inside = table.clone();
        back.arm(move || {
            let answer = inside.get(&2).map(drop);
            assert!(
                matches!(answer, Ok(()) | Err(TableError::Nested)),
                "{answer:?}"
            );
            drop((tables(), inside.owner()));
        });
        table.insert(1, back.value(1)).unwrap();
        table.insert(1, back.value(2)).unwrap();
        table
            .insert_all([(1, back.value(3)), (1, back.value(4))])
            .unwrap();
        assert_eq!(table.get(&1).unwrap().map(|value| value.n), Some(4));
        assert_eq!(table.entries().unwrap().len(), 1);
        let changed = table.update(&1, |value| *value = value.clone());
        assert_eq!(changed, Ok(Some(())));
        assert_eq!(table.retain(|_, _| false), Ok(1));
        back.disarm();
        all_of(&back, &[Code::Clone, Code::Drop]);
    });
}

#[test]
fn messages_of_topics_and_groups_may_use_them() {
    must_not_hang(|| async {
        let back = Back::new();
        let topic = PubSub::new().topic_with_metadata::<Hostile, Option<Hostile>>("news");
        let group: Group<Hostile> = Group::new();
        let reader = ambit::spawn(|mut inbox: Inbox<Hostile>| async move {
            while inbox.recv().await.is_some() {}
        });
        let (own, news, readers, one) =
            (back.clone(), topic.clone(), group.clone(), reader.clone());
        back.arm(move || {
            drop((news.subscribers(), news.lag(one.pid())));
            if news.subscribe(&one.recipient()) {
                news.unsubscribe(one.pid());
            }
            drop(readers.members("readers"));
            readers.join("others", &one).ok();
            readers.leave("others", &one).ok();
            drop(process_info(one.pid()));
            drop(one.send(own.value(9)).now());
        });
        group.join("readers", &reader).unwrap();
        let mut late = topic.listen_with(2);
        for n in 0..5 {
            let options = SubscribeOptions::new().metadata(Some(back.value(n)));
            assert!(topic.subscribe_with(&reader.recipient(), options));
            topic.broadcast(back.value(n));
            group.broadcast("readers", back.value(n));
        }
        assert!(soon(late.next()).await.unwrap().is_err(), "some were lost");
        assert!(soon(late.next()).await.unwrap().is_ok());
        topic.unsubscribe(reader.pid());
        drop(late);
        ambit::exit(&reader, ExitReason::Kill);
        soon(reader.closed()).await;
        assert!(group.members("readers").is_empty());
        back.disarm();
        all_of(&back, &[Code::Clone, Code::Drop]);
    });
}

struct Shard;

#[gen_server]
impl Shard {
    #[init]
    fn init() -> Self {
        Self
    }
    #[call]
    fn whose(&self) -> Pid {
        ambit::self_pid().unwrap()
    }
}

#[test]
fn keys_of_pools_and_partitions_may_use_them() {
    must_not_hang(|| async {
        let back = Back::new();
        let pool = Pool::builder(Shard::child_spec())
            .size(3)
            .start()
            .await
            .unwrap();
        let shards = PartitionSupervisor::<Shard>::builder(|_| Shard::child_spec());
        let shards = shards.partitions(3).start().await.unwrap();
        let (own, workers, parts) = (back.clone(), pool.clone(), shards.clone());
        back.arm(move || {
            drop((workers.worker_for(&own.value(2)), workers.worker()));
            drop((workers.status(), workers.resize(3)));
            drop((parts.route(&own.value(2)), parts.len()));
        });
        for n in 0..6 {
            pool.worker_for(&back.value(n)).whose().await.unwrap();
            shards.route(&back.value(n)).whose().await.unwrap();
        }
        back.disarm();
        all_of(&back, &[Code::Hash]);
    });
}

#[test]
fn values_of_agents_and_outcomes_of_tasks_may_use_them() {
    must_not_hang(|| async {
        let back = Back::new();
        let state = back.clone();
        let agent = Agent::start(move || state.value(1)).await.unwrap();
        let inside = agent.clone();
        back.arm(move || {
            drop((process_info(inside.pid()), format!("{inside:?}")));
            drop(inside.cast(|_| ()).now());
        });
        let own = back.clone();
        agent
            .update(move |value| *value = own.value(2))
            .await
            .unwrap();
        let own = back.clone();
        agent
            .replace_state(move |value| own.value(value.clone().n + 1))
            .await
            .unwrap();
        assert_eq!(agent.get(|value| value.clone()).await.unwrap().n, 3);
        let own = back.clone();
        let task = Task::spawn_unlinked(async move { own.value(4) });
        assert_eq!(soon(task).await.unwrap().n, 4);
        let own = back.clone();
        drop(Task::spawn_unlinked(async move { own.value(5) }));
        agent.stop().await.unwrap();
        back.disarm();
        all_of(&back, &[Code::Clone, Code::Drop]);
    });
}

#[test]
fn values_passed_through_breakers_and_limiters_may_use_them() {
    must_not_hang(|| async {
        let back = Back::new();
        let heard = back.clone();
        let breaker = CircuitBreaker::builder("hostile")
            .failures(1)
            .open_for(Duration::ZERO)
            .on_change(move |_, _| drop(heard.value(0)))
            .build();
        let limiter = RateLimiter::new(Rate::per_second(100_000));
        let (inside, tokens) = (breaker.clone(), limiter.clone());
        back.arm(move || {
            drop((inside.state(), format!("{inside:?}")));
            inside.open();
            inside.close();
            if tokens.try_acquire() {
                assert!(tokens.stats().taken > 0);
            }
            drop(tokens.acquire());
        });
        for n in 1..6 {
            let error = back.value(n);
            let failed = breaker.call(async move || Err::<(), _>(error));
            let failed = failed.counting(|error| error.clone().n > 0);
            assert!(soon(failed).await.is_err());
            let value = back.value(n);
            let limited = limiter.limit(async move { value.clone().n });
            assert_eq!(soon(limited).await, n);
        }
        back.disarm();
        all_of(&back, &[Code::Clone, Code::Drop]);
    });
}
