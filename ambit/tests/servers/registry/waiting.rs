//! Waiting for a key: until it is registered, or until it is free.

use super::*;

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
