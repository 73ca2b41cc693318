//! The values of entries, and user code that a registry runs.

use super::*;

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
