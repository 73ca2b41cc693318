//! Applications: starts in order, roll-back, ordered stop, restart types.

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

fn named(name: &str) -> ambit::process::Process {
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

struct Refusing;

#[gen_server]
impl Refusing {
    #[init]
    fn new() -> Result<Self, &'static str> {
        Err("not today")
    }
}

#[ambit::test]
async fn app_08_stop_ends_the_tree_then_calls_back_then_ends_the_rest() {
    let log = Log::new();
    let found = Arc::new(std::sync::Mutex::new(Vec::<Process>::new()));
    let (others, inner) = (found.clone(), log.clone());
    let stopped = log.clone();
    let worker = found.clone();
    let web = Application::new("web")
        .on_start(move || {
            let (others, log) = (others.clone(), inner.clone());
            async move {
                // Outside the tree, without links, and spawned by a process that has ended by the time of the stop.
                let seen = others.clone();
                ambit::spawn(move |_: Inbox<()>| async move {
                    let deep = ambit::spawn(|_: Inbox<()>| pending::<()>());
                    seen.lock().unwrap().push(deep.into());
                })
                .closed()
                .await;
                let stubborn = ambit::spawn(|mut inbox: Inbox<()>| async move {
                    inbox.trap_exits(true);
                    loop {
                        inbox.next().await;
                    }
                });
                expect_crash(&stubborn);
                others.lock().unwrap().push(stubborn.into());
                tree("web", &log).await
            }
        })
        .on_stop(move || {
            let (log, others) = (stopped.clone(), worker.clone());
            async move {
                assert!(!named("web").is_alive(), "the tree is down");
                assert!(others.lock().unwrap().iter().all(Process::is_alive));
                // Another process of the application, spawned in its callback.
                others
                    .lock()
                    .unwrap()
                    .push(ambit::spawn(|_: Inbox<()>| pending::<()>()).into());
                log.add("web stopped");
            }
        });
    let outside = ambit::spawn(|_: Inbox<()>| pending::<()>());
    let apps = Applications::new([web]);
    apps.start("web").await.unwrap();
    apps.stop("web").await.unwrap();
    assert_eq!(log.take(), ["web up", "web down", "web stopped"]);
    let others = std::mem::take(&mut *found.lock().unwrap());
    assert_eq!(others.len(), 3);
    assert!(
        others.iter().all(|one| !one.is_alive()),
        "nobody of it is left"
    );
    assert!(outside.is_alive());

    apps.start("web").await.unwrap();
    apps.stop("web").await.unwrap();
    assert_eq!(
        log.take(),
        ["web up", "web down", "web stopped"],
        "once per life"
    );
}

/// Creates an application whose top process ends with `reason` on a notification.
fn ending(name: &str, restart: Restart, reason: &ExitReason) -> (Application, Arc<Notify>) {
    let bell = Arc::new(Notify::new());
    let (ring, reason) = (bell.clone(), reason.clone());
    let app = Application::new(name).restart(restart).on_start(move || {
        let (ring, reason) = (ring.clone(), reason.clone());
        let top = ambit::spawn(move |_: Inbox<()>| async move {
            ring.notified().await;
            reason
        });
        async move { Ok::<_, ExitReason>(top) }
    });
    (app, bell)
}

/// Returns whether `other` ends too when an application with this restart type ends for this reason.
async fn ends_all(restart: Restart, reason: ExitReason) -> bool {
    let log = Log::new();
    let (first, bell) = ending("first", restart, &reason);
    let apps = Applications::new([app("base", &log), first, app("other", &log)]);
    apps.start("base").await.unwrap();
    apps.start("first").await.unwrap();
    apps.start("other").await.unwrap();
    log.take();
    bell.notify_one();
    settle().await;
    drop(crashes());
    if apps.running().await == Ok(vec!["base".into(), "other".into()]) {
        assert!(log.is_empty());
        apps.stop_all().await.unwrap();
        return false;
    }
    let expected = ApplicationError::Terminated {
        application: "first".into(),
        reason,
    };
    assert_eq!(apps.closed().await, expected);
    assert_eq!(apps.running().await, Err(expected.clone()));
    assert_eq!(apps.start("other").await, Err(expected));
    assert_eq!(
        log.all(),
        ["other down", "other stopped", "base down", "base stopped"]
    );
    true
}

#[ambit::test]
async fn app_09_what_the_end_of_an_application_means_for_the_others() {
    let boom = || ExitReason::error("boom");
    assert!(ends_all(Restart::Permanent, boom()).await);
    assert!(ends_all(Restart::Permanent, ExitReason::Normal).await);
    assert!(ends_all(Restart::Transient, boom()).await);
    assert!(!ends_all(Restart::Transient, ExitReason::Normal).await);
    assert!(!ends_all(Restart::Transient, ExitReason::Shutdown).await);
    assert!(!ends_all(Restart::Temporary, boom()).await);
    assert!(!ends_all(Restart::Temporary, ExitReason::Normal).await);
}

#[ambit::test]
async fn app_10_all_stop_in_reverse_each_within_its_time() {
    let log = Log::new();
    let (slow, late) = (log.clone(), log.clone());
    let stuck = Application::new("stuck")
        .shutdown_timeout(ms(300))
        .on_start(|| async {
            let deaf = ambit::spawn(|mut inbox: Inbox<()>| async move {
                inbox.trap_exits(true);
                loop {
                    inbox.next().await;
                }
            });
            expect_crash(&deaf);
            Ok::<_, ExitReason>(deaf)
        })
        .on_stop(move || {
            let log = slow.clone();
            async move {
                log.add("stuck stopped");
                expect_crash(ambit::self_pid().unwrap());
                pending::<()>().await;
            }
        });
    let apps = Applications::new([app("first", &log), stuck, app("last", &log)]);
    for name in ["first", "stuck", "last"] {
        apps.start(name).await.unwrap();
    }
    log.take();
    let begin = tokio::time::Instant::now();
    apps.stop_all().await.unwrap();
    let took = begin.elapsed();
    late.add("done");
    assert_eq!(
        log.all(),
        [
            "last down",
            "last stopped",
            "stuck stopped",
            "first down",
            "first stopped",
            "done"
        ]
    );
    // The tree has 300 ms, and the callback has another 300 ms.
    assert!((ms(600)..ms(650)).contains(&took), "{took:?}");
    assert!(apps.running().await.unwrap().is_empty());
    apps.start("first").await.unwrap();
}

#[ambit::test]
async fn app_10_the_end_of_the_system_stops_them_in_reverse_too() {
    let log = Log::new();
    let apps = shop(&log);
    apps.ensure_all_started("web").await.unwrap();
    log.take();
    let system = System::current().unwrap();
    assert!(system.stop(ms(500)).await.is_empty());
    let order = ["web", "cache", "db", "log"]
        .map(|name| [format!("{name} down"), format!("{name} stopped")]);
    assert_eq!(log.all(), order.concat());
    assert_eq!(
        apps.running().await,
        Err(ApplicationError::Ended(ExitReason::Shutdown))
    );
}

/// Lists the running applications in its `#[terminate]`.
struct Curious {
    apps: Applications,
    log: Log,
}

#[gen_server]
impl Curious {
    #[init]
    fn new(apps: Applications, log: Log) -> Self {
        Self { apps, log }
    }

    #[terminate]
    async fn bye(&mut self, _: &ExitReason) {
        let running = self.apps.running().await;
        self.log.add(format!("{running:?}"));
        let stop = self.apps.stop("curious").await.unwrap_err();
        self.log.add(stop);
    }
}

#[ambit::test]
async fn app_11_a_child_may_ask_while_its_application_stops() {
    let log = Log::new();
    let place = Arc::new(std::sync::OnceLock::<Applications>::new());
    let (known, inner) = (place.clone(), log.clone());
    let curious = Application::new("curious").on_start(move || {
        let (apps, log) = (known.get().unwrap().clone(), inner.clone());
        let child = ChildSpec::from_fn(move || Curious::start(apps.clone(), log.clone()));
        Supervisor::builder().child(child.id("curious")).start()
    });
    let apps = Applications::new([curious, app("other", &log)]);
    place.set(apps.clone()).unwrap();
    apps.start("other").await.unwrap();
    apps.start("curious").await.unwrap();
    log.take();
    apps.stop_all().timeout(ms(100)).await.unwrap();
    let refused = "an application cannot wait for itself: send the request from another process";
    assert_eq!(
        log.take(),
        ["Ok([\"other\"])", refused, "other down", "other stopped"]
    );
}

#[ambit::test]
async fn x79_the_callback_runs_also_if_the_master_is_killed() {
    let log = Log::new();
    let apps = shop(&log);
    apps.start("log").await.unwrap();
    log.take();
    let supervisor = parent_of("log");
    let master = ambit::process_info(supervisor).unwrap().parent.unwrap();
    let info = ambit::process_info(master).unwrap();
    assert_eq!(
        (info.type_name, info.label.as_deref()),
        ("ApplicationMaster", Some("log"))
    );
    expect_crash(master);
    // The tree ends with its parent.
    expect_crash(supervisor);
    ambit::exit(master, ExitReason::Kill);
    settle().await;
    assert!(apps.running().await.unwrap().is_empty());
    assert_eq!(log.take(), ["log down", "log stopped"]);
    assert!(!ambit::is_alive(supervisor));
    apps.start("log").await.unwrap();
    apps.stop("log").await.unwrap();
    assert_eq!(log.take(), ["log up", "log down", "log stopped"]);
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
async fn concurrent_starts_agree() {
    let gate = Arc::new(Notify::new());
    let starts = Arc::new(AtomicUsize::new(0));
    let (open, count) = (gate.clone(), starts.clone());
    let slow = Application::new("slow").on_start(move || {
        let (open, n) = (open.clone(), count.fetch_add(1, Ordering::SeqCst));
        async move {
            open.notified().await;
            if n == 0 {
                Err("first time")
            } else {
                Ok(ambit::spawn(|_: Inbox<()>| pending::<()>()))
            }
        }
    });
    let apps = Applications::new([slow]);
    for succeeds in [false, true] {
        let (one, two, three) = (apps.clone(), apps.clone(), apps.clone());
        let all = async move {
            tokio::join!(
                one.start("slow"),
                two.start("slow"),
                three.ensure_all_started("slow")
            )
        };
        let open = async {
            settle().await;
            gate.notify_one();
        };
        let ((one, two, three), ()) = tokio::join!(all, open);
        assert_eq!(
            (one.is_ok(), two.is_ok(), three.is_ok()),
            (succeeds, succeeds, succeeds)
        );
        assert_eq!(one, two);
        if let Ok(started) = three {
            assert!(started.is_empty(), "the first one has started it");
        }
    }
    assert_eq!(starts.load(Ordering::SeqCst), 2);
}

#[ambit::test]
async fn a_start_under_way_is_given_up_by_a_stop() {
    let apps = Applications::new([Application::new("never").on_start(|| async {
        ambit::spawn(|_: Inbox<()>| pending::<()>());
        pending::<Result<Process, ExitReason>>().await
    })]);
    let before = System::current().unwrap().process_count();
    let starting = apps.start("never");
    let stopping = async {
        settle().await;
        apps.stop("never").await
    };
    let (started, stopped) = tokio::join!(starting, stopping);
    let expected = ApplicationError::Start {
        application: "never".into(),
        reason: ExitReason::Shutdown,
    };
    assert_eq!((started, stopped), (Err(expected), Ok(())));
    settle().await;
    assert_eq!(
        System::current().unwrap().process_count(),
        before + 1,
        "only the controller is new"
    );
}

#[ambit::test]
async fn a_start_waits_for_the_stop_under_way() {
    let log = Log::new();
    let gate = Arc::new(Notify::new());
    let open = gate.clone();
    let web = app("web", &log).on_stop(move || {
        let open = open.clone();
        async move { open.notified().await }
    });
    let apps = Applications::new([web]);
    apps.start("web").await.unwrap();
    let begin = async {
        settle().await;
        let starting = apps.start("web");
        let open = async {
            settle().await;
            assert!(apps.running().await.unwrap().is_empty());
            gate.notify_one();
        };
        tokio::join!(starting, open).0
    };
    let (stopped, started) = tokio::join!(apps.stop("web"), begin);
    assert_eq!((stopped, started), (Ok(()), Ok(())));
    assert_eq!(log.all(), ["web up", "web down", "web up"]);
}

#[ambit::test]
async fn nothing_starts_while_all_are_being_stopped() {
    let log = Log::new();
    let gate = Arc::new(Notify::new());
    let open = gate.clone();
    let web = app("web", &log).on_stop(move || {
        let open = open.clone();
        async move { open.notified().await }
    });
    let apps = Applications::new([web, app("other", &log)]);
    apps.start("web").await.unwrap();
    let ask = async {
        settle().await;
        let refused = apps.start("other").await;
        gate.notify_one();
        refused
    };
    let (stopped, refused) = tokio::join!(apps.stop_all(), ask);
    assert_eq!(
        (stopped, refused),
        (Ok(()), Err(ApplicationError::Stopping))
    );
    apps.start("other").await.unwrap();
}

#[ambit::test]
async fn an_application_cannot_wait_for_itself() {
    let place = Arc::new(std::sync::OnceLock::<Applications>::new());
    let known = place.clone();
    let own = Application::new("own").on_start(move || {
        let apps = known.get().unwrap().clone();
        async move {
            let error = apps.start("own").await.unwrap_err();
            Err::<Process, _>(error)
        }
    });
    let apps = Applications::new([own]);
    place.set(apps.clone()).unwrap();
    let failed = apps.start("own").await.unwrap_err();
    assert_eq!(
        failed.to_string(),
        format!(
            "application `own` did not start: {}",
            ApplicationError::CallsItself
        )
    );
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

#[ambit::test]
async fn the_question_has_a_deadline_if_it_wants_one() {
    let apps = Applications::new([Application::new("slow").on_start(|| async {
        tokio::time::sleep(ms(200)).await;
        Ok::<_, ExitReason>(ambit::spawn(|_: Inbox<()>| pending::<()>()))
    })]);
    let late = apps.start("slow").timeout(ms(50)).await;
    assert_eq!(late, Err(ApplicationError::Timeout));
    assert_eq!(
        apps.ensure_all_started("slow").await,
        Ok(Vec::new()),
        "it has gone on"
    );
    assert_eq!(
        apps.start("x").blocking(),
        Err(ApplicationError::BlocksRuntime)
    );
}

#[test]
fn requests_outside_a_runtime_fail() {
    let apps = Applications::new([Application::new("web")]);
    assert_eq!(apps.check(), Ok(()));
    assert_eq!(
        apps.start("web").blocking(),
        Err(ApplicationError::NoRuntime)
    );
}

#[ambit::test(flavor = "multi_thread")]
async fn starts_and_stops_from_many_sides_end_in_one_state() {
    let before = ambit::inspect::processes().len();
    for round in 1..=50 {
        let log = Log::new();
        let apps = shop(&log);
        let ask = |n: usize| {
            let apps = apps.clone();
            tokio::spawn(async move {
                match n % 4 {
                    0 => drop(apps.ensure_all_started("web").await),
                    1 => drop(apps.stop("db").await),
                    2 => drop(apps.start("log").await),
                    _ => drop(apps.ensure_all_started("cache").await),
                }
            })
        };
        let tasks: Vec<_> = (0..16).map(ask).collect();
        for task in tasks {
            task.await.unwrap();
        }
        apps.stop_all().await.unwrap();
        assert!(apps.running().await.unwrap().is_empty());
        // A cancelled start is killed, so its worker logs nothing at its end.
        drop(crashes());
        let log = log.all();
        for name in ["web", "db", "cache", "log"] {
            let count = |what: &str| {
                let line = format!("{name} {what}");
                log.iter().filter(|known| **known == line).count()
            };
            assert!(count("up") >= count("down"), "{name}: {log:?}");
            assert!(count("stopped") <= count("up"), "{name}: {log:?}");
        }
        assert_eq!(
            ambit::inspect::processes().len(),
            before + round,
            "only controllers are left"
        );
    }
}

#[ambit::test]
async fn a_hanging_child_is_killed_by_its_own_deadline() {
    let log = Log::new();
    let inner = log.clone();
    let web = Application::new("web").on_start(move || {
        let log = inner.clone();
        let worker = ChildSpec::from_fn(move || Worker::start("web", log.clone()).name("web"));
        let worker = worker.id("web").shutdown(Shutdown::After(ms(100)));
        Supervisor::builder().child(worker).start()
    });
    let apps = Applications::new([web]);
    apps.start("web").await.unwrap();
    let worker = named("web").pid();
    expect_crash(worker);
    hang(worker);
    apps.stop("web").timeout(ms(200)).await.unwrap();
    assert_eq!(log.all(), ["web up"]);
}

#[ambit::test(flavor = "multi_thread")]
async fn a_process_that_never_yields_is_named_and_the_others_stop() {
    let log = Log::new();
    let (release, wait) = std::sync::mpsc::channel::<()>();
    let wait = Arc::new(std::sync::Mutex::new(wait));
    let seen = Arc::new(std::sync::OnceLock::<Process>::new());
    let place = seen.clone();
    let busy = Application::new("busy").on_start(move || {
        let (wait, place) = (wait.clone(), place.clone());
        async move {
            let stuck = ambit::spawn(move |_: Inbox<()>| async move {
                wait.lock().unwrap().recv().ok();
                pending::<()>().await;
            });
            place.set(stuck.into()).unwrap();
            Ok::<_, ExitReason>(ambit::spawn(|_: Inbox<()>| pending::<()>()))
        }
    });
    let apps = Applications::new([app("web", &log), busy]);
    apps.start("web").await.unwrap();
    apps.start("busy").await.unwrap();
    let stuck = seen.get().unwrap();
    let expected = ApplicationError::Stuck {
        application: "busy".into(),
        processes: vec![stuck.pid()],
    };
    assert_eq!(apps.stop_all().await, Err(expected));
    assert_eq!(log.all(), ["web up", "web down", "web stopped"]);
    drop(release);
    // The first signal decides: the later kill had no effect.
    assert_eq!(stuck.closed().await, ExitReason::Shutdown);
}

#[ambit::test]
async fn a_system_runs_up_to_255_applications() {
    let names: Vec<_> = (0..256).map(|n| format!("app{n}")).collect();
    let apps = Applications::new(names.iter().map(Application::new));
    for name in &names[..255] {
        apps.start(name).await.unwrap();
    }
    let full = apps.start("app255").await.unwrap_err().to_string();
    assert!(
        full.ends_with("255 applications run in this system: no more can"),
        "{full}"
    );
    apps.stop("app7").await.unwrap();
    apps.start("app255").await.unwrap();
}
