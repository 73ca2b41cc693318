//! The tests on the page "Servers on other members": nodes on an in-memory network, on a virtual clock.

// ANCHOR: imports
use std::time::Duration;

use ambit::prelude::*;
use ambit_dist::{PlacedServers, Placement};
// ANCHOR_END: imports

use std::error::Error;

use ambit::system::System;
use ambit_dist::Node;
use ambit_dist::transport::Memory;

use crate::clusters::complete;

// ANCHOR: server
struct Auction {
    highest: u64,
}

#[gen_server(remote = "shop.auction")]
impl Auction {
    #[init]
    fn new(minimum: u64) -> Self {
        Self { highest: minimum }
    }

    #[call]
    fn bid(&mut self, amount: u64) -> u64 {
        self.highest = self.highest.max(amount);
        self.highest
    }
}
// ANCHOR_END: server

/// Starts a member in the system of the test, and two of the role `worker`, each with a system of its own.
async fn cluster(network: &Memory) -> Result<[Node; 3], Box<dyn Error>> {
    let builder = |number: u8, name| {
        let transport = network.bind(([10, 0, 0, number], 9_000).into())?;
        let builder = Node::builder(name).transport(transport);
        Ok::<_, Box<dyn Error>>(builder.seeds(["10.0.0.1:9000"]))
    };
    let node = builder(1, "shop")?.start().await?;
    let worker = async |number, name| {
        let builder = builder(number, name)?.role("worker");
        let worker = builder.system(System::builder().build()?).start();
        Ok::<_, Box<dyn Error>>(worker.await?)
    };
    let (w1, w2) = (worker(2, "w1").await?, worker(3, "w2").await?);
    complete(&[&node, &w1, &w2]).await;
    Ok([node, w1, w2])
}

#[ambit::test]
async fn placed_servers_move() -> Result<(), Box<dyn Error>> {
    let network = Memory::new();
    let [node, w1, w2] = cluster(&network).await?;
    for worker in [&w1, &w2] {
        // ANCHOR: expose
        // On each member of the role `worker`:
        worker.expose::<Auction>();
        // ANCHOR_END: expose
    }
    // ANCHOR: place
    let placement = Placement::least_loaded().with_role("worker");
    let auctions = PlacedServers::<Auction>::new(&node, placement);
    let supervisor = DynamicSupervisor::builder().start().await?;
    for lot in ["clock", "lamp"] {
        supervisor
            .start_child(auctions.child_spec(lot, (100,)))
            .await?;
    }
    assert_eq!(auctions.node_of("clock").as_ref(), Some(w1.name()));
    assert_eq!(auctions.node_of("lamp").as_ref(), Some(w2.name()));

    let clock = auctions.via("clock");
    assert_eq!(clock.bid(120).await?, 120);
    // ANCHOR_END: place

    // ANCHOR: move
    w1.leave().await;
    while auctions.node_of("clock").as_ref() != Some(w2.name()) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // A new process: its state begins anew.
    assert_eq!(clock.bid(105).await?, 105);
    // ANCHOR_END: move
    Ok(())
}

#[ambit::test]
async fn a_pool_over_members() -> Result<(), Box<dyn Error>> {
    let network = Memory::new();
    let [node, w1, w2] = cluster(&network).await?;
    w1.expose::<Auction>();
    w2.expose::<Auction>();
    // ANCHOR: pool
    let placement = Placement::least_loaded().with_role("worker");
    let auctions = PlacedServers::<Auction>::new(&node, placement);
    let pool = auctions.pool(8, (100,));
    pool.start().await?;

    // The next worker in turn, and always the same one for a key.
    assert_eq!(pool.worker().bid(120).await?, 120);
    assert_eq!(pool.worker_for("ada").bid(130).await?, 130);
    // ANCHOR_END: pool
    Ok(())
}
