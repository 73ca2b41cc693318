// ANCHOR: program
mod auction;
mod auto_bidder;
mod bank;
mod bid;
mod board;
mod clerk;
mod client;
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
mod web;
#[cfg(test)]
mod web_tests;

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::Instant;

use client::{Feed, show};
use house::House;
use money::Money;
use terms::Terms;

/// With `PORT=8080 cargo run` it serves until Ctrl-C. Without, it serves one visit.
#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let port = std::env::var("PORT").ok();
    let open_for = Duration::from_millis(if port.is_some() { 600_000 } else { 800 });

    let house = House::start().await?;
    for bidder in ["ada", "bob"] {
        house
            .bank()
            .deposit(bidder.into(), Money::cents(10_000))
            .await?;
    }
    let terms = Terms {
        asking: Money::cents(10_00),
        closes_at: Instant::now() + open_for,
        last_call: Duration::from_millis(300),
    };
    for lot in ["lamp", "violin"] {
        house.open(lot.into(), terms.clone()).await?;
    }

    let listener =
        TcpListener::bind(format!("127.0.0.1:{}", port.as_deref().unwrap_or("0"))).await?;
    let address = listener.local_addr()?;
    let stop = async move {
        let end = if port.is_some() {
            println!("http://{address}/lots");
            tokio::signal::ctrl_c().await
        } else {
            visit(address).await
        };
        if let Err(error) = end {
            eprintln!("stopping early: {error}");
        }
    };
    // The requests end first, then the servers that they use.
    web::serve(listener, house.clone(), stop).await?;
    println!("no more requests, {}", house.bank().statement().await?);
    house.stop().await?;
    println!("processes left: {}", ambit::inspect::processes().len());
    Ok(())
}

/// A visit by a client: it bids, and reads the feed until the lot is sold.
async fn visit(address: SocketAddr) -> io::Result<()> {
    show(address, "GET /lots").await?;
    let mut feed = Feed::open(address, "/lots/lamp/feed").await?;
    show(address, "POST /lots/lamp/bids/ada/1200").await?;
    show(address, "POST /lots/lamp/bids/bob/1000").await?;
    show(address, "POST /lots/lamp/bids/bob/1250").await?;
    show(address, "POST /lots/chair/bids/bob/1250").await?;
    show(address, "GET /lots/lamp").await?;
    while let Some(event) = feed.next().await? {
        println!("feed: {event}");
        if event.contains("sold") {
            break;
        }
    }
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
