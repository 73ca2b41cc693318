//! Applications: starts in order, roll-back, ordered stop, restart types.

mod concurrent;
mod stopping;

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ambit::application::{Application, ApplicationError, Applications};
use ambit::error::StartError;
use ambit::prelude::*;
use ambit::process::Process;
use ambit::supervisor::{ChildSpec, Restart, Shutdown, Supervisor};
use ambit::system::System;
use ambit::test::{crash, crashes, expect_crash, hang, settle};
use tokio::sync::Notify;

use crate::support::log::Log;

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// A child that logs its start and its `#[terminate]`.
struct Worker {
    name: &'static str,
    log: Log,
}

#[gen_server]
impl Worker {
    #[init]
    fn new(name: &'static str, log: Log) -> Self {
        log.add(format!("{name} up"));
        Self { name, log }
    }

    #[call]
    fn ping(&self) {}

    #[terminate]
    fn bye(&mut self, _: &ExitReason) {
        self.log.add(format!("{} down", self.name));
    }
}

/// Starts a supervisor with one worker, which is registered under its name.
fn tree(name: &'static str, log: &Log) -> ambit::server::Start<Supervisor> {
    let log = log.clone();
    let worker = ChildSpec::from_fn(move || Worker::start(name, log.clone()).name(name));
    Supervisor::builder().child(worker.id(name)).start()
}

fn app(name: &'static str, log: &Log) -> Application {
    let (started, stopped) = (log.clone(), log.clone());
    Application::new(name)
        .on_start(move || tree(name, &started))
        .on_stop(move || {
            let stopped = stopped.clone();
            async move { stopped.add(format!("{name} stopped")) }
        })
}

/// Creates the applications `web`, `db`, `cache` and `log`: `web` depends on `db` and `cache`, both depend on `log`.
fn shop(log: &Log) -> Applications {
    Applications::new([
        app("web", log).depends_on("db").depends_on("cache"),
        app("db", log).depends_on("log"),
        app("cache", log).depends_on("log"),
        app("log", log),
    ])
}

/// Creates an application whose `on_start` fails.
fn failing(name: &'static str) -> Application {
    Application::new(name).on_start(|| async { Err::<Process, _>("no disk") })
}

fn named(name: &str) -> Process {
    (*WorkerSubject::named(name)).clone()
}

#[ambit::test]
async fn app_01_what_needs_something_that_is_not_started_is_refused() {
    let log = Log::new();
    let apps = shop(&log);
    let refused = apps.start("db").await.unwrap_err();
    let expected = ApplicationError::DependencyNotStarted {
        application: "db".into(),
        dependency: "log".into(),
    };
    assert_eq!(refused, expected);
    assert!(log.is_empty(), "nothing was started");

    apps.start("log").await.unwrap();
    let top = parent_of("log");
    expect_crash(top);
    expect_crash(named("log"));
    ambit::exit(top, ExitReason::Kill);
    settle().await;
    assert!(apps.running().await.unwrap().is_empty());
    let refused = apps.start("db").await.unwrap_err();
    let expected = ApplicationError::DependencyNotRunning {
        application: "db".into(),
        dependency: "log".into(),
        reason: ExitReason::Killed,
    };
    assert_eq!(refused, expected);
}

/// Returns the supervisor of the worker with this name.
fn parent_of(name: &str) -> Pid {
    ambit::process_info(named(name)).unwrap().parent.unwrap()
}

#[ambit::test]
async fn app_02_dependencies_start_first_and_only_once() {
    let log = Log::new();
    let apps = shop(&log);
    apps.ensure_all_started("cache").await.unwrap();
    assert_eq!(log.take(), ["log up", "cache up"]);
    let started = apps.ensure_all_started("web").await.unwrap();
    assert_eq!(started, ["db", "web"], "only what this has started");
    assert_eq!(log.take(), ["db up", "web up"]);
    assert_eq!(apps.running().await.unwrap(), ["log", "cache", "db", "web"]);
    assert!(apps.ensure_all_started("web").await.unwrap().is_empty());
}

#[ambit::test]
async fn app_04_an_optional_dependency_may_be_absent_but_not_fail() {
    let log = Log::new();
    let alone = Applications::new([app("web", &log).optionally_depends_on("metrics")]);
    assert_eq!(alone.ensure_all_started("web").await.unwrap(), ["web"]);
    alone.stop("web").await.unwrap();
    log.take();

    let both = Applications::new([
        app("web", &log).optionally_depends_on("metrics"),
        app("metrics", &log),
    ]);
    both.start("web").await.unwrap();
    both.stop("web").await.unwrap();
    assert_eq!(
        both.ensure_all_started("web").await.unwrap(),
        ["metrics", "web"]
    );
    both.stop_all().await.unwrap();

    let broken = Applications::new([
        app("web", &log).optionally_depends_on("metrics"),
        failing("metrics"),
    ]);
    let failed = broken.ensure_all_started("web").await.unwrap_err();
    assert_eq!(
        failed.to_string(),
        "application `metrics` did not start: no disk"
    );
    assert!(broken.running().await.unwrap().is_empty());
}

#[ambit::test]
async fn app_05_a_second_start_is_refused_and_a_second_ensure_is_not() {
    let log = Log::new();
    let apps = shop(&log);
    apps.start("log").await.unwrap();
    let again = apps.start("log").await.unwrap_err();
    assert_eq!(
        again,
        ApplicationError::AlreadyStarted {
            application: "log".into()
        }
    );
    assert_eq!(apps.ensure_all_started("log").await, Ok(Vec::new()));
    assert_eq!(log.all(), ["log up"]);
    let stopped = apps.stop("db").await.unwrap_err();
    assert_eq!(
        stopped,
        ApplicationError::NotStarted {
            application: "db".into()
        }
    );
    let unknown = apps.start("bd").await.unwrap_err();
    assert_eq!(
        unknown,
        ApplicationError::Unknown {
            application: "bd".into()
        }
    );
}

#[ambit::test]
async fn app_07_a_failed_start_returns_the_cause_and_leaves_nothing_behind() {
    let before = System::current().unwrap().process_count();
    let apps = Applications::new([
        failing("error"),
        Application::new("panic").on_start(|| async {
            ambit::spawn(|_: Inbox<()>| pending::<()>());
            panic!("no plan");
            #[allow(unreachable_code, reason = "it has a type all the same")]
            Ok::<Process, ExitReason>(unreachable!())
        }),
        Application::new("top").on_start(|| {
            let bad = ChildSpec::from_fn(Refusing::start);
            Supervisor::builder().child(bad.id("bad")).start()
        }),
        Application::new("nobody").on_start(|| async { Ok::<_, ExitReason>(Pid::NOBODY) }),
    ]);
    let reason = async |name: &str| match apps.start(name).await.unwrap_err() {
        ApplicationError::Start {
            application,
            reason,
        } if application == name => reason,
        other => panic!("{other:?}"),
    };
    assert_eq!(reason("error").await.to_string(), "no disk");
    assert!(
        matches!(reason("panic").await, ExitReason::Panic(report) if report.to_string().contains("no plan"))
    );
    let ExitReason::Error(nested) = reason("top").await else {
        panic!("no nested reason")
    };
    assert!(
        matches!(nested.downcast_ref(), Some(StartError::Init(_))),
        "{nested}"
    );
    assert_eq!(
        reason("nobody").await.to_string(),
        "`on_start` returned a handle that refers to no process"
    );
    assert!(apps.running().await.unwrap().is_empty());
    settle().await;
    // Only the application controller is new.
    assert_eq!(System::current().unwrap().process_count(), before + 1);
}

#[ambit::test]
async fn a_top_process_that_has_ended_fails_the_start() {
    let log = Log::new();
    let (stopped, phased) = (log.clone(), log.clone());
    let over = Application::new("over")
        .on_start(|| async {
            let top = ambit::spawn(|_: Inbox<()>| async {});
            top.closed().await;
            Ok::<_, ExitReason>(top)
        })
        .on_stop(move || {
            stopped.add("over");
            async {}
        });
    let phases = Application::new("phases")
        .on_start(|| Agent::start(|| 0u8).name("top"))
        .start_phase("end", || async { Agent::<u8>::named("top").stop().await })
        .on_stop(move || {
            phased.add("phases");
            async {}
        });
    let web = Application::new("web").depends_on("over");
    let apps = Applications::new([over, phases, web]);
    for (name, part) in [("web", "over"), ("phases", "phases")] {
        let error = ApplicationError::Start {
            application: part.to_owned(),
            reason: ExitReason::Normal,
        };
        assert_eq!(apps.ensure_all_started(name).await, Err(error));
    }
    assert!(apps.running().await.unwrap().is_empty());
    assert_eq!(log.take(), ["phases"], "`on_start` of `over` has failed");
}

struct Refusing;

#[gen_server]
impl Refusing {
    #[init]
    fn new() -> Result<Self, &'static str> {
        Err("not today")
    }
}

#[ambit::test]
async fn x80_phases_run_in_order_when_the_tree_is_up() {
    let log = Log::new();
    let (one, two) = (log.clone(), log.clone());
    let apps = Applications::new([app("web", &log)
        .start_phase("warm", move || {
            let log = one.clone();
            async move {
                WorkerSubject::named("web").ping().await?;
                log.add("warm");
                Ok::<_, CallError>(())
            }
        })
        .start_phase("open", move || {
            two.add("open");
            async {
                if two_is_busy() {
                    Err("the port is taken")
                } else {
                    Ok(())
                }
            }
        })]);
    apps.start("web").await.unwrap();
    assert_eq!(log.take(), ["web up", "warm", "open"]);
    apps.stop("web").await.unwrap();
    log.take();
    BUSY.store(1, Ordering::SeqCst);
    let failed = apps.start("web").await.unwrap_err();
    BUSY.store(0, Ordering::SeqCst);
    assert_eq!(
        failed.to_string(),
        "application `web` did not start: the port is taken"
    );
    assert_eq!(
        log.take(),
        ["web up", "warm", "open", "web down", "web stopped"]
    );
    assert!(apps.running().await.unwrap().is_empty());
}

static BUSY: AtomicUsize = AtomicUsize::new(0);

fn two_is_busy() -> bool {
    BUSY.load(Ordering::SeqCst) == 1
}

#[ambit::test]
async fn x83_a_list_that_cannot_work_starts_nothing() {
    let log = Log::new();
    let twice = Applications::new([app("web", &log), app("web", &log)]);
    let text = "two applications are called `web`: give one of them another name";
    let wrong = ApplicationError::BadSpec(text.into());
    assert_eq!(twice.check(), Err(wrong.clone()));
    assert_eq!(twice.start("web").await, Err(wrong.clone()));
    assert_eq!(twice.running().await, Err(wrong.clone()));
    assert_eq!(twice.closed().await, wrong);
    let circle = Applications::new([
        app("a", &log).depends_on("b"),
        app("b", &log).depends_on("a"),
    ]);
    assert_eq!(
        circle.start("a").await.unwrap_err().to_string(),
        "the dependencies of these applications form a cycle: a -> b -> a"
    );
    assert!(log.is_empty());
}

#[ambit::test]
async fn a_failure_rolls_back_what_was_started_for_it() {
    let log = Log::new();
    let apps = Applications::new([
        app("base", &log),
        app("left", &log).depends_on("base"),
        app("right", &log).depends_on("base"),
        failing("web").depends_on("left").depends_on("right"),
    ]);
    apps.ensure_all_started("left").await.unwrap();
    log.take();
    let failed = apps.ensure_all_started("web").await.unwrap_err();
    assert_eq!(
        failed.to_string(),
        "application `web` did not start: no disk"
    );
    assert_eq!(log.take(), ["right up", "right down", "right stopped"]);
    assert_eq!(apps.running().await.unwrap(), ["base", "left"]);
    apps.stop_all().await.unwrap();
    log.take();
    apps.ensure_all_started("web").await.unwrap_err();
    let order = [
        "base up",
        "left up",
        "right up",
        "right down",
        "right stopped",
    ];
    let rest = ["left down", "left stopped", "base down", "base stopped"];
    assert_eq!(log.take(), [&order[..], &rest[..]].concat());
}

#[ambit::test]
async fn a_child_of_the_tree_may_crash() {
    let log = Log::new();
    let apps = shop(&log);
    apps.start("log").await.unwrap();
    let worker = named("log");
    let pid = worker.pid();
    expect_crash(pid);
    crash(pid).await;
    settle().await;
    assert_ne!(named("log").pid(), pid);
    assert_eq!(apps.running().await.unwrap(), ["log"]);
    apps.stop("log").await.unwrap();
}

#[ambit::test]
async fn an_application_without_a_tree_groups_what_it_needs() {
    let log = Log::new();
    let apps = Applications::new([Application::new("all").depends_on("web"), app("web", &log)]);
    assert_eq!(
        apps.ensure_all_started("all").await.unwrap(),
        ["web", "all"]
    );
    apps.stop_all().await.unwrap();
    assert_eq!(log.all(), ["web up", "web down", "web stopped"]);
    assert_eq!(format!("{apps:?}"), r#"["all", "web"]"#);
}

#[ambit::test]
async fn a_panicking_callback_does_not_affect_the_application() {
    let log = Log::new();
    let web = app("web", &log).on_stop(|| async {
        expect_crash(ambit::self_pid().unwrap());
        panic!("in the callback");
    });
    let apps = Applications::new([web]);
    apps.start("web").await.unwrap();
    apps.stop("web").await.unwrap();
    apps.start("web").await.unwrap();
}
