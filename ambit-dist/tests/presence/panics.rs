//! Metadata whose code panics in the task of a tracker.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ambit::prelude::*;
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

static NEXT_CLONE_PANICS: AtomicBool = AtomicBool::new(false);

#[derive(Debug, PartialEq, Message)]
#[message(name = "test.panics_once")]
struct PanicsOnce(u8);

impl Clone for PanicsOnce {
    fn clone(&self) -> Self {
        assert!(
            !NEXT_CLONE_PANICS.swap(false, Ordering::Relaxed),
            "as the test asks"
        );
        Self(self.0)
    }
}

#[ambit::test]
async fn a_presence_whose_leave_is_lost_to_a_panic_is_not_shown_to_the_hook_again() {
    let node = Net::new().node("a").await;
    let shown = Arc::new(Mutex::new(Vec::new()));
    let show = shown.clone();
    let rooms = Presence::builder("rooms").on_diff(move |_, entries| {
        let keys: Vec<_> = entries.iter().map(|entry| entry.key.clone()).collect();
        show.lock().push(keys);
    });
    let rooms: Presence<PanicsOnce> = rooms.open(&node).unwrap();
    let mut events = rooms.events("lobby");
    let client = client().await;
    let track = |key| {
        let tracked = rooms.track(&client, "lobby", key, PanicsOnce(1));
        tracked.unwrap();
    };
    let mut next = async || tokio::time::timeout(Duration::from_secs(60), events.next()).await;
    track("u");
    assert!(matches!(next().await, Ok(Some(PresenceEvent::Diff(_)))));
    NEXT_CLONE_PANICS.store(true, Ordering::Relaxed);
    assert!(rooms.untrack(&client, "lobby", "u"));
    assert_eq!(next().await, Ok(Some(PresenceEvent::Missed { events: 1 })));
    track("w");
    assert!(matches!(next().await, Ok(Some(PresenceEvent::Diff(_)))));
    assert_eq!(*shown.lock(), [["u"], ["w"]]);
}
