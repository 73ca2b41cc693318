use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;
use ambit::sys;
use ambit::test::crash;

use super::auction::{Auction, AuctionSubject};
use super::bank::{Bank, BankSubject};
use super::bid::{Bid, Lot};
use super::error::BidError;
use super::money::Money;

/// Starts a bank with 20.00 for ada and for bob, and an auction that asks for 10.00.
async fn open() -> Result<(BankSubject, AuctionSubject), Box<dyn Error>> {
    let bank = Bank::default().start().await?;
    for bidder in ["ada", "bob"] {
        bank.deposit(bidder.into(), Money::cents(20_00)).await?;
    }
    let asking = Money::cents(10_00);
    let auction = Auction::start(Lot::from("brass lamp"), asking, bank.clone()).await?;
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

    let winner = auction.close().await??;
    assert_eq!(winner, Some(Bid::new("bob", 12_00)));
    assert_eq!(bank.statement().await?.paid, Money::cents(12_00));
    Ok(())
}

#[ambit::test]
async fn a_silent_bank_is_an_error_after_five_seconds() -> Result<(), Box<dyn Error>> {
    let (bank, auction) = open().await?;
    sys::suspend(&bank).await?;
    let began = tokio::time::Instant::now();
    let bid = auction.bid(Bid::new("ada", 10_00)).no_timeout().await?;
    assert_eq!(bid, Err(BidError::NoBank(CallError::Timeout)));
    assert_eq!(began.elapsed(), Duration::from_secs(5));
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
