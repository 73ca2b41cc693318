//! Handles of children and of supervisors that follow restarts.

use ambit::supervisor::{Backoff, PartitionSupervisor};
use std::time::Duration;

use ambit::prelude::*;
use ambit::supervisor::ChildState;
use ambit::test::{expect_crash, settle};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::supervision::support::*;

const PUT_OFF: Duration = Duration::from_secs(10);

/// In OTP's order: after the `Down` of a child, its supervisor lists the new one.
#[ambit::test]
async fn a_supervisor_queried_after_the_down_lists_the_new_child() {
    let log = Log::new();
    let supervisor = Supervisor::builder()
        .restarts(1000, SECOND)
        .child(Role::new("a", &log).spec())
        .start()
        .await
        .unwrap();
    for _ in 0..100 {
        let child = part("a");
        let (old, watch) = (child.pid(), child.monitor());
        child.crash().await.unwrap();
        watch.await;
        let new = pid(&supervisor, "a").await;
        assert_ne!(new, old);
        assert_eq!(part("a").pid(), new);
    }
}

/// The same from other threads. A dynamic supervisor replies during a restart, and lists the child as restarting.
#[ambit::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_supervisor_queried_from_another_thread_after_the_down_lists_the_new_child() {
    let log = Log::new();
    let sessions = DynamicSupervisor::builder().restarts(10_000, SECOND);
    let sessions = sessions.start().await.unwrap();
    let supervisor = Supervisor::builder().restarts(10_000, SECOND);
    let supervisor = supervisor.start().await.unwrap();
    let fixed = Role::new("fixed", &log).spec();
    let fixed = supervisor.start_child(fixed).await.unwrap();
    let dynamic = Role::new("dynamic", &log).spec();
    let dynamic = sessions.start_child(dynamic).await.unwrap();
    for _ in 0..300 {
        let (old, watch) = (fixed.pid(), fixed.monitor());
        fixed.crash().await.unwrap();
        watch.await;
        let new = pid(&supervisor, "fixed").await;
        assert_ne!(new, old);
        // Once the new process is listed, the handle refers to it.
        assert_eq!(fixed.pid(), new);

        let (old, watch) = (dynamic.pid(), dynamic.monitor());
        dynamic.crash().await.unwrap();
        watch.await;
        let new = sessions.which_children().await.unwrap()[0].state;
        let new = running(Some(new));
        assert_ne!(new, old);
        assert_eq!(dynamic.pid(), new);
    }
}

#[ambit::test]
async fn a_child_handle_follows_restarts_and_refers_to_no_process_in_between() {
    let log = Log::new();
    let supervisor = Supervisor::builder().start().await.unwrap();
    let sessions = DynamicSupervisor::builder().start().await.unwrap();
    let spec = |id| {
        let spec = Role::new(id, &log).spec();
        spec.backoff(Backoff::constant(PUT_OFF))
    };
    let fixed = supervisor.start_child(spec("fixed")).await.unwrap();
    let dynamic = sessions.start_child(spec("dynamic")).await.unwrap();
    for child in [fixed, dynamic] {
        let old = child.pid();
        assert_eq!(child.add(2).await, Ok(2));
        end(&child, End::Crash).await;
        assert_eq!((child.pid(), child.is_alive()), (Pid::NOBODY, false));
        assert_eq!(child.add(1).await, Err(CallError::NoProcess));
        assert_eq!(
            child.end(ExitReason::Normal).await,
            Err(CastError::NoProcess)
        );
        assert_eq!(child.monitor().await.reason, ExitReason::NoProcess);
        assert_eq!(child.closed().await, ExitReason::NoProcess);
        // A patient call waits until its own deadline.
        let patient = child.when_available();
        let (answer, took) = timed(patient.add(1).timeout(2 * SECOND)).await;
        assert_eq!(answer, Err(CallError::NoProcess));
        about(2 * SECOND, took);
        let (answer, took) = timed(patient.add(1).timeout(60 * SECOND)).await;
        assert_eq!(answer, Ok(1));
        about(PUT_OFF - 2 * SECOND, took);
        assert!(child.is_alive() && child.pid() != old);
    }
}

#[ambit::test]
async fn a_handle_of_a_removed_child_refers_to_no_process() {
    let log = Log::new();
    let supervisor = Supervisor::builder().start().await.unwrap();
    let spec = || Role::new("a", &log).spec();
    let child = supervisor.start_child(spec()).await.unwrap();
    supervisor.terminate_child("a").await.unwrap();
    assert_eq!(child.add(1).await, Err(CallError::NoProcess));
    supervisor.restart_child("a").await.unwrap();
    assert_eq!(child.add(1).await, Ok(1));
    supervisor.terminate_child("a").await.unwrap();
    supervisor.delete_child("a").await.unwrap();
    assert_eq!(
        child.when_available().add(1).await,
        Err(CallError::NoProcess)
    );
    // The handle refers to the id, whichever child has it.
    supervisor.start_child(spec()).await.unwrap();
    assert_eq!(child.add(5).await, Ok(5));
    supervisor.stop().await.unwrap();
    assert_eq!(child.add(1).await, Err(CallError::NoProcess));
    assert_eq!(
        child.when_available().add(1).await,
        Err(CallError::NoProcess)
    );
}

struct Inner {
    log: Log,
}

#[supervisor]
impl Inner {
    #[child]
    fn leaf(&self) -> ChildSpec<Part> {
        Role::new("leaf", &self.log).spec()
    }
    #[child]
    fn sessions(&self) -> ChildSpec<DynamicSupervisor> {
        DynamicSupervisor::child_spec()
    }
}

struct Top {
    log: Log,
}

#[supervisor]
impl Top {
    #[child]
    fn inner(&self) -> ChildSpec<Inner> {
        let log = self.log.clone();
        Inner::child_spec(move || Inner { log: log.clone() })
    }
}

/// Down to the leaf of a restarted subtree.
#[ambit::test]
async fn accessors_follow_through_restarted_supervisors() {
    let top = Top { log: Log::new() }.start().await.unwrap();
    let inner = top.inner();
    let (leaf, sessions) = (inner.leaf(), inner.sessions());
    let before = (inner.pid(), leaf.pid(), sessions.pid());
    assert_eq!(leaf.add(3).await, Ok(3));
    expect_crash(&leaf);
    expect_crash(&sessions);
    kill(&inner);
    settle().await;
    assert_eq!(leaf.add(1).await, Ok(1));
    let role = Role::new("session", &Log::new()).spec();
    let session = sessions.start_child(role).await.unwrap();
    assert_eq!(session.add(1).await, Ok(1));
    let after = (inner.pid(), leaf.pid(), sessions.pid());
    assert!(after.0 != before.0 && after.1 != before.1 && after.2 != before.2);
    assert_eq!(
        state(&inner, "leaf").await,
        Some(ChildState::Running(leaf.pid()))
    );
    assert_eq!(inner, top.inner());
    assert_eq!(leaf, top.inner().leaf());
}

/// Makes a patient call in a separate task, and lets it begin to wait.
async fn waiting(child: &PartSubject) -> JoinHandle<(Result<u64, CallError>, Duration)> {
    let patient = child.when_available();
    let waiting = tokio::spawn(async move { timed(patient.add(1).timeout(60 * SECOND)).await });
    settle().await;
    assert!(!waiting.is_finished());
    waiting
}

#[ambit::test]
async fn a_call_waiting_for_a_deleted_child_is_answered_once_it_is_started_again() {
    let log = Log::new();
    let supervisor = Supervisor::builder().start().await.unwrap();
    let spec = || Role::new("a", &log).spec();
    let child = supervisor.start_child(spec()).await.unwrap();
    supervisor.terminate_child("a").await.unwrap();
    let before = waiting(&child).await;
    supervisor.delete_child("a").await.unwrap();
    let after = waiting(&child).await;
    sleep(SECOND).await;
    supervisor.start_child(spec()).await.unwrap();
    for waiting in [before, after] {
        let (answer, took) = waiting.await.unwrap();
        assert!(answer.is_ok(), "{answer:?}");
        assert_eq!(took, SECOND, "at once");
    }
}

#[ambit::test]
async fn a_call_waiting_for_a_child_is_answered_when_its_supervisor_is_restarted() {
    let top = Top { log: Log::new() }.start().await.unwrap();
    let inner = top.inner();
    let leaf = inner.leaf();
    // The leaf is terminated, so it stays down until its supervisor is restarted.
    expect_crash(inner.sessions());
    Supervisor::from(inner.clone())
        .terminate_child("leaf")
        .await
        .unwrap();
    let waiting = waiting(&leaf).await;
    sleep(SECOND).await;
    kill(&inner);
    let (answer, took) = waiting.await.unwrap();
    assert_eq!((answer, took), (Ok(1), SECOND));
}

#[ambit::test]
async fn named_supervisors_are_found_at_each_use() {
    let log = Log::new();
    let (app, sessions) = (Supervisor::named("app"), DynamicSupervisor::named("s"));
    let shards = PartitionSupervisor::<Part>::named("shards");
    assert!(!app.is_alive() && !sessions.is_alive() && !shards.is_alive());
    let inside = log.clone();
    let top = Supervisor::builder()
        .child(ChildSpec::from_fn(|| Supervisor::builder().start()).name("app"))
        .child(DynamicSupervisor::child_spec().name("s"))
        .child(
            PartitionSupervisor::builder(move |_| {
                let role = Role::new("shard", &inside);
                ChildSpec::from_fn(move || role.start())
            })
            .partitions(2)
            .child_spec()
            .name("shards"),
        )
        .start()
        .await
        .unwrap();
    for _ in 0..2 {
        let spec = |id| Role::new(id, &log).spec();
        app.start_child(spec("a")).await.unwrap();
        let session = sessions.start_child(spec("b")).await.unwrap();
        assert_eq!(shards.route(&3).add(1).await, Ok(1));
        let before = [app.pid(), sessions.pid(), shards.pid()];
        let listed: Vec<_> = states(&top).await;
        let running: Vec<_> = listed.into_iter().map(|one| running(Some(one.1))).collect();
        assert_eq!(running, before);
        for child in [part("a"), session, shards.route(&0), shards.route(&1)] {
            expect_crash(child);
        }
        for pid in before {
            kill(pid);
            settle().await;
        }
        let after = [app.pid(), sessions.pid(), shards.pid()];
        assert!(after.iter().all(|pid| !before.contains(pid)));
        sleep(10 * SECOND).await;
    }
}

#[ambit::test(flavor = "multi_thread")]
async fn a_supervisor_is_notified_before_the_exit_of_its_child_is_observable() {
    let sessions = DynamicSupervisor::builder().start().await.unwrap();
    for _ in 0..3_000 {
        let spec = ChildSpec::task("short", || async {}).restart(Restart::Temporary);
        if let Ok(child) = sessions.start_child(spec).await {
            child.closed().await;
        }
        assert_eq!(sessions.count_children().await.unwrap().specs, 0);
    }
}

/// A supervisor whose only child is restarted after a delay.
struct Delayed {
    log: Log,
}

#[supervisor]
impl Delayed {
    #[child]
    fn inner(&self) -> ChildSpec<Inner> {
        let log = self.log.clone();
        let inner = Inner::child_spec(move || Inner { log: log.clone() });
        inner.backoff(Backoff::constant(ms(200)))
    }
}

/// Calls from a thread without a runtime, while the child is down.
async fn call_from_a_thread(child: &PartSubject) -> Result<u64, CallError> {
    let child = child.when_available();
    let caller = std::thread::spawn(move || child.add(1).blocking());
    let caller = tokio::task::spawn_blocking(|| caller.join().unwrap());
    caller.await.unwrap()
}

#[ambit::test(flavor = "multi_thread")]
async fn a_thread_may_wait_for_a_dynamic_child_that_is_being_restarted() {
    let sessions = DynamicSupervisor::builder().start().await.unwrap();
    let spec = Role::new("a", &Log::new()).spec();
    let spec = spec.backoff(Backoff::constant(ms(200)));
    let child = sessions.start_child(spec).await.unwrap();
    kill(&child);
    child.closed().await;
    while sessions.which_children().await.unwrap()[0].state != ChildState::Restarting {
        tokio::task::yield_now().await;
    }
    assert_eq!(call_from_a_thread(&child).await, Ok(1));
}

#[ambit::test(flavor = "multi_thread")]
async fn a_thread_may_wait_for_a_child_whose_supervisor_is_being_restarted() {
    let top = Delayed { log: Log::new() }.start().await.unwrap();
    let (inner, leaf) = (top.inner(), top.inner().leaf());
    expect_crash(&leaf);
    expect_crash(inner.sessions());
    kill(&inner);
    inner.closed().await;
    while state(&top, "inner").await != Some(ChildState::Restarting) {
        tokio::task::yield_now().await;
    }
    assert_eq!(call_from_a_thread(&leaf).await, Ok(1));
}
