//! Listeners of a registry.

use super::*;

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
    /// Time limit: each yield takes long on a busy machine.
    const ROUNDS_END: Duration = Duration::from_secs(5);
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
    let began = Instant::now();
    for _ in 0..4 {
        let (rooms, own) = (rooms.clone(), script().await);
        takers.spawn_blocking(move || {
            let rounds = (0..ROUNDS).take_while(|_| began.elapsed() < ROUNDS_END);
            let takes = rounds.filter(|_| {
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
async fn a_listener_is_removed_when_its_process_ends() {
    let rooms = Rooms::<u8>::unique();
    let room = script().await;
    let listener = ambit::spawn(|mut inbox: Inbox<RegistryEvent<u64, u8>>| async move {
        while inbox.recv().await.is_some() {}
    });
    rooms.subscribe(listener.recipient());
    rooms.subscribe(listener.recipient());
    listener.stop().await.unwrap();
    assert_eq!(rooms.unsubscribe(listener.pid()), 0);
    rooms.subscribe(listener.recipient());
    assert_eq!(rooms.unsubscribe(listener.pid()), 0, "it has ended before");
    let other = ambit::spawn(|mut inbox: Inbox<RegistryEvent<u64, u8>>| async move {
        while inbox.recv().await.is_some() {}
    });
    rooms.subscribe(other.recipient());
    rooms.register_with(1u64, &room, 5).unwrap();
    assert_eq!(rooms.unsubscribe(other.pid()), 1, "the others stay");
    rooms.subscribe(other.recipient());
    assert_eq!(rooms.unsubscribe(other.pid()), 1, "after a change of mind");
}

type Act = Box<dyn FnOnce() + Send>;

/// A key whose comparison runs code once, and whose drop panics if configured.
#[derive(Clone)]
struct ActingKey {
    number: u8,
    act: Arc<Mutex<Option<Act>>>,
    fails: Arc<AtomicBool>,
}

impl ActingKey {
    fn new(number: u8) -> Self {
        Self {
            number,
            act: Arc::default(),
            fails: Arc::default(),
        }
    }
}

impl std::hash::Hash for ActingKey {
    fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
}

impl PartialEq for ActingKey {
    fn eq(&self, other: &Self) -> bool {
        for key in [self, other] {
            let act = key.act.lock().unwrap().take();
            if let Some(act) = act {
                act();
            }
        }
        self.number == other.number
    }
}

impl Eq for ActingKey {}

impl Drop for ActingKey {
    fn drop(&mut self) {
        assert!(!self.fails.load(Ordering::SeqCst), "a drop that fails");
    }
}

#[tokio::test]
async fn a_listener_that_subscribes_during_a_registration_receives_its_event() {
    let registry: Registry<ActingKey, Script> = Registry::unique();
    let (one, two) = (script().await, script().await);
    registry.register(ActingKey::new(1), &one).unwrap();
    let (heard, mut events) = tokio::sync::mpsc::unbounded_channel();
    let listener = ambit::spawn(|mut inbox: Inbox<RegistryEvent<ActingKey>>| async move {
        while let Some(RegistryEvent::Registered(key, pid, ())) = inbox.recv().await {
            heard.send((key.number, pid)).unwrap();
        }
    });
    let key = ActingKey::new(2);
    let later = registry.clone();
    // While the key is compared with the first one.
    *key.act.lock().unwrap() = Some(Box::new(move || later.subscribe(listener.recipient())));
    registry.register(key, &two).unwrap();
    assert_eq!(
        crate::support::process::soon(events.recv()).await,
        Some((2, two.pid()))
    );
}

#[tokio::test]
async fn a_key_whose_drop_panics_leaves_no_entry_behind() {
    let _quiet = quiet();
    let registry: Registry<ActingKey, Script> = Registry::duplicate();
    let (one, two) = (script().await, script().await);
    registry.register(ActingKey::new(1), &one).unwrap();
    let equal = ActingKey::new(1);
    equal.fails.store(true, Ordering::SeqCst);
    registry.register(equal, &two).unwrap();
    assert_eq!(registry.len(), 2);
    ambit::exit(&two, ExitReason::Kill);
    two.closed().await;
    assert_eq!(registry.len(), 1);
}

/// Counts its drops, all of which panic.
#[derive(Clone)]
struct Failing(Arc<AtomicU64>);

impl Drop for Failing {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
        panic!("a drop that fails");
    }
}

#[tokio::test]
async fn several_drops_that_panic_do_not_interrupt_the_last_user_of_a_registry() {
    let _quiet = quiet();
    let drops = Arc::new(AtomicU64::new(0));
    let registry: Registry<u8, Script, Failing> = Registry::duplicate();
    let room = script().await;
    for key in [1u8, 1, 2] {
        let value = Failing(drops.clone());
        registry.register_with(key, &room, value).unwrap();
    }
    drop(registry);
    assert_eq!(drops.load(Ordering::SeqCst), 3);
}
