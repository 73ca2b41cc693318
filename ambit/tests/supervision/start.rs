//! Starts of supervisors, and children that fail to start.

use ambit::supervisor::AutoShutdown;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ambit::prelude::*;
use ambit::server::Start;
use ambit::supervisor::{ChildKind, ChildState};
use ambit::test::{Probe, assert_down, expect_crash, settle};
use tokio::time::sleep;

use crate::supervision::support::*;

/// The failure of the second of three children.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Error,
    Panic,
    /// The child factory fails, not its `#[init]`.
    Maker,
    NameTaken,
}

fn builder_with(fault: Fault, log: &Log) -> Start<Supervisor> {
    let broken = match fault {
        Fault::Error => Role::new("b", log).starting(&[How::Fails]).spec(),
        Fault::Panic => Role::new("b", log).starting(&[How::Panics]).spec(),
        Fault::Maker => ChildSpec::from_fn(|| panic!("in the maker")).id("b"),
        Fault::NameTaken => Role::new("b", log).spec().name("taken"),
    };
    Supervisor::builder()
        .child(Role::new("a", log).spec())
        .child(broken)
        .child(Role::new("c", log).spec())
        .start()
}

struct Broken {
    log: Log,
    error: bool,
}

#[supervisor]
impl Broken {
    #[child]
    fn a(&self) -> ChildSpec<Part> {
        Role::new("a", &self.log).spec()
    }
    #[child]
    fn b(&self) -> Result<ChildSpec<Part>, String> {
        if self.error {
            return Err("no file".into());
        }
        panic!("in the method")
    }
}

#[ambit::test]
async fn sup_02_a_start_that_fails_gives_the_reason_and_leaves_nothing(mut inbox: Inbox<u8>) {
    inbox.trap_exits(true);
    let log = Log::new();
    let taken = Role::new("taken", &log).start().name("taken");
    let taken = taken.await.unwrap();
    log.take();
    let before = ambit::inspect::processes().len();
    for linked in [false, true] {
        for (fault, text) in [
            (Fault::Error, ": no"),
            (Fault::Panic, "at the start"),
            (Fault::Maker, "in the maker"),
            (
                Fault::NameTaken,
                &*format!(
                    "held by {}: choose another name, or stop that process first",
                    taken.pid()
                ),
            ),
        ] {
            let start = builder_with(fault, &log).name("app");
            let start = if linked { start.link() } else { start };
            let error = failed_child(&start.await.unwrap_err());
            let said = error.starts_with("failed to start child `b`: ") && error.ends_with(text);
            assert!(said, "{fault:?}: {error}");
            assert_eq!(log.take(), ["+a", "-a: shutdown"], "{fault:?}");
            assert!(ambit::whereis::<Part>("a").is_err());
        }
        for (error, text) in [(true, "no file"), (false, "in the method")] {
            let log = log.clone();
            let start = Broken { log, error }.start().name("app");
            let start = if linked { start.link() } else { start };
            let error = failed_child(&start.await.unwrap_err());
            assert!(
                error.starts_with("failed to start child `b`: ") && error.ends_with(text),
                "{error}"
            );
        }
        assert_eq!(log.take().len(), 4);
    }
    settle().await;
    assert_eq!(ambit::inspect::processes().len(), before);
    let left = inbox.next_within(ms(0)).await;
    assert!(left.is_none(), "{left:?}");
}

#[ambit::test]
async fn children_start_one_after_the_other_and_stop_in_reverse() {
    let log = Log::new();
    let slow = |id| Role::new(id, &log).starting(&[How::After(SECOND)]).spec();
    let start = Supervisor::builder()
        .child(slow("a"))
        .child(slow("b"))
        .child(slow("c"))
        .start();
    let (supervisor, took) = timed(start).await;
    about(3 * SECOND, took);
    assert_eq!(log.take(), ["+a", "+b", "+c"]);
    supervisor.unwrap().stop().await.unwrap();
    assert_eq!(log.take(), ["-c: shutdown", "-b: shutdown", "-a: shutdown"]);
}

/// A child that fails is not retried: the initial start has no retries.
#[ambit::test]
async fn children_started_before_the_one_that_fails_stop_in_reverse() {
    let log = Log::new();
    let failing = Role::new("c", &log).starting(&[How::Fails]);
    let start = Supervisor::builder()
        .child(Role::new("a", &log).spec())
        .child(Role::new("b", &log).ending_after(SECOND).spec())
        .child(failing.spec())
        .start();
    let (error, took) = timed(start).await;
    assert_eq!(
        failed_child(&error.unwrap_err()),
        "failed to start child `c`: no"
    );
    about(SECOND, took);
    assert_eq!(log.all(), ["+a", "+b", "-b: shutdown", "-a: shutdown"]);
}

#[ambit::test]
async fn sup_04_a_child_that_ignores_is_listed_unless_it_is_temporary() {
    let log = Log::new();
    let ignoring = |id, restart| {
        let role = Role::new(id, &log).starting(&[How::Ignores]);
        role.spec().restart(restart)
    };
    let supervisor = Supervisor::builder()
        .child(ignoring("permanent", Restart::Permanent))
        .child(ignoring("temporary", Restart::Temporary))
        .child(ignoring("transient", Restart::Transient))
        .child(Role::new("last", &log).spec())
        .start()
        .await
        .unwrap();
    let late = [
        ("late permanent", Restart::Permanent),
        ("late temporary", Restart::Temporary),
        ("late transient", Restart::Transient),
    ];
    for (id, restart) in late {
        let refused = supervisor.start_child(ignoring(id, restart)).await;
        assert_eq!(refused, Err(ChildError::Start(StartError::Ignored)));
    }
    let last = pid(&supervisor, "last").await;
    assert_eq!(
        states(&supervisor).await,
        [
            ("permanent".to_owned(), ChildState::Stopped),
            ("transient".to_owned(), ChildState::Stopped),
            ("last".to_owned(), ChildState::Running(last)),
            ("late permanent".to_owned(), ChildState::Stopped),
            ("late transient".to_owned(), ChildState::Stopped),
        ]
    );
    assert_eq!(log.all(), ["+last"], "nobody tries again");
    supervisor.restart_child("permanent").await.unwrap();
    assert!(part("permanent").is_alive());

    let sessions = DynamicSupervisor::builder().start().await.unwrap();
    for (id, restart) in late {
        let refused = sessions.start_child(ignoring(id, restart)).await;
        assert_eq!(refused, Err(ChildError::Start(StartError::Ignored)));
    }
    assert_eq!(sessions.which_children().await, Ok(vec![]));
}

#[ambit::test]
async fn sup_05_a_bare_spec_has_the_documented_defaults() {
    let log = Log::new();
    let role = Role::new("a", &log);
    let supervisor = Supervisor::builder()
        .child(ChildSpec::from_fn(move || role.start()))
        .child(ChildSpec::from_fn(|| Supervisor::builder().start()))
        .child(DynamicSupervisor::child_spec())
        .child(ChildSpec::task("poller", std::future::pending::<()>))
        .start()
        .await
        .unwrap();
    let children = supervisor.which_children().await.unwrap();
    let five = Shutdown::After(5 * SECOND);
    let expected = [
        ("Part", ChildKind::Worker, five),
        ("Supervisor", ChildKind::Supervisor, Shutdown::Infinity),
        (
            "DynamicSupervisor",
            ChildKind::Supervisor,
            Shutdown::Infinity,
        ),
        ("poller", ChildKind::Worker, five),
    ];
    for (child, (id, kind, shutdown)) in children.iter().zip(expected) {
        assert_eq!((&*child.id, child.kind), (id, kind));
        assert_eq!(
            (child.restart, child.shutdown),
            (Restart::Permanent, shutdown)
        );
        assert!(!child.significant);
        running(Some(child.state));
    }
    assert_eq!(children.len(), 4);
}

#[ambit::test]
async fn sup_06_43_what_makes_no_sense_is_refused_before_any_child_starts() {
    let log = Log::new();
    let spec = |id| Role::new(id, &log).spec();
    let builder = || Supervisor::builder().child(spec("a"));
    let significant = |restart| spec("b").restart(restart).significant(true);
    let any = AutoShutdown::Any;
    let once = || ChildSpec::once(Role::new("b", &log).start()).id("b");
    for (start, word) in [
        (builder().child(spec("a")), "`a`"),
        (builder().child(spec("b").id("")), "empty"),
        (builder().restarts(1, ms(0)), "window"),
        (builder().restarts(1, std::time::Duration::MAX), "window"),
        (builder().child(spec("b").mailbox(0)), "mailbox"),
        (builder().child(once()), "once"),
        (
            builder().child(significant(Restart::Transient)),
            "auto_shutdown",
        ),
        (
            builder().child(significant(Restart::Temporary)),
            "auto_shutdown",
        ),
        (
            builder()
                .auto_shutdown(any)
                .child(significant(Restart::Permanent)),
            "permanent",
        ),
    ] {
        let debug = format!("{start:?}");
        let error = start.start().await.unwrap_err();
        let StartError::BadSpec(text) = error else {
            panic!("{debug} gives {error:?}")
        };
        assert!(text.contains(word), "{text}");
    }
    assert!(log.is_empty());

    // A refused request changes nothing, and the supervisor continues.
    let supervisor = builder().start().await.unwrap();
    log.take();
    for spec in [
        spec("b").id(""),
        spec("b").mailbox(0),
        once(),
        significant(Restart::Transient),
        significant(Restart::Permanent),
    ] {
        let refused = supervisor.start_child(spec).await;
        assert!(
            matches!(refused, Err(ChildError::BadSpec(_))),
            "{refused:?}"
        );
    }
    let sessions = DynamicSupervisor::builder().start().await.unwrap();
    let refused = sessions.start_child(significant(Restart::Transient)).await;
    assert!(
        matches!(refused, Err(ChildError::BadSpec(_))),
        "{refused:?}"
    );
    assert_eq!(sessions.which_children().await, Ok(vec![]));
    assert_eq!(states(&supervisor).await.len(), 1);
    assert!(log.is_empty());
}

#[ambit::test]
async fn x36_the_start_of_a_temporary_child_is_let_go() {
    let supervisor = Supervisor::builder().start().await.unwrap();
    let counted = Arc::new(AtomicU64::new(0));
    let held = counted.clone();
    let task = ChildSpec::task("task", move || {
        held.fetch_add(1, Ordering::SeqCst);
        std::future::pending::<()>()
    });
    let task = task.restart(Restart::Temporary);
    supervisor.start_child(task).await.unwrap();
    settle().await;
    assert_eq!(counted.load(Ordering::SeqCst), 1, "it runs");
    assert_eq!(
        Arc::strong_count(&counted),
        1,
        "nobody holds what started it"
    );
    let held = counted.clone();
    let task = ChildSpec::task("kept", move || {
        held.fetch_add(1, Ordering::SeqCst);
        std::future::pending::<()>()
    });
    supervisor.start_child(task).await.unwrap();
    settle().await;
    assert_eq!(Arc::strong_count(&counted), 2, "a permanent one needs it");
    supervisor.stop().await.unwrap();
    assert_eq!(Arc::strong_count(&counted), 1);
}

/// A stop, and the end of the parent, do not wait for a start that hangs.
#[ambit::test]
async fn a_hanging_start_ends_with_its_supervisor_at_once() {
    let log = Log::new();
    let hanging = || {
        Supervisor::builder()
            .child(Role::new("a", &log).spec())
            .child(Role::new("b", &log).starting(&[How::Hangs]).spec())
            .start()
            .name("app")
    };
    let mut start = Box::pin(hanging());
    assert!(poll_once(&mut start).await.is_pending());
    settle().await;
    let supervisor = Supervisor::named("app");
    let (stopped, took) = timed(supervisor.stop_with(ExitReason::Shutdown)).await;
    assert_eq!((stopped, took), (Ok(()), ms(0)));
    assert_eq!(start.await, Err(StartError::Init(ExitReason::Shutdown)));
    assert_eq!(log.take(), ["+a", "-a: shutdown"]);

    let mut probe = Probe::<u8>::new();
    let parent = ambit::spawn({
        let start = hanging();
        |_: Inbox<u8>| async move { drop(start.link().await) }
    });
    settle().await;
    probe.monitor(Supervisor::named("app"));
    let b = part("b").pid();
    expect_crash(part("a"));
    kill(&parent);
    let (down, took) = timed(probe.expect_down()).await;
    assert_eq!((down.reason, took), (ExitReason::Killed, ms(0)));
    assert!(!ambit::is_alive(b));
    settle().await;
    assert!(ambit::whereis::<Part>("a").is_err());

    // Dropping the start cancels it: the supervisor is killed, and its children with it.
    log.take();
    let mut start = Box::pin(hanging());
    assert!(poll_once(&mut start).await.is_pending());
    settle().await;
    probe.monitor(Supervisor::named("app"));
    expect_crash(part("a"));
    drop(start);
    assert_down!(probe, ExitReason::Killed);
    settle().await;
    assert_eq!(log.take(), ["+a", "-a: killed"]);
    sleep(SECOND).await;
    assert_eq!(
        ambit::inspect::processes().len(),
        2,
        "the test and its probe"
    );
}
