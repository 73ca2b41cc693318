// ANCHOR: program
mod auction;
mod auto_bidder;
mod bank;
mod bid;
mod board;
mod clerk;
mod client;
mod desk;
mod error;
mod house;
mod money;
mod news;
#[cfg(test)]
mod property;
#[cfg(test)]
mod remote_tests;
mod session;
#[cfg(test)]
mod storm_tests;
mod terms;
#[cfg(test)]
mod tests;
mod visitor;
#[cfg(test)]
mod watcher_tests;
mod web;
#[cfg(test)]
mod web_tests;

use std::env;
use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use ambit::supervisor::Supervisor;
use ambit_dist::{Auth, Node};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::time::Instant;

use client::{Feed, show};
use desk::Desk;
use house::House;
use money::Money;
use terms::Terms;

/// `HALL=127.0.0.1:7000 cargo run` is the house, until Ctrl-C; `VISIT=127.0.0.1:7000 cargo run` visits it from another
/// program. Without these variables the program is the house, and starts one visitor.
#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    if let Ok(hall) = env::var("VISIT") {
        return visit(&hall).await;
    }
    match env::var("HALL") {
        Ok(address) => open(&address, Duration::from_secs(600), false).await,
        Err(_) => open("127.0.0.1:0", Duration::from_secs(3), true).await,
    }
}

async fn visit(hall: &str) -> Result<(), Box<dyn Error>> {
    let node = Node::builder("visitor").auth(Auth::dev()).start().await?;
    node.connect(hall).await?;
    visitor::visit(&node).await?;
    node.leave().await;
    Ok(())
}

/// Opens the house for other machines.
async fn open(listen: &str, time: Duration, is_demo: bool) -> Result<(), Box<dyn Error>> {
    let house = House::start().await?;
    for bidder in ["ada", "bob"] {
        house
            .bank()
            .deposit(bidder.into(), Money::cents(10_000))
            .await?;
    }
    let terms = Terms {
        asking: Money::cents(10_00),
        closes_at: Instant::now() + time,
        last_call: Duration::from_millis(300),
    };
    for lot in ["lamp", "violin"] {
        house.open(lot.into(), terms.clone()).await?;
    }

    let node = Node::builder("hall").auth(Auth::dev()).listen(listen);
    let node = node.start().await?;
    let desk = Desk::child_spec(house.clone(), node.clone());
    let desk = Supervisor::builder().child(desk).start().await?;

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let (hall, web) = (node.local_addr(), listener.local_addr()?);
    let stop = async move {
        let end = if is_demo {
            demo(hall, web).await
        } else {
            println!("the hall listens on {hall}, and for browsers on http://{web}/lots");
            tokio::signal::ctrl_c().await
        };
        if let Err(error) = end {
            eprintln!("stopping early: {error}");
        }
    };
    web::serve(listener, house.clone(), stop).await?;
    println!("{}", house.bank().statement().await?);
    desk.stop().await?;
    house.stop().await?;
    node.leave().await;
    Ok(())
}

/// Starts the visitor, and reads the same news as a browser.
async fn demo(hall: SocketAddr, web: SocketAddr) -> io::Result<()> {
    let mut feed = Feed::open(web, "/lots/lamp/feed").await?;
    let mut visitor = Command::new(env::current_exe()?);
    visitor.args(env::args().skip(1));
    visitor.env("VISIT", hall.to_string()).status().await?;
    show(web, "GET /lots/lamp").await?;
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
