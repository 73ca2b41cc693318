//! The stop of a system, which stops all its processes.

use std::collections::BTreeSet;
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ambit::prelude::*;
use ambit::supervisor::DynamicSupervisor;
use ambit::system::System;
use ambit::telemetry::Event;
use tokio::sync::oneshot;

use crate::support::hostile::must_not_hang;
use crate::support::real_time::{takes_linear_time, time};

type Order = Arc<Mutex<Vec<&'static str>>>;

struct Named {
    name: &'static str,
    order: Order,
}

#[gen_server]
impl Named {
    #[init]
    async fn init(name: &'static str, child: Option<&'static str>, order: Order) -> Self {
        if let Some(child) = child {
            let own = Self::start(child, None, order.clone()).link();
            own.await.unwrap();
        }
        Self { name, order }
    }

    #[terminate]
    async fn note(&mut self, _reason: &ExitReason) {
        self.order.lock().unwrap().push(self.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_stops_first_and_children_after_their_parent() {
    for _ in 0..100 {
        let system = System::builder().build().unwrap();
        let inside = system.enter();
        let order = Order::default();
        for (name, child) in [
            ("first", None),
            ("parent", Some("child")),
            ("other parent", Some("other child")),
            ("last", None),
        ] {
            Named::start(name, child, order.clone()).await.unwrap();
        }
        drop(inside);
        let stuck = system.stop(Duration::from_secs(5)).await;
        assert!(stuck.is_empty(), "{stuck:?}");
        let expected = [
            "last",
            "other parent",
            "other child",
            "parent",
            "child",
            "first",
        ];
        assert_eq!(*order.lock().unwrap(), expected);
        assert_eq!(system.process_count(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_processes_cost_one_look_each() {
    takes_linear_time("the stop of a system", 3_000, async |many| {
        let system = System::builder().build().unwrap();
        let _inside = system.enter();
        let order = Order::default();
        for _ in 0..many {
            Named::start("one of many", None, order.clone())
                .await
                .unwrap();
        }
        let (left, took) = time(system.stop(Duration::from_secs(60))).await;
        assert!(left.is_empty());
        took
    })
    .await;
}

/// A process that starts its child at once, and that child its own, down to depth 0.
fn start_family(depth: usize) {
    ambit::spawn(move |mut inbox: Inbox<()>| async move {
        spawn_child(&mut inbox, depth);
        pending::<()>().await;
    });
}

fn spawn_child(inbox: &mut Inbox<()>, depth: usize) {
    if depth > 0 {
        let child = inbox.spawn_link(move |mut inbox: Inbox<()>| async move {
            spawn_child(&mut inbox, depth - 1);
            pending::<()>().await;
        });
        child.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_parents_cost_one_look_each() {
    takes_linear_time("the stop of many parents", 300, async |many| {
        let system = System::builder().build().unwrap();
        let _inside = system.enter();
        for _ in 0..many {
            start_family(2);
        }
        while system.process_count() < 3 * many {
            tokio::task::yield_now().await;
        }
        let (left, took) = time(system.stop(Duration::from_secs(60))).await;
        assert!(left.is_empty());
        assert_eq!(system.process_count(), 0);
        took
    })
    .await;
}

/// Starts another process when it ends.
struct Leaving {
    child: Option<&'static str>,
    order: Order,
}

#[gen_server]
impl Leaving {
    #[init]
    async fn init(child: &'static str, order: Order) -> Self {
        let own = Named::start(child, None, order.clone()).link();
        own.await.unwrap();
        let child = Some("left");
        Self { child, order }
    }

    #[terminate]
    async fn leave(&mut self, _reason: &ExitReason) {
        if let Some(name) = self.child.take() {
            let left = Named::start(name, None, self.order.clone()).await;
            left.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_started_during_the_stop_is_stopped_before_older_ones() {
    let system = System::builder().build().unwrap();
    let inside = system.enter();
    let order = Order::default();
    Named::start("old", None, order.clone()).await.unwrap();
    Leaving::start("child", order.clone()).await.unwrap();
    drop(inside);
    assert!(system.stop(Duration::from_secs(5)).await.is_empty());
    let order = order.lock().unwrap();
    assert_eq!((order.len(), order.last()), (3, Some(&"old")), "{order:?}");
    assert_eq!(system.process_count(), 0);
}

/// Takes a while to end, and has a child.
struct Slow;

#[gen_server]
impl Slow {
    #[init]
    async fn init() -> Self {
        let child = Named::start("child", None, Order::default()).link();
        child.await.unwrap();
        Self
    }

    #[terminate]
    async fn end(&mut self, _reason: &ExitReason) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_process_that_starts_others_faster_than_they_stop_is_reached() {
    let system = System::builder().build().unwrap();
    system.within(|| {
        ambit::spawn(|_: Inbox<()>| async {
            loop {
                Slow::start().await.unwrap();
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(system.process_count() > 100);
    let stop = system.stop(Duration::from_secs(5));
    let stuck = tokio::time::timeout(Duration::from_secs(600), stop).await;
    assert!(stuck.expect("it ends").is_empty());
    assert_eq!(system.process_count(), 0);
}

#[tokio::test]
async fn a_further_inbox_ends_with_the_process_that_opened_it() {
    let system = System::builder().build().unwrap();
    let (opened, has_opened) = oneshot::channel();
    system.within(|| {
        ambit::spawn(|mut inbox: Inbox<u8>| async move {
            let side = inbox.open::<u16>();
            opened.send(side.subject()).unwrap();
            inbox.recv().await;
        })
    });
    let side = has_opened.await.unwrap();
    assert_eq!(system.process_count(), 2);
    let (stuck, took) = time(system.stop(Duration::from_secs(60))).await;
    assert!(stuck.is_empty(), "{stuck:?}");
    assert!(took < Duration::from_secs(30), "{took:?}");
    assert!(!side.is_alive());
}

#[tokio::test]
async fn the_further_inboxes_of_the_calling_process_are_not_stopped() {
    let system = System::builder().build().unwrap();
    let stopping = system.clone();
    let (done, is_done) = oneshot::channel();
    system.within(|| {
        ambit::spawn(|inbox: Inbox<u8>| async move {
            let side = inbox.open::<u16>();
            let stuck = stopping.stop(Duration::from_secs(60)).await;
            done.send((stuck.len(), side.subject().is_alive())).unwrap();
        })
    });
    assert_eq!(is_done.await, Ok((0, true)));
}

/// Asks a supervisor while it starts.
struct Asking;

#[gen_server]
impl Asking {
    #[init]
    async fn new() -> Self {
        let supervisor = DynamicSupervisor::builder().start().await.unwrap();
        assert_eq!(supervisor.count_children().await.unwrap().active, 0);
        Self
    }
}

#[test]
fn an_init_in_another_system_than_that_of_its_starter_can_ask_a_supervisor() {
    must_not_hang(|| async {
        // Both are the first processes of their systems.
        let [one, other] = [(); 2].map(|()| System::builder().build().unwrap());
        let (done, is_done) = oneshot::channel();
        one.within(|| {
            ambit::spawn(|_: Inbox<u8>| async move {
                let started = other.within(|| Asking::start().send()).await;
                done.send(started.is_ok()).unwrap();
                other.stop(Duration::from_secs(5)).await;
            })
        });
        assert_eq!(is_done.await, Ok(true));
    });
}

#[tokio::test]
async fn each_process_that_exits_has_started() {
    let system = System::builder().build().unwrap();
    let events = Arc::new(Mutex::new((BTreeSet::new(), BTreeSet::new())));
    let seen = events.clone();
    let _guard = system.on_event(move |event| {
        let (started, exited) = &mut *seen.lock().unwrap();
        let is_new = match event {
            Event::Started { pid, .. } => started.insert(*pid),
            Event::Exited { pid, .. } => exited.insert(*pid),
            _ => true,
        };
        assert!(is_new);
    });
    let inside = system.enter();
    let order = Order::default();
    let named = || Named::start("one", None, order.clone()).name("once");
    let first = named().await.unwrap();
    assert!(named().await.is_err());
    let inbox = ambit::spawn(|inbox: Inbox<u8>| async move { drop(inbox.open::<u16>()) });
    inbox.closed().await;
    first.stop().await.unwrap();
    drop(inside);
    let (started, exited) = &*events.lock().unwrap();
    assert_eq!(started.len(), 3);
    assert_eq!(started, exited);
}
