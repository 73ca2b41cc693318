use std::error::Error;

use ambit::prelude::*;
use ambit_dist::Node;

use super::bid::{Bidder, Lot};
use super::desk::{DESK, Desk};
use super::money::Money;
use super::news::News;

/// A visit from another machine: ada and bob bid for the lamp, and read its news until it is sold.
pub async fn visit(node: &Node) -> Result<(), Box<dyn Error>> {
    let desk = node.names().lookup::<Desk>(DESK).await?;
    let lots = desk.lots().await??;
    let first = lots.first().ok_or("no lot is open yet")?;
    println!("{} lots, the first one: {first}", lots.len());

    let lamp = Lot::from("lamp");
    let reader = ambit::spawn(read);
    desk.follow(lamp.clone(), reader.recipient()).await?;

    let mut is_open = false;
    for (bidder, cents) in [("ada", 12_00), ("bob", 10_00), ("bob", 12_50)] {
        let session = desk.session(Bidder::from(bidder)).await??;
        let amount = Money::cents(cents);
        match session.bid(lamp.clone(), amount).await? {
            Ok(()) => {
                is_open = true;
                println!("{bidder}: {amount} accepted");
            }
            Err(error) => println!("{bidder}: {error}"),
        }
    }
    // The news of a closed auction came before this visit.
    if is_open {
        reader.closed().await;
    }
    Ok(())
}

/// Prints the news when a lot is sold.
async fn read(mut inbox: Inbox<News>) {
    let mut all = Vec::new();
    while let Some(news) = inbox.recv().await {
        let is_sold = matches!(news, News::Sold(..));
        all.push(news);
        if is_sold {
            break;
        }
    }
    for news in all {
        println!("news: {news}");
    }
}
