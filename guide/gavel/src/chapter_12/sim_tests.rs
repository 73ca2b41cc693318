use std::error::Error;
use std::future::pending;
use std::time::Duration;

use ambit_dist::Member;
use ambit_dist::sim::{Fault, Host, Sim, Sweep, always, note};
use tokio::time::{Instant, sleep};

use super::auction::{AUCTIONS, Auction, AuctionSubject};
use super::bank::Statement;
use super::bid::Bid;
use super::house::House;
use super::money::Money;
use super::terms::Terms;

const PORT: u16 = 7_000;

const SECOND: Duration = Duration::from_secs(1);

/// A machine that runs auctions.
async fn member(host: Host) -> Result<(), Box<dyn Error>> {
    let hall = host.address_of("hall", PORT).to_string();
    let node = host.node(PORT).role(AUCTIONS).seeds([hall]);
    let node = node.start().await?;
    node.expose::<Auction>();
    pending().await
}

/// The house: it sells a lamp to bidders who bid at random, and checks the result.
async fn hall(host: Host) -> Result<(), Box<dyn Error>> {
    let node = host.node(PORT).start().await?;
    let is_connected = |up: &[Member]| up.len() == 3 && up.iter().all(Member::is_connected);
    node.membership().wait_until(is_connected).await;
    let house = House::start(&node).await?;
    for bidder in ["ada", "bob"] {
        house
            .bank()
            .deposit(bidder.into(), Money::cents(100_000))
            .await?;
    }
    let terms = Terms {
        asking: Money::cents(10_00),
        closes_at: Instant::now() + 20 * SECOND,
        last_call: SECOND,
    };
    let lamp = house.open("lamp".into(), terms).await?;

    let mut rng = host.rng("bids");
    let mut accepted = Money::default();
    while host.now() < 22 * SECOND {
        let bidder = if rng.below(2) == 0 { "ada" } else { "bob" };
        let least = lamp.least().timeout(SECOND).await.unwrap_or(accepted);
        let amount = least + Money::cents(rng.below(10_00));
        let bid = Bid {
            bidder: bidder.into(),
            amount,
        };
        let answer = lamp.bid(bid.clone()).timeout(2 * SECOND).await;
        if let Ok(Ok(())) = answer {
            accepted = amount;
        } else {
            note!("{bid}: {answer:?}");
            check(&house, &lamp, accepted).await?;
        }
        sleep(rng.between(SECOND / 20, SECOND / 2)).await;
    }
    while let Err(error) = lamp.winner().timeout(5 * SECOND).await {
        note!("the winner: {error}");
        sleep(SECOND).await;
    }
    check(&house, &lamp, accepted).await
}

/// Compares the auction with the bank, when both can be reached.
async fn check(
    house: &House,
    lamp: &AuctionSubject,
    accepted: Money,
) -> Result<(), Box<dyn Error>> {
    let highest = loop {
        match lamp.highest().timeout(SECOND).await {
            Ok(highest) => break highest,
            Err(error) => note!("the highest bid: {error}"),
        }
        sleep(SECOND).await;
    };
    let amount = highest.map(|bid| bid.amount).unwrap_or_default();
    let sums = house.bank().statement().await?;
    let Statement { free, held, paid } = sums;
    always!(
        held + paid == amount,
        "the bank holds the highest bid",
        "{amount}; {sums}"
    );
    always!(
        amount >= accepted,
        "no accepted bid is lost",
        "{amount}; {accepted}"
    );
    always!(
        free + held + paid == Money::cents(200_000),
        "money is conserved",
        "{sums}"
    );
    Ok(())
}

/// Three machines. The cables between the hall and one or both members are cut three times, in one direction or in
/// both. Sometimes a member crashes.
fn build(sim: &mut Sim) {
    let mut rng = sim.rng("faults");
    sim.client("hall", hall);
    sim.host("north", member);
    sim.host("south", member);
    for start in [3, 9, 15] {
        let at = start * SECOND + rng.between(Duration::ZERO, 2 * SECOND);
        let healed = at + rng.between(SECOND, 4 * SECOND);
        let (is_one_way, is_one_member) = (rng.chance(0.7), rng.chance(0.3));
        for member in ["north", "south"]
            .into_iter()
            .take(2 - usize::from(is_one_member))
        {
            let (from, to) = (member.to_owned(), "hall".to_owned());
            let fault = match is_one_way {
                true => Fault::Cut(from.clone(), to.clone()),
                false => Fault::Partition(from.clone(), to.clone()),
            };
            sim.at(at, fault);
            sim.at(healed, Fault::Heal(from, to));
        }
    }
    if rng.chance(0.3) {
        sim.at(12 * SECOND, Fault::Crash("north".into()));
        sim.at(14 * SECOND, Fault::Bounce("north".into()));
    }
}

#[test]
fn the_invariants_hold_when_cables_are_cut() {
    Sweep::over(0..8).run(build).assert_passed();
}
