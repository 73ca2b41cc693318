//! The numbered cases of Registry, and the other guarantees of registries.

use ambit::error::StopError;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ambit::error::{LookupError, NotAProcess, RegisterError, UpdateError};
use ambit::prelude::*;
use ambit::registry::RegistryEvent;
use ambit::retry::Retry;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::servers::util::*;

type Rooms<V = ()> = Registry<u64, Script, V>;

async fn script() -> Subject<Script> {
    Script::start(&Log::new()).await.unwrap()
}

/// Runs `what` inside the process of a script.
async fn inside<T: Send + 'static>(
    script: &Subject<Script>,
    what: impl FnOnce() -> T + Send + 'static,
) -> T {
    let call = script.call(move |reply| {
        now(move |_, ctx| {
            ctx.answer(reply, what());
            Flow::Continue
        })
    });
    call.await.unwrap()
}

fn held(holder: &Subject<Script>) -> Result<(), RegisterError> {
    let holder = holder.pid();
    Err(RegisterError::AlreadyRegistered { holder })
}

#[tokio::test]
async fn reg_01_a_taken_key_is_rejected_with_its_holder() {
    let rooms = Rooms::<u8>::unique();
    let (one, two) = (script().await, script().await);
    rooms.register_with(1u64, &one, 10).unwrap();
    assert_eq!(rooms.register_with(1u64, &two, 20), held(&one));
    assert_eq!(rooms.register_with(1u64, &one, 30), held(&one));
    assert_eq!(rooms.entries(&1), [(one.clone(), 10)]);
    one.stop().await.unwrap();
    assert_eq!(
        rooms.register_with(1u64, &one, 30),
        Err(RegisterError::NoProcess)
    );
    rooms.register_with(1u64, &two, 20).unwrap();
    assert_eq!(rooms.entries(&1), [(two, 20)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn reg_01_one_of_many_registrations_wins() {
    let all: Vec<_> = futures_of(8).await;
    let rooms = Rooms::<u64>::unique();
    for key in 0..2000u64 {
        let mut tries = tokio::task::JoinSet::new();
        for (n, script) in all.iter().cloned().enumerate() {
            let rooms = rooms.clone();
            tries.spawn(async move { (n, rooms.register_with(key, &script, n as u64)) });
        }
        let outcomes = tries.join_all().await;
        let winners: Vec<_> = outcomes.iter().filter(|(_, one)| one.is_ok()).collect();
        assert_eq!(winners.len(), 1);
        let winner = winners[0].0;
        for (n, outcome) in &outcomes {
            if *n != winner {
                assert_eq!(*outcome, held(&all[winner]));
            }
        }
        assert_eq!(rooms.values(&key), [winner as u64]);
    }
}

async fn futures_of(count: usize) -> Vec<Subject<Script>> {
    let mut all = Vec::new();
    for _ in 0..count {
        all.push(script().await);
    }
    all
}

#[tokio::test]
async fn reg_02_duplicate_entries_count_separately() {
    let rooms = Rooms::<u8>::duplicate();
    let (one, two) = (script().await, script().await);
    for (who, value) in [(&one, 1), (&two, 2), (&one, 1), (&one, 3)] {
        rooms.register_with(7u64, who, value).unwrap();
    }
    let expected = [(&one, 1), (&two, 2), (&one, 1), (&one, 3)];
    let expected = expected.map(|(who, value)| (who.clone(), value));
    assert_eq!(rooms.entries(&7), expected, "oldest first");
    assert_eq!(rooms.lookup(&7), Some(one.clone()), "the oldest entry");
    assert_eq!((rooms.len(), rooms.keys(one.pid())), (4, vec![7, 7, 7]));
    one.stop().await.unwrap();
    assert_eq!(rooms.entries(&7), [(two, 2)]);
}

/// Registries have no partitions; all views agree.
#[tokio::test]
async fn reg_03_all_views_agree() {
    for unique in [true, false] {
        let rooms = if unique {
            Rooms::<u64>::unique()
        } else {
            Rooms::<u64>::duplicate()
        };
        let all = futures_of(5).await;
        let mut model = Vec::new();
        let mut rng = fastrand::Rng::with_seed(7);
        for value in 0..500 {
            let (key, who) = (rng.u64(..40), rng.usize(..5));
            let free = !model.iter().any(|(k, _, _)| *k == key);
            let outcome = rooms.register_with(key, &all[who], value);
            assert_eq!(outcome.is_ok(), free || !unique);
            if outcome.is_ok() {
                model.push((key, who, value));
            }
        }
        assert_eq!(rooms.len(), model.len());
        assert!(!rooms.is_empty());
        for key in 0..40 {
            let of_key: Vec<_> = model.iter().filter(|(k, _, _)| *k == key).collect();
            let entries = of_key
                .iter()
                .map(|(_, who, value)| (all[*who].clone(), *value));
            assert_eq!(rooms.entries(&key), entries.collect::<Vec<_>>());
            let values: Vec<_> = of_key.iter().map(|(_, _, value)| *value).collect();
            assert_eq!(rooms.values(&key), values);
            assert_eq!(
                rooms.lookup(&key),
                of_key.first().map(|(_, who, _)| all[*who].clone())
            );
        }
        for (n, who) in all.iter().enumerate() {
            let own: Vec<_> = model
                .iter()
                .filter(|(_, w, _)| *w == n)
                .map(|(k, _, _)| *k)
                .collect();
            assert_eq!(rooms.keys(who.pid()), own);
        }
    }
}

#[tokio::test]
async fn reg_04_only_the_callers_entries_are_given_back() {
    let rooms = Rooms::<u8>::duplicate();
    let (one, two) = (script().await, script().await);
    for (who, key) in [(&one, 1u64), (&two, 1), (&one, 1), (&one, 2)] {
        rooms.register_with(key, who, 0).unwrap();
    }
    assert_eq!(rooms.unregister(&1), Err(NotAProcess));
    let own = rooms.clone();
    let counts = move || (own.unregister(&1), own.unregister(&1), own.unregister(&9));
    assert_eq!(inside(&one, counts).await, (Ok(2), Ok(0), Ok(0)));
    assert_eq!(rooms.entries(&1), [(two.clone(), 0)]);
    assert_eq!(rooms.keys(one.pid()), [2]);

    let rooms = Rooms::<()>::unique();
    rooms.register(1u64, &two).unwrap();
    let own = rooms.clone();
    assert_eq!(
        inside(&one, move || own.unregister(&1)).await,
        Ok(0),
        "it is another's"
    );
    assert_eq!(rooms.unregister_subject(&1, &one), 0);
    assert_eq!(rooms.unregister_subject(&1, &two), 1, "from anywhere");
    assert_eq!(rooms.unregister_subject(&1, &two), 0);
    assert!(rooms.is_empty());
    rooms.register(1u64, &one).unwrap();
    assert_eq!(rooms.lookup(&1), Some(one));
}

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

#[tokio::test]
async fn reg_07_via_starts_finds_and_frees() {
    let rooms = Rooms::<u8>::unique();
    let start = Script::start(&Log::new()).via_with(&rooms, 1u64, 42);
    let room = start.await.unwrap();
    assert_eq!(rooms.entries(&1), [(room.clone(), 42)], "with its value");
    let via = rooms.via(1u64);
    assert_eq!(add(&via, 2).await, Ok(2));
    let cast = now(|state, _| {
        state.value += 1;
        Flow::Continue
    });
    via.send(cast).await.unwrap();
    assert_eq!(value_of(&room).await, Ok(3));
    let second = Script::start(&Log::new()).via(&rooms, 1u64).await;
    let holder = room.pid();
    assert_eq!(second.err(), Some(StartError::AlreadyRegistered { holder }));
    assert_eq!(value_of(&rooms.via(2u64)).await, Err(CallError::NoProcess));
    via.stop().await.unwrap();
    assert_eq!(value_of(&via).await, Err(CallError::NoProcess));
    assert_eq!(rooms.len(), 0);
    let third = Script::start(&Log::new()).via(&rooms, 1u64).await.unwrap();
    assert_eq!((value_of(&via).await, via.pid()), (Ok(0), third.pid()));
}

#[tokio::test]
async fn reg_08_a_duplicate_registry_names_no_server() {
    let (system, _current) = quiet();
    let rooms = Rooms::<u8>::duplicate();
    let log = Log::new();
    let touched = log.clone();
    let start = Script::start_with(&log, move |_| {
        touched.add("init");
        Box::pin(async { Ok(0) })
    });
    let outcome = start.name("room").via(&rooms, 1u64).await;
    assert_eq!(outcome.err(), Some(StartError::DuplicateRegistry));
    assert!(log.is_empty() && rooms.is_empty());
    assert!(ambit::whereis::<Script>("room").is_err());
    assert_eq!(system.process_count(), 0);
    let room = script().await;
    rooms.register(1u64, &room).unwrap();
    assert_eq!(value_of(&rooms.via(1u64)).await, Err(CallError::NoProcess));
    assert_eq!(
        rooms.via(1u64).send(now(|_, _| Flow::Continue)).now(),
        Err(CastError::NoProcess)
    );
}

#[tokio::test]
async fn reg_09_only_the_owner_changes_its_value() {
    let (rooms, many) = (Rooms::<u8>::unique(), Rooms::<u8>::duplicate());
    let (one, two) = (script().await, script().await);
    rooms.register_with(1u64, &one, 10).unwrap();
    many.register_with(1u64, &one, 10).unwrap();
    let refuses = |_: &u8| -> u8 { unreachable!("it is not called") };
    assert_eq!(
        rooms.update_value(&1, refuses),
        Err(UpdateError::NotAProcess)
    );
    let own = rooms.clone();
    let update = move || own.update_value(&1, |old| old + 1);
    assert_eq!(
        inside(&one, update).await,
        Ok((11, 10)),
        "the new one, the old one"
    );
    let own = rooms.clone();
    let others = inside(&two, move || own.update_value(&1, refuses)).await;
    assert_eq!(others, Err(UpdateError::NotOwner));
    let own = rooms.clone();
    let free = inside(&two, move || own.update_value(&2, refuses)).await;
    assert_eq!(free, Err(UpdateError::NotFound));
    let duplicate = inside(&one, move || many.update_value(&1, refuses)).await;
    assert_eq!(duplicate, Err(UpdateError::Duplicate));
    assert_eq!(rooms.values(&1), [11]);

    // The function may use the registry itself, and even unregister the key.
    let own = rooms.clone();
    let gives_up = move || {
        let inner = own.clone();
        own.update_value(&1, move |old| {
            assert_eq!(inner.unregister(&1), Ok(1));
            *old
        })
    };
    assert_eq!(inside(&one, gives_up).await, Err(UpdateError::NotFound));
    assert!(rooms.is_empty());
}

#[tokio::test]
async fn reg_11_dispatch_gets_the_entries_of_the_key() {
    let rooms = Rooms::<u8>::duplicate();
    let (one, two) = (script().await, script().await);
    for (who, key) in [(&one, 1u64), (&two, 1), (&one, 1), (&two, 2)] {
        rooms.register(key, who).unwrap();
    }
    let mut seen = Vec::new();
    rooms.dispatch(&1, |who| seen.push(who.clone()));
    assert_eq!(seen, [one.clone(), two.clone(), one]);
    rooms.dispatch(&9, |_| unreachable!("nobody is there"));

    // The callback may change the registry while it runs.
    let mut calls = 0;
    rooms.dispatch(&1, |who| {
        calls += 1;
        rooms.unregister_subject(&1, who);
        rooms.register(1u64, &two).unwrap();
    });
    assert_eq!(calls, 3, "those that were there when it began");
    assert_eq!(rooms.entries(&1).len(), 2);
}

/// Dispatch runs in the caller, in the only mode there is, so nothing can leak.
#[tokio::test]
async fn reg_12_dispatch_runs_in_the_caller() {
    let rooms = Rooms::<u8>::duplicate();
    for room in futures_of(3).await {
        rooms.register(1u64, &room).unwrap();
    }
    in_process(move |mut inbox| async move {
        inbox.trap_exits(true);
        let mut calls = 0;
        rooms.dispatch(&1, |who| {
            assert_eq!(ambit::self_pid(), Ok(inbox.pid()));
            who.recipient::<u64>().send(1).now().unwrap();
            calls += 1;
        });
        assert_eq!(calls, 3);
        assert_eq!(inbox.next_within(Duration::ZERO).await, None);
    })
    .await;
}

#[tokio::test]
async fn reg_14_matching_on_values() {
    let rooms = Rooms::<u8>::duplicate();
    let (one, two) = (script().await, script().await);
    for (who, value) in [(&one, 1), (&one, 2), (&two, 2), (&one, 3), (&one, 2)] {
        rooms.register_with(1u64, who, value).unwrap();
    }
    let even = |value: &u8| value.is_multiple_of(2);
    let found = [(&one, 2), (&two, 2), (&one, 2)].map(|(who, value)| (who.clone(), value));
    assert_eq!(rooms.entries_match(&1, even), found);
    assert!(rooms.entries_match(&9, |_| true).is_empty());
    assert_eq!(rooms.unregister_match(&1, even), Err(NotAProcess));
    let own = rooms.clone();
    assert_eq!(
        inside(&one, move || own.unregister_match(&1, even)).await,
        Ok(2)
    );
    assert_eq!(rooms.values(&1), [1, 2, 3], "the other's stays");
    let unique = Rooms::<u8>::unique();
    unique.register_with(1u64, &one, 5).unwrap();
    let own = unique.clone();
    let counts = move || {
        (
            own.unregister_match(&1, |v| *v == 4),
            own.unregister_match(&1, |v| *v == 5),
        )
    };
    assert_eq!(inside(&one, counts).await, (Ok(0), Ok(1)));
    assert!(unique.is_empty());
}

#[tokio::test]
async fn reg_15_a_refused_registration_leaves_no_residue() {
    let value = Arc::new(());
    let rooms = Registry::<Arc<u64>, Script, Arc<()>>::unique();
    let key = Arc::new(1);
    let (one, two) = (script().await, script().await);
    rooms
        .register_with(key.clone(), &one, value.clone())
        .unwrap();
    let gone = script().await;
    gone.stop().await.unwrap();
    let (keys, values) = (Arc::strong_count(&key), Arc::strong_count(&value));
    for _ in 0..1000 {
        rooms
            .register_with(key.clone(), &two, value.clone())
            .unwrap_err();
        rooms
            .register_with(key.clone(), &one, value.clone())
            .unwrap_err();
        rooms
            .register_with(key.clone(), &gone, value.clone())
            .unwrap_err();
        let start = Script::start(&Log::new()).via_with(&rooms, key.clone(), value.clone());
        start.await.unwrap_err();
    }
    assert_eq!(
        (
            rooms.len(),
            rooms.keys(two.pid()).len(),
            rooms.keys(gone.pid()).len()
        ),
        (1, 0, 0)
    );
    assert_eq!(
        (Arc::strong_count(&key), Arc::strong_count(&value)),
        (keys, values)
    );
    one.stop().await.unwrap();
    assert_eq!(
        (Arc::strong_count(&key), Arc::strong_count(&value)),
        (1, 1),
        "nor does an end"
    );
    rooms
        .register_with(key.clone(), &two, value.clone())
        .unwrap();
    drop(rooms);
    assert_eq!(
        (Arc::strong_count(&key), Arc::strong_count(&value)),
        (1, 1),
        "nor does the registry"
    );
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

#[tokio::test]
async fn reg_16_listeners_hear_of_what_was_done_not_of_ends() {
    let rooms = Rooms::<u8>::duplicate();
    let listener = |log: Log| {
        let heard = log.clone();
        let subject = ambit::spawn(move |mut inbox: Inbox<Heard>| async move {
            while let Some(Heard(event)) = inbox.recv().await {
                heard.add(format_args!("{event:?}"));
            }
        });
        (subject, log)
    };
    let (first, log) = listener(Log::new());
    rooms.subscribe(relay(&first).await);
    let (one, two) = (script().await, script().await);
    rooms.register_with(1u64, &one, 5).unwrap();
    rooms.register_with(1u64, &one, 6).unwrap();
    rooms.register_with(2u64, &two, 7).unwrap();
    let own = rooms.clone();
    inside(&one, move || own.unregister(&1).unwrap()).await;
    rooms.unregister_subject(&2, &two);
    rooms.register_with(3u64, &two, 8).unwrap();
    ambit::exit(&two, ExitReason::Kill);
    two.closed().await;
    assert!(rooms.entries(&3).is_empty());
    rooms.register_with(4u64, &one, 9).unwrap();
    while log.all().len() < 8 {
        tokio::task::yield_now().await;
    }
    let (one, two) = (one.pid(), two.pid());
    let expected: [RegistryEvent<u64, u8>; 8] = [
        RegistryEvent::Registered(1, one, 5),
        RegistryEvent::Registered(1, one, 6),
        RegistryEvent::Registered(2, two, 7),
        RegistryEvent::Unregistered(1, one),
        RegistryEvent::Unregistered(1, one),
        RegistryEvent::Unregistered(2, two),
        RegistryEvent::Registered(3, two, 8),
        RegistryEvent::Registered(4, one, 9),
    ];
    let expected: Vec<_> = expected.iter().map(|event| format!("{event:?}")).collect();
    assert_eq!(log.all(), expected, "nothing tells of the killed one");
}

#[tokio::test]
async fn a_listener_behind_a_name_stays_subscribed_while_the_name_is_free() {
    let rooms = Rooms::<u8>::unique();
    let names: Registry<u64, RegistryEvent<u64, u8>> = Registry::unique();
    let (heard, mut events) = tokio::sync::mpsc::unbounded_channel();
    let process = ambit::spawn(|mut inbox: Inbox<RegistryEvent<u64, u8>>| async move {
        while let Some(event) = inbox.recv().await {
            heard.send(event).unwrap();
        }
    });
    names.register(1u64, &process).unwrap();
    rooms.subscribe(names.via(1u64).recipient());
    assert_eq!(names.unregister_subject(&1, &process), 1);
    let room = script().await;
    rooms.register_with(2u64, &room, 5).unwrap();
    let registered = RegistryEvent::Registered(2, room.pid(), 5);
    assert_eq!(events.recv().await, Some(registered));
    assert_eq!(rooms.unsubscribe(process.pid()), 1);
    rooms.subscribe(names.via(1u64).recipient());
    assert_eq!(
        rooms.unsubscribe(process.pid()),
        0,
        "no process has the name"
    );
}

#[derive(Debug)]
struct Heard(RegistryEvent<u64, u8>);

impl Message for Heard {}

/// Starts a server with an `#[info]` for the events, which forwards them.
async fn relay(to: &Subject<Heard>) -> Recipient<RegistryEvent<u64, u8>> {
    struct Relay(Subject<Heard>);
    #[gen_server]
    impl Relay {
        #[info]
        async fn on_event(&mut self, event: RegistryEvent<u64, u8>) {
            self.0.send(Heard(event)).await.ok();
        }
    }
    let relay = Relay(to.clone()).start().await.unwrap();
    relay.recipient()
}

/// Several threads register and unregister one key: a listener receives the events in the order in which they happened.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn reg_16_listeners_hear_it_in_the_order_in_which_it_happened() {
    const ROUNDS: usize = 400;
    /// The number of successful registrations.
    static TAKEN: AtomicU64 = AtomicU64::new(0);
    /// A key whose clone waits for another thread to register it; under a lock that is impossible, so it gives up.
    #[derive(Debug, PartialEq, Eq, Hash)]
    struct Key(u64);
    impl Clone for Key {
        fn clone(&self) -> Self {
            let taken = TAKEN.load(Ordering::SeqCst);
            for _ in 0..200 {
                if TAKEN.load(Ordering::SeqCst) > taken {
                    break;
                }
                std::thread::yield_now();
            }
            Self(self.0)
        }
    }
    let rooms: Registry<Key, Script, u8> = Registry::unique();
    let heard = Arc::new(Mutex::new(Vec::new()));
    struct Listener(Arc<Mutex<Vec<RegistryEvent<Key, u8>>>>);
    #[gen_server(mailbox = unbounded)]
    impl Listener {
        #[info]
        fn on_event(&mut self, event: RegistryEvent<Key, u8>) {
            self.0.lock().unwrap().push(event);
        }
    }
    let listener = Listener(heard.clone()).start().await.unwrap();
    rooms.subscribe(listener.recipient());
    let mut takers = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let (rooms, own) = (rooms.clone(), script().await);
        takers.spawn_blocking(move || {
            let takes = (0..ROUNDS).filter(|_| {
                let taken = rooms.register(Key(1), &own).is_ok();
                TAKEN.fetch_add(u64::from(taken), Ordering::SeqCst);
                rooms.unregister_subject(&Key(1), &own);
                taken
            });
            takes.count()
        });
    }
    let taken: usize = takers.join_all().await.into_iter().sum();
    assert!(taken > 0);
    listener.stop().await.unwrap(); // queued after all events
    let heard = heard.lock().unwrap();
    assert_eq!(heard.len(), 2 * taken);
    for pair in heard.chunks(2) {
        let [
            RegistryEvent::Registered(_, taker, 0),
            RegistryEvent::Unregistered(_, giver),
        ] = pair
        else {
            panic!("out of order: {pair:?}");
        };
        assert_eq!(taker, giver);
    }
}

/// A stopped, full or slow listener delays no other process.
#[tokio::test(start_paused = true)]
async fn a_listener_delays_no_other_process() {
    let (system, _current) = quiet();
    let rooms = Rooms::<u8>::unique();
    struct Lazy;
    #[gen_server(mailbox = 1)]
    impl Lazy {
        #[info]
        async fn on_event(&mut self, _event: RegistryEvent<u64, u8>) {
            std::future::pending().await
        }
    }
    let (lazy, gone) = (Lazy.start().await.unwrap(), Lazy.start().await.unwrap());
    rooms.subscribe(lazy.recipient());
    rooms.subscribe(gone.recipient());
    gone.stop().await.unwrap();
    let room = script().await;
    let began = Instant::now();
    for key in 0..10u64 {
        rooms.register_with(key, &room, 0).unwrap();
        tokio::task::yield_now().await;
    }
    assert_eq!(began.elapsed(), Duration::ZERO);
    let lost = system.dead_letters();
    assert!(
        (8..=9).contains(&lost),
        "what finds no room is a dead letter: {lost}"
    );
}

#[tokio::test]
async fn user_code_that_panics_in_a_closure_harms_nothing() {
    let _quiet = quiet();
    let rooms = Rooms::<u8>::unique();
    let owner = script().await;
    rooms.register_with(1u64, &owner, 1).unwrap();
    for way in 0..4 {
        let rooms = rooms.clone();
        let own = script().await;
        rooms.register_with(100u64 + way, &own, 1).unwrap();
        let job = now(move |_, _| {
            let key = 100 + way;
            match way {
                0 => rooms.dispatch(&key, |_| boom()),
                1 => drop(rooms.update_value(&key, |_| boom())),
                2 => drop(rooms.unregister_match(&key, |_| boom())),
                _ => drop(rooms.entries_match(&key, |_| boom())),
            }
            Flow::Continue
        });
        own.send(job).await.unwrap();
        assert_eq!(panic_text(&own.closed().await), "boom");
    }
    assert_eq!((rooms.len(), rooms.values(&1)), (1, vec![1]));
    rooms.register_with(2u64, &owner, 2).unwrap();
    rooms.dispatch(&1, |who| assert_eq!(*who, owner));
    let own = rooms.clone();
    let update = move || own.update_value(&1, |old| old + 1);
    assert_eq!(inside(&owner, update).await, Ok((2, 1)));
}

/// Values are user types: their drop may use the registry too.
#[test]
fn a_value_may_use_the_registry_when_it_is_dropped() {
    #[derive(Clone)]
    struct Curious(Registry<u64, Script, Self>, Arc<AtomicU64>);
    impl Drop for Curious {
        fn drop(&mut self) {
            self.1.fetch_add(self.0.len() as u64 + 1, Ordering::SeqCst);
        }
    }
    // On a separate thread, because a deadlock would block it.
    let (told, tell) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let rooms = Registry::<u64, Script, Curious>::unique();
            let count = Arc::new(AtomicU64::new(0));
            let value = || Curious(rooms.clone(), count.clone());
            let (one, two) = (script().await, script().await);
            rooms.register_with(1u64, &one, value()).unwrap();
            rooms.register_with(1u64, &two, value()).unwrap_err();
            let own = rooms.clone();
            let update = move || own.update_value(&1, Curious::clone).map(drop).unwrap();
            inside(&one, update).await;
            rooms.unregister_subject(&1, &one);
            rooms.register_with(1u64, &one, value()).unwrap();
            ambit::exit(&one, ExitReason::Kill);
            one.closed().await;
            assert!(count.load(Ordering::SeqCst) > 0);
            told.send(rooms.len()).unwrap();
        });
    });
    let left = tell.recv_timeout(Duration::from_secs(10));
    assert_eq!(left, Ok(0), "a value was dropped under the registry's lock");
}

#[tokio::test(start_paused = true)]
async fn a_lock_has_one_holder_and_is_freed_however_the_holder_ends() {
    let _quiet = quiet();
    let rooms = Rooms::<u8>::unique();
    let log = Log::new();
    let guard = rooms.lock(1u64).await;
    let other = tokio::time::timeout(ms(1), rooms.lock(2u64)).await;
    assert!(other.is_ok(), "another key is another lock");
    let mut waiters = Vec::new();
    for n in 0..3 {
        let (rooms, log) = (rooms.clone(), log.clone());
        waiters.push(tokio::spawn(async move {
            let _guard = rooms.lock(1u64).await;
            log.add(n);
            tokio::time::sleep(ms(1)).await;
        }));
        tokio::task::yield_now().await;
    }
    assert!(
        tokio::time::timeout(ms(5), rooms.lock(1u64)).await.is_err(),
        "given up in line"
    );
    assert!(log.is_empty());
    drop(guard);
    for waiter in waiters {
        waiter.await.unwrap();
    }
    assert_eq!(log.all(), ["0", "1", "2"], "first come, first served");

    // The holder is killed, panics, or its task is aborted.
    for way in 0..4 {
        let (told, tell) = oneshot::channel();
        let own = rooms.clone();
        let holder = ambit::spawn(move |mut inbox: Inbox<u64>| async move {
            let _guard = own.lock(1u64).await;
            told.send(()).ok();
            match inbox.recv().await {
                Some(1) => boom(),
                Some(_) => std::future::pending().await,
                None => {}
            }
        });
        tell.await.unwrap();
        let mut next = Box::pin(rooms.lock(1u64));
        assert!(poll_often(&mut next).await.is_none());
        match way {
            0 => ambit::exit(&holder, ExitReason::Kill),
            1 => holder.send(1).await.unwrap(),
            2 => drop(holder.stop().await),
            _ => {
                holder.send(2).await.unwrap();
                ambit::exit(&holder, ExitReason::Shutdown);
            }
        }
        let guard = tokio::time::timeout(ms(1), next).await;
        drop(guard.expect("it is free again"));
    }
    let job = tokio::spawn({
        let rooms = rooms.clone();
        async move {
            let _guard = rooms.lock(1u64).await;
            std::future::pending::<()>().await;
        }
    });
    tokio::task::yield_now().await;
    job.abort();
    drop(tokio::time::timeout(ms(1), rooms.lock(1u64)).await.unwrap());
}

/// One holder at a time, on several threads, with waiters that give up.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_lock_excludes() {
    let rooms = Rooms::<u8>::unique();
    let inside = Arc::new(AtomicU64::new(0));
    let mut all = tokio::task::JoinSet::new();
    for worker in 0..8u64 {
        let (rooms, inside) = (rooms.clone(), inside.clone());
        all.spawn(async move {
            for round in 0..2000u64 {
                let lock = rooms.lock(round % 2);
                if (worker + round) % 5 == 0 {
                    let mut lock = Box::pin(lock);
                    drop(poll_once(&mut lock).await);
                    continue;
                }
                let guard = lock.await;
                let unit = 1 << (32 * (round % 2));
                let before = inside.fetch_add(unit, Ordering::SeqCst);
                assert_eq!(
                    (before >> (32 * (round % 2))) & 0xffff,
                    0,
                    "two hold one lock"
                );
                tokio::task::yield_now().await;
                inside.fetch_sub(unit, Ordering::SeqCst);
                drop(guard);
            }
        });
    }
    all.join_all().await;
    assert_eq!(inside.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn wait_for_wakes_on_registration_and_times_out() {
    let rooms = Rooms::<u8>::unique();
    // Nothing has run in this system yet.
    let began = Instant::now();
    let nobody = tokio::time::timeout(SOON, rooms.wait_for(1u64).timeout(ms(40))).await;
    assert_eq!(nobody, Ok(Err(LookupError::Timeout)));
    about(ms(40), began.elapsed());
    let began = Instant::now();
    assert_eq!(rooms.wait_for(1u64).await, Err(LookupError::Timeout));
    about(Duration::from_secs(5), began.elapsed());

    let waits: Vec<_> = (0..3).map(|_| tokio::spawn(rooms.wait_for(1u64))).collect();
    tokio::time::sleep(ms(100)).await;
    let other = Script::start(&Log::new()).via(&rooms, 2u64).await.unwrap();
    tokio::time::sleep(ms(100)).await;
    let began = Instant::now();
    let room = Script::start(&Log::new()).via(&rooms, 1u64).await.unwrap();
    for wait in waits {
        assert_eq!(wait.await.unwrap(), Ok(room.clone()));
    }
    about(Duration::ZERO, began.elapsed()); // woken, not polled
    assert_eq!(rooms.wait_for(2u64).await, Ok(other));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn wait_for_never_misses_a_registration() {
    for _ in 0..3000 {
        let rooms = Rooms::<u8>::unique();
        let wait = tokio::spawn(rooms.wait_for(1u64).timeout(SOON));
        let room = Script::start(&Log::new()).via(&rooms, 1u64).await.unwrap();
        assert_eq!(wait.await.unwrap(), Ok(room.clone()));
        room.stop().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn register_with_retry_waits_for_a_taken_key() {
    let rooms = Rooms::<()>::unique();
    let (one, two) = (script().await, script().await);
    rooms.register(1u64, &one).unwrap();
    let began = Instant::now();
    let retry = Retry::times(4).every(ms(50));
    assert_eq!(
        rooms.register_with_retry(1u64, &two, retry).await,
        held(&one)
    );
    about(ms(150), began.elapsed());

    let (own, late) = (rooms.clone(), two.clone());
    let began = Instant::now();
    let retry = Retry::times(100).every(ms(10));
    let task = tokio::spawn(async move { own.register_with_retry(1u64, &late, retry).await });
    tokio::time::sleep(ms(35)).await;
    one.stop().await.unwrap();
    assert_eq!(task.await.unwrap(), Ok(()));
    assert!(began.elapsed() <= ms(42), "{:?}", began.elapsed());
    assert_eq!(rooms.lookup(&1), Some(two));

    // Only a held key justifies a retry.
    let began = Instant::now();
    let outcome = rooms.register_with_retry(2u64, &one, Retry::times(9)).await;
    assert_eq!(
        (outcome, began.elapsed()),
        (Err(RegisterError::NoProcess), Duration::ZERO)
    );
}

/// A following handle in a registry refers to its name, not to the current holder.
#[tokio::test]
async fn a_registered_name_stays_a_name() {
    let rooms = Rooms::<u8>::unique();
    let first = Script::start(&Log::new()).name("first").await.unwrap();
    let named = Subject::<Script>::named("first");
    rooms.register(1u64, &named).unwrap();
    assert_eq!(rooms.lookup(&1), Some(named.clone()));
    assert_eq!(add(&rooms.via(1u64), 3).await, Ok(3));
    assert_eq!(value_of(&first).await, Ok(3));
    assert_eq!(rooms.keys(first.pid()), [1]);
    let nobody = Subject::<Script>::named("nobody");
    assert_eq!(rooms.register(2u64, &nobody), Err(RegisterError::NoProcess));
    assert_eq!(rooms.unregister_subject(&1, &named), 1);
}

/// Keys are compared literally.
#[tokio::test]
async fn x49_keys_are_compared_literally() {
    let rooms = Registry::<String, Script, ()>::unique();
    let room = script().await;
    for key in ["*", "_", "$1", "%", "", "a*"] {
        assert_eq!(rooms.lookup(key), None);
        rooms.register(key, &room).unwrap();
        assert_eq!(rooms.lookup(key), Some(room.clone()));
        assert_eq!(rooms.lookup("abc"), None);
    }
    assert_eq!(rooms.keys(room.pid()), ["*", "_", "$1", "%", "", "a*"]);
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

/// Counts its wake-ups.
#[derive(Default)]
struct Wakes(AtomicU64);

impl std::task::Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn a_registration_wakes_only_those_that_wait_for_its_key() {
    let rooms = Rooms::<u8>::unique();
    let mut waits: Vec<_> = (0..50_u64)
        .map(|key| (Box::pin(rooms.wait_for(key)), Arc::new(Wakes::default())))
        .collect();
    let mut names: Vec<_> = (0..50)
        .map(|n| ambit::wait_for::<Script>(&format!("room {n}")))
        .map(|wait| (Box::pin(wait), Arc::new(Wakes::default())))
        .collect();
    for (wait, wakes) in waits.iter_mut().chain(&mut names) {
        let waker = std::task::Waker::from(wakes.clone());
        let mut cx = std::task::Context::from_waker(&waker);
        assert!(wait.as_mut().poll(&mut cx).is_pending());
    }
    let room = script().await;
    rooms.register(7u64, &room).unwrap();
    ambit::register("room 8", &room).unwrap();
    let woken = |waits: &[(_, Arc<Wakes>)]| -> Vec<usize> {
        let all = waits.iter().enumerate();
        all.filter(|(_, (_, wakes))| wakes.0.load(Ordering::SeqCst) > 0)
            .map(|(key, _)| key)
            .collect()
    };
    assert_eq!((woken(&waits), woken(&names)), (vec![7], vec![8]));
    let (wait, _) = waits.swap_remove(7);
    assert_eq!(wait.await, Ok(room.clone()));
    let (name, _) = names.swap_remove(8);
    assert_eq!(name.await, Ok(room));
}

/// The call waits for the name at the end of the chain, which may belong to another registry or to none.
#[tokio::test]
async fn a_patient_call_waits_through_a_name_that_follows_another() {
    let room = script().await;
    ambit::register("end", &room).unwrap();
    ambit::register("begin", &Subject::<Script>::named("end")).unwrap();
    ambit::unregister("end").unwrap();
    let begin = Subject::<Script>::named("begin").when_available();
    let waits = tokio::spawn(async move { inside(&begin, || 7).await });
    tokio::task::yield_now().await;
    ambit::register("end", &room).unwrap();
    assert_eq!(tokio::time::timeout(SOON, waits).await.unwrap().unwrap(), 7);
}
