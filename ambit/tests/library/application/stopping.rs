//! How applications stop.

use super::*;

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

/// While all applications are stopped, `older` is stopped after `newer`, which would wait for it.
#[ambit::test]
async fn app_11_an_application_that_stops_cannot_wait_for_an_older_one() {
    let log = Log::new();
    let place = Arc::new(std::sync::OnceLock::<Applications>::new());
    let (known, inner) = (place.clone(), log.clone());
    let newer = Application::new("newer")
        .on_start(|| Supervisor::builder().start())
        .on_stop(move || {
            let (apps, log) = (known.get().unwrap().clone(), inner.clone());
            async move {
                let stopped = apps.stop("older").timeout(ms(50)).await;
                log.add(stopped.unwrap_err());
            }
        });
    let apps = Applications::new([newer, app("older", &log)]);
    place.set(apps.clone()).unwrap();
    apps.start("older").await.unwrap();
    apps.start("newer").await.unwrap();
    log.take();
    apps.stop_all().timeout(ms(100)).await.unwrap();
    let refused = "an application cannot wait for itself: send the request from another process";
    assert_eq!(log.take(), [refused, "older down", "older stopped"]);
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

#[ambit::test(flavor = "multi_thread")]
async fn the_number_of_an_application_with_a_stuck_process_is_used_again() {
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
            place.set(stuck.into()).ok();
            Ok::<_, ExitReason>(ambit::spawn(|_: Inbox<()>| pending::<()>()))
        }
    });
    let names: Vec<_> = (0..254).map(|n| format!("idle {n}")).collect();
    let idle = names.iter().map(|name| {
        let top = || async { Ok::<_, ExitReason>(ambit::spawn(|_: Inbox<()>| pending::<()>())) };
        Application::new(name.clone()).on_start(top)
    });
    let apps = Applications::new(idle.chain([busy]));
    for name in &names {
        apps.start(name).await.unwrap();
    }
    apps.start("busy").await.unwrap();
    let stuck = apps.stop("busy").await;
    assert!(matches!(stuck, Err(ApplicationError::Stuck { .. })));
    assert!(apps.start("busy").await.is_err(), "all 255 are in use");
    drop(release);
    seen.get().unwrap().closed().await;
    apps.start("busy").await.unwrap();
}
