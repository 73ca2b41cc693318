// ANCHOR: program
mod auction;
mod auto_bidder;
mod bank;
mod bid;
mod board;
mod catalog;
mod clerk;
mod client;
#[cfg(test)]
mod cluster_tests;
mod desk;
mod error;
mod house;
mod member;
mod money;
mod news;
#[cfg(test)]
mod property;
#[cfg(test)]
mod remote_tests;
mod session;
#[cfg(test)]
mod sim_tests;
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
use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use ambit::supervisor::Supervisor;
use ambit_dist::{Auth, Node};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use bid::Lot;
use catalog::NEWS;
use client::{Feed, show};
use desk::Desk;
use house::House;
use member::timeouts;
use money::Money;
use news::News;
use terms::Terms;

const LOTS: [&str; 4] = ["lamp", "vase", "violin", "watch"];

/// `HALL=127.0.0.1:7000 cargo run` is the house, and `JOIN=127.0.0.1:7000 NAME=north cargo run` runs auctions for it;
/// it needs two of these. `VISIT=127.0.0.1:7000 cargo run` visits it. Without these variables the program is the house,
/// and starts two members.
#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    if let Ok(hall) = env::var("JOIN") {
        let name = env::var("NAME").map_err(|_| "JOIN needs a NAME, such as NAME=north")?;
        return member::join(&hall, &name).await;
    }
    if let Ok(hall) = env::var("VISIT") {
        return visit(&hall).await;
    }
    match env::var("HALL") {
        Ok(address) => open(&address, Duration::from_secs(600), false).await,
        Err(_) => open("127.0.0.1:0", Duration::from_secs(8), true).await,
    }
}

async fn visit(hall: &str) -> Result<(), Box<dyn Error>> {
    let node = Node::builder("visitor").auth(Auth::dev()).start().await?;
    node.connect(hall).await?;
    visitor::visit(&node).await?;
    node.leave().await;
    Ok(())
}

/// Opens the house when two members have joined.
async fn open(listen: &str, time: Duration, is_demo: bool) -> Result<(), Box<dyn Error>> {
    let node = Node::builder("hall").auth(Auth::dev()).timeouts(timeouts());
    let node = node.listen(listen).start().await?;
    let house = House::start(&node).await?;
    for bidder in ["ada", "bob"] {
        house
            .bank()
            .deposit(bidder.into(), Money::cents(10_000))
            .await?;
    }
    let desk = Desk::child_spec(house.clone(), node.clone());
    let desk = Supervisor::builder().child(desk).start().await?;

    let hall = node.local_addr();
    // North is killed when this function ends.
    let (_north, south) = match is_demo {
        true => {
            let north = start_member(hall, "north")?;
            (Some(north), Some(start_member(hall, "south")?))
        }
        false => {
            println!("the hall listens on {hall}");
            (None, None)
        }
    };
    // A member reads the news as soon as it can run auctions.
    let news = node.topic::<News>(NEWS);
    while news.nodes().len() < 2 {
        sleep(Duration::from_millis(20)).await;
    }
    let terms = Terms {
        asking: Money::cents(10_00),
        closes_at: Instant::now() + time,
        last_call: Duration::from_millis(300),
    };
    for lot in LOTS {
        house.open(lot.into(), terms.clone()).await?;
    }

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let web = listener.local_addr()?;
    let of_stop = house.clone();
    let stop = async move {
        let end = match south {
            Some(south) => demo(&of_stop, south, web).await,
            None => {
                println!("for browsers: http://{web}/lots");
                tokio::signal::ctrl_c().await.map_err(Box::from)
            }
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

/// Starts this program as a member.
fn start_member(hall: SocketAddr, name: &str) -> std::io::Result<Child> {
    let mut member = Command::new(env::current_exe()?);
    member.args(env::args().skip(1));
    member.env("JOIN", hall.to_string()).env("NAME", name);
    member.stdout(Stdio::null()).kill_on_drop(true).spawn()
}

/// Shows what the loss of a member does to its auctions.
async fn demo(house: &House, mut south: Child, web: SocketAddr) -> Result<(), Box<dyn Error>> {
    let mut feed = Feed::open(web, "/lots/vase/feed").await?;
    print_members(house);
    let ada = house.session("ada".into()).await?;
    for lot in LOTS {
        ada.bid(lot.into(), Money::cents(12_00)).await??;
    }

    south.kill().await?;
    let moved = |lot: &str| {
        house
            .member_of(&lot.into())
            .is_some_and(|member| member.as_str() == "north")
    };
    while !LOTS.into_iter().all(moved) {
        sleep(Duration::from_millis(20)).await;
    }
    println!("south is lost");
    print_members(house);
    show(web, "GET /lots/vase").await?;
    show(web, "POST /lots/vase/bids/bob/1200").await?;
    show(web, "POST /lots/vase/bids/bob/1300").await?;
    while let Some(event) = feed.next().await? {
        println!("feed: {event}");
        if event.contains("sold") {
            break;
        }
    }
    for lot in LOTS {
        house.auction(lot).winner().no_timeout().await?;
    }
    Ok(())
}

fn print_members(house: &House) {
    for lot in LOTS {
        match house.member_of(&Lot::from(lot)) {
            Some(member) => println!("  {lot}: on {member}"),
            None => println!("  {lot}: between two members"),
        }
    }
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
