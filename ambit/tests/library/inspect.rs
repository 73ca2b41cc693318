//! Introspection: queues, methods, crashes, and lints, each provoked by a real program.

mod json;
mod lints;
mod measured;

use std::time::Duration;

use ambit::inspect::processes;
use ambit::inspect::{self, snapshot};
use ambit::prelude::*;
use ambit::system::System;
use ambit::test::{expect_crash, settle};
use ambit::{process_info, sys};
use tokio::time::{advance, sleep};

/// Does only what its messages request.
pub(crate) struct Worker {
    done: u64,
}

#[gen_server(mailbox = unbounded)]
impl Worker {
    #[init]
    pub(crate) fn new() -> Self {
        Self { done: 0 }
    }

    #[call]
    pub(crate) fn add(&mut self, by: u64) -> u64 {
        self.done += by;
        self.done
    }

    #[call(timeout = Duration::from_secs(3_600))]
    pub(crate) async fn nap(&mut self, time: Duration) {
        sleep(time).await;
    }

    #[call]
    pub(crate) fn fail(&mut self) {
        panic!("told to");
    }

    #[call]
    pub(crate) async fn fail_later(&mut self) {
        tokio::task::yield_now().await;
        panic!("told to, later");
    }

    #[call]
    pub(crate) fn block(&mut self, time: Duration) {
        std::thread::sleep(time);
    }

    #[cast]
    pub(crate) fn count(&mut self) {
        self.done += 1;
    }

    #[cast]
    pub(crate) fn leave(&mut self, ctx: &mut Context<Self>, why: String) {
        ctx.stop(ExitReason::error(why));
    }
}

pub(crate) async fn worker() -> WorkerSubject {
    Worker::start().await.unwrap()
}

const SECOND: Duration = Duration::from_secs(1);

#[ambit::test]
async fn a_message_is_as_old_as_the_first_look_that_saw_it() {
    let worker = worker().await;
    let age = || process_info(&worker).unwrap().age;
    sys::suspend(&worker).await.unwrap();
    assert_eq!(age(), None);
    worker.count().await.unwrap();
    assert_eq!(age(), Some(Duration::ZERO), "nobody has seen it before");
    assert_eq!(processes().len(), 2);
    advance(3 * SECOND).await;
    assert_eq!(age(), Some(3 * SECOND));
    worker.count().await.unwrap();
    let seen = snapshot().processes;
    assert_eq!((seen[1].queued, seen[1].age), (2, Some(3 * SECOND)));
    sys::resume(&worker).await.unwrap();
    settle().await;
    assert_eq!(age(), None);
}

/// A server with a queue that is never empty: each message is young, even if the queue has existed for long.
#[ambit::test]
async fn the_age_of_a_queue_that_moves_on_does_not_grow() {
    let worker = worker().await;
    for _ in 0..3 {
        drop(worker.nap(SECOND).send());
    }
    for _ in 0..20 {
        settle().await;
        drop(worker.nap(SECOND).send());
        drop(processes());
        sleep(SECOND).await;
        let age = process_info(&worker).unwrap().age;
        assert!(age.is_none_or(|age| age <= 4 * SECOND), "{age:?}");
    }
}

#[ambit::test]
async fn a_mailbox_reports_its_capacity() {
    let bounded = Worker::start().mailbox(7).await.unwrap();
    assert_eq!(process_info(&bounded).unwrap().capacity, Some(7));
    let unbounded = worker().await;
    assert_eq!(process_info(&unbounded).unwrap().capacity, None);
}

#[tokio::test(start_paused = true)]
async fn the_last_crashes_are_kept_in_their_order() {
    let system = System::builder()
        .quiet_panics(true)
        .remember_crashes(3)
        .build()
        .unwrap();
    let _inside = system.enter();
    for n in 1..=5 {
        advance(SECOND).await;
        let parent = ambit::spawn(move |mut inbox: Inbox<u8>| async move {
            inbox.trap_exits(true);
            let worker = Worker::start().name("w").link().await.unwrap();
            worker.count().await.unwrap();
            worker.leave(format!("reason {n}")).await.unwrap();
            worker.closed().await;
        });
        parent.closed().await;
    }
    let clean = worker().await;
    clean.stop().await.unwrap();
    let seen = snapshot();
    assert_eq!(seen.crashed, 5, "a clean end is no crash");
    let told: Vec<_> = seen
        .crashes
        .iter()
        .map(|crash| (crash.number, crash.at.as_secs(), crash.reason.as_str()))
        .collect();
    assert_eq!(
        told,
        [(3, 3, "reason 3"), (4, 4, "reason 4"), (5, 5, "reason 5")]
    );
    let last = &seen.crashes[2];
    assert_eq!(
        (last.type_name, &*last.names),
        ("Worker", &["w".to_owned()][..])
    );
    assert_eq!(last.methods, ["leave", "count"]);
    assert_eq!(
        last.links, last.ancestors,
        "it was linked to who started it"
    );
    assert!(system.stop(SECOND).await.is_empty());
}

#[ambit::test]
async fn an_error_whose_causes_panic_is_recorded_with_its_own_text() {
    #[derive(Debug)]
    struct Nasty;
    impl std::fmt::Display for Nasty {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("nasty")
        }
    }
    impl std::error::Error for Nasty {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            panic!("no source for you")
        }
    }
    let nasty = ambit::spawn(|_: Inbox<u8>| async { Err::<(), _>(Nasty) });
    expect_crash(&nasty);
    nasty.closed().await;
    let seen = snapshot();
    assert_eq!(seen.crashes[0].reason, "nasty");
}

#[test]
fn a_snapshot_without_a_runtime_is_empty() {
    let seen = snapshot();
    assert!(seen.processes.is_empty() && seen.lints.is_empty());
    assert_eq!(inspect::measure().err(), Some(StartError::NoRuntime));
}

#[ambit::test]
async fn a_system_can_be_looked_at_from_outside() {
    let system = System::current().unwrap();
    let _measuring = system.measure();
    let worker = worker().await;
    worker.add(1).await.unwrap();
    let seen = tokio::task::spawn_blocking(move || system.snapshot())
        .await
        .unwrap();
    assert_eq!(seen.processes.len(), 2);
    assert_eq!(seen.methods[0].handled, 1);
    assert_eq!(seen.tree().to_string(), inspect::tree().to_string());
}
