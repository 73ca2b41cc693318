//! Cases without a number: events that arrive while a supervisor is busy.

use ambit::supervisor::{Backoff, PartitionSupervisor};
use std::error::Error;
use std::fmt::{self, Display};
use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};

use ambit::prelude::*;
use ambit::supervisor::{ChildState, SupervisorBuilder};
use ambit::test::{Probe, assert_down, expect_crash, settle};
use tokio::time::sleep;

use crate::supervision::support::*;

fn three(strategy: Strategy, roles: [&Role; 3]) -> SupervisorBuilder {
    let builder = Supervisor::builder().strategy(strategy);
    roles
        .into_iter()
        .fold(builder, |builder, role| builder.child(role.spec()))
}

fn roles(log: &Log) -> [Role; 3] {
    ["a", "b", "c"].map(|id| Role::new(id, log))
}

#[ambit::test]
async fn an_end_that_needs_no_restart_leaves_the_group_alone() {
    for restart in [Restart::Temporary, Restart::Transient] {
        let log = Log::new();
        let done = Role::new("done", &log).spec().restart(restart);
        let supervisor = Supervisor::builder()
            .strategy(Strategy::OneForAll)
            .restarts(0, SECOND)
            .child(done)
            .child(Role::new("a", &log).spec())
            .start()
            .await
            .unwrap();
        let how = match restart {
            Restart::Temporary => End::Crash,
            _ => End::ShutdownWith,
        };
        log.take();
        end(&part("done"), how).await;
        assert_eq!(log.take().len(), 1, "{restart:?}");
        assert!(part("a").is_alive());
        supervisor.stop().await.unwrap();
    }
}

/// Every reason that is not clean is abnormal.
#[ambit::test]
async fn a_transient_child_is_restarted_after_every_abnormal_reason() {
    let log = Log::new();
    let builder = Supervisor::builder().restarts(100, SECOND);
    let spec = Role::new("a", &log).spec().restart(Restart::Transient);
    let supervisor = builder.child(spec).start().await.unwrap();
    for reason in [
        ExitReason::Kill,
        ExitReason::Killed,
        ExitReason::NoProcess,
        ExitReason::NoConnection,
        ExitReason::Timeout,
        ExitReason::error("bad luck"),
    ] {
        let old = part("a").pid();
        part("a").end(reason.clone()).await.unwrap();
        settle().await;
        assert_ne!(pid(&supervisor, "a").await, old, "{reason}");
    }
}

#[ambit::test]
async fn a_sibling_that_ignores_its_restart_stays_down_and_the_others_continue() {
    let log = Log::new();
    let [a, b, c] = roles(&log);
    let builder = three(Strategy::OneForAll, [&a, &b, &c]).restarts(1, SECOND);
    let supervisor = builder.start().await.unwrap();
    log.take();
    b.next(&[How::Ignores]);
    crash("a").await;
    assert_eq!(
        log.take(),
        ["-a: panic", "-c: shutdown", "-b: shutdown", "+a", "+c"]
    );
    assert_eq!(state(&supervisor, "b").await, Some(ChildState::Stopped));
    assert!(supervisor.is_alive(), "it is no failure");
}

#[ambit::test]
async fn a_child_that_crashes_during_another_restart_is_restarted_afterwards() {
    let log = Log::new();
    let [a, b, c] = roles(&log);
    let builder = three(Strategy::OneForOne, [&a, &b, &c]).restarts(2, 60 * SECOND);
    let supervisor = builder.start().await.unwrap();
    log.take();
    a.next(&[How::After(10 * SECOND)]);
    crash("a").await;
    crash("b").await;
    assert_eq!(log.take(), ["-a: panic", "-b: panic"]);
    sleep(11 * SECOND).await;
    assert_eq!(log.take(), ["+a", "+b"]);
    crash("c").await;
    assert!(!supervisor.is_alive(), "both counted");
}

#[ambit::test]
async fn a_stop_during_a_group_restart_starts_no_child() {
    let log = Log::new();
    let [a, b, c] = roles(&log);
    let c = c.ending_after(4 * SECOND);
    let builder = three(Strategy::OneForAll, [&a, &b, &c]);
    let supervisor = builder.start().await.unwrap();
    log.take();
    // The stop arrives while the supervisor stops the group.
    crash("a").await;
    let (stopped, took) = timed(supervisor.stop()).await;
    assert_eq!(stopped, Ok(()));
    about(4 * SECOND, took);
    let stops = ["-a: panic", "-c: shutdown", "-b: shutdown"];
    assert_eq!(log.take(), stops);
    // The stop arrives while the supervisor starts the group.
    let supervisor = three(Strategy::OneForAll, [&a, &b, &c]);
    let supervisor = supervisor.start().await.unwrap();
    log.take();
    b.next(&[How::Hangs]);
    crash("c").await;
    // The `#[terminate]` of `c` takes four seconds.
    sleep(5 * SECOND).await;
    let stops = ["-c: panic", "-b: shutdown", "-a: shutdown", "+a"];
    assert_eq!(log.take(), stops);
    let (stopped, took) = timed(supervisor.stop()).await;
    assert_eq!((stopped, took), (Ok(()), ms(0)));
    assert_eq!(log.take(), ["-a: shutdown"]);
}

#[ambit::test]
async fn the_parents_shutdown_ends_a_restart_that_hangs() {
    for by_exit in [false, true] {
        let log = Log::new();
        let leaf = Role::new("leaf", &log);
        let inner = {
            let leaf = leaf.clone();
            ChildSpec::from_fn(move || Supervisor::builder().child(leaf.spec()).start())
        };
        let top = Supervisor::builder().child(inner.id("inner"));
        let top = top.start().await.unwrap();
        let mut probe = Probe::<u8>::new();
        probe.monitor(pid(&top, "inner").await);
        leaf.next(&[How::Hangs]);
        crash("leaf").await;
        expect_crash(pid(&top, "inner").await);
        let began = tokio::time::Instant::now();
        if by_exit {
            kill(&top);
            assert_down!(probe, ExitReason::Killed);
        } else {
            assert_eq!(top.terminate_child("inner").await, Ok(()));
            assert_down!(probe, ExitReason::Shutdown);
        }
        assert_eq!(began.elapsed(), ms(0));
        settle().await;
        assert!(ambit::whereis::<Part>("leaf").is_err());
        if !by_exit {
            top.stop().await.unwrap();
        }
    }
}

/// The group restart of an earlier child also starts one that waits for its restart, and cancels its own retry.
#[ambit::test]
async fn a_group_restart_starts_a_child_that_was_put_off() {
    let log = Log::new();
    let [a, b, c] = roles(&log);
    let supervisor = Supervisor::builder()
        .strategy(Strategy::RestForOne)
        .child(a.spec())
        .child(b.spec().backoff(Backoff::constant(10 * SECOND)))
        .child(c.spec())
        .start()
        .await
        .unwrap();
    crash("b").await;
    assert_eq!(state(&supervisor, "b").await, Some(ChildState::Restarting));
    log.take();
    sleep(5 * SECOND).await;
    crash("a").await;
    assert_eq!(log.take(), ["-a: panic", "+a", "+b", "+c"]);
    sleep(60 * SECOND).await;
    assert!(log.is_empty(), "{log:?}");
}

#[ambit::test]
async fn children_that_wait_for_the_same_moment_all_come_back() {
    let log = Log::new();
    let mut builder = Supervisor::builder().restarts(9, SECOND);
    for role in roles(&log) {
        let spec = role.spec().backoff(Backoff::constant(SECOND));
        builder = builder.child(spec);
    }
    let supervisor = builder.start().await.unwrap();
    log.take();
    for id in ["b", "c", "a"] {
        crash(id).await;
    }
    sleep(2 * SECOND).await;
    let all = ["-b: panic", "-c: panic", "-a: panic", "+b", "+c", "+a"];
    assert_eq!(log.take(), all);
    assert_eq!(
        counts(supervisor.count_children().await.unwrap()),
        [3, 3, 3, 0]
    );
}

#[ambit::test]
async fn a_child_keeps_its_position_in_the_order_until_it_is_deleted() {
    let log = Log::new();
    let [a, b, c] = roles(&log);
    let builder = three(Strategy::OneForAll, [&a, &b, &c]).restarts(9, SECOND);
    let supervisor = builder.start().await.unwrap();
    let late = Role::new("late", &log);
    supervisor.start_child(late.spec()).await.unwrap();
    supervisor.terminate_child("a").await.unwrap();
    supervisor.restart_child("a").await.unwrap();
    log.take();
    crash("late").await;
    let stops = [
        "-late: panic",
        "-c: shutdown",
        "-b: shutdown",
        "-a: shutdown",
    ];
    let starts = ["+a", "+b", "+c", "+late"];
    assert_eq!(log.take(), [stops, starts].concat());
    supervisor.terminate_child("b").await.unwrap();
    supervisor.delete_child("b").await.unwrap();
    supervisor.start_child(b.spec()).await.unwrap();
    log.take();
    supervisor.stop().await.unwrap();
    assert_eq!(
        log.take(),
        [
            "-b: shutdown",
            "-late: shutdown",
            "-c: shutdown",
            "-a: shutdown"
        ]
    );
}

/// Ends as soon as its `#[init]` has finished.
struct Brief;

#[gen_server]
impl Brief {
    #[init]
    fn init(ctx: &mut Context<Self>, log: Log) -> Self {
        log.add("brief");
        ctx.stop(ExitReason::Normal);
        Self
    }
}

#[ambit::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_child_that_ends_right_after_its_init_is_judged_like_any_other() {
    for _ in 0..100 {
        let log = Log::new();
        let spec = |log: &Log| {
            let log = log.clone();
            ChildSpec::from_fn(move || Brief::start(log.clone()))
        };
        let builder = Supervisor::builder().restarts(3, 5 * SECOND);
        let supervisor = builder.child(spec(&log)).start().await;
        let reason = supervisor.unwrap().closed().await;
        assert!(gave_up(&reason) || reason == ExitReason::NoProcess);
        assert_eq!(log.all().len(), 4);

        let sessions = DynamicSupervisor::builder().start().await.unwrap();
        let temporary = spec(&log).restart(Restart::Temporary);
        let child = sessions.start_child(temporary).await.unwrap();
        child.closed().await;
        while sessions.count_children().await.unwrap().specs > 0 {
            tokio::task::yield_now().await;
        }
        sessions.stop().await.unwrap();
    }
}

#[ambit::test]
async fn a_brutally_stopped_supervisor_leaves_no_descendants() {
    let inner = || Supervisor::builder().child(ChildSpec::task("task", pending::<()>));
    let inner = ChildSpec::from_fn(move || inner().start());
    let top = Supervisor::builder().start().await.unwrap();
    let inner = inner.shutdown(Shutdown::Brutal);
    let inner = top.start_child(inner).await.unwrap();
    let leaf = pid(&inner, "task").await;
    let mut probe = Probe::<u8>::new();
    probe.monitor(leaf);
    probe.monitor(&inner);
    for pid in [leaf, inner.pid()] {
        expect_crash(pid);
    }
    let (stopped, took) = timed(top.stop()).await;
    assert_eq!((stopped, took), (Ok(()), ms(0)));
    assert_down!(probe, ExitReason::Killed);
    assert_down!(probe, ExitReason::Killed);
}

/// Panics when it is dropped.
#[derive(Debug)]
struct Sharp;

impl Drop for Sharp {
    fn drop(&mut self) {
        assert!(std::thread::panicking(), "a sharp edge");
    }
}

#[ambit::test]
async fn a_spec_of_a_partition_that_panics_is_a_failed_start_and_no_crash_of_the_supervisor() {
    let sessions = DynamicSupervisor::builder().start().await.unwrap();
    let parts = || {
        PartitionSupervisor::<Part>::builder(|index| panic!("no partition {index}")).partitions(2)
    };
    let refused = sessions.start_child(parts().child_spec()).await;
    let Err(ChildError::Start(StartError::Init(ExitReason::Panic(report)))) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(report.message(), "no partition 0");
    assert_eq!(counts(sessions.count_children().await.unwrap()), [0; 4]);
}

#[ambit::test]
async fn captured_values_with_a_panicking_drop_do_not_affect_the_supervisor() {
    let spec = |id: &str| {
        let sharp = Sharp;
        ChildSpec::task(id, move || {
            let _held = &sharp;
            pending::<()>()
        })
    };
    let supervisor = Supervisor::builder()
        .child(spec("a"))
        .child(spec("b"))
        .start()
        .await
        .unwrap();
    let taken = supervisor.start_child(spec("a")).await;
    assert_eq!(taken.unwrap_err(), ChildError::Running);
    for bad in [spec(""), spec("c").mailbox(0)] {
        let bad = supervisor.start_child(bad).await;
        assert!(matches!(bad, Err(ChildError::BadSpec(_))), "{bad:?}");
    }
    assert_eq!(supervisor.stop().await, Ok(()), "two drops that panic");
}

/// An error whose causes panic, as its drop does.
#[derive(Debug)]
struct SharpError(#[allow(dead_code, reason = "it is dropped")] Sharp);

impl Display for SharpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cut")
    }
}

impl Error for SharpError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        panic!("no cause")
    }
}

/// Returns the spec of a child that fails with a [`SharpError`] in its first `failures` runs.
fn cut(id: &str, failures: usize) -> ChildSpec<Task<()>> {
    let runs = AtomicUsize::new(0);
    ChildSpec::task(id, move || {
        let fails = runs.fetch_add(1, Ordering::Relaxed) < failures;
        async move {
            if fails {
                expect_crash(ambit::self_pid().unwrap());
                return Err(SharpError(Sharp));
            }
            pending().await
        }
    })
}

#[ambit::test]
async fn errors_whose_code_panics_end_only_the_process_that_returned_them() {
    let supervisor = Supervisor::builder().restarts(9, SECOND);
    let children = ["a", "b", "c"].map(|id| cut(id, 2));
    let supervisor = children
        .into_iter()
        .fold(supervisor, |s, child| s.child(child));
    let supervisor = supervisor.start().await.unwrap();
    let dynamic = DynamicSupervisor::builder().restarts(9, SECOND);
    let dynamic = dynamic.start().await.unwrap();
    for id in ["a", "b", "c"] {
        dynamic.start_child(cut(id, 2)).await.unwrap();
    }
    settle().await;
    assert_eq!(
        counts(supervisor.count_children().await.unwrap()),
        [3, 3, 3, 0]
    );
    assert_eq!(
        counts(dynamic.count_children().await.unwrap()),
        [3, 3, 3, 0]
    );
    assert_eq!(supervisor.stop().await, Ok(()));
    assert_eq!(dynamic.stop().await, Ok(()));
}

#[ambit::test]
async fn a_supervisor_that_gives_up_on_an_error_whose_causes_panic_reports_its_text() {
    let supervisor = Supervisor::builder().restarts(1, SECOND).child(cut("a", 2));
    let supervisor = supervisor.start().await.unwrap();
    let said = "child `a` ended again after 1 restart within 1s, the limit; last error: cut";
    assert_eq!(supervisor.closed().await, ExitReason::shutdown_with(said));
}
