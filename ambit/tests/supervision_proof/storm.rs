//! Large numbers of restarts.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ambit::inspect::Status;
use ambit::prelude::*;
use ambit::system::System;
use ambit::telemetry::Event as News;
use ambit::telemetry::TelemetryGuard;
use ambit::test::{await_restart, crashes, dead_letters};
use fastrand::Rng;

use crate::supervision_proof::spinner::*;

const CHILDREN: usize = 3000;
const AT_RANDOM: usize = 10_000;

/// The number of crashed processes, and of restarts.
#[derive(Clone, Default)]
struct Counts {
    crashed: Arc<AtomicUsize>,
    restarted: Arc<AtomicUsize>,
}

impl Counts {
    fn listen(&self) -> TelemetryGuard {
        let counts = self.clone();
        System::current().unwrap().on_event(move |event| {
            match event {
                News::Crashed(_) => &counts.crashed,
                News::Restarted { .. } => &counts.restarted,
                _ => return,
            }
            .fetch_add(1, Ordering::SeqCst);
        })
    }

    fn read(&self) -> (usize, usize) {
        let read = |one: &AtomicUsize| one.load(Ordering::SeqCst);
        (read(&self.crashed), read(&self.restarted))
    }
}

/// On the test clock, where any delay of a restart would be visible.
#[ambit::test]
async fn a_child_is_back_at_once_after_its_crash() {
    let none = Hold::new();
    let supervisor = Supervisor::builder().restarts(u32::MAX, Duration::from_secs(1));
    let supervisor = supervisor.start().await.unwrap();
    let child = supervisor
        .start_child(spinner("child", &none))
        .await
        .unwrap();
    let began = tokio::time::Instant::now();
    for _ in 0..300 {
        let old = child.pid();
        child.crash().await.unwrap();
        await_restart(&child, old).await;
        assert_eq!(child.when_available().count().await, Ok(1));
    }
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert_eq!(crashes().len(), 300);
    supervisor.stop().await.unwrap();
}

/// Starts thousands of children under one supervisor.
async fn crowd(none: &Hold) -> (DynamicSupervisor, Vec<SpinnerSubject>) {
    let budget = (10 * AT_RANDOM as u32, Duration::from_secs(3600));
    let crowd = DynamicSupervisor::builder().restarts(budget.0, budget.1);
    let crowd = crowd.start().await.unwrap();
    let mut children = Vec::new();
    for n in 0..CHILDREN {
        let child = crowd.start_child(spinner(&n.to_string(), none)).await;
        children.push(child.unwrap());
    }
    (crowd, children)
}

/// Asserts that every child is running, once.
async fn is_whole(crowd: &DynamicSupervisor, children: &[SpinnerSubject]) {
    let counts = crowd.count_children().await.unwrap();
    assert_eq!((counts.specs, counts.active), (CHILDREN, CHILDREN));
    let mut pids: Vec<_> = children.iter().map(|child| child.pid()).collect();
    for child in children {
        assert!(child.when_available().count().await.is_ok());
    }
    pids.sort();
    pids.dedup();
    assert_eq!(pids.len(), CHILDREN);
    assert_eq!(ambit::inspect::processes().len(), CHILDREN + 2);
}

#[ambit::test(flavor = "multi_thread")]
async fn thousands_that_crash_at_once_are_all_back() {
    let (none, counts) = (Hold::new(), Counts::default());
    let _listening = counts.listen();
    let (crowd, children) = crowd(&none).await;
    let began = Instant::now();
    for child in &children {
        child.crash().await.unwrap();
    }
    until("all are back", || counts.read() == (CHILDREN, CHILDREN)).await;
    eprintln!("{CHILDREN} crashed and came back in {:?}", began.elapsed());
    is_whole(&crowd, &children).await;
    assert_eq!(crashes().len(), CHILDREN);
    crowd.stop().await.unwrap();
}

#[ambit::test(flavor = "multi_thread")]
async fn thousands_that_crash_at_random_are_all_back() {
    let (none, counts) = (Hold::new(), Counts::default());
    let _listening = counts.listen();
    let (crowd, children) = crowd(&none).await;
    let (children, began) = (Arc::new(children), Instant::now());
    let mut crashing = Vec::new();
    for sender in 1..=4 {
        let (children, mut rng) = (children.clone(), Rng::with_seed(sender));
        crashing.push(tokio::spawn(async move {
            for _ in 0..AT_RANDOM / 4 {
                let child = &children[rng.usize(..CHILDREN)];
                child.when_available().crash().await.unwrap();
            }
        }));
    }
    for one in crashing {
        one.await.unwrap();
    }
    let own = ambit::self_pid().unwrap();
    until("each has been handled", || {
        let (before, all) = (counts.read(), ambit::inspect::processes());
        let mut others = all.iter().filter(|info| info.pid != own);
        let rests = others.all(|info| (info.queued, info.status) == (0, Status::Idle));
        rests && before == counts.read() && before.0 == before.1
    })
    .await;
    let (crashed, _) = counts.read();
    eprintln!("{crashed} crashes at random in {:?}", began.elapsed());
    // The other crash messages were queued behind one that had already been sent to the same child.
    assert!(crashed > AT_RANDOM / 4, "{crashed}");
    is_whole(&crowd, &children).await;
    assert_eq!(counts.read(), (crashed, crashed), "nothing came later");
    assert_eq!(crashes().len(), crashed);
    assert_eq!(
        dead_letters().len(),
        AT_RANDOM - crashed,
        "nothing is lost silently"
    );
    crowd.stop().await.unwrap();
}
