// ANCHOR: program
mod auction;
mod bid;
mod money;

use std::error::Error;

use auction::Auction;
use bid::{Bid, Lot};
use money::Money;

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let auction = Auction::start(Lot::from("brass lamp")).await?;

    for (name, cents) in [("ada", 10_00), ("bob", 9_50), ("bob", 12_00)] {
        let bid = Bid {
            bidder: name.into(),
            amount: Money::cents(cents),
        };
        let accepted = auction.bid(bid.clone()).await?;
        println!("{bid}: {}", if accepted { "accepted" } else { "too low" });
    }

    let winner = auction.highest().await?.ok_or("no bids")?;
    println!("sold for {winner}");
    auction.stop().await?;
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
