//! The end of a process with very many observers: it yields to other tasks between batches of notices, and misses none.

use ambit::process::Watched;
use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context as TaskContext, Poll, Wake, Waker};

use ambit::prelude::*;
use ambit::process::Monitor;
use ambit::system::System;
use tokio::runtime::{Builder, Runtime};

use crate::support::process::soon;

pub(super) const MANY: usize = 5_000;
/// The maximum number of notices in one batch.
const BATCH: usize = 512;

pub(super) fn single() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Starts a process that ends with the reason it receives.
pub(super) fn victim() -> Subject<ExitReason> {
    ambit::spawn(|mut inbox: Inbox<ExitReason>| async move {
        inbox.recv().await.unwrap_or(ExitReason::Normal)
    })
}

/// Counts its wake-ups.
#[derive(Default)]
struct Woken(AtomicUsize);

impl Woken {
    fn times(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn poll<F: Future + Unpin>(future: &mut F, woken: &Arc<Woken>) -> Poll<F::Output> {
    let waker = Waker::from(woken.clone());
    Pin::new(future).poll(&mut TaskContext::from_waker(&waker))
}

/// Returns `many` monitors of one process, each polled once.
fn waits(target: &Subject<ExitReason>, woken: &Arc<Woken>, many: usize) -> Vec<Monitor> {
    let mut all: Vec<Monitor> = (0..many).map(|_| target.monitor()).collect();
    for one in &mut all {
        assert!(poll(one, woken).is_pending());
    }
    all
}

/// Runs in another task of the same runtime while `sent` goes up to `all`: returns the largest step between two of its
/// polls, and the number of polls in between.
pub(super) async fn watch(all: usize, sent: impl Fn() -> usize + Send + 'static) -> (usize, usize) {
    let watching = async move {
        let (mut longest, mut turns, mut before) = (0, 0, sent());
        while before < all {
            tokio::task::yield_now().await;
            let now = sent();
            longest = longest.max(now - before);
            turns += usize::from(now > 0 && now < all);
            before = now;
        }
        (longest, turns)
    };
    soon(tokio::spawn(watching)).await.unwrap()
}

/// tokio wakes tasks that have yielded in reverse order: there may be two batches between two polls of another task.
pub(super) fn assert_bounded((longest, turns): (usize, usize)) {
    assert!(
        longest <= 2 * BATCH,
        "{longest} notices without a turn for others"
    );
    assert!(turns >= MANY / BATCH / 2, "{turns} turns");
}

/// Yields to other tasks until `there` returns true.
pub(super) async fn until(there: impl Fn() -> bool) {
    let waiting = async {
        while !there() {
            tokio::task::yield_now().await;
        }
    };
    soon(waiting).await;
}

/// Collects the processes of a system that have ended so far.
fn ended(system: &System) -> Arc<Mutex<BTreeSet<Pid>>> {
    let pids = Arc::new(Mutex::new(BTreeSet::new()));
    let seen = pids.clone();
    let guard = system.on_event(move |event| {
        if let ambit::telemetry::Event::Exited { pid, .. } = event {
            assert!(seen.lock().unwrap().insert(*pid), "{pid} ends twice");
        }
    });
    std::mem::forget(guard);
    pids
}

#[tokio::test]
async fn others_run_while_waits_for_an_end_are_answered() {
    let (target, woken) = (victim(), Arc::new(Woken::default()));
    let all = waits(&target, &woken, MANY);
    target.send(ExitReason::Shutdown).await.unwrap();
    let seen = woken.clone();
    assert_bounded(watch(MANY, move || seen.times()).await);
    for mut one in all {
        let Poll::Ready(down) = poll(&mut one, &woken) else {
            panic!("it is woken and not ready");
        };
        assert_eq!(down.reason, ExitReason::Shutdown);
    }
    assert_eq!(woken.times(), MANY, "once each");
}

#[tokio::test]
async fn others_run_while_links_are_notified() {
    let system = System::builder().quiet_panics(true).build().unwrap();
    let _inside = system.enter();
    let (target, pids) = (victim(), ended(&system));
    for _ in 0..MANY {
        let target = target.clone();
        ambit::spawn(move |mut inbox: Inbox<()>| async move {
            inbox.link(&target).unwrap();
            inbox.recv().await;
        });
    }
    until(|| ambit::process_info(&target).unwrap().links.len() == MANY).await;
    target.send(ExitReason::Timeout).await.unwrap();
    // The target itself counts as one.
    assert_bounded(watch(MANY + 1, move || pids.lock().unwrap().len()).await);
}

#[tokio::test]
async fn other_tasks_run_during_monitor_notification_and_closed_completes_last() {
    let system = System::builder().build().unwrap();
    let _inside = system.enter();
    let (target, pids) = (victim(), ended(&system));
    for _ in 0..MANY {
        let target = target.clone();
        ambit::spawn(move |mut inbox: Inbox<()>| async move {
            let monitor = inbox.monitor(&target);
            let down = inbox.next().await;
            let reason = ExitReason::Timeout;
            let target = Watched::Process(target.pid());
            assert_eq!(
                down,
                InboxEvent::Down(Down {
                    monitor,
                    target,
                    reason
                })
            );
        });
    }
    until(|| ambit::process_info(&target).unwrap().monitored_by.len() == MANY).await;
    let woken = Arc::new(Woken::default());
    let mut last = waits(&target, &woken, 1);
    target.send(ExitReason::Timeout).await.unwrap();
    let (seen, known) = (pids.clone(), woken.clone());
    assert_bounded(
        watch(MANY + 1, move || {
            let ended = seen.lock().unwrap().len();
            assert!(
                known.times() == 0 || ended + 2 * BATCH > MANY,
                "{ended} are notified"
            );
            ended
        })
        .await,
    );
    assert!(poll(&mut last[0], &woken).is_ready());
}

#[tokio::test]
async fn others_run_while_monitors_are_taken_back() {
    let targets: Vec<_> = (0..MANY).map(|_| victim()).collect();
    let watched = targets.clone();
    let watcher = ambit::spawn(move |mut inbox: Inbox<()>| async move {
        for target in &watched {
            inbox.monitor(target);
        }
        inbox.recv().await;
    });
    let left = |target: &Subject<_>| ambit::process_info(target).unwrap().monitored_by.len();
    until(|| targets.iter().map(left).sum::<usize>() == MANY).await;
    watcher.send(()).await.unwrap();
    let all = watch(MANY, move || MANY - targets.iter().map(left).sum::<usize>());
    assert_bounded(all.await);
}

#[test]
fn a_runtime_dropped_in_between_loses_no_exit_notice() {
    let (runtime, woken) = (single(), Arc::new(Woken::default()));
    let (target, all) = runtime.block_on(async {
        let target = victim();
        let all = waits(&target, &woken, MANY);
        target.send(ExitReason::Timeout).await.unwrap();
        let seen = woken.clone();
        let first = tokio::spawn(async move {
            while seen.times() == 0 {
                tokio::task::yield_now().await;
            }
        });
        soon(first).await.unwrap();
        assert!(woken.times() < MANY, "the end goes on");
        assert!(!target.is_alive());
        assert!(
            poll(&mut target.monitor(), &woken).is_ready(),
            "too late for a monitor"
        );
        (target, all)
    });
    drop(runtime);
    assert_eq!(woken.times(), MANY, "once each");
    for mut one in all {
        let Poll::Ready(down) = poll(&mut one, &woken) else {
            panic!("it is woken and not ready");
        };
        assert_eq!(
            down.reason,
            ExitReason::Timeout,
            "and not that of the runtime"
        );
    }
    assert!(ambit::process_info(&target).is_none());
}

/// A waker that panics.
struct Brittle;

impl Wake for Brittle {
    fn wake(self: Arc<Self>) {
        panic!("a waker that panics");
    }
}

#[tokio::test]
async fn a_panicking_waker_does_not_prevent_other_notifications() {
    let system = System::builder().quiet_panics(true).build().unwrap();
    let _inside = system.enter();
    let (target, woken) = (victim(), Arc::new(Woken::default()));
    let mut all = waits(&target, &woken, 10);
    for brittle in [0, 4, 9] {
        let waker = Waker::from(Arc::new(Brittle));
        let one = Pin::new(&mut all[brittle]);
        assert!(one.poll(&mut TaskContext::from_waker(&waker)).is_pending());
    }
    target.send(ExitReason::Shutdown).await.unwrap();
    while system.process_count() > 0 {
        tokio::task::yield_now().await;
    }
    tokio::task::yield_now().await;
    assert_eq!(woken.times(), 7);
    assert!(all.iter_mut().all(|one| poll(one, &woken).is_ready()));
    let later = soon(target.closed()).await;
    assert_eq!(later, ExitReason::Shutdown);
}
