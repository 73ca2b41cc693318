//! Metadata whose code panics in the task of a tracker.

use std::sync::Arc;
use std::time::Duration;

use ambit_dist::{Presence, PresenceEvent};
use parking_lot::Mutex;

use super::support::client;
use crate::distribution::support::Net;
use crate::names::support::Fragile;

#[ambit::test]
async fn metadata_whose_code_panics_stops_no_diff_of_another_presence() {
    let node = Net::new().node("a").await;
    let calls = Arc::new(Mutex::new(0));
    let seen = calls.clone();
    let rooms = Presence::builder("rooms").on_diff(move |_, _| *seen.lock() += 1);
    let rooms: Presence<Fragile> = rooms.open(&node).unwrap();
    let mut events = rooms.events("lobby");
    let client = client().await;
    let track = |key, meta| rooms.track(&client, "lobby", key, meta).unwrap();
    track("u", Fragile::UNREADABLE);
    track("v", Fragile::UNIQUE);
    let mut next = async || tokio::time::timeout(Duration::from_secs(60), events.next()).await;
    // The copy of the metadata fails, so the subscribers are to read the state.
    assert_eq!(next().await, Ok(Some(PresenceEvent::Missed { events: 1 })));
    assert!(rooms.untrack(&client, "lobby", "v"));
    assert_eq!(next().await, Ok(Some(PresenceEvent::Missed { events: 1 })));
    track("w", Fragile(1));
    let Ok(Some(PresenceEvent::Diff(diff))) = next().await else {
        panic!("a diff was expected");
    };
    assert_eq!(diff.joins, rooms.list("lobby"));
    assert_eq!(diff.joins[0].metas[0].meta, Fragile(1));
    assert_eq!(*calls.lock(), 1);
}
