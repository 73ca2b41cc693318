//! The tests on the page "Names".

// ANCHOR: imports
use std::error::Error;
use std::time::Duration;

use ambit::error::{LookupError, RegisterError};
use ambit::prelude::*;
use ambit::retry::Retry;
use tokio::task::JoinSet;
use tokio::time::Instant;
// ANCHOR_END: imports

// ANCHOR: room
struct Room {
    topic: String,
}

#[gen_server]
impl Room {
    #[init]
    fn new(topic: String) -> Self {
        Self { topic }
    }

    #[call]
    fn topic(&self) -> String {
        self.topic.clone()
    }
}

struct Clock;

#[gen_server]
impl Clock {}

async fn room(topic: &str) -> Result<RoomSubject, StartError> {
    Room::start(topic.to_owned()).await
}
// ANCHOR_END: room

// ANCHOR: local
#[ambit::test]
async fn a_local_name_is_text() -> Result<(), Box<dyn Error>> {
    let lobby = Room::start("rust".into()).name("lobby").await?;
    assert_eq!(ambit::whereis::<Room>("lobby")?, lobby);

    // The look-up states the type.
    let wrong = ambit::whereis::<Clock>("lobby");
    assert_eq!(wrong.err(), Some(LookupError::WrongType));

    // A process may have several names. Its end frees all of them.
    ambit::register("entrance", &lobby)?;
    lobby.stop().await?;
    let free = ambit::whereis::<Room>("entrance");
    assert_eq!(free.err(), Some(LookupError::NotFound));
    Ok(())
}
// ANCHOR_END: local

// ANCHOR: supervisors
struct Shop;

#[supervisor]
impl Shop {
    #[child]
    fn clock(&self) -> ChildSpec<Clock> {
        Clock::child_spec(|| Clock)
    }
}

#[ambit::test]
async fn a_supervisor_has_a_name_like_a_server() -> Result<(), Box<dyn Error>> {
    let shop = Shop.start().name("shop").await?;
    assert_eq!(ambit::whereis::<Shop>("shop")?, shop);
    assert_eq!(ShopSubject::named("shop").count_children().await?.active, 1);

    let wrong = ambit::whereis::<DynamicSupervisor>("shop");
    assert_eq!(wrong.err(), Some(LookupError::WrongType));
    Ok(())
}
// ANCHOR_END: supervisors

// ANCHOR: following
#[ambit::test]
async fn a_following_handle_addresses_the_current_holder() -> Result<(), Box<dyn Error>> {
    let following = RoomSubject::named("lobby");
    assert_eq!(following.topic().await, Err(CallError::NoProcess));

    let first = Room::start("rust".into()).name("lobby").await?;
    assert_eq!(following.topic().await?, "rust");
    assert_eq!(following.pid(), first.pid());

    first.stop().await?;
    let _second = Room::start("erlang".into()).name("lobby").await?;
    assert_eq!(following.topic().await?, "erlang");
    assert_eq!(first.topic().await, Err(CallError::NoProcess)); // a direct handle addresses one process
    Ok(())
}
// ANCHOR_END: following

// ANCHOR: when_available
#[ambit::test]
async fn when_available_waits_for_a_holder() -> Result<(), Box<dyn Error>> {
    let patient = RoomSubject::named("lobby").when_available();
    let asked = Instant::now();
    assert_eq!(patient.topic().await, Err(CallError::NoProcess));
    assert_eq!(asked.elapsed(), Duration::from_secs(5)); // the deadline of the call

    tokio::spawn(async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        Room::start("rust".into()).name("lobby").await
    });
    assert_eq!(patient.topic().await?, "rust");
    Ok(())
}
// ANCHOR_END: when_available

// ANCHOR: wait_for
#[ambit::test]
async fn waiting_for_a_name_needs_no_polling() -> Result<(), Box<dyn Error>> {
    let rooms: Registry<String, Room> = Registry::unique();
    let wait = rooms.wait_for("lobby").timeout(Duration::from_secs(1));
    assert_eq!(wait.await.err(), Some(LookupError::Timeout));

    let starts = Room::start("rust".into()).via(&rooms, "lobby");
    let (lobby, started) = tokio::join!(rooms.wait_for("lobby"), starts);
    assert_eq!(lobby?, started?);
    Ok(())
}
// ANCHOR_END: wait_for

// ANCHOR: once
struct Till {
    _drawer: u32,
}

#[gen_server]
impl Till {
    #[init]
    async fn open(opened: Recipient<u32>, drawer: u32) -> Self {
        opened.send(drawer).await.ok();
        Self { _drawer: drawer }
    }
}

#[ambit::test]
async fn of_two_starts_under_one_key_only_one_runs_its_init() -> Result<(), Box<dyn Error>> {
    let mut opened = ambit::test::Probe::<u32>::new();
    let tills: Registry<u64, Till> = Registry::unique();
    let (one, two) = tokio::join!(
        Till::start(opened.recipient(), 1).via(&tills, 7u64),
        Till::start(opened.recipient(), 2).via(&tills, 7u64),
    );
    let holder = one?.pid();
    assert_eq!(two.err(), Some(StartError::AlreadyRegistered { holder }));
    assert_eq!(opened.expect().await, 1);
    opened.refute_within(Duration::from_secs(1)).await;
    Ok(())
}
// ANCHOR_END: once

// ANCHOR: on_demand
/// Finds the room of a topic, or starts it.
async fn room_of(rooms: &Registry<String, Room>, topic: &str) -> Result<RoomSubject, StartError> {
    if let Some(room) = rooms.lookup(topic) {
        return Ok(room);
    }
    match Room::start(topic.to_owned()).via(rooms, topic).await {
        Err(StartError::AlreadyRegistered { .. }) => Ok(rooms.via(topic)), // another start was faster
        started => started,
    }
}

#[ambit::test(flavor = "multi_thread")]
async fn servers_on_demand() -> Result<(), Box<dyn Error>> {
    let rooms = Registry::unique();
    let mut askers = JoinSet::new();
    for _ in 0..10 {
        let rooms = rooms.clone();
        askers.spawn(async move { room_of(&rooms, "rust").await });
    }
    for room in askers.join_all().await {
        assert_eq!(room?.topic().await?, "rust");
    }
    assert_eq!(rooms.len(), 1);
    Ok(())
}
// ANCHOR_END: on_demand

// ANCHOR: duplicate
#[ambit::test]
async fn many_processes_under_one_key() -> Result<(), Box<dyn Error>> {
    let chats: Registry<&'static str, String, u8> = Registry::duplicate();
    let mut ann = ambit::test::Probe::<String>::new();
    let mut bob = ambit::test::Probe::<String>::new();
    chats.register_with("rust", &ann.subject(), 1)?;
    chats.register_with("rust", &bob.subject(), 2)?;

    chats.dispatch("rust", |member| {
        member.send("hello".into()).now().ok();
    });
    assert_eq!(ann.expect().await, "hello");
    assert_eq!(bob.expect().await, "hello");

    assert_eq!(chats.values("rust"), [1, 2]);
    drop(ann); // dropping a probe ends it and removes its entries
    assert_eq!(chats.values("rust"), [2]);
    Ok(())
}
// ANCHOR_END: duplicate

// ANCHOR: retry
#[ambit::test]
async fn a_name_is_taken_over_when_its_holder_ends() -> Result<(), Box<dyn Error>> {
    let rooms: Registry<String, Room> = Registry::unique();
    let (old, new) = (room("old").await?, room("new").await?);
    rooms.register("lobby", &old)?;
    let holder = old.pid();
    let refused = rooms.register("lobby", &new);
    assert_eq!(refused, Err(RegisterError::AlreadyRegistered { holder }));

    ambit::exit_after(Duration::from_secs(1), &old, ExitReason::Shutdown);
    let retry = Retry::times(20).every(Duration::from_millis(100));
    rooms.register_with_retry("lobby", &new, retry).await?;
    assert_eq!(rooms.via("lobby").topic().await?, "new");
    Ok(())
}
// ANCHOR_END: retry
