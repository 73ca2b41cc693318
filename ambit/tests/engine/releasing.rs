//! The end of a process that holds very many messages, timers, names or memberships: it yields to other tasks while it
//! releases them, and releases all of them before its links and monitors are notified.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ambit::group::Group;
use ambit::prelude::*;
use ambit::pubsub::PubSub;
use ambit::table::{OrderedTable, Table, TableError};

use super::notices::{MANY, assert_bounded, single, until, victim, watch};
use crate::support::process::soon;

/// Counts the drops of its clones.
#[derive(Clone, Default)]
struct Drops(Arc<AtomicUsize>);

impl Drops {
    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    fn value(&self) -> Dropped {
        Dropped(self.clone())
    }
}

/// A value whose drop is counted.
#[derive(Message)]
struct Dropped(Drops);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Holds its queue until it is released, and then ends.
struct Holder;

#[gen_server(mailbox = unbounded)]
impl Holder {
    #[cast]
    async fn hold(&mut self, ctx: &mut Context<Self>, until: tokio::sync::oneshot::Receiver<()>) {
        until.await.ok();
        ctx.stop(ExitReason::Shutdown);
    }

    #[cast]
    fn take(&mut self, _value: Dropped) {}

    #[call]
    fn ask(&mut self, _value: Dropped) {}
}

/// Starts a server with `MANY` queued messages; the sender makes it end.
async fn held(drops: &Drops) -> (HolderSubject, tokio::sync::oneshot::Sender<()>) {
    let holder = Holder.start().await.unwrap();
    let (end, until) = tokio::sync::oneshot::channel();
    holder.hold(until).now().unwrap();
    for _ in 0..MANY {
        holder.take(drops.value()).now().unwrap();
    }
    (holder, end)
}

#[tokio::test]
async fn others_run_while_queued_messages_are_dropped() {
    let drops = Drops::default();
    let (holder, end) = held(&drops).await;
    let call = tokio::spawn({
        let (holder, value) = (holder.clone(), drops.value());
        async move { holder.ask(value).await }
    });
    tokio::task::yield_now().await;
    end.send(()).unwrap();
    let seen = drops.clone();
    assert_bounded(watch(MANY, move || seen.count()).await);
    let reason = ExitReason::Shutdown;
    assert!(
        matches!(soon(call).await.unwrap(), Err(CallError::Exited { reason: own, .. }) if own == reason)
    );
    assert_eq!(drops.count(), MANY + 1);
}

/// Postpones its letters until it ends.
struct Desk;

#[state_machine(states = [Shut], mailbox = unbounded)]
impl Desk {
    #[cast(Shut => postpone)]
    fn letter(&mut self, _value: Dropped) {}

    #[cast(Shut => stop)]
    fn close(&mut self) {}

    #[call]
    fn is_shut(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn others_run_while_postponed_events_are_dropped() {
    let (drops, desk) = (Drops::default(), Desk.start().await.unwrap());
    for _ in 0..MANY {
        desk.letter(drops.value()).now().unwrap();
    }
    assert_eq!(desk.is_shut().await, Ok(true), "all are postponed");
    let closed = tokio::spawn({
        let (desk, seen) = (desk.clone(), drops.clone());
        async move {
            desk.closed().await;
            seen.count()
        }
    });
    desk.close().await.unwrap();
    let seen = drops.clone();
    assert_bounded(watch(MANY, move || seen.count()).await);
    let dropped = soon(closed).await.unwrap();
    assert_eq!(dropped, MANY, "all are dropped before the notices");
}

/// Keeps its callers, and answers all of them when it stops.
struct Clerk {
    callers: Vec<ReplyTo<()>>,
}

#[gen_server(mailbox = unbounded)]
impl Clerk {
    #[call(deferred)]
    fn ask(&mut self, reply: ReplyTo<()>) {
        self.callers.push(reply);
    }

    #[cast]
    fn close(&mut self, ctx: &mut Context<Self>) {
        ctx.stop(ExitReason::Shutdown);
        for reply in std::mem::take(&mut self.callers) {
            ctx.answer(reply, ());
        }
    }
}

#[tokio::test]
async fn others_run_while_the_answers_of_a_stop_are_sent() {
    let clerk = Clerk {
        callers: Vec::new(),
    }
    .start()
    .await
    .unwrap();
    let answered = Arc::new(AtomicUsize::new(0));
    let calls: Vec<_> = (0..MANY)
        .map(|_| {
            let (call, answered) = (clerk.ask().send(), answered.clone());
            tokio::spawn(async move {
                call.await.unwrap();
                answered.fetch_add(1, Ordering::SeqCst);
            })
        })
        .collect();
    clerk.close().now().unwrap();
    let seen = answered.clone();
    assert_bounded(watch(MANY, move || seen.load(Ordering::SeqCst)).await);
    for call in calls {
        soon(call).await.unwrap();
    }
    assert_eq!(soon(clerk.closed()).await, ExitReason::Shutdown);
}

#[tokio::test]
async fn a_crash_of_a_process_with_many_names_reports_some_of_them() {
    let target = victim();
    for n in 0..MANY {
        ambit::register(&format!("crashing {n:04}"), &target).unwrap();
    }
    ambit::exit(&target, ExitReason::error("broken"));
    soon(target.closed()).await;
    let crashes = ambit::inspect::snapshot().crashes;
    let crash = crashes.iter().find(|crash| crash.pid == target.pid());
    let names = &crash.expect("it is stored").names;
    assert_eq!(names.len(), 100);
    assert_eq!(
        (&*names[0], &*names[99]),
        ("crashing 0000", "crashing 0099")
    );
}

#[tokio::test]
async fn others_run_while_timers_are_cancelled() {
    let drops = Drops::default();
    let (values, go) = (drops.clone(), Arc::new(tokio::sync::Notify::new()));
    let end = go.clone();
    ambit::spawn(move |inbox: Inbox<Dropped>| async move {
        for _ in 0..MANY {
            let _timer = ambit::send_after(
                &inbox.subject().recipient(),
                Duration::from_secs(60),
                values.value(),
            );
        }
        go.notified().await;
    });
    tokio::task::yield_now().await;
    end.notify_one();
    let seen = drops.clone();
    assert_bounded(watch(MANY, move || seen.count()).await);
}

#[tokio::test]
async fn others_run_while_names_are_released() {
    let target = victim();
    for n in 0..MANY {
        ambit::register(&format!("releasing {n}"), &target).unwrap();
    }
    let closed = target.clone();
    let last = tokio::spawn(async move {
        closed.closed().await;
        (0..MANY)
            .filter(|n| ambit::whereis::<ExitReason>(&format!("releasing {n}")).is_ok())
            .count()
    });
    target.send(ExitReason::Shutdown).await.unwrap();
    let left = || {
        let held = |n: &usize| ambit::whereis::<ExitReason>(&format!("releasing {n}")).is_ok();
        (0..MANY).filter(held).count()
    };
    assert_bounded(watch(MANY, move || MANY - left()).await);
    assert_eq!(
        soon(last).await.unwrap(),
        0,
        "all are free before the notices"
    );
}

#[tokio::test]
async fn others_run_while_keys_are_released() {
    let (target, keys) = (victim(), Registry::<usize, ExitReason>::unique());
    for n in 0..MANY {
        keys.register(n, &target).unwrap();
    }
    target.send(ExitReason::Shutdown).await.unwrap();
    let seen = keys.clone();
    assert_bounded(watch(MANY, move || MANY - seen.len()).await);
    assert!(keys.is_empty() && keys.keys(target.pid()).is_empty());
}

/// Reports how many values were dropped before it.
struct After {
    drops: Drops,
    seen: tokio::sync::mpsc::UnboundedSender<usize>,
}

impl Drop for After {
    fn drop(&mut self) {
        self.seen.send(self.drops.count()).ok();
    }
}

struct Shelf {
    _table: Table<usize, Dropped>,
    _after: After,
}

#[gen_server]
impl Shelf {
    #[init]
    fn init(after: After) -> Self {
        let table = Table::new();
        for n in 0..MANY {
            table.insert(n, after.drops.value()).unwrap();
        }
        Self {
            _table: table,
            _after: after,
        }
    }
}

/// Owns two tables.
struct Keeper {
    hashed: Table<usize, Dropped>,
    ordered: OrderedTable<usize, Dropped>,
}

#[gen_server]
impl Keeper {
    #[init]
    fn init(drops: Drops) -> Self {
        let (hashed, ordered) = (Table::new(), Table::ordered());
        for n in 0..MANY / 2 {
            hashed.insert(n, drops.value()).unwrap();
            ordered.insert(n, drops.value()).unwrap();
        }
        Self { hashed, ordered }
    }

    #[call]
    fn tables(&self) -> (Table<usize, Dropped>, OrderedTable<usize, Dropped>) {
        (self.hashed.clone(), self.ordered.clone())
    }
}

#[tokio::test]
async fn others_run_while_the_content_of_tables_is_dropped() {
    let drops = Drops::default();
    let owner = Keeper::start(drops.clone()).await.unwrap();
    let (hashed, ordered) = owner.tables().await.unwrap();
    let seen = drops.clone();
    let closed = tokio::spawn({
        let owner = owner.clone();
        async move {
            owner.closed().await;
            seen.count()
        }
    });
    ambit::exit(&owner, ExitReason::Shutdown);
    let seen = drops.clone();
    assert_bounded(watch(MANY, move || seen.count()).await);
    let dropped = soon(closed).await.unwrap();
    assert_eq!(dropped, MANY, "all are dropped before the notices");
    assert_eq!(hashed.contains(&0), Err(TableError::Gone));
    assert_eq!(ordered.contains(&0), Err(TableError::Gone));
}

#[tokio::test]
async fn the_last_handle_of_a_table_drops_its_content_before_the_rest_of_the_state() {
    let (seen, mut dropped) = tokio::sync::mpsc::unbounded_channel();
    let drops = Drops::default();
    let owner = Shelf::start(After { drops, seen }).await.unwrap();
    owner.stop().await.unwrap();
    assert_eq!(dropped.recv().await, Some(MANY));
}

#[tokio::test]
async fn others_run_while_groups_are_left() {
    let (target, groups) = (victim(), Group::<ExitReason>::new());
    for n in 0..MANY {
        groups.join(&n.to_string(), &target).unwrap();
    }
    target.send(ExitReason::Shutdown).await.unwrap();
    let seen = groups.clone();
    assert_bounded(watch(MANY, move || MANY - seen.groups().len()).await);
}

#[tokio::test]
async fn others_run_while_subscriptions_end() {
    let (target, pubsub) = (victim(), PubSub::new());
    let topics: Vec<_> = (0..MANY)
        .map(|n| pubsub.topic::<ExitReason>(&n.to_string()))
        .collect();
    for topic in &topics {
        assert!(topic.subscribe(&target.recipient()));
    }
    target.send(ExitReason::Shutdown).await.unwrap();
    let left = move || {
        topics
            .iter()
            .filter(|topic| !topic.subscribers().is_empty())
            .count()
    };
    assert_bounded(watch(MANY, move || MANY - left()).await);
}

/// Starts a supervisor with `MANY` children; the spec of each captures a value.
async fn large_family(drops: &Drops) -> (DynamicSupervisor, Vec<HolderSubject>) {
    let supervisor = DynamicSupervisor::builder().start().await.unwrap();
    let mut children = Vec::new();
    for _ in 0..MANY {
        let value = drops.value();
        let spec = ChildSpec::from_fn(move || {
            let _captured = &value;
            Holder.start()
        });
        children.push(supervisor.start_child(spec).await.unwrap());
    }
    (supervisor, children)
}

#[tokio::test]
async fn others_run_while_a_supervisor_stops_its_children() {
    let (supervisor, children) = large_family(&Drops::default()).await;
    let stop = tokio::spawn(async move { supervisor.stop().await });
    let stopped = move || children.iter().filter(|child| !child.is_alive()).count();
    assert_bounded(watch(MANY, stopped).await);
    soon(stop).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_kill_ends_a_supervisor_that_stops_its_children() {
    let (supervisor, children) = large_family(&Drops::default()).await;
    tokio::spawn({
        let supervisor = supervisor.clone();
        async move { supervisor.stop().await }
    });
    until(|| children.iter().any(|child| !child.is_alive())).await;
    ambit::exit(&supervisor, ExitReason::Kill);
    let mut killed = 0;
    for child in &children {
        killed += usize::from(soon(child.closed()).await == ExitReason::Killed);
    }
    assert!((1..MANY).contains(&killed), "{killed}");
}

#[tokio::test]
async fn others_run_while_the_specs_of_a_killed_supervisor_are_dropped() {
    let drops = Drops::default();
    let (supervisor, children) = large_family(&drops).await;
    ambit::exit(&supervisor, ExitReason::Kill);
    let seen = drops.clone();
    assert_bounded(watch(MANY, move || seen.count()).await);
    for child in children {
        soon(child.closed()).await;
    }
}

#[test]
fn a_runtime_dropped_in_between_releases_everything() {
    let (runtime, drops) = (single(), Drops::default());
    let keys = Registry::<usize, Holder>::unique();
    runtime.block_on(async {
        let (holder, end) = held(&drops).await;
        for n in 0..MANY {
            keys.register(n, &holder).unwrap();
        }
        end.send(()).unwrap();
        let seen = drops.clone();
        until(move || seen.count() > 0).await;
        assert!(drops.count() < MANY, "the end goes on");
        assert_eq!(keys.len(), MANY, "keys are released after the queue");
        assert!(!holder.is_alive());
    });
    drop(runtime);
    assert_eq!(drops.count(), MANY);
    assert!(keys.is_empty());
}
