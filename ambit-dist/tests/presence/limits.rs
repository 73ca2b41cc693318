//! Presences beyond the limits, and updates at the same time.

use std::sync::Barrier;
use std::thread;

use ambit_dist::{Presence, TrackError, UpdateError};

use super::support::{client, next, rooms, shown};
use crate::distribution::support::Net;

/// More than an entry may have.
fn long() -> String {
    "x".repeat(64 * 1024)
}

#[ambit::test]
async fn metadata_above_the_limit_is_refused_and_changes_nothing() {
    let node = Net::new().node("a").await;
    let rooms = rooms(&node);
    let client = client().await;
    let refused = rooms.track(&client, "lobby", "u", long());
    let Err(TrackError::Limit(text)) = refused else {
        panic!("{refused:?}");
    };
    assert!(text.contains("above the limit of 65536"), "{text}");
    assert_eq!(rooms.list("lobby"), []);

    let first = rooms.track(&client, "lobby", "u", "1".into()).unwrap();
    let refused = rooms.update(&client, "lobby", "u", long());
    let Err(UpdateError::Limit(text)) = refused else {
        panic!("{refused:?}");
    };
    assert!(text.contains("above the limit of 65536"), "{text}");
    assert_eq!(rooms.get_by_key("lobby", "u")[0].reference(), &first);

    let mut events = rooms.events("lobby");
    rooms.update(&client, "lobby", "u", "2".into()).unwrap();
    let mut joins = next(&mut events).await.joins;
    if shown(&joins) == [("u", vec!["1"])] {
        joins = next(&mut events).await.joins;
    }
    assert_eq!(shown(&joins), [("u", vec!["2"])]);
}

#[ambit::test]
async fn no_update_at_the_same_time_is_lost() {
    const THREADS: u64 = 4;
    const UPDATES: u64 = 500;
    let node = Net::new().node("a").await;
    let counters = Presence::<u64>::open(&node, "counters").unwrap();
    let client = client().await;
    counters.track(&client, "lobby", "u", 0).unwrap();
    let together = Barrier::new(THREADS as usize);
    let update = || {
        together.wait();
        for _ in 0..UPDATES {
            let increase = |old: &u64| old + 1;
            // After several lost races the caller is asked to try again.
            while let Err(error) = counters.update_with(&client, "lobby", "u", increase) {
                assert_eq!(error, UpdateError::Conflict);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(update);
        }
    });
    assert_eq!(counters.get_by_key("lobby", "u")[0].meta, THREADS * UPDATES);
    let mut events = counters.events("lobby");
    assert!(counters.untrack(&client, "lobby", "u"));
    while events.next().await.is_some() {
        if counters.list("lobby").is_empty() {
            return;
        }
    }
    panic!("the node runs");
}
