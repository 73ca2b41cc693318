//! How a server starts, and what a failed start leaves.

use super::*;

#[tokio::test]
async fn gs_01_a_start_returns_when_init_is_done() {
    let (rig, log) = rig().await;
    assert_eq!(log.all(), ["init"]);
    assert_eq!(rig.get().await, Ok(7));

    let (open, gate) = oneshot::channel::<()>();
    let mut start = Script::start_with(&log, move |_| {
        Box::pin(async move {
            gate.await.ok();
            Ok(9)
        })
    });
    assert!(
        poll_often(&mut start).await.is_none(),
        "init is not done, so the starter waits"
    );
    drop(open);
    let script = start.await.unwrap();
    assert_eq!(value_of(&script).await, Ok(9));
}

/// Asserts that a failed start left nothing behind.
#[track_caller]
fn nothing_left(system: &System, rooms: &Registry<u64, Rig>, before: usize) {
    assert!(matches!(
        ambit::whereis::<Rig>("rig"),
        Err(LookupError::NotFound)
    ));
    assert!(rooms.lookup(&1).is_none());
    assert_eq!(rooms.len(), 0);
    assert_eq!(system.process_count(), before);
}

#[tokio::test]
async fn gs_02_a_failed_init_leaves_no_name() {
    let (system, _current) = quiet();
    let rooms = Registry::<u64, Rig>::unique();
    for _ in 0..100 {
        let start = Rig::start(Log::new(), Start::Fail);
        let outcome = start.name("rig").via(&rooms, 1u64).await;
        let reason = ExitReason::error("no luck");
        assert_eq!(outcome.err(), Some(StartError::Init(reason)));
        nothing_left(&system, &rooms, 0);
    }
    for _ in 0..100 {
        let start = Script::start_with(&Log::new(), |_| {
            Box::pin(async { Err(ExitReason::Shutdown) })
        });
        let outcome = start.name("rig").await;
        assert_eq!(outcome.err(), Some(StartError::Init(ExitReason::Shutdown)));
        nothing_left(&system, &rooms, 0);
    }
}

#[tokio::test]
async fn gs_03_an_ignored_start_leaves_nothing() {
    let (system, _current) = quiet();
    let rooms = Registry::<u64, Rig>::unique();
    for _ in 0..100 {
        let start = Rig::start(Log::new(), Start::Ignore);
        let outcome = start.name("rig").via(&rooms, 1u64).await;
        assert_eq!(outcome.err(), Some(StartError::Ignored));
        nothing_left(&system, &rooms, 0);
    }
    let start = Script::start_with(&Log::new(), |_| Box::pin(async { Err(Ignore.into()) }));
    assert_eq!(start.name("rig").await.err(), Some(StartError::Ignored));
    nothing_left(&system, &rooms, 0);
}

#[tokio::test]
async fn gs_05_a_panic_in_init_is_an_error_and_no_surprise() {
    let (system, _current) = quiet();
    let (_listens, crashes) = crashes(&system);
    in_process(|mut inbox| async move {
        inbox.trap_exits(true);
        for how in [Start::Panic, Start::PanicLater] {
            for _ in 0..100 {
                let plain = Rig::start(Log::new(), how.clone()).name("rig").await;
                let linked = Rig::start(Log::new(), how.clone()).name("rig").link().await;
                for outcome in [plain, linked] {
                    let Err(StartError::Init(reason)) = outcome else {
                        panic!("init panicked")
                    };
                    assert_eq!(panic_text(&reason), "boom");
                }
                let own = process_info(inbox.pid()).unwrap();
                assert!(own.links.is_empty(), "no link is left");
                assert!(ambit::whereis::<Rig>("rig").is_err());
            }
        }
        let next = inbox.next_within(Duration::ZERO).await;
        assert_eq!(next, None, "no Exit is left");
    })
    .await;
    let crashes = crashes.lock().unwrap();
    assert!(crashes.is_empty(), "the starter is told, nobody else");
}

#[tokio::test]
async fn gs_06_a_name_in_use_refuses_and_init_does_not_run() {
    let rooms = Registry::<u64, Rig>::unique();
    let start = Rig::start(Log::new(), Start::Well);
    let holder = start.name("rig").via(&rooms, 1u64).await.unwrap();
    let expected = Some(StartError::AlreadyRegistered {
        holder: holder.pid(),
    });
    let log = Log::new();
    let by_name = Rig::start(log.clone(), Start::Well).name("rig").await;
    assert_eq!(by_name.err(), expected);
    let by_key = Rig::start(log.clone(), Start::Well).via(&rooms, 1u64).await;
    assert_eq!(by_key.err(), expected);
    let second = Rig::start(log.clone(), Start::Well)
        .name("other")
        .via(&rooms, 1u64);
    assert_eq!(second.await.err(), expected);
    assert!(
        ambit::whereis::<Rig>("other").is_err(),
        "its first name is free again"
    );
    let touched = log.clone();
    let by_hand = Script::start_with(&log, move |_| {
        touched.add("init");
        Box::pin(async { Ok(0) })
    });
    assert_eq!(by_hand.name("rig").await.err(), expected);
    assert!(log.is_empty(), "no loser's init ran: {:?}", log.all());
    assert_eq!(holder.get().await, Ok(7), "the holder is untouched");
}

/// D8: there is no `start_monitor`; use a monitor after the start, or `spawn_monitor`.
#[tokio::test]
async fn gs_07_a_start_is_linked_only_on_request() {
    in_process(|mut inbox| async move {
        inbox.trap_exits(true);
        let plain = Rig::start(Log::new(), Start::Well).await.unwrap();
        assert!(process_info(&plain).unwrap().links.is_empty());
        plain.stop().await.unwrap();
        assert_eq!(inbox.next_within(Duration::ZERO).await, None);

        let linked = Rig::start(Log::new(), Start::Well).link().await.unwrap();
        assert_eq!(process_info(&linked).unwrap().links, [inbox.pid()]);
        assert_eq!(process_info(inbox.pid()).unwrap().links, [linked.pid()]);
        linked.stop_with(ExitReason::Shutdown).await.unwrap();
        let (from, reason) = (linked.pid(), ExitReason::Shutdown);
        assert_eq!(inbox.next().await, InboxEvent::Exit(Exit { from, reason }));

        let watched = Rig::start(Log::new(), Start::Well).await.unwrap();
        let monitor = inbox.monitor(&watched);
        watched.stop().await.unwrap();
        let (target, reason) = (Watched::Process(watched.pid()), ExitReason::Normal);
        let down = Down {
            monitor,
            target,
            reason,
        };
        assert_eq!(inbox.next().await, InboxEvent::Down(down));
    })
    .await;
    let outside = Rig::start(Log::new(), Start::Well).link().await;
    assert_eq!(outside.err(), Some(StartError::NotAProcess));
}
