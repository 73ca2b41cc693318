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

use bid::Bid;
use house::House;
use money::Money;
use terms::Terms;

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let house = House::start().await?;
    let bank = house.bank();
    bank.deposit("ada".into(), Money::cents(30_00)).await?;
    bank.deposit("bob".into(), Money::cents(30_00)).await?;

    let terms = Terms {
        asking: Money::cents(10_00),
        closes_at: Instant::now() + Duration::from_millis(500),
        last_call: Duration::from_millis(200),
    };
    for lot in ["brass lamp", "violin", "atlas"] {
        house.open(lot.into(), terms.clone()).await?;
    }
    let second = house.open("violin".into(), terms).await;
    println!("a second auction of the violin: {}", second.is_ok());

    let bids = [
        ("brass lamp", Bid::new("ada", 12_00)),
        ("violin", Bid::new("bob", 20_00)),
        ("violin", Bid::new("ada", 25_00)),
        ("violin", Bid::new("bob", 22_00)),
        ("chair", Bid::new("bob", 22_00)),
    ];
    for (lot, bid) in bids {
        match house.auction(lot).bid(bid.clone()).await {
            Ok(Ok(())) => println!("{lot}, {bid}: accepted"),
            Ok(Err(error)) => println!("{lot}, {bid}: {error}"),
            Err(CallError::NoProcess) => println!("{lot}, {bid}: there is no such auction"),
            Err(error) => return Err(error.into()),
        }
    }

    // A crash of one auction concerns no other one.
    let violin = house.auction("violin");
    let end = violin.monitor();
    ambit::exit(&violin, ExitReason::Kill);
    println!("the violin: {}", end.await.reason);

    for lot in house.lots().await? {
        let winner = house.auction(lot.clone()).when_available().winner().await?;
        match winner {
            Some(bid) => println!("{lot}: sold for {bid}"),
            None => println!("{lot}: not sold"),
        }
    }
    println!("{}", bank.statement().await?);
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
