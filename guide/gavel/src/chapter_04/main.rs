// ANCHOR: program
mod auction;
mod bank;
mod bid;
mod error;
mod money;
#[cfg(test)]
mod property;
mod terms;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::time::Duration;

use auction::Auction;
use bank::Bank;
use bid::{Bid, Lot};
use money::Money;
use terms::Terms;

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let bank = Bank::default().start().await?;
    bank.deposit("ada".into(), Money::cents(15_00)).await?;
    bank.deposit("bob".into(), Money::cents(40_00)).await?;

    let terms = Terms {
        asking: Money::cents(10_00),
        open_for: Duration::from_millis(300),
        last_call: Duration::from_secs(1),
    };
    let lamp = Auction::start(Lot::from("brass lamp"), terms.clone(), bank.clone()).await?;
    let violin = Auction::start(Lot::from("violin"), terms, bank.clone()).await?;

    lamp.bid(Bid::new("ada", 10_00)).await??;
    println!("both auctions are open, {}", bank.statement().await?);

    // The violin has no bids. The bid for the lamp came late, so its auction stays open for another second.
    println!("violin: {:?}", violin.winner().await?);
    println!("violin: {:?}", violin.bid(Bid::new("bob", 10_00)).await?);
    lamp.bid(Bid::new("bob", 12_00)).await??;
    println!("lamp: still open, {}", bank.statement().await?);

    let winner = lamp.winner().no_timeout().await?.ok_or("no bids")?;
    println!("lamp: sold for {winner}, {}", bank.statement().await?);
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
