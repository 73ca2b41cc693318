//! How supervisors stop their children, and which exits stop a supervisor.

use ambit::error::StopError;
use ambit::process::Watched;
use std::future::pending;
use std::sync::mpsc;
use std::time::Duration;

use ambit::prelude::*;
use ambit::supervisor::ChildState;
use ambit::telemetry;
use ambit::test::{Probe, assert_down, expect_crash, settle};
use tokio::sync::oneshot;
use tokio::time::sleep;

use crate::supervision::support::*;

const HOUR: Duration = Duration::from_secs(3600);

/// Returns the spec of a supervisor with one child, whose terminate takes `last_words`.
fn slow(log: &Log, last_words: Duration, shutdown: Shutdown) -> ChildSpec<Supervisor> {
    let role = Role::new("slow", log).ending_after(last_words);
    ChildSpec::from_fn(move || {
        let spec = role.spec().shutdown(shutdown);
        Supervisor::builder().child(spec).start()
    })
}

#[ambit::test]
async fn sup_33_an_infinite_time_is_waited_for() {
    let log = Log::new();
    // A worker with an infinite shutdown time, and a supervisor, which has it by default.
    let top = Supervisor::builder()
        .child(slow(&log, HOUR, Shutdown::Infinity).id("inner"))
        .start()
        .await
        .unwrap();
    let (stopped, took) = timed(top.stop()).await;
    assert_eq!(stopped, Ok(()));
    about(HOUR, took);
    assert_eq!(log.all(), ["+slow", "-slow: shutdown"]);

    // A supervisor with a shorter shutdown time.
    let inner = slow(&log, HOUR, Shutdown::Infinity).shutdown(2 * SECOND);
    let top = Supervisor::builder().child(inner).start().await.unwrap();
    log.take();
    expect_crash(part("slow"));
    let mut probe = Probe::<u8>::new();
    probe.monitor(part("slow"));
    expect_crash(pid(&top, "Supervisor").await);
    let (_, took) = timed(top.stop()).await;
    about(2 * SECOND, took);
    sleep(2 * HOUR).await;
    assert_eq!(
        log.take(),
        ["-slow: shutdown"],
        "D3: it terminates in order"
    );
    assert_down!(probe, ExitReason::Shutdown);
}

/// A child that exceeds its shutdown time is killed, and the stop continues at that moment.
#[ambit::test]
async fn a_child_has_its_time_and_not_more() {
    let log = Log::new();
    let child = |id, last_words, shutdown: Duration| {
        let role = Role::new(id, &log).ending_after(last_words);
        role.spec().shutdown(shutdown)
    };
    let supervisor = Supervisor::builder()
        .child(child("in time", ms(999), SECOND))
        .child(child("late", HOUR, 2 * SECOND))
        .child(child("at once", HOUR, ms(0)))
        .child(Role::new("default", &log).ending_after(HOUR).spec())
        .start()
        .await
        .unwrap();
    log.take();
    let mut probe = Probe::<u8>::new();
    for id in ["default", "at once", "late", "in time"] {
        expect_crash(part(id));
        probe.monitor(part(id));
    }
    let began = tokio::time::Instant::now();
    let mut stop = supervisor.stop();
    assert!(poll_once(&mut stop).await.is_pending());
    let mut at = ms(0);
    // One after the other, each with its own shutdown time.
    for time in [5 * SECOND, ms(0), 2 * SECOND] {
        assert_down!(probe, ExitReason::Killed);
        at += time;
        let seen = began.elapsed();
        assert!(at <= seen && seen <= at + ms(3), "{seen:?} for {at:?}");
    }
    let (down, took) = timed(probe.expect_down()).await;
    assert_eq!(down.reason, ExitReason::Shutdown);
    about(ms(999), took);
    assert_eq!(stop.await, Ok(()));
    assert_eq!(log.all(), ["-in time: shutdown"]);
}

#[ambit::test]
async fn sup_34_a_brutal_stop_kills_at_once() {
    let log = Log::new();
    let brutal = |id| {
        let role = Role::new(id, &log).ending_after(HOUR);
        role.spec().shutdown(Shutdown::Brutal)
    };
    let supervisor = Supervisor::builder()
        .child(brutal("a"))
        .child(brutal("b"))
        .start()
        .await
        .unwrap();
    let mut probe = Probe::<u8>::new();
    for id in ["a", "b"] {
        expect_crash(part(id));
        probe.monitor(part(id));
    }
    let (done, took) = timed(supervisor.terminate_child("b")).await;
    assert_eq!((done, took), (Ok(()), ms(0)));
    assert_down!(probe, ExitReason::Killed);
    let (stopped, took) = timed(supervisor.stop()).await;
    assert_eq!((stopped, took), (Ok(()), ms(0)));
    assert_down!(probe, ExitReason::Killed);
    assert_eq!(log.all(), ["+a", "+b"], "no cleanup ran");
}

/// A server whose handler blocks its thread.
struct Blocked;

#[gen_server]
impl Blocked {
    #[init]
    fn init() -> Self {
        Self
    }
    #[cast]
    fn block(&mut self, begun: oneshot::Sender<()>, gate: mpsc::Receiver<()>) {
        begun.send(()).ok();
        gate.recv().ok();
    }
}

/// D6: it cannot be killed before it suspends, so the supervisor reports it, and stops waiting.
#[ambit::test(flavor = "multi_thread", worker_threads = 3)]
async fn sup_34_a_child_that_never_suspends_is_named_and_left_behind() {
    let events = Log::new();
    let heard = events.clone();
    let system = ambit::system::System::current().unwrap();
    let _listening = system.on_event(move |event| {
        if let telemetry::Event::Stuck { child, .. } = event {
            heard.add(child);
        }
    });
    let spec = |id: &str, shutdown| {
        let spec = ChildSpec::from_fn(Blocked::start).id(id);
        spec.shutdown(shutdown)
    };
    let inner = Supervisor::builder().start().await.unwrap();
    let one = inner
        .start_child(spec("one", Shutdown::Brutal))
        .await
        .unwrap();
    let fine = spec("fine", Shutdown::Infinity);
    let fine = inner.start_child(fine).await.unwrap();
    let (gate, blocked) = mpsc::channel();
    let (begun, has_begun) = oneshot::channel();
    one.block(begun, blocked).await.unwrap();
    has_begun.await.unwrap();
    expect_crash(&one);
    let refused = inner.terminate_child("one").await;
    assert_eq!(refused, Err(ChildError::Stuck));
    let stuck = pid(&inner, "one").await;
    assert_eq!(one.pid(), stuck, "it still runs");
    assert_eq!(inner.restart_child("one").await, Err(ChildError::Stuck));
    assert_eq!(events.all(), ["one"]);
    let mut probe = Probe::<u8>::new();
    probe.monitor(&fine);
    let stopped = inner.stop().await;
    let named = ExitReason::shutdown_with("stuck: one");
    assert_eq!(stopped, Err(StopError::Exited(named)));
    assert_down!(probe, ExitReason::Shutdown);
    drop(gate);
    one.closed().await;
}

#[ambit::test]
async fn sup_35_a_child_that_unlinked_itself_is_stopped_like_any_other() {
    let log = Log::new();
    let supervisor = Supervisor::builder()
        .child(Role::new("a", &log).ending_after(SECOND).spec())
        .child(Role::new("b", &log).spec())
        .start()
        .await
        .unwrap();
    for id in ["a", "b"] {
        part(id).unlink_from(supervisor.pid()).await.unwrap();
        part(id).add(1).await.unwrap();
        assert_eq!(ambit::process_info(part(id)).unwrap().links, []);
    }
    assert_eq!(supervisor.terminate_child("b").await, Ok(()));
    assert_eq!(state(&supervisor, "b").await, Some(ChildState::Stopped));
    let (stopped, took) = timed(supervisor.stop()).await;
    assert_eq!(stopped, Ok(()));
    about(SECOND, took);
    assert_eq!(log.all(), ["+a", "+b", "-b: shutdown", "-a: shutdown"]);
}

#[ambit::test]
async fn sup_36_children_that_end_during_the_stop_do_not_disturb_it() {
    let log = Log::new();
    let mut builder = Supervisor::builder();
    let ids = ["normal", "shutdown", "with", "crash", "killed"];
    for id in ids {
        builder = builder.child(Role::new(id, &log).spec());
    }
    let last = Role::new("last", &log).ending_after(SECOND);
    let supervisor = builder.child(last.spec()).start().await.unwrap();
    log.take();
    let mut probe = Probe::<u8>::new();
    let mut stop = supervisor.stop();
    assert!(poll_once(&mut stop).await.is_pending());
    settle().await;
    for (id, how) in ids.into_iter().zip(End::ALL) {
        probe.monitor(part(id));
        end(&part(id), how).await;
        let reason = probe.expect_down().await.reason;
        let is_own = match how {
            End::Normal => reason == ExitReason::Normal,
            End::Shutdown => reason == ExitReason::Shutdown,
            End::ShutdownWith => reason == ExitReason::shutdown_with("enough"),
            End::Crash => matches!(reason, ExitReason::Panic(_)),
            End::Killed => reason == ExitReason::Killed,
        };
        assert!(is_own, "{how:?}: {reason:?}");
    }
    let (stopped, took) = timed(stop).await;
    assert_eq!(stopped, Ok(()));
    about(SECOND, took);
    let log = log.take();
    assert!(!log.iter().any(|line| line.starts_with('+')), "{log:?}");
    assert_eq!(log.last().unwrap(), "-last: shutdown");
}

/// Returns the spec of a supervisor whose start hangs at its second child.
fn hanging(id: &'static str, log: &Log) -> ChildSpec<Supervisor> {
    let first = Role::new(id, log).ending_after(SECOND);
    let second = Role::new("hanging", log);
    ChildSpec::from_fn(move || {
        second.next(&[How::Hangs]);
        let builder = Supervisor::builder().child(first.spec());
        builder
            .child(second.spec().name(format!("after {}", first.id)))
            .start()
    })
    .id(format!("around {id}"))
}

#[ambit::test]
async fn a_supervisor_that_is_starting_stops_its_children_in_order() {
    let log = Log::new();
    let builder = Supervisor::builder().child(Role::new("a", &log).spec());
    let top = builder.start().await.unwrap();
    let added = top.start_child(hanging("b", &log)).send();
    settle().await;
    assert_eq!(log.take(), ["+a", "+b"]);
    let (stopped, took) = timed(top.stop()).await;
    assert_eq!(stopped, Ok(()));
    about(SECOND, took);
    assert_eq!(added.await.unwrap_err(), ChildError::NoProcess);
    assert_eq!(log.take(), ["-b: shutdown", "-a: shutdown"]);

    let top = DynamicSupervisor::builder().start().await.unwrap();
    let added = ["b", "c"].map(|id| top.start_child(hanging(id, &log)).send());
    settle().await;
    assert_eq!(log.take(), ["+b", "+c"]);
    let (stopped, took) = timed(top.stop()).await;
    assert_eq!(stopped, Ok(()));
    about(SECOND, took);
    for one in added {
        assert_eq!(one.await.unwrap_err(), ChildError::NoProcess);
    }
    assert_eq!(log.take(), ["-b: shutdown", "-c: shutdown"]);
}

#[ambit::test]
async fn a_supervisor_that_is_starting_has_its_shutdown_time_and_not_more() {
    let log = Log::new();
    let top = Supervisor::builder().start().await.unwrap();
    let added = top.start_child(hanging("a", &log).shutdown(ms(300))).send();
    settle().await;
    let mut probe = Probe::<u8>::new();
    probe.monitor(part("a"));
    let (stopped, took) = timed(top.stop()).await;
    assert_eq!(stopped, Ok(()));
    about(ms(300), took);
    assert_eq!(added.await.unwrap_err(), ChildError::NoProcess);
    assert_down!(probe, ExitReason::Shutdown);
}

#[ambit::test]
async fn sup_40_a_tree_stops_from_its_leaves() {
    let log = Log::new();
    let inner = {
        let (b, c) = (Role::new("b", &log), Role::new("c", &log));
        ChildSpec::from_fn(move || {
            let builder = Supervisor::builder().child(b.spec());
            builder.child(c.spec()).start().name("inner")
        })
    };
    let top = Supervisor::builder()
        .child(Role::new("a", &log).spec())
        .child(inner)
        .child(Role::new("d", &log).spec())
        .start()
        .await
        .unwrap();
    assert_eq!(log.take(), ["+a", "+b", "+c", "+d"]);
    let mut probe = Probe::<u8>::new();
    let order = [
        part("d").pid(),
        part("c").pid(),
        part("b").pid(),
        Supervisor::named("inner").pid(),
        part("a").pid(),
        top.pid(),
    ];
    // Monitored in another order than they end in.
    let mut watched = order;
    watched.sort_unstable();
    for pid in watched {
        probe.monitor(pid);
    }
    top.stop().await.unwrap();
    assert_eq!(
        log.take(),
        [
            "-d: shutdown",
            "-c: shutdown",
            "-b: shutdown",
            "-a: shutdown"
        ]
    );
    for pid in order {
        let down = probe.expect_down().await;
        assert_eq!(down.target, Watched::Process(pid));
        let is_top = pid == top.pid();
        assert_eq!(down.reason == ExitReason::Normal, is_top);
    }
}

/// A task ends at its next suspension, with the given reason.
#[ambit::test]
async fn a_task_is_a_child_like_any_other() {
    let log = Log::new();
    let runs = log.clone();
    let supervisor = Supervisor::builder().start().await.unwrap();
    let task = ChildSpec::task("task", move || {
        let runs = runs.clone();
        async move {
            runs.add("run");
            sleep(SECOND).await;
            if runs.all().len() == 1 {
                expect_crash(ambit::self_pid().unwrap());
                return Err("first");
            }
            pending::<()>().await;
            Ok(())
        }
    });
    let task = supervisor.start_child(task).await.unwrap();
    let old = task.pid();
    sleep(2 * SECOND).await;
    assert_eq!(log.all(), ["run", "run"]);
    assert_ne!(task.pid(), old);
    let mut probe = Probe::<u8>::new();
    probe.monitor(&task);
    let (stopped, took) = timed(supervisor.stop()).await;
    assert_eq!((stopped, took), (Ok(()), ms(0)));
    assert_down!(probe, ExitReason::Shutdown);
    assert!(!task.is_alive());
}
