//! Handles that follow a name, and narrow handles.

use ambit::process::Watched;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ambit::error::{LookupError, RegisterError};
use ambit::prelude::*;
use ambit::registry::Resolve;
use tokio::time::Instant;

use crate::servers::util::*;

struct Room {
    number: u64,
}

struct Knock(u64);

#[gen_server]
impl Room {
    #[call]
    fn number(&self) -> u64 {
        self.number
    }

    #[cast]
    fn renumber(&mut self, number: u64) {
        self.number = number;
    }

    #[info]
    fn on_knock(&mut self, knock: Knock) {
        self.number += knock.0;
    }
}

async fn room(number: u64) -> RoomSubject {
    Room { number }.start().await.unwrap()
}

#[tokio::test]
async fn debug_of_a_handle_names_type_pid_and_name() {
    let _quiet = quiet();
    struct Counter;
    #[gen_server]
    impl Counter {}
    for _ in 0..12 {
        room(0).await;
    }
    let counter = Counter.start().name("hits").await.unwrap();
    assert_eq!(format!("{counter:?}"), "Counter#12 \"hits\"");
    assert_eq!(
        format!("{counter:?}"),
        format!("Counter{} \"hits\"", counter.pid())
    );
    let subject: &Subject<Counter> = counter.as_ref();
    assert_eq!(format!("{subject:?}"), "Counter#12 \"hits\"");
    assert_eq!(
        format!("{:?}", CounterSubject::named("hits")),
        "Counter \"hits\""
    );
    assert_eq!(
        format!("{:?}", CounterSubject::named("free")),
        "Counter \"free\""
    );
    let nameless = room(1).await;
    assert_eq!(format!("{nameless:?}"), format!("Room{}", nameless.pid()));
    let rooms = Registry::<u64, Room>::unique();
    assert_eq!(format!("{:?}", rooms.via(1u64)), "Room via a key");
    ambit::unregister("hits").unwrap();
    assert_eq!(format!("{counter:?}"), "Counter#12");
    let slot = counter.pid();
    counter.stop().await.unwrap();
    let next = Counter.start().await.unwrap();
    assert_ne!(next.pid(), slot, "a pid is never used again");
    assert_ne!(format!("{next:?}"), "Counter#12");
}

#[tokio::test]
async fn a_named_handle_refers_to_the_current_holder_of_the_name() {
    let named = RoomSubject::named("room");
    assert_eq!((named.pid(), named.is_alive()), (Pid::NOBODY, false));
    assert_eq!(named.closed().await, ExitReason::NoProcess);
    let nobody = named.monitor().await;
    assert_eq!(nobody.reason, ExitReason::NoProcess);
    assert_eq!(nobody.target, Watched::Name("room".to_owned()));
    ambit::exit(&named, ExitReason::Kill);

    let first = Room { number: 1 }.start().name("room").await.unwrap();
    assert_eq!(named.number().await, Ok(1));
    assert_eq!(named.pid(), first.pid());
    let (watch, mut closed) = (named.monitor(), Box::pin(named.closed()));
    assert!(poll_often(&mut closed).await.is_none());
    first.stop().await.unwrap();
    assert_eq!(watch.await.target, Watched::Name("room".to_owned()));
    assert_eq!(poll_often(&mut closed).await, Some(ExitReason::Normal));
    assert_eq!(named.number().await, Err(CallError::NoProcess));
    assert_eq!(named.renumber(1).await, Err(CastError::NoProcess));

    let second = Room { number: 2 }.start().name("room").await.unwrap();
    assert_eq!(named.number().await, Ok(2));
    assert_ne!(named.pid(), first.pid());
    // A monitor follows one holder: the end of the first is not the end of the second.
    let watch = named.monitor();
    drop(watch);
    named.renumber(5).await.unwrap();
    assert_eq!(second.number().await, Ok(5));
}

/// A completed future must not be polled again; if it is, the message that it still holds is not sent.
#[tokio::test]
async fn a_call_that_has_failed_is_not_sent_when_it_is_polled_again() {
    let named = RoomSubject::named("late");
    let waiting = RoomSubject::named("late").when_available();
    let mut call = Box::pin(named.number());
    let mut patient = Box::pin(waiting.number().timeout(Duration::from_millis(1)));
    assert_eq!((&mut call).await, Err(CallError::NoProcess));
    assert_eq!((&mut patient).await, Err(CallError::NoProcess));
    let _room = Room { number: 1 }.start().name("late").await.unwrap();
    for _ in 0..2 {
        assert_eq!((&mut call).await, Err(CallError::NoReply));
        assert_eq!((&mut patient).await, Err(CallError::NoReply));
    }
}

#[tokio::test]
async fn local_names_are_unique_typed_and_freed() {
    let (one, two) = (room(1).await, room(2).await);
    ambit::register("a", &one).unwrap();
    ambit::register("b", &one).unwrap();
    let holder = one.pid();
    assert_eq!(
        ambit::register("a", &two),
        Err(RegisterError::AlreadyRegistered { holder })
    );
    assert_eq!(
        ambit::register("a", &one),
        Err(RegisterError::AlreadyRegistered { holder })
    );
    assert_eq!(ambit::register("", &one), Err(RegisterError::InvalidName));
    assert_eq!(ambit::whereis::<Room>("a").unwrap(), one);
    assert_eq!(
        ambit::whereis::<String>("a").err(),
        Some(LookupError::WrongType)
    );
    assert_eq!(
        ambit::whereis::<Room>("c").err(),
        Some(LookupError::NotFound)
    );
    assert_eq!(
        Subject::<String>::named("a").send("x".into()).await,
        Err(CastError::NoProcess),
        "a name of another type is nobody"
    );
    ambit::unregister("a").unwrap();
    assert_eq!(ambit::unregister("a"), Err(LookupError::NotFound));
    ambit::register("a", &two).unwrap();
    one.stop().await.unwrap();
    assert!(ambit::whereis::<Room>("b").is_err());
    assert_eq!(ambit::whereis::<Room>("a").unwrap(), two);
    assert_eq!(ambit::register("d", &one), Err(RegisterError::NoProcess));
    // A name that refers to another name.
    ambit::register("e", &RoomSubject::named("a")).unwrap();
    assert_eq!(RoomSubject::named("e").number().await, Ok(2));
}

/// X18: every form of a target finds the running process, or none.
#[tokio::test]
async fn x18_every_form_of_a_target_finds_the_process() {
    let rooms = Registry::<u64, Room>::unique();
    let start = Room { number: 1 }.start().name("room").via(&rooms, 1u64);
    let room = start.await.unwrap();
    let info = |found: Option<ambit::inspect::ProcessInfo>| found.map(|info| info.pid);
    let expected = Some(room.pid());
    assert_eq!(info(ambit::process_info(room.pid())), expected);
    assert_eq!(info(ambit::process_info("room")), expected);
    assert_eq!(info(ambit::process_info("room".to_owned())), expected);
    assert_eq!(info(ambit::process_info(&room)), expected);
    assert_eq!(
        info(ambit::process_info(RoomSubject::named("room"))),
        expected
    );
    assert_eq!(info(ambit::process_info(rooms.via(1u64))), expected);
    assert_eq!(info(ambit::process_info(&*room)), expected);
    for free in [
        ambit::is_alive("free"),
        ambit::is_alive(Pid::NOBODY),
        ambit::is_alive(rooms.via(2u64)),
    ] {
        assert!(!free);
    }
    assert_eq!(rooms.lookup(&2), None);
}

/// A handle made before anything runs in the system equals one made later.
#[tokio::test]
async fn a_handle_made_early_equals_one_made_later() {
    let early = RoomSubject::named("room");
    let room = Room { number: 1 }.start().name("room").await.unwrap();
    assert_eq!(early, RoomSubject::named("room"));
    assert_eq!(early.pid(), room.pid());
    assert_eq!(early.number().await, Ok(1));
}

#[tokio::test]
async fn equality_and_hash() {
    let hash = |what: &RoomSubject, state: &RandomState| state.hash_one(what);
    let state = RandomState::new();
    let rooms = Registry::<u64, Room>::unique();
    let others = Registry::<u64, Room>::unique();
    let start = Room { number: 1 }.start().name("a").via(&rooms, 1u64);
    let (one, two) = (start.await.unwrap(), room(2).await);
    assert_eq!(one, ambit::whereis::<Room>("a").unwrap());
    assert_eq!(one, one.with_timeout(ms(1)));
    assert_ne!(one, two);
    assert_eq!(
        RoomSubject::named("a"),
        RoomSubject::named("a").when_available()
    );
    assert_ne!(RoomSubject::named("a"), RoomSubject::named("b"));
    assert_ne!(RoomSubject::named("a"), one, "a name is no pid");
    assert_eq!(rooms.via(1u64), RoomSubject::via(&rooms, 1u64));
    assert_eq!(rooms.via(1u64), rooms.clone().via(1u64));
    assert_ne!(rooms.via(1u64), rooms.via(2u64));
    assert_ne!(rooms.via(1u64), others.via(1u64));
    assert_ne!(rooms.via(1u64), one);
    assert_eq!(hash(&one, &state), hash(&one.clone(), &state));
    assert_eq!(
        hash(&rooms.via(1u64), &state),
        hash(&rooms.via(1u64), &state)
    );
    assert_eq!(
        hash(&RoomSubject::named("a"), &state),
        hash(&RoomSubject::named("a"), &state)
    );
}

#[tokio::test(start_paused = true)]
async fn a_patient_handle_waits_for_a_holder_inside_the_deadline() {
    // Nothing has run in this system yet.
    let patient = RoomSubject::named("late").when_available();
    let began = Instant::now();
    assert_eq!(
        patient.number().timeout(ms(50)).await,
        Err(CallError::NoProcess)
    );
    about(ms(50), began.elapsed());
    let began = Instant::now();
    assert_eq!(
        patient.renumber(1).timeout(ms(50)).await,
        Err(CastError::NoProcess)
    );
    about(ms(50), began.elapsed());

    let rooms = Registry::<u64, Room>::unique();
    let by_key = rooms.via(1u64).when_available();
    let waits = [patient.number().into_owned(), by_key.number().into_owned()].map(tokio::spawn);
    let cast = tokio::spawn(patient.renumber(8).into_owned());
    tokio::time::sleep(ms(20)).await;
    let began = Instant::now();
    let start = Room { number: 7 }.start().name("late").via(&rooms, 1u64);
    let room = start.await.unwrap();
    for wait in waits {
        let answer = wait.await.unwrap();
        assert!(answer == Ok(7) || answer == Ok(8), "{answer:?}");
    }
    assert_eq!(cast.await.unwrap(), Ok(()));
    about(Duration::ZERO, began.elapsed()); // woken, not polled
    assert_eq!(room.number().await, Ok(8));

    // The wait and the reply share one deadline.
    room.stop().await.unwrap();
    let silent = Room { number: 9 }.start().await.unwrap();
    ambit::sys::suspend(&silent).await.unwrap();
    let began = Instant::now();
    let call = tokio::spawn(patient.number().timeout(ms(100)).into_owned());
    tokio::time::sleep(ms(60)).await;
    ambit::register("late", &silent).unwrap();
    assert_eq!(call.await.unwrap(), Err(CallError::Timeout));
    about(ms(100), began.elapsed());
}

/// A call through a patient handle survives restarts, on several threads.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_patient_call_never_misses_a_registration() {
    for _ in 0..2000 {
        let rooms = Registry::<u64, Room>::unique();
        let patient = rooms.via(1u64).when_available();
        let call = tokio::spawn(patient.number().timeout(SOON).into_owned());
        let room = Room { number: 7 }.start().via(&rooms, 1u64).await.unwrap();
        assert_eq!(call.await.unwrap(), Ok(7));
        room.stop().await.unwrap();
    }
}

/// A user-defined resolver: a table that can be changed.
#[derive(Clone, Default)]
struct Table(Arc<Mutex<HashMap<u8, RoomSubject>>>);

impl Resolve<Room> for Table {
    type Key = u8;

    fn resolve(&self, key: &u8) -> Option<Subject<Room>> {
        self.0.lock().unwrap().get(key).cloned().map(Into::into)
    }

    fn identity(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }
}

#[tokio::test(start_paused = true)]
async fn a_resolver_of_ones_own() {
    let (table, other) = (Table::default(), Table::default());
    let via = RoomSubject::via(&table, 1u8);
    assert_eq!(via.number().await, Err(CallError::NoProcess));
    assert_eq!(via, RoomSubject::via(&table, 1u8));
    assert_ne!(via, RoomSubject::via(&table, 2u8));
    assert_ne!(via, RoomSubject::via(&other, 1u8));
    let (one, two) = (room(1).await, room(2).await);
    table.0.lock().unwrap().insert(1, one);
    assert_eq!(via.number().await, Ok(1));
    table.0.lock().unwrap().insert(1, two.clone());
    assert_eq!((via.number().await, via.pid()), (Ok(2), two.pid()));

    // The resolver sends no change notifications, so a patient handle polls it.
    let patient = RoomSubject::via(&table, 9u8).when_available();
    let late = table.clone();
    let call = tokio::spawn(patient.number().into_owned());
    tokio::time::sleep(ms(95)).await;
    late.0.lock().unwrap().insert(9, two);
    let began = Instant::now();
    assert_eq!(call.await.unwrap(), Ok(2));
    assert!(began.elapsed() <= ms(11), "{:?}", began.elapsed());

    // Chains of names are resolved; a cycle resolves to no process.
    let (first, second) = (RoomSubject::via(&table, 3u8), RoomSubject::via(&table, 4u8));
    table.0.lock().unwrap().insert(3, second);
    table.0.lock().unwrap().insert(4, first.clone());
    assert_eq!(first.number().await, Err(CallError::NoProcess));
    table
        .0
        .lock()
        .unwrap()
        .insert(4, RoomSubject::via(&table, 9u8));
    assert_eq!(first.number().await, Ok(2), "through two names");
}

/// A panic in a resolver affects only its caller.
#[tokio::test]
async fn a_resolver_that_panics_hurts_only_its_caller() {
    #[derive(Clone)]
    struct Bad;
    impl Resolve<Room> for Bad {
        type Key = u8;
        fn resolve(&self, _: &u8) -> Option<Subject<Room>> {
            boom()
        }
    }
    let _quiet = quiet();
    let caller = ambit::spawn(|_: Inbox<u64>| async {
        drop(RoomSubject::via(&Bad, 1u8).number().await);
    });
    assert_eq!(panic_text(&caller.closed().await), "boom");
}

#[tokio::test]
async fn a_recipient_takes_one_kind_of_info() {
    let room = Room { number: 1 }.start().name("room").await.unwrap();
    let direct = room.recipient::<Knock>();
    let by_name = RoomSubject::named("room").recipient::<Knock>();
    direct.send(Knock(1)).await.unwrap();
    by_name.send(Knock(2)).now().unwrap();
    direct.clone().send(Knock(4)).timeout(SOON).await.unwrap();
    assert_eq!(room.number().await, Ok(8));
    assert_eq!((direct.pid(), by_name.pid()), (room.pid(), room.pid()));
    assert!(format!("{direct:?}").contains("Room#"), "{direct:?}");

    // The message takes a permit like any other user message.
    let script = Script::start(&Log::new()).mailbox(1).await.unwrap();
    let numbers = script.recipient::<u64>();
    let gate = block(&script).await;
    numbers.send(1).await.unwrap();
    assert_eq!(numbers.send(2).now(), Err(CastError::Full));
    assert_eq!(numbers.send(3).now_or_return(), Err((CastError::Full, 3)));
    assert_eq!(
        numbers.send(4).timeout(ms(1)).await,
        Err(CastError::Timeout)
    );
    gate.open();
    assert_eq!(value_of(&script).await, Ok(0));

    room.stop().await.unwrap();
    assert_eq!(direct.send(Knock(1)).await, Err(CastError::NoProcess));
    assert_eq!(by_name.send(Knock(1)).await, Err(CastError::NoProcess));
    assert_eq!(by_name.pid(), Pid::NOBODY);
    let again = Room { number: 5 }.start().name("room").await.unwrap();
    by_name.send(Knock(1)).await.unwrap();
    assert_eq!(again.number().await, Ok(6));
}

/// A server may implement the protocol of another server type, as with `#[protocol]`.
#[tokio::test]
async fn a_server_may_speak_a_protocol_of_another_name() {
    struct Double(u64);
    impl GenServer for Double {
        type Protocol = Room;
        type Args = u64;
        type Info = Knock;
        type Continue = ();
        async fn init(number: u64, _: &mut Context<Self>) -> Result<Self, ExitReason> {
            Ok(Self(number))
        }
        async fn handle_call(&mut self, call: RoomCall, ctx: &mut Context<Self>) -> Flow {
            let RoomCall::Number { reply } = call;
            ctx.answer(reply, self.0 * 2);
            Flow::Continue
        }
        async fn handle_info(&mut self, knock: Knock, _: &mut Context<Self>) -> Flow {
            self.0 += knock.0;
            Flow::Continue
        }
    }
    impl Handles<Knock> for Double {
        fn into_info(knock: Knock) -> Knock {
            knock
        }
    }
    let rooms = Registry::<u64, Room>::unique();
    let double: RoomSubject = ambit::start::<Double>(21)
        .name("two")
        .via(&rooms, 1u64)
        .await
        .unwrap();
    assert_eq!(double.number().await, Ok(42));
    assert_eq!(rooms.via(1u64).number().await, Ok(42));
    assert_eq!(RoomSubject::named("two").number().await, Ok(42));
    let both = [double, room(1).await];
    assert_eq!(
        (both[0].number().await, both[1].number().await),
        (Ok(42), Ok(1))
    );
    assert_eq!(
        both[0].recipient::<Knock>().send(Knock(1)).await,
        Err(CastError::NoProcess),
        "a narrow handle is made for the server type"
    );
}

#[tokio::test(start_paused = true)]
async fn a_wait_for_a_name_wakes_and_times_out() {
    // Nothing has run in this system yet.
    let began = Instant::now();
    let nobody = ambit::wait_for::<Room>("late").timeout(ms(30));
    let outcome = tokio::time::timeout(SOON, nobody).await;
    assert_eq!(outcome, Ok(Err(LookupError::Timeout)));
    about(ms(30), began.elapsed());
    let early = ambit::wait_for::<Room>("late");
    let wait = tokio::spawn(early);
    tokio::task::yield_now().await;
    let room = Room { number: 1 }.start().name("late").await.unwrap();
    let found = tokio::time::timeout(Duration::from_secs(1), wait).await;
    assert_eq!(found.unwrap().unwrap(), Ok(room.clone()));
    assert_eq!(ambit::wait_for::<Room>("late").await, Ok(room));
}

/// A patient call fails only when its deadline has passed, however often the holder changes.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_when_available_handle_never_fails_with_no_process_while_holders_change() {
    let rooms = Registry::<u64, Room>::unique();
    let own = rooms.clone();
    let restarts = tokio::spawn(async move {
        for number in 0..3000 {
            let room = Room { number }.start().via(&own, 1u64).await.unwrap();
            room.stop().await.unwrap();
        }
        Room { number: 3000 }.start().via(&own, 1u64).await.unwrap()
    });
    let patient = rooms.via(1u64).when_available();
    while !restarts.is_finished() {
        match patient.number().timeout(SOON).await {
            Ok(_) | Err(CallError::Exited { .. }) => {}
            Err(other) => panic!("{other:?}"),
        }
        patient.renumber(1).timeout(SOON).await.unwrap();
    }
    assert!(restarts.await.unwrap().is_alive());
}
