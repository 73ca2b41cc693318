//! Tracking on one node.

use ambit::message::{Codec, DecodeError, EncodeError, In, Out, Schema, Shape, Types, Wire};
use ambit_dist::{OpenPresenceError, Presence, TrackError, UpdateError};

use super::support::{ClientSubject, client, crash, next, rooms, shown};
use crate::distribution::support::Net;

#[ambit::test]
async fn pres_01_a_tracked_process_is_listed_and_joins() {
    let node = Net::new().node("a").await;
    let rooms = rooms(&node);
    let mut events = rooms.events("lobby");
    let client = client().await;
    let reference = rooms.track(&client, "lobby", "u", "x".into()).unwrap();
    let listed = rooms.list("lobby");
    assert_eq!(shown(&listed), [("u", vec!["x"])]);
    let meta = &listed[0].metas[0];
    assert_eq!((meta.reference(), meta.previous()), (&reference, None));
    assert_eq!((meta.pid(), meta.node()), (client.pid(), node.id()));
    let diff = next(&mut events).await;
    assert_eq!((diff.topic.as_str(), diff.joins), ("lobby", listed));
    assert_eq!(diff.leaves, []);
}

#[ambit::test]
async fn pres_02_a_crash_is_a_leave_with_the_last_meta() {
    let node = Net::new().node("a").await;
    let rooms = rooms(&node);
    let client = client().await;
    rooms.track(&client, "lobby", "u", "x".into()).unwrap();
    rooms.update(&client, "lobby", "u", "y".into()).unwrap();
    let mut events = rooms.events("lobby");
    let last = rooms.list("lobby");
    crash(&client);
    loop {
        let diff = next(&mut events).await;
        if diff.joins.is_empty() {
            assert_eq!(diff.leaves, last);
            break;
        }
    }
    assert_eq!(rooms.list("lobby"), []);
    let result = rooms.track(&client, "lobby", "u", "x".into());
    assert_eq!(result, Err(TrackError::Ended));
}

#[ambit::test]
async fn a_process_that_has_ended_joins_and_leaves_no_topic() {
    let node = Net::new().node("a").await;
    let rooms = rooms(&node);
    let (ended, alive) = (client().await, client().await);
    crash(&ended);
    ended.closed().await;
    let mut events = rooms.events("lobby");
    let result = rooms.track(&ended, "lobby", "u", "1".into());
    assert_eq!(result, Err(TrackError::Ended));
    rooms.track(&alive, "lobby", "v", "2".into()).unwrap();
    let diff = next(&mut events).await;
    assert_eq!(shown(&diff.joins), [("v", vec!["2"])]);
    assert_eq!(diff.leaves, []);
}

#[ambit::test]
async fn a_name_without_a_process_is_refused_as_ended() {
    let node = Net::new().node("a").await;
    let unregistered = ClientSubject::named("nobody");
    let result = rooms(&node).track(&unregistered, "lobby", "u", "x".into());
    assert_eq!(result, Err(TrackError::Ended));
}

#[ambit::test]
async fn pres_03_a_key_lists_the_metas_of_several_processes() {
    let node = Net::new().node("a").await;
    let rooms = rooms(&node);
    let (one, two) = (client().await, client().await);
    rooms.track(&one, "lobby", "u", "1".into()).unwrap();
    rooms.track(&two, "lobby", "u", "2".into()).unwrap();
    assert_eq!(shown(&rooms.list("lobby")), [("u", vec!["1", "2"])]);
    assert_eq!(rooms.get_by_key("lobby", "u").len(), 2);
    assert!(rooms.untrack(&one, "lobby", "u"));
    assert_eq!(shown(&rooms.list("lobby")), [("u", vec!["2"])]);
    assert!(rooms.untrack(&two, "lobby", "u"));
    assert_eq!(rooms.list("lobby"), []);
    assert_eq!(rooms.get_by_key("lobby", "u"), []);
}

#[ambit::test]
async fn pres_04_a_process_is_tracked_once_per_topic_and_key() {
    let node = Net::new().node("a").await;
    let rooms = rooms(&node);
    let client = client().await;
    rooms.track(&client, "lobby", "u", "1".into()).unwrap();
    let again = rooms.track(&client, "lobby", "u", "2".into());
    assert_eq!(again, Err(TrackError::AlreadyTracked));
    rooms.track(&client, "lobby", "v", "3".into()).unwrap();
    rooms.track(&client, "cellar", "u", "4".into()).unwrap();
    let listed = rooms.list("lobby");
    assert_eq!(shown(&listed), [("u", vec!["1"]), ("v", vec!["3"])]);
}

#[ambit::test]
async fn pres_05_an_update_is_one_diff_and_keeps_the_previous_reference() {
    let node = Net::new().node("a").await;
    let rooms = rooms(&node);
    let client = client().await;
    let first = rooms.track(&client, "lobby", "u", "1".into()).unwrap();
    let mut events = rooms.events("lobby");
    let change = |old: &String| format!("{old}+");
    let second = rooms.update_with(&client, "lobby", "u", change).unwrap();
    let meta = rooms.get_by_key("lobby", "u").remove(0);
    assert_eq!(meta.meta, "1+");
    assert_eq!((meta.reference(), meta.previous()), (&second, Some(&first)));
    let mut diff = next(&mut events).await;
    if diff.leaves.is_empty() {
        // The join of the first state.
        diff = next(&mut events).await;
    }
    assert_eq!(shown(&diff.leaves), [("u", vec!["1"])]);
    assert_eq!(shown(&diff.joins), [("u", vec!["1+"])]);
}

#[ambit::test]
async fn pres_06_an_update_without_a_presence_fails() {
    let node = Net::new().node("a").await;
    let rooms = rooms(&node);
    let client = client().await;
    let missing = Err(UpdateError::NoPresence);
    assert_eq!(rooms.update(&client, "lobby", "u", "1".into()), missing);
    rooms.track(&client, "lobby", "v", "1".into()).unwrap();
    assert_eq!(rooms.update(&client, "lobby", "u", "1".into()), missing);
}

#[ambit::test]
async fn pres_07_untracking_ends_exactly_the_named_presences() {
    let node = Net::new().node("a").await;
    let rooms = rooms(&node);
    let (one, two) = (client().await, client().await);
    assert!(!rooms.untrack(&one, "lobby", "u"));
    assert!(!rooms.untrack_all(&one));
    for (topic, key) in [("lobby", "u"), ("lobby", "v"), ("cellar", "u")] {
        rooms.track(&one, topic, key, "1".into()).unwrap();
    }
    rooms.track(&two, "lobby", "u", "2".into()).unwrap();
    assert!(rooms.untrack(&one, "lobby", "u"));
    let listed = rooms.list("lobby");
    assert_eq!(shown(&listed), [("u", vec!["2"]), ("v", vec!["1"])]);
    assert!(rooms.untrack_all(&one));
    assert_eq!(shown(&rooms.list("lobby")), [("u", vec!["2"])]);
    assert_eq!(rooms.list("cellar"), []);
    rooms.track(&one, "lobby", "u", "3".into()).unwrap();
    assert_eq!(rooms.get_by_key("lobby", "u").len(), 2);
}

#[ambit::test]
async fn handles_of_one_name_share_their_state() {
    let node = Net::new().node("a").await;
    let (one, two) = (rooms(&node), rooms(&node));
    let client = client().await;
    one.track(&client, "lobby", "u", "1".into()).unwrap();
    assert_eq!(shown(&two.list("lobby")), [("u", vec!["1"])]);
    let again = two.track(&client, "lobby", "u", "1".into());
    assert_eq!(again, Err(TrackError::AlreadyTracked));
    let name = "rooms".to_owned();
    assert_eq!(
        Presence::<u64>::open(&node, "rooms").unwrap_err(),
        OpenPresenceError::OtherType { name: name.clone() }
    );
    let late = Presence::<String>::builder("rooms").fetch(|_, _| {});
    assert_eq!(
        late.open(&node).unwrap_err(),
        OpenPresenceError::AlreadyOpen { name }
    );
}

/// Metadata that cannot be decoded.
#[derive(Clone, Debug)]
struct WriteOnly(u8);

impl Schema for WriteOnly {
    fn shape(types: &mut Types) -> Shape {
        u8::shape(types)
    }
}

impl Wire for WriteOnly {
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        self.0.put(out)
    }

    fn take<C: Codec>(_: &mut In<'_, C>) -> Result<Self, DecodeError> {
        Err(DecodeError::Truncated)
    }
}

#[ambit::test]
async fn metadata_that_cannot_be_read_can_be_replaced_but_not_changed() {
    let node = Net::new().node("a").await;
    let rooms = Presence::<WriteOnly>::open(&node, "rooms").unwrap();
    let client = client().await;
    let first = rooms.track(&client, "lobby", "u", WriteOnly(1)).unwrap();
    let second = rooms.update(&client, "lobby", "u", WriteOnly(2)).unwrap();
    assert_ne!(first, second);
    let changed = rooms.update_with(&client, "lobby", "u", Clone::clone);
    assert_eq!(changed, Err(UpdateError::Unreadable));
}
