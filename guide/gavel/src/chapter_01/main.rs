// ANCHOR: program
mod auction;
mod bid;
mod money;

use std::error::Error;

use auction::Auction;
use bid::{Bid, Lot};

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let auction = Auction::start(Lot::from("brass lamp")).await?;

    let bids = [
        Bid::new("ada", 10_00),
        Bid::new("bob", 9_50),
        Bid::new("bob", 12_00),
    ];
    for bid in bids {
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
