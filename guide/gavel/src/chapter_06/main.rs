// ANCHOR: program
mod auction;
mod bank;
mod bid;
mod error;
mod house;
mod money;
#[cfg(test)]
mod property;
mod terms;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;
use tokio::time::Instant;

use bid::{Bid, Lot};
use house::House;
use money::Money;
use terms::Terms;

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let terms = Terms {
        asking: Money::cents(10_00),
        closes_at: Instant::now() + Duration::from_millis(500),
        last_call: Duration::from_millis(200),
    };
    let lot = Lot::from("brass lamp");
    let house = House { lot, terms }.start().await?;
    let (bank, auction) = (house.bank(), house.auction());
    bank.deposit("ada".into(), Money::cents(15_00)).await?;
    bank.deposit("bob".into(), Money::cents(40_00)).await?;
    auction.bid(Bid::new("ada", 10_00)).await??;

    let end = auction.monitor();
    ambit::exit(&auction, ExitReason::Kill);
    println!("the auction has ended: {}", end.await.reason);
    let highest = auction.when_available().highest().await?;
    println!("the highest bid is {}", highest.ok_or("lost")?);

    auction.bid(Bid::new("bob", 12_00)).await??;
    let winner = auction.winner().await?.ok_or("no bids")?;
    println!("sold for {winner}, {}", bank.statement().await?);

    let end = auction.monitor();
    ambit::exit(&auction, ExitReason::Kill);
    println!("the auction has ended: {}", end.await.reason);
    let late = auction.when_available().bid(Bid::new("ada", 14_00)).await?;
    println!("a late bid: {late:?}");
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
