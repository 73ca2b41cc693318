//! The blocks of the page "Groups and topics of a cluster".

// ANCHOR: imports
use std::time::Duration;

use ambit::prelude::*;
use ambit_dist::{ClusterGroupEvent, JoinGroupError};
// ANCHOR_END: imports

use std::error::Error;

use ambit::system::System;
use ambit::test::Probe;
use ambit_dist::Node;
use ambit_dist::transport::Memory;

/// Returns two connected nodes with separate systems, as on two machines.
async fn machines() -> Result<[(Node, System); 2], Box<dyn Error>> {
    let network = Memory::new();
    let mut nodes = Vec::new();
    for (name, number) in [("a", 1), ("b", 2)] {
        let transport = network.bind(([10, 0, 0, number], 9_000).into())?;
        let system = System::builder().build()?;
        let node = Node::builder(name).transport(transport);
        let node = node.seeds(["10.0.0.1:9000"]).system(system.clone());
        nodes.push((node.start().await?, system));
    }
    nodes.try_into().map_err(|_| "two nodes".into())
}

/// Starts a process on a machine.
fn probe<M: Message>((_, system): &(Node, System)) -> Probe<M> {
    system.within(Probe::new)
}

/// Waits for the other machine, up to a minute.
async fn until(condition: impl Fn() -> bool) -> Result<(), Box<dyn Error>> {
    for _ in 0..6_000 {
        if condition() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Err("nothing changed for a minute".into())
}

#[ambit::test]
async fn groups() -> Result<(), Box<dyn Error>> {
    let machines = machines().await?;
    let (near, far) = (&machines[0].0, &machines[1].0);
    let mut ann = probe::<String>(&machines[0]);
    let mut bob = probe::<String>(&machines[1]);
    let mut watcher = probe::<ClusterGroupEvent<String>>(&machines[0]);
    // ANCHOR: join
    // On the first node:
    near.groups().join("red", &ann.subject())?;
    let (members, monitor) = near.groups().monitor::<String>("red", watcher.recipient());
    assert_eq!(members, [ann.subject()]);

    // On the second node:
    far.groups().join("red", &bob.subject())?;

    // On the first node, a few milliseconds later:
    let ClusterGroupEvent::Joined(joined) = watcher.expect().await else {
        return Err("Bob has joined".into());
    };
    assert_eq!(joined.node(), far.id());
    let members = near.groups().members::<String>("red");
    assert_eq!(members, [ann.subject(), joined.member()]); // the own members first
    assert!(monitor.demonitor());
    // ANCHOR_END: join

    // ANCHOR: broadcast
    assert_eq!(near.groups().broadcast::<String>("red", "run".into()), 2);
    assert_eq!(ann.expect().await, "run");
    assert_eq!(bob.expect().await, "run");
    // ANCHOR_END: broadcast

    // ANCHOR: elsewhere
    let remote = joined.member();
    let refused = near.groups().join("blue", &remote);
    assert_eq!(refused, Err(JoinGroupError::Elsewhere)); // join on its node
    // ANCHOR_END: elsewhere
    drop(bob);
    until(|| near.groups().members::<String>("red").len() == 1).await
}

// ANCHOR: message
#[derive(Clone, Message)]
#[message(name = "shop.price")]
struct Price(u32);
// ANCHOR_END: message

#[ambit::test]
async fn topics() -> Result<(), Box<dyn Error>> {
    let machines = machines().await?;
    let (near, far) = (&machines[0].0, &machines[1].0);
    let mut screen = probe::<Price>(&machines[1]);
    // ANCHOR: topic
    // On the second node:
    far.topic::<Price>("coffee")
        .subscribe(&screen.recipient())?;

    // On the first node:
    let prices = near.topic::<Price>("coffee");
    while prices.nodes().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let published = prices.broadcast(Price(180));
    assert_eq!((published.local, published.nodes), (0, 1)); // one copy, to one node
    assert_eq!(screen.expect().await.0, 180);

    prices.direct_broadcast("b", Price(190)); // only to this node
    assert_eq!(screen.expect().await.0, 190);
    assert_eq!(prices.local_broadcast(Price(200)), 0); // only to the own subscribers
    // ANCHOR_END: topic
    Ok(())
}
