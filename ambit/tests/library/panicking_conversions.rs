//! The conversion of an event is code of its receiver: a panic in it harms no other process.

use ambit::group::{Group, GroupEvent};
use ambit::prelude::*;
use ambit::pubsub::PubSub;
use ambit::registry::RegistryEvent;
use ambit::server::Handles;
use ambit::table::{Table, TableTransfer};
use ambit::test::Probe;

/// A server whose conversions panic.
struct Deaf;

#[gen_server]
impl Deaf {
    #[call]
    fn ping(&self) {}
}

/// A message of a topic.
#[derive(Clone, Debug, Message)]
struct News;

impl Handles<News> for Deaf {
    fn into_info(_: News) -> Self::Info {
        panic!("a conversion, as asked")
    }
}

impl Handles<GroupEvent<u8>> for Deaf {
    fn into_info(_: GroupEvent<u8>) -> Self::Info {
        panic!("a conversion, as asked")
    }
}

impl Handles<RegistryEvent<u8, ()>> for Deaf {
    fn into_info(_: RegistryEvent<u8, ()>) -> Self::Info {
        panic!("a conversion, as asked")
    }
}

impl Handles<TableTransfer<u8, u8>> for Deaf {
    fn into_info(_: TableTransfer<u8, u8>) -> Self::Info {
        panic!("a conversion, as asked")
    }
}

#[ambit::test]
async fn a_member_of_a_group_survives_it_and_later_monitors_get_the_event() {
    let deaf = Deaf.start().await.unwrap();
    let group: Group<u8> = Group::new();
    let (_, _first) = group.monitor("x", deaf.recipient());
    let mut watcher = Probe::<GroupEvent<u8>>::new();
    let (_, _second) = group.monitor("x", watcher.recipient());
    let member = Probe::<u8>::new();
    group.join("x", &member.subject()).unwrap();
    let joined = watcher.expect().await;
    assert!(matches!(joined, GroupEvent::Joined(_)), "{joined:?}");
    drop(member);
    let left = watcher.expect().await;
    assert!(matches!(left, GroupEvent::Left(_)), "{left:?}");
    assert!(group.members("x").is_empty());
    assert_eq!(deaf.ping().await, Ok(()));
}

#[ambit::test]
async fn a_publisher_survives_it_and_later_subscribers_get_the_message() {
    let deaf = Deaf.start().await.unwrap();
    let topic = PubSub::new().topic::<News>("news");
    assert!(topic.subscribe(&deaf.recipient()));
    let mut reader = Probe::<News>::new();
    assert!(topic.subscribe(&reader.recipient()));
    assert_eq!(topic.broadcast(News), 1);
    reader.expect().await;
    let lags: Vec<u64> = topic.subscribers().iter().map(|one| one.lag()).collect();
    assert_eq!(lags, [1, 0]);
    assert_eq!(deaf.ping().await, Ok(()));
}

#[ambit::test]
async fn a_registration_survives_it_and_later_listeners_get_the_event() {
    let deaf = Deaf.start().await.unwrap();
    let rooms = Registry::<u8, u8>::unique();
    rooms.subscribe(deaf.recipient());
    let mut listener = Probe::<RegistryEvent<u8, ()>>::new();
    rooms.subscribe(listener.recipient());
    let member = Probe::<u8>::new();
    rooms.register(7, &member.subject()).unwrap();
    listener.expect().await;
    assert_eq!(deaf.ping().await, Ok(()));
}

#[ambit::test]
async fn a_table_belongs_to_a_process_that_cannot_be_told() {
    let deaf = Deaf.start().await.unwrap();
    let table = Table::<u8, u8>::builder().create().unwrap();
    table.give_away(&deaf.recipient()).unwrap();
    assert_eq!(table.owner(), deaf.pid());
    assert_eq!(deaf.ping().await, Ok(()));
}
