//! Diffs as messages to a process.

use std::time::Duration;

use ambit::prelude::*;
use ambit_dist::{PresenceDiff, PresenceEvent, PresenceView};

use super::support::{client, next, rooms, shown};
use crate::distribution::support::Net;

/// Collects the diffs of a topic.
struct Watcher {
    seen: Vec<PresenceDiff<String>>,
}

#[gen_server]
impl Watcher {
    #[init]
    fn new() -> Self {
        Self { seen: Vec::new() }
    }

    #[info]
    fn event(&mut self, event: PresenceEvent<String>) {
        if let PresenceEvent::Diff(diff) = event {
            self.seen.push(diff);
        }
    }

    #[call]
    fn seen(&self) -> Vec<PresenceDiff<String>> {
        self.seen.clone()
    }
}

/// Waits for this number of diffs.
async fn diffs(watcher: &WatcherSubject, number: usize) -> Vec<PresenceDiff<String>> {
    loop {
        let seen = watcher.seen().await.unwrap();
        if seen.len() >= number {
            return seen;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[ambit::test]
async fn pres_10_a_server_gets_the_diffs_of_its_topic_in_order_until_it_cancels() {
    let node = Net::new().node("a").await;
    let rooms = rooms(&node);
    let (watcher, client) = (Watcher::start().await.unwrap(), client().await);
    let subscription = rooms.subscribe("lobby", &watcher.recipient());
    rooms.track(&client, "cellar", "u", "0".into()).unwrap();
    rooms.track(&client, "lobby", "u", "1".into()).unwrap();
    rooms.update(&client, "lobby", "u", "2".into()).unwrap();
    rooms.untrack_all(&client);
    let seen = diffs(&watcher, 3).await;
    assert_eq!(shown(&seen[0].joins), [("u", vec!["1"])]);
    assert_eq!(shown(&seen[1].leaves), [("u", vec!["1"])]);
    assert_eq!(shown(&seen[1].joins), [("u", vec!["2"])]);
    assert_eq!(shown(&seen[2].leaves), [("u", vec!["2"])]);

    assert!(subscription.cancel());
    assert!(!subscription.cancel());
    let other = Watcher::start().await.unwrap();
    rooms.subscribe("lobby", &other.recipient());
    rooms.track(&client, "lobby", "u", "3".into()).unwrap();
    diffs(&other, 1).await;
    assert_eq!(watcher.seen().await.unwrap().len(), 3);
}

#[ambit::test]
async fn a_subscription_through_a_name_stays_with_its_process() {
    let node = Net::new().node("a").await;
    let rooms = rooms(&node);
    let (watcher, client) = (Watcher::start().await.unwrap(), client().await);
    let followed = "followed by a subscription";
    ambit::register(followed, &watcher).unwrap();
    let recipient = WatcherSubject::named(followed).recipient();
    let subscription = rooms.subscribe("lobby", &recipient);
    ambit::unregister(followed).unwrap();
    rooms.track(&client, "lobby", "u", "1".into()).unwrap();
    diffs(&watcher, 1).await;
    assert!(subscription.cancel());
}

#[ambit::test]
async fn a_subscription_ends_with_its_process() {
    let node = Net::new().node("a").await;
    let rooms = rooms(&node);
    let (watcher, client) = (Watcher::start().await.unwrap(), client().await);
    let subscription = rooms.subscribe("lobby", &watcher.recipient());
    watcher.stop().await.unwrap();
    rooms.track(&client, "lobby", "u", "1".into()).unwrap();
    ambit::test::settle().await;
    assert!(!subscription.cancel());
}

#[ambit::test]
async fn a_view_lists_the_presences_of_a_key_in_the_order_of_the_tracker() {
    let node = Net::new().node("a").await;
    let rooms = rooms(&node);
    let (phone, laptop) = (client().await, client().await);
    let mut events = rooms.events("lobby");
    let mut view = PresenceView::new("lobby");
    view.sync(rooms.list("lobby"));
    rooms.track(&phone, "lobby", "u", "1".into()).unwrap();
    rooms.track(&laptop, "lobby", "u", "2".into()).unwrap();
    rooms.update(&phone, "lobby", "u", "3".into()).unwrap();
    while shown(view.list()) != [("u", vec!["2", "3"])] {
        view.apply(next(&mut events).await);
    }
    assert_eq!(view.list(), rooms.list("lobby"));
}
