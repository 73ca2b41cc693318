//! Trackers, tracked processes and diffs.

use std::time::Duration;

use ambit::prelude::*;
use ambit::server::{Recipient, Subject};
use ambit_dist::{Events, Node, Presence, PresenceDiff, PresenceEntry, PresenceEvent};

pub(crate) type Rooms = Presence<String>;

pub(crate) fn rooms(node: &Node) -> Rooms {
    Presence::open(node, "rooms").unwrap()
}

pub(crate) struct Client;

#[gen_server]
impl Client {
    #[init]
    fn new() -> Self {
        Self
    }

    #[info]
    fn crash(&mut self, _: u8) {
        panic!("as the test asks");
    }
}

pub(crate) async fn client() -> Subject<Client> {
    let client = Client::start().await.unwrap();
    let subject: &Subject<Client> = client.as_ref();
    subject.clone()
}

/// Makes a client panic.
pub(crate) fn crash(client: &Subject<Client>) {
    ambit::test::expect_crash(client);
    let recipient: Recipient<u8> = client.recipient();
    recipient.send(1).now().unwrap();
}

/// Returns the next diff, within a minute.
pub(crate) async fn next(events: &mut Events<PresenceEvent<String>>) -> PresenceDiff<String> {
    let next = tokio::time::timeout(Duration::from_secs(60), events.next());
    match next.await.expect("a diff").expect("a node that runs") {
        PresenceEvent::Diff(diff) => diff,
        other => panic!("{other:?} instead of a diff"),
    }
}

/// Returns keys and metadata.
pub(crate) fn shown(entries: &[PresenceEntry<String>]) -> Vec<(&str, Vec<&str>)> {
    entries
        .iter()
        .map(|entry| {
            let metas = entry.metas.iter().map(|meta| meta.meta.as_str());
            (entry.key.as_str(), metas.collect())
        })
        .collect()
}
