use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;
use ambit::system::System;
use ambit::test::Probe;
use ambit_dist::transport::Memory;
use ambit_dist::{MemberEvent, Node, NodeBuilder};
use tokio::time::Instant;

// ANCHOR: import
use super::auction::{AUCTIONS, Auction};
// ANCHOR_END: import
use super::bid::{Bid, Lot};
use super::desk::{DESK, Desk};
use super::error::BidError;
use super::house::House;
use super::money::Money;
use super::news::News;
use super::terms::Terms;

/// The house on one machine, and the node of another one.
struct Machines {
    network: Memory,
    house: House,
    hall: Node,
    far: Node,
    /// The processes of the other machine.
    far_system: System,
}

/// Returns a node on a network in memory.
fn node(network: &Memory, name: &str, number: u8) -> Result<NodeBuilder, Box<dyn Error>> {
    let transport = network.bind(([10, 0, 0, number], 7_000).into())?;
    let node = Node::builder(name).transport(transport);
    Ok(node.seeds(["10.0.0.1:7000"]))
}

/// Starts the machines. The house has a lamp, and ada has 20.00.
async fn start() -> Result<Machines, Box<dyn Error>> {
    let network = Memory::new();
    // ANCHOR: hall
    let hall = node(&network, "hall", 1)?.role(AUCTIONS).start().await?;
    hall.expose::<Auction>();
    // ANCHOR_END: hall
    let far_system = System::builder().build()?;
    let far = node(&network, "far", 2)?.system(far_system.clone());
    let far = far.start().await?;
    // ANCHOR: house
    let house = House::start(&hall).await?;
    // ANCHOR_END: house
    house
        .bank()
        .deposit("ada".into(), Money::cents(20_00))
        .await?;
    let terms = Terms {
        asking: Money::cents(10_00),
        closes_at: Instant::now() + Duration::from_secs(60),
        last_call: Duration::from_secs(10),
    };
    house.open("lamp".into(), terms).await?;
    Desk::start(house.clone(), hall.clone()).link().await?;
    Ok(Machines {
        network,
        house,
        hall,
        far,
        far_system,
    })
}

#[ambit::test]
async fn a_bidder_on_another_machine_gets_the_news() -> Result<(), Box<dyn Error>> {
    let machines = start().await?;
    let far = &machines.far;
    let lamp = Lot::from("lamp");
    let mut reader = machines.far_system.within(Probe::<News>::new);
    let desk = far.names().lookup::<Desk>(DESK).await?;
    assert_eq!(desk.lots().await?, Ok(vec![lamp.clone()]));
    assert!(desk.follow(lamp.clone(), reader.recipient()).await?);
    let ada = desk.session("ada".into()).await??;
    ada.bid(lamp.clone(), Money::cents(11_00)).await??;
    let bid = Bid::new("ada", 11_00);
    assert_eq!(reader.expect().await, News::Bid(lamp.clone(), bid.clone()));

    let low = ada.bid(lamp.clone(), Money::cents(11_00)).await?;
    let least = Money::cents(11_50);
    assert_eq!(low, Err(BidError::TooLow { least }));
    let unknown = ada.bid("chair".into(), Money::cents(11_00)).await?;
    assert_eq!(unknown, Err(BidError::NoAuction));
    let winner = machines.house.auction(lamp).winner().no_timeout().await?;
    assert_eq!(winner, Some(bid));
    Ok(())
}

#[ambit::test]
async fn a_bid_through_a_cut_cable_is_an_error_and_may_count() -> Result<(), Box<dyn Error>> {
    let machines = start().await?;
    let (hall, far) = (&machines.hall, &machines.far);
    let desk = far.names().lookup::<Desk>(DESK).await?;
    let ada = desk.session("ada".into()).await??;

    let mut members = far.membership().events();
    machines.network.cut(hall.local_addr(), far.local_addr());
    let bid = ada.bid("lamp".into(), Money::cents(11_00)).await;
    assert!(
        matches!(bid, Err(CallError::NoConnection { .. })),
        "{bid:?}"
    );
    while !matches!(members.next().await, Some(MemberEvent::Down { .. })) {}

    // The house works without this machine.
    machines.network.heal(hall.local_addr(), far.local_addr());
    let desk = far.names().lookup::<Desk>(DESK).await?;
    let ada = desk.session("ada".into()).await??;
    ada.bid("lamp".into(), Money::cents(12_00)).await??;
    let highest = machines.house.auction("lamp").highest().await?;
    assert_eq!(highest, Some(Bid::new("ada", 12_00)));
    Ok(())
}
