//! The tests on the page "Presence": nodes on an in-memory network, on a virtual clock.

// ANCHOR: imports
use ambit::prelude::*;
use ambit_dist::{Presence, PresenceEvent, PresenceView};
// ANCHOR_END: imports

use std::error::Error;

use ambit_dist::Node;
use ambit_dist::transport::Memory;

use crate::clusters::complete;

/// Starts two nodes and waits until they are connected.
async fn pair(network: &Memory) -> Result<[Node; 2], Box<dyn Error>> {
    let at = |number: u8| ([10, 0, 0, number], 9_000).into();
    let a = Node::builder("a").transport(network.bind(at(1))?).start();
    let a = a.await?;
    let b = Node::builder("b").transport(network.bind(at(2))?);
    let b = b.seeds([a.local_addr()]).start().await?;
    complete(&[&a, &b]).await;
    Ok([a, b])
}

// ANCHOR: client
/// The connection of one user.
struct Client;

#[gen_server]
impl Client {
    #[init]
    fn new() -> Self {
        Self
    }
}
// ANCHOR_END: client

#[ambit::test]
async fn presence() -> Result<(), Box<dyn Error>> {
    let network = Memory::new();
    let [a, b] = pair(&network).await?;
    // ANCHOR: track
    // On each node; `String` is the type of the metadata.
    let on_a = Presence::<String>::open(&a, "rooms")?;
    let on_b = Presence::<String>::open(&b, "rooms")?;
    let mut lobby = on_b.events("lobby");

    let phone = Client::start().await?;
    on_a.track(&phone, "lobby", "ada", "phone".into())?;

    let Some(PresenceEvent::Diff(diff)) = lobby.next().await else {
        return Err("node b runs".into());
    };
    assert_eq!(diff.joins, on_b.list("lobby"));
    assert_eq!(diff.joins[0].key, "ada");
    assert_eq!(diff.joins[0].metas[0].meta, "phone");
    assert_eq!(diff.joins[0].metas[0].node(), a.id());
    // ANCHOR_END: track

    // ANCHOR: update
    let laptop = Client::start().await?;
    on_b.track(&laptop, "lobby", "ada", "laptop".into())?;
    on_b.update(&laptop, "lobby", "ada", "laptop, typing".into())?;
    let mut devices = on_b.get_by_key("lobby", "ada");
    devices.sort_by(|one, other| one.meta.cmp(&other.meta));
    assert_eq!(devices[0].meta, "laptop, typing");
    assert!(devices[0].previous().is_some());
    assert_eq!(devices[1].meta, "phone");
    // ANCHOR_END: update

    // ANCHOR: end
    // The end of the process is a leave on all nodes.
    phone.stop().await?;
    loop {
        let Some(PresenceEvent::Diff(diff)) = lobby.next().await else {
            return Err("node b runs".into());
        };
        let left = diff.leaves.iter().flat_map(|entry| &entry.metas);
        if left.clone().any(|meta| meta.meta == "phone") {
            break;
        }
    }
    assert_eq!(on_b.get_by_key("lobby", "ada").len(), 1);
    // ANCHOR_END: end
    Ok(())
}

#[ambit::test]
async fn a_view() -> Result<(), Box<dyn Error>> {
    let network = Memory::new();
    let [a, b] = pair(&network).await?;
    let (on_a, on_b) = (
        Presence::<String>::open(&a, "rooms")?,
        Presence::<String>::open(&b, "rooms")?,
    );
    // ANCHOR: view
    let mut events = on_b.events("lobby");
    let mut view = PresenceView::new("lobby");
    view.sync(on_b.list("lobby"));

    let phone = Client::start().await?;
    on_a.track(&phone, "lobby", "ada", "phone".into())?;
    let changes = match events.next().await.ok_or("node b runs")? {
        PresenceEvent::Diff(diff) => view.apply(diff).ok_or("the view has its state")?,
        // This listener was too slow, or a hook panicked: read the state.
        _ => view.sync(on_b.list("lobby")),
    };
    assert_eq!(changes.joins[0].key, "ada");
    assert_eq!(view.list(), on_b.list("lobby"));
    // ANCHOR_END: view
    Ok(())
}
