// ANCHOR: program
mod auction;
mod auto_bidder;
mod bank;
mod bid;
mod board;
mod error;
mod house;
mod money;
mod news;
#[cfg(test)]
mod property;
mod session;
mod terms;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod watcher_tests;

use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;
use tokio::time::Instant;

use bid::{Bid, Lot};
use board::Board;
use house::House;
use money::Money;
use news::News;
use terms::Terms;

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let house = House::start().await?;
    house
        .bank()
        .deposit("ada".into(), Money::cents(30_00))
        .await?;
    house
        .bank()
        .deposit("bob".into(), Money::cents(30_00))
        .await?;
    let lamp = Lot::from("brass lamp");
    let terms = Terms {
        asking: Money::cents(10_00),
        closes_at: Instant::now() + Duration::from_millis(800),
        last_call: Duration::from_millis(300),
    };
    house.open(lamp.clone(), terms).await?;

    let board = Board::start(house.clone()).await?;
    board.watch(lamp.clone()).await?;
    let mut news = house.news(&lamp).listen();

    // Each outbids the other, until the limit of ada is reached.
    let ada = house.session("ada".into()).await?;
    let bob = house.session("bob".into()).await?;
    ada.bid_up_to(lamp.clone(), Money::cents(12_00)).await??;
    news.next().await;
    bob.bid_up_to(lamp.clone(), Money::cents(15_00)).await??;
    let last = News::Bid(lamp.clone(), Bid::new("bob", 12_50));
    while let Some(Ok(news)) = news.next().await {
        if news == last {
            break;
        }
    }

    // The auction crashes. The board sees it, and sees the restart.
    ambit::exit(house.auction(lamp.clone()), ExitReason::Kill);
    tokio::time::sleep(Duration::from_millis(50)).await;

    // The session of bob ends, and the auto-bidder that is linked to it.
    bob.stop_with(ExitReason::Shutdown).await?;
    ada.bid(lamp.clone(), Money::cents(13_00)).await??;

    house.auction(lamp).winner().await?;
    for line in board.lines().await? {
        println!("{line}");
    }
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
