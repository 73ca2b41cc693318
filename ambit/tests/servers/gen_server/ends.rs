//! How a server ends, and what its callers and observers see.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn gs_17_a_stop_with_an_answer_terminates_answers_exits_in_this_order() {
    for round in 0..2000 {
        let log = Log::new();
        let rig = Rig::start(log.clone(), Start::Well)
            .name("rig")
            .await
            .unwrap();
        let watch = rig.monitor();
        let reason = ExitReason::shutdown_with(round);
        let answer = if round % 2 == 0 {
            rig.stop_with_answer(reason.clone()).await
        } else {
            rig.stop_slowly_with_answer(reason.clone()).await
        };
        log.add("answer");
        assert_eq!(answer, Ok(7));
        assert_eq!(watch.await.reason, reason);
        let end = format!("terminate(7): shutdown: {round}");
        assert_eq!(log.all(), ["init", &end, "answer"]);
        assert!(ambit::whereis::<Rig>("rig").is_err());
    }
}

#[tokio::test]
async fn gs_18_any_stop_terminates_once_with_its_reason() {
    let reasons = [
        ExitReason::Normal,
        ExitReason::Shutdown,
        ExitReason::shutdown_with("x"),
        ExitReason::error("y"),
        ExitReason::Kill,
    ];
    let _quiet = quiet();
    for reason in reasons {
        for way in 0..6 {
            let (rig, log) = rig().await;
            let watch = rig.monitor();
            match way {
                0 => rig.stop_by_cast(reason.clone()).await.unwrap(),
                1 => rig.fail_by_cast(reason.clone()).await.unwrap(),
                2 => drop(rig.stop_silently(reason.clone()).await),
                3 => drop(rig.stop_with_answer(reason.clone()).await),
                4 => drop(rig.stop_slowly_with_answer(reason.clone()).await),
                _ => rig.stop_with(reason.clone()).await.unwrap(),
            }
            rig.note(1).now().ok();
            assert_eq!(watch.await.reason, reason, "way {way}");
            let end = format!("terminate(7): {reason}");
            assert_eq!(log.all(), ["init", &end], "way {way}");
        }
    }
    let (rig, log) = rig().await;
    rig.recipient().send(Note(0)).await.unwrap();
    assert_eq!(rig.closed().await, ExitReason::Shutdown);
    assert_eq!(log.all(), ["init", "note 0", "terminate(7): shutdown"]);
}

/// D1: terminate sees the state as the panic left it, not as it was before the message.
#[tokio::test]
async fn gs_19_a_panic_terminates_with_the_state_it_left() {
    let _quiet = quiet();
    for is_async in [false, true] {
        let (rig, log) = rig().await;
        let watch = rig.monitor();
        let outcome = if is_async {
            rig.explode_later().await
        } else {
            rig.explode().await
        };
        let reason = watch.await.reason;
        assert_eq!(panic_text(&reason), "boom");
        let executed = Executed::Maybe;
        let text = format!("terminate(13): {reason}");
        assert_eq!(outcome, Err(CallError::Exited { reason, executed }));
        assert_eq!(log.all(), ["init", &text]);
    }
}

struct Careful(Log);

#[gen_server]
impl Careful {
    #[cast]
    fn explode(&mut self) {
        boom()
    }

    #[terminate(not_after_panic)]
    fn bye(&mut self, _: &ExitReason) {
        self.0.add("terminate");
    }
}

#[tokio::test]
async fn gs_19_not_after_panic_opts_out() {
    let _quiet = quiet();
    let log = Log::new();
    let careful = Careful(log.clone()).start().await.unwrap();
    careful.explode().await.unwrap();
    assert_eq!(panic_text(&careful.closed().await), "boom");
    assert!(log.is_empty());
    let careful = Careful(log.clone()).start().await.unwrap();
    careful.stop().await.unwrap();
    assert_eq!(log.all(), ["terminate"], "any other end still terminates");
    let log = Log::new();
    let inside = log.clone();
    let (told, tell) = oneshot::channel();
    let parent = ambit::spawn(move |mut inbox: Inbox<u8>| async move {
        told.send(Careful(inside).start().link().await.unwrap())
            .ok();
        inbox.recv().await;
        boom()
    });
    let careful = tell.await.unwrap();
    parent.send(1).await.unwrap();
    assert_eq!(panic_text(&careful.closed().await), "boom");
    assert_eq!(
        log.all(),
        ["terminate"],
        "the panic of a parent is another end"
    );
}

#[tokio::test]
async fn gs_20_a_panic_in_terminate_replaces_the_reason() {
    let _quiet = quiet();
    for is_async in [false, true] {
        for first in [ExitReason::Normal, ExitReason::error("first")] {
            let script = Script::start_and_end_with(&Log::new(), move |_, _| {
                Box::pin(async move {
                    if is_async {
                        tokio::task::yield_now().await;
                    }
                    panic!("second")
                })
            });
            let script = script.await.unwrap();
            let stopped = script.stop_with(first.clone()).await;
            let Err(StopError::Exited(reason)) = stopped else {
                panic!("it ended for another reason than {first}")
            };
            assert_eq!(panic_text(&reason), "second");
        }
    }
    // The same if a panic was the first reason.
    let script = Script::start_and_end_with(&Log::new(), |_, _| panic!("second"));
    let script = script.await.unwrap();
    script.send(now(|_, _| boom())).await.unwrap();
    assert_eq!(panic_text(&script.closed().await), "second");
}

#[tokio::test]
async fn gs_21_stop_ends_a_server_by_any_handle() {
    let rooms = Registry::<u64, Rig>::unique();
    for way in 0..4 {
        let log = Log::new();
        let start = Rig::start(log.clone(), Start::Well);
        let rig = start.name("rig").via(&rooms, 1u64).await.unwrap();
        let watch = rig.monitor();
        match way {
            0 => rig.stop().await,
            1 => RigSubject::named("rig").stop().await,
            2 => RigSubject::via(&rooms, 1u64).stop().await,
            _ => rooms.via(1u64).stop_with(ExitReason::Normal).await,
        }
        .unwrap();
        assert!(!rig.is_alive());
        assert_eq!(log.all(), ["init", "terminate(7): normal"], "way {way}");
        assert_eq!(watch.await.reason, ExitReason::Normal);
        assert!(ambit::whereis::<Rig>("rig").is_err() && rooms.lookup(&1).is_none());
        assert_eq!(rig.stop().await, Err(StopError::NoProcess));
    }
    assert_eq!(
        RigSubject::named("rig").stop().await,
        Err(StopError::NoProcess)
    );
    assert_eq!(rooms.via(1u64).stop().await, Err(StopError::NoProcess));

    let script = Script::start(&Log::new()).await.unwrap();
    let own = script.call(|reply| {
        later(move |_, ctx| {
            Box::pin(async move {
                let me: Subject<Script> = ctx.subject();
                reply.send(me.stop().await);
                Flow::Continue
            })
        })
    });
    assert_eq!(own.await, Ok(Err(StopError::CallsItself)));
    assert!(script.is_alive());
}

/// D3 has the one exception, the exit of the parent: see `ending.rs`.
#[tokio::test]
async fn gs_22_an_untrapped_signal_kills_without_terminate() {
    let _quiet = quiet();
    for reason in [
        ExitReason::Shutdown,
        ExitReason::error("x"),
        ExitReason::Kill,
    ] {
        let (rig, log) = rig().await;
        ambit::exit(&rig, reason.clone());
        let seen = rig.closed().await;
        let expected = if reason == ExitReason::Kill {
            ExitReason::Killed
        } else {
            reason
        };
        assert_eq!(seen, expected);
        assert_eq!(log.all(), ["init"], "no terminate after {seen}");
    }
    let (rig, _) = rig().await;
    ambit::exit(&rig, ExitReason::Normal);
    assert_eq!(rig.get().await, Ok(7), "`normal` from another is ignored");
}

#[tokio::test]
async fn gs_30_only_abnormal_ends_are_reported() {
    let system = System::builder().quiet_panics(true).report_arguments(true);
    let system = system.build().unwrap();
    let _current = system.enter();
    let (_listens, reports) = crashes(&system);
    for reason in [
        ExitReason::Normal,
        ExitReason::Shutdown,
        ExitReason::shutdown_with("done"),
    ] {
        let (rig, _) = rig().await;
        rig.stop_by_cast(reason).await.unwrap();
        rig.closed().await;
    }
    assert!(
        reports.lock().unwrap().is_empty(),
        "clean ends are no crashes"
    );

    let start = Rig::start(Log::new(), Start::Well).name("rig");
    let rig = start.await.unwrap();
    rig.note(1).await.unwrap();
    rig.get_slowly().await.unwrap();
    rig.trace(77).await.unwrap();
    rig.explode_later().await.unwrap_err();
    rig.closed().await;
    let script = Script::start(&Log::new()).await.unwrap();
    script.send(now(|_, _| boom())).await.unwrap();
    script.closed().await;
    let reports = reports.lock().unwrap();
    let [first, second] = &reports[..] else {
        panic!("two crashes: {reports:?}")
    };
    assert_eq!((first.pid, first.type_name), (rig.pid(), "Rig"));
    assert_eq!(first.names, ["rig"]);
    assert_eq!(first.methods, ["explode_later", "trace", "get_slowly"]);
    assert_eq!(panic_text(&first.reason), "boom");
    let text = first.to_string();
    assert!(text.contains("Rig#") && text.contains("\"rig\"") && text.contains("explode_later"));
    assert_eq!(second.methods, ["cast"]);
    assert_eq!(second.arguments.as_deref(), Some("a job"));
}
