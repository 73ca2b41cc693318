//! The numbered cases of Registry, and the other guarantees of registries.

mod ends;
mod listeners;
mod values;
mod waiting;

use ambit::error::StopError;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
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
