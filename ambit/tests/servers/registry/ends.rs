//! Entries of processes that end.

use super::*;

/// Entries are removed before any observer sees the `Down`, for every kind of end: ten thousand times, on several
/// threads.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn reg_05_entries_are_removed_before_the_exit_is_observable() {
    let _quiet = quiet();
    let mut rounds = tokio::task::JoinSet::new();
    for worker in 0..4u64 {
        rounds.spawn(async move {
            let (rooms, many) = (Rooms::<u64>::unique(), Rooms::<u64>::duplicate());
            for round in 0..2500u64 {
                let script = script().await;
                let key = worker * 10_000 + round % 3;
                rooms.register_with(key, &script, round).unwrap();
                many.register_with(1u64, &script, round).unwrap();
                many.register_with(2u64, &script, round).unwrap();
                let watch = script.monitor();
                match round % 3 {
                    0 => ambit::exit(&script, ExitReason::Kill),
                    1 => script.send(now(|_, _| boom())).await.unwrap(),
                    _ => script
                        .send(now(|_, _| Flow::Stop(ExitReason::Normal)))
                        .await
                        .unwrap(),
                }
                watch.await;
                assert_eq!((rooms.len(), many.len()), (0, 0), "round {round}");
                assert_eq!(rooms.lookup(&key), None);
                assert!(rooms.keys(script.pid()).is_empty() && many.keys(script.pid()).is_empty());
            }
        });
    }
    rounds.join_all().await;
}

/// The same for a monitoring process: its `Down` arrives after the names are released.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn reg_05_a_watching_process_finds_the_key_free() {
    let rooms = Rooms::<u64>::unique();
    in_process(move |mut inbox| async move {
        for round in 0..2000u64 {
            let start = Script::start(&Log::new()).via(&rooms, 1u64);
            let script = start.await.unwrap();
            let monitor = inbox.monitor(&script);
            ambit::exit(&script, ExitReason::Shutdown);
            let InboxEvent::Down(down) = inbox.next().await else {
                panic!("round {round}")
            };
            assert_eq!((down.monitor, down.reason), (monitor, ExitReason::Shutdown));
            assert_eq!((rooms.lookup(&1), rooms.len()), (None, 0));
        }
    })
    .await;
}

/// An owner that is blocked in its terminate keeps its key, and lookups return it until it is killed.
#[tokio::test]
async fn an_owner_stuck_in_terminate_keeps_its_key_until_it_is_killed() {
    let rooms = Rooms::<u8>::unique();
    let (_open, gate) = oneshot::channel::<()>();
    let start = Script::start_and_end_with(&Log::new(), move |_, _| {
        Box::pin(async move {
            gate.await.ok();
            Flow::Continue
        })
    });
    let old = start.name("room").via(&rooms, 1u64).await.unwrap();
    let mut stop = old.stop();
    assert!(
        poll_often(&mut stop).await.is_none(),
        "it terminates for ever"
    );
    assert_eq!(rooms.lookup(&1), Some(old.clone()));
    assert_eq!(rooms.via(1u64).pid(), old.pid());
    let holder = old.pid();
    let start = || Script::start(&Log::new());
    for refused in [start().name("room").await, start().via(&rooms, 1u64).await] {
        assert_eq!(refused, Err(StartError::AlreadyRegistered { holder }));
    }
    ambit::exit(&old, ExitReason::Kill);
    assert_eq!(stop.await, Err(StopError::Exited(ExitReason::Killed)));
    assert_eq!(rooms.lookup(&1), None);
    assert!(rooms.entries(&1).is_empty() && rooms.values(&1).is_empty());
    assert_eq!(
        ambit::whereis::<Script>("room").err(),
        Some(LookupError::NotFound)
    );
    let next = start().name("room").via(&rooms, 1u64).await.unwrap();
    assert_eq!(rooms.lookup(&1), Some(next.clone()));
    assert_eq!(ambit::whereis::<Script>("room"), Ok(next));
    assert_eq!(rooms.len(), 1);
}

/// A deviation: neither ends the other, and they are not linked.
#[tokio::test]
async fn x51_a_registrant_outlives_its_registry() {
    let (rooms, room) = (Rooms::<u8>::unique(), script().await);
    rooms.register(1u64, &room).unwrap();
    assert!(ambit::process_info(&room).unwrap().links.is_empty());
    drop(rooms);
    for _ in 0..2 {
        assert_eq!(value_of(&room).await, Ok(0));
    }
}

/// Concurrent registrations, unregistrations and ends: nothing is left, and no key was held twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn racing_registrations_and_ends_leave_nothing() {
    let _quiet = quiet();
    let rooms = Rooms::<u64>::unique();
    let mut workers = tokio::task::JoinSet::new();
    for worker in 0..4u64 {
        let rooms = rooms.clone();
        workers.spawn(async move {
            for round in 0..1500u64 {
                let script = script().await;
                let other = script.clone();
                let killer = tokio::spawn(async move { ambit::exit(&other, ExitReason::Kill) });
                for key in 0..4u64 {
                    match rooms.register_with(key, &script, worker) {
                        Ok(()) if (key + round) % 3 == 0 => {
                            rooms.unregister_subject(&key, &script);
                        }
                        Ok(()) | Err(RegisterError::NoProcess) => {}
                        Err(RegisterError::AlreadyRegistered { holder }) => {
                            assert_ne!(holder, script.pid());
                        }
                        Err(other) => panic!("{other}"),
                    }
                    assert!(rooms.entries(&key).len() <= 1);
                }
                killer.await.unwrap();
                script.closed().await;
                assert!(rooms.keys(script.pid()).is_empty());
            }
        });
    }
    workers.join_all().await;
    assert_eq!(rooms.len(), 0);
    assert!((0..4).all(|key| rooms.lookup(&key).is_none()));
}

/// During constant restarts a lookup returns a running process or none, but never one whose end was observed.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_lookup_never_returns_a_process_already_observed_as_stopped() {
    let rooms = Rooms::<u64>::unique();
    let own = rooms.clone();
    let (answered, done) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let (answers, over) = (answered.clone(), done.clone());
    let restarts = tokio::spawn(async move {
        let mut round = 0;
        while round < 2000 || answers.load(Ordering::SeqCst) < 10 {
            let start = Script::start(&Log::new()).via(&own, 1u64);
            let room = start.await.unwrap();
            if round % 10 == 0 {
                value_of(&room).await.unwrap();
                tokio::task::yield_now().await;
            }
            room.stop().await.unwrap();
            round += 1;
        }
        over.store(1, Ordering::SeqCst);
    });
    while done.load(Ordering::SeqCst) == 0 {
        if let Some(found) = rooms.lookup(&1) {
            match value_of(&found).await {
                Ok(0) => {
                    answered.fetch_add(1, Ordering::SeqCst);
                }
                Err(CallError::NoProcess | CallError::Exited { .. }) => {
                    // While it terminates, a lookup may still return it.
                    found.closed().await;
                    assert_ne!(rooms.lookup(&1), Some(found), "it is dead");
                }
                other => panic!("{other:?}"),
            }
        }
        tokio::task::yield_now().await;
    }
    restarts.await.unwrap();
}

#[tokio::test]
async fn several_keys_and_values_whose_drops_panic_do_not_interrupt_the_end_of_a_process() {
    static IS_SHARP: AtomicBool = AtomicBool::new(false);
    #[derive(Clone, PartialEq, Eq, Hash)]
    struct Sharp(u64);
    impl Drop for Sharp {
        fn drop(&mut self) {
            assert!(!IS_SHARP.load(Ordering::SeqCst), "a sharp edge");
        }
    }
    let _quiet = quiet();
    let rooms = Registry::<Sharp, Script, Sharp>::duplicate();
    let (one, two) = (script().await, script().await);
    for owner in [&one, &two] {
        for n in 0..3 {
            let (key, value) = (Sharp(n), Sharp(n));
            rooms.register_with(key, owner, value.clone()).unwrap();
            rooms.register_with(Sharp(9), owner, value).unwrap();
        }
    }
    let key = Sharp(9);
    IS_SHARP.store(true, Ordering::SeqCst);
    assert_eq!(rooms.unregister_subject(&key, &one), 3);
    for owner in [one, two] {
        ambit::exit(&owner, ExitReason::Kill);
        assert_eq!(owner.closed().await, ExitReason::Killed);
    }
    assert!(rooms.is_empty());
    IS_SHARP.store(false, Ordering::SeqCst);
}
