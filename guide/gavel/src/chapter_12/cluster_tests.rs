use std::error::Error;
use std::time::Duration;

use ambit::system::System;
use ambit_dist::transport::Memory;
use ambit_dist::{Member, Node};
use tokio::time::{Instant, sleep};

use super::auction::{AUCTIONS, Auction};
use super::bid::{Bid, Lot};
use super::house::House;
use super::money::Money;
use super::terms::Terms;

/// A house on one machine, and two members that run its auctions.
struct Cluster {
    network: Memory,
    house: House,
    hall: Node,
    members: Vec<Node>,
}

/// Starts the cluster. ada and bob have 100.00 each.
async fn start() -> Result<Cluster, Box<dyn Error>> {
    let network = Memory::new();
    let transport = network.bind(([10, 0, 0, 1], 7_000).into())?;
    let hall = Node::builder("hall").transport(transport).start().await?;
    let mut members = Vec::new();
    for (name, number) in [("north", 2), ("south", 3)] {
        let transport = network.bind(([10, 0, 0, number], 7_000).into())?;
        let node = Node::builder(name).transport(transport).role(AUCTIONS);
        let node = node.seeds(["10.0.0.1:7000"]);
        let node = node.system(System::builder().build()?).start().await?;
        node.expose::<Auction>();
        members.push(node);
    }
    let is_connected = |up: &[Member]| up.len() == 3 && up.iter().all(Member::is_connected);
    hall.membership().wait_until(is_connected).await;
    let house = House::start(&hall).await?;
    for bidder in ["ada", "bob"] {
        house
            .bank()
            .deposit(bidder.into(), Money::cents(10_000))
            .await?;
    }
    Ok(Cluster {
        network,
        house,
        hall,
        members,
    })
}

impl Cluster {
    async fn open(&self, lot: &str) -> Result<(), Box<dyn Error>> {
        let terms = Terms {
            asking: Money::cents(10_00),
            closes_at: Instant::now() + Duration::from_secs(60),
            last_call: Duration::from_secs(10),
        };
        self.house.open(lot.into(), terms).await?;
        Ok(())
    }

    fn member_of(&self, lot: &str) -> Option<&Node> {
        let name = self.house.member_of(&Lot::from(lot))?;
        self.members.iter().find(|member| *member.name() == name)
    }
}

#[ambit::test]
async fn the_auctions_are_spread_over_the_members() -> Result<(), Box<dyn Error>> {
    let cluster = start().await?;
    for lot in ["lamp", "vase", "violin", "watch"] {
        cluster.open(lot).await?;
    }
    for member in &cluster.members {
        let lots = ["lamp", "vase", "violin", "watch"].into_iter();
        let here = lots.filter(|lot| {
            cluster
                .member_of(lot)
                .is_some_and(|node| node.id() == member.id())
        });
        assert_eq!(here.count(), 2);
    }
    Ok(())
}

#[ambit::test]
async fn an_auction_behind_a_cut_cable_continues_on_another_member() -> Result<(), Box<dyn Error>> {
    let cluster = start().await?;
    cluster.open("lamp").await?;
    let lamp = cluster.house.auction("lamp");
    lamp.bid(Bid::new("ada", 11_00)).await??;

    let before = cluster.member_of("lamp").ok_or("it runs")?;
    cluster
        .network
        .cut(cluster.hall.local_addr(), before.local_addr());
    while cluster
        .member_of("lamp")
        .is_none_or(|now| now.id() == before.id())
    {
        sleep(Duration::from_millis(100)).await;
    }
    let least = Money::cents(11_50);
    assert_eq!(lamp.least().await?, least);
    lamp.bid(Bid::new("bob", 11_50)).await??;

    cluster
        .network
        .heal(cluster.hall.local_addr(), before.local_addr());
    let winner = lamp.winner().no_timeout().await?;
    assert_eq!(winner, Some(Bid::new("bob", 11_50)));
    assert_eq!(cluster.house.bank().statement().await?.paid, least);
    Ok(())
}
