use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;
use ambit::test::{crash, settle};
use tokio::time::Instant;

use super::bid::{Bid, Lot};
use super::board::Board;
use super::house::House;
use super::money::Money;
use super::terms::Terms;

/// Starts a house with one lot, which closes after a minute; ada and bob have 20.00 each.
async fn open() -> Result<(House, Lot), Box<dyn Error>> {
    // ANCHOR: in_each
    let house = House::alone().await;
    // ANCHOR_END: in_each
    for bidder in ["ada", "bob"] {
        house
            .bank()
            .deposit(bidder.into(), Money::cents(20_00))
            .await?;
    }
    let lamp = Lot::from("brass lamp");
    let terms = Terms {
        asking: Money::cents(10_00),
        closes_at: Instant::now() + Duration::from_secs(60),
        last_call: Duration::from_secs(10),
    };
    house.open(lamp.clone(), terms).await?;
    Ok((house, lamp))
}

#[ambit::test]
async fn the_board_sees_bids_crashes_and_restarts() -> Result<(), Box<dyn Error>> {
    let (house, lamp) = open().await?;
    let board = Board::start(house.clone()).await?;
    board.watch(lamp.clone()).await?;
    let auction = house.auction(lamp);

    auction.bid(Bid::new("ada", 10_00)).await??;
    for _ in 0..2 {
        crash(&auction).await;
        settle().await;
    }
    auction.winner().no_timeout().await?;
    let expected = [
        "brass lamp: 10.00 by ada",
        "brass lamp: interrupted, panicked: crashed by the test",
        "brass lamp: continued",
        "brass lamp: interrupted, panicked: crashed by the test",
        "brass lamp: continued",
        "brass lamp: last call",
        "brass lamp: sold for 10.00 by ada",
    ];
    assert_eq!(board.lines().await?, expected);
    Ok(())
}

#[ambit::test]
async fn auto_bidders_stop_at_their_limit() -> Result<(), Box<dyn Error>> {
    let (house, lamp) = open().await?;
    for (bidder, limit) in [("ada", 12_00), ("bob", 15_00)] {
        let session = house.session(bidder.into()).await?;
        session
            .bid_up_to(lamp.clone(), Money::cents(limit))
            .await??;
        settle().await;
    }
    let winner = house.auction(lamp).winner().no_timeout().await?;
    assert_eq!(winner, Some(Bid::new("bob", 12_50)));
    Ok(())
}

#[ambit::test]
async fn an_auto_bidder_survives_a_crash_of_the_auction() -> Result<(), Box<dyn Error>> {
    let (house, lamp) = open().await?;
    let auction = house.auction(lamp.clone());
    let bob = house.session("bob".into()).await?;
    bob.bid_up_to(lamp, Money::cents(15_00)).await??;
    settle().await;
    crash(&auction).await;
    auction
        .when_available()
        .bid(Bid::new("ada", 11_00))
        .await??;
    let winner = auction.winner().no_timeout().await?;
    assert_eq!(winner, Some(Bid::new("bob", 11_50)));
    Ok(())
}

#[ambit::test]
async fn an_auto_bidder_ends_with_its_session() -> Result<(), Box<dyn Error>> {
    let (house, lamp) = open().await?;
    let bob = house.session("bob".into()).await?;
    bob.bid_up_to(lamp.clone(), Money::cents(15_00)).await??;
    settle().await;
    bob.stop_with(ExitReason::Shutdown).await?;

    let ada = house.session("ada".into()).await?;
    ada.bid(lamp.clone(), Money::cents(11_00)).await??;
    let winner = house.auction(lamp).winner().no_timeout().await?;
    assert_eq!(winner, Some(Bid::new("ada", 11_00)));
    Ok(())
}
