use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;
use ambit::sys;
use ambit::test::crash;
use tokio::time::{Instant, sleep};

use super::auction::{Auction, AuctionSubject};
use super::bank::{Bank, BankSubject};
use super::bid::{Bid, Lot};
use super::error::BidError;
use super::money::Money;
use super::terms::Terms;

const SECOND: Duration = Duration::from_secs(1);

/// Starts a bank with 20.00 for ada and for bob, and an auction of one minute that asks for 10.00.
async fn open() -> Result<(BankSubject, AuctionSubject), Box<dyn Error>> {
    let bank = Bank::default().start().await?;
    for bidder in ["ada", "bob"] {
        bank.deposit(bidder.into(), Money::cents(20_00)).await?;
    }
    let terms = Terms {
        asking: Money::cents(10_00),
        open_for: 60 * SECOND,
        last_call: 10 * SECOND,
    };
    let auction = Auction::start(Lot::from("brass lamp"), terms, bank.clone()).await?;
    Ok((bank, auction))
}

#[ambit::test]
async fn the_highest_bid_wins() -> Result<(), Box<dyn Error>> {
    let (bank, auction) = open().await?;
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
async fn an_auction_closes_by_itself() -> Result<(), Box<dyn Error>> {
    let (_bank, auction) = open().await?;
    let began = Instant::now();
    assert_eq!(auction.winner().no_timeout().await?, None);
    assert_eq!(began.elapsed(), 60 * SECOND);

    let late = auction.bid(Bid::new("ada", 10_00)).await?;
    assert_eq!(late, Err(BidError::Closed));
    Ok(())
}

#[ambit::test]
async fn a_late_bid_keeps_the_auction_open() -> Result<(), Box<dyn Error>> {
    let (_bank, auction) = open().await?;
    let began = Instant::now();
    auction.bid(Bid::new("ada", 10_00)).await??; // early: changes nothing
    sleep(55 * SECOND).await;
    auction.bid(Bid::new("bob", 11_00)).await??;
    sleep(8 * SECOND).await;
    auction.bid(Bid::new("ada", 12_00)).await??;

    let winner = auction.winner().no_timeout().await?;
    assert_eq!(winner, Some(Bid::new("ada", 12_00)));
    assert_eq!(began.elapsed(), 73 * SECOND);
    Ok(())
}

#[ambit::test]
async fn a_silent_bank_is_an_error_after_five_seconds() -> Result<(), Box<dyn Error>> {
    let (bank, auction) = open().await?;
    sys::suspend(&bank).await?;
    let began = Instant::now();
    let bid = auction.bid(Bid::new("ada", 10_00)).no_timeout().await?;
    assert_eq!(bid, Err(BidError::NoBank(CallError::Timeout)));
    assert_eq!(began.elapsed(), 5 * SECOND);
    Ok(())
}

#[ambit::test]
async fn a_crashed_bank_is_an_error_at_once() -> Result<(), Box<dyn Error>> {
    let (bank, auction) = open().await?;
    crash(&bank).await;
    let bid = auction.bid(Bid::new("ada", 10_00)).await?;
    assert_eq!(bid, Err(BidError::NoBank(CallError::NoProcess)));
    Ok(())
}
