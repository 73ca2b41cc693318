//! Requests to the controller: several at once, and their limits.

use super::*;

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
