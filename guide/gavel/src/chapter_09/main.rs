// ANCHOR: program
mod auction;
mod auto_bidder;
mod bank;
mod bid;
mod board;
mod clerk;
mod error;
mod house;
mod money;
mod news;
#[cfg(test)]
mod property;
mod session;
#[cfg(test)]
mod storm_tests;
mod terms;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod watcher_tests;

use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;
use ambit::sys;
use tokio::time::Instant;

use bid::{Bid, Lot};
use board::Board;
use error::BidError;
use house::House;
use money::Money;
use terms::Terms;

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let house = House::start().await?;
    house
        .bank()
        .deposit("ada".into(), Money::cents(20_000))
        .await?;
    house
        .bank()
        .deposit("eve".into(), Money::cents(90_000))
        .await?;
    let lamp = Lot::from("brass lamp");
    let terms = Terms {
        asking: Money::cents(10_00),
        closes_at: Instant::now() + Duration::from_millis(1_500),
        last_call: Duration::from_millis(300),
    };
    let auction = house.open(lamp.clone(), terms).await?;
    let board = Board::start(house.clone()).await?;
    board.watch(lamp.clone()).await?;

    // One bidder sends eight bids at once: the rate limiter passes five.
    let ada = house.session("ada".into()).await?;
    let bids: Vec<_> = (10..18)
        .map(|euros| ada.bid(lamp.clone(), Money::cents(euros * 100)).send())
        .collect();
    let mut too_fast = 0;
    for bid in bids {
        if bid.await? == Err(BidError::TooFast) {
            too_fast += 1;
        }
    }
    println!("ada: {too_fast} of 8 bids were too fast");

    // No clerk is free.
    let clerks = (
        house.clerks().checkout().await?,
        house.clerks().checkout().await?,
    );
    let eve = house.session("eve".into()).await?;
    if let Err(error) = eve.bid(lamp.clone(), Money::cents(20_00)).await? {
        println!("eve: {error}");
    }
    drop(clerks);

    // A storm of forty bids: the mailbox of the auction has 32 slots.
    sys::suspend(&auction).await?;
    let storm: Vec<_> = (20..60)
        .map(|euros| auction.bid(Bid::new("eve", euros * 100)).send())
        .collect();
    sys::resume(&auction).await?;
    let mut full = 0;
    for bid in storm {
        match bid.await {
            Ok(answer) => answer?,
            Err(CallError::Full) => full += 1,
            Err(error) => return Err(error.into()),
        }
    }
    println!("storm: {full} of 40 bids found the mailbox full");

    auction.winner().await?;
    let lines = board.lines().await?;
    println!(
        "{} lines, the last one: {}",
        lines.len(),
        lines.last().ok_or("none")?
    );
    println!("{}", house.bank().statement().await?);
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
