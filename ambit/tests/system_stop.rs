//! The stop of a system, which stops all its processes.

use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ambit::prelude::*;
use ambit::system::System;

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
