// ANCHOR: program
mod auction;
mod bank;
mod bid;
mod error;
mod money;

use std::error::Error;

use auction::Auction;
use bank::Bank;
use bid::{Bid, Lot};
use money::Money;

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let bank = Bank::default().start().await?;
    bank.deposit("ada".into(), Money::cents(15_00)).await?;
    bank.deposit("bob".into(), Money::cents(40_00)).await?;

    let asking = Money::cents(10_00);
    let lamp = Auction::start(Lot::from("brass lamp"), asking, bank.clone()).await?;
    let bids = [
        Bid::new("ada", 9_00),
        Bid::new("ada", 10_00),
        Bid::new("bob", 10_20),
        Bid::new("bob", 12_00),
        Bid::new("ada", 20_00),
    ];
    for bid in bids {
        match lamp.bid(bid.clone()).await? {
            Ok(()) => println!("{bid}: accepted"),
            Err(error) => println!("{bid}: {error}"),
        }
    }
    println!("{}", bank.statement().await?);

    let winner = lamp.close().await??.ok_or("no bids")?;
    println!("sold for {winner}");
    println!("{:?}", lamp.bid(Bid::new("ada", 14_00)).await?);
    println!("{}", bank.statement().await?);

    // Without the bank, the auction answers with its own error.
    let violin = Auction::start(Lot::from("violin"), asking, bank.clone()).await?;
    bank.stop().await?;
    println!("{:?}", violin.bid(Bid::new("ada", 14_00)).await?);

    // Without the auction, the call itself fails.
    violin.stop().await?;
    println!("{:?}", violin.bid(Bid::new("ada", 14_00)).await);
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
