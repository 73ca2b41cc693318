use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;
use ambit::sys;
use ambit::test::{assert_restarted, crash, expect_crash, settle};
use tokio::time::{Instant, sleep};

use super::auction::{AuctionState, AuctionSubject};
use super::bid::Bid;
use super::error::BidError;
use super::house::House;
use super::money::Money;
use super::terms::Terms;

const SECOND: Duration = Duration::from_secs(1);

const LAMP: &str = "brass lamp";

fn terms() -> Terms {
    Terms {
        asking: Money::cents(10_00),
        closes_at: Instant::now() + 60 * SECOND,
        last_call: 10 * SECOND,
    }
}

/// Starts a house with the auction of one lot, which asks for 10.00 and closes after a minute; ada and bob have 20.00
/// each.
async fn open() -> Result<(House, AuctionSubject), Box<dyn Error>> {
    let house = House::start().await?;
    for bidder in ["ada", "bob"] {
        house
            .bank()
            .deposit(bidder.into(), Money::cents(20_00))
            .await?;
    }
    let auction = house.open(LAMP.into(), terms()).await?;
    Ok((house, auction))
}

#[ambit::test]
async fn the_highest_bid_wins() -> Result<(), Box<dyn Error>> {
    let (house, auction) = open().await?;
    let bank = house.bank();
    auction.bid(Bid::new("ada", 10_00)).await??;
    auction.bid(Bid::new("bob", 12_00)).await??;

    let low = auction.bid(Bid::new("ada", 12_49)).await?;
    let least = Money::cents(12_50);
    assert_eq!(low, Err(BidError::TooLow { least }));

    let winner = auction.winner().no_timeout().await?;
    assert_eq!(winner, Some(Bid::new("bob", 12_00)));
    assert_eq!(bank.statement().await?.paid, Money::cents(12_00));
    Ok(())
}

#[ambit::test]
async fn an_auction_goes_through_its_states() -> Result<(), Box<dyn Error>> {
    let (_house, auction) = open().await?;
    assert_eq!(auction.state().await?, AuctionState::Open);
    sleep(61 * SECOND).await;
    assert_eq!(auction.state().await?, AuctionState::Closing);
    sleep(10 * SECOND).await;
    assert_eq!(auction.state().await?, AuctionState::Closed);

    let late = auction.bid(Bid::new("ada", 10_00)).await?;
    assert_eq!(late, Err(BidError::Closed));
    assert_eq!(auction.winner().await?, None);
    Ok(())
}

#[ambit::test]
async fn each_late_bid_starts_the_last_call_again() -> Result<(), Box<dyn Error>> {
    let (_house, auction) = open().await?;
    let began = Instant::now();
    sleep(65 * SECOND).await;
    auction.bid(Bid::new("bob", 11_00)).await??;
    sleep(8 * SECOND).await;
    auction.bid(Bid::new("ada", 12_00)).await??;
    sleep(8 * SECOND).await;
    assert!(auction.bid(Bid::new("bob", 12_10)).await?.is_err()); // changes nothing

    let winner = auction.winner().no_timeout().await?;
    assert_eq!(winner, Some(Bid::new("ada", 12_00)));
    assert_eq!(began.elapsed(), 83 * SECOND);
    Ok(())
}

#[ambit::test]
async fn a_crash_loses_no_bid() -> Result<(), Box<dyn Error>> {
    let (_house, auction) = open().await?;
    auction.bid(Bid::new("ada", 10_00)).await??;
    assert_restarted!(auction, crash(&auction).await);
    assert_eq!(auction.highest().await?, Some(Bid::new("ada", 10_00)));
    Ok(())
}

#[ambit::test]
async fn a_crash_does_not_open_a_closed_auction() -> Result<(), Box<dyn Error>> {
    let (_house, auction) = open().await?;
    sleep(71 * SECOND).await;
    assert_restarted!(auction, crash(&auction).await);
    let late = auction.bid(Bid::new("ada", 10_00)).await?;
    assert_eq!(late, Err(BidError::Closed));
    Ok(())
}

#[ambit::test]
async fn a_bid_of_unknown_outcome_is_looked_up_at_the_bank() -> Result<(), Box<dyn Error>> {
    let (house, auction) = open().await?;
    let bank = house.bank();
    expect_crash(&auction);
    sys::suspend(&bank).await?;
    let bid = auction.bid(Bid::new("ada", 10_00)).no_timeout().await?;
    assert_eq!(bid, Err(BidError::NoBank(CallError::Timeout)));

    // The request is still in the mailbox of the bank. The new auction asks after it.
    sys::resume(&bank).await?;
    let highest = auction.when_available().highest().await?;
    assert_eq!(highest, Some(Bid::new("ada", 10_00)));
    Ok(())
}

#[ambit::test]
async fn the_auctions_end_with_the_bank() -> Result<(), Box<dyn Error>> {
    let (house, auction) = open().await?;
    let bank = house.bank();
    assert_restarted!(bank, crash(&bank).await);
    settle().await;
    assert_eq!(auction.highest().await, Err(CallError::NoProcess));
    assert!(house.lots().await?.is_empty());
    Ok(())
}

#[ambit::test]
async fn a_lot_has_one_auction() -> Result<(), Box<dyn Error>> {
    let (house, auction) = open().await?;
    let holder = auction.pid();
    let error = house.open(LAMP.into(), terms()).await.unwrap_err();
    let taken = StartError::AlreadyRegistered { holder };
    assert_eq!(error, ChildError::Start(taken));
    Ok(())
}

#[ambit::test]
async fn a_closed_auction_leaves_after_an_hour() -> Result<(), Box<dyn Error>> {
    let (house, auction) = open().await?;
    sleep(71 * SECOND).await;
    assert_eq!(house.lots().await?, [LAMP.into()]);
    sleep(3_600 * SECOND).await;
    assert!(house.lots().await?.is_empty());
    assert_eq!(auction.winner().await, Err(CallError::NoProcess));
    Ok(())
}
