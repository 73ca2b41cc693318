//! A chat room on three nodes, each in a process of its own: lines reach all users, a list shows who is present, and a
//! node that is killed takes its users with it.
//!
//! One command starts all of them: `cargo run -p larger-examples --bin cluster_chat`.
//!
//! - The lines of the room are a topic of the cluster. Each node receives one copy, for all its users.
//! - The users are presences: all nodes have the list, and read it without asking each other.
#![forbid(unsafe_code)]

mod user;

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use ambit_dist::{Auth, Cookie, Node, Presence, PresenceEvent, Timeouts};
use larger_examples::Other;

use crate::user::{Line, ROOM, User, users};

/// The time limit for all of it.
const LIMIT: Duration = Duration::from_secs(60);

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Only the processes that this program starts have a cookie.
    if larger_examples::cookie().is_ok()
        && let Some((name, first)) = larger_examples::role()?
    {
        return other(&name, first).await;
    }
    tokio::time::timeout(LIMIT, first()).await?
}

/// Returns timeouts by which a killed node is noticed within about two seconds.
fn timeouts() -> Timeouts {
    larger_examples::impatient().probe(Duration::from_millis(200))
}

/// Runs another node with its user, until the first process ends.
async fn other(user: &str, first: SocketAddr) -> Result<(), Box<dyn Error>> {
    let node = Node::builder(&format!("node-{user}"))
        .auth(Auth::cookie(larger_examples::cookie()?))
        .timeouts(timeouts())
        .seeds([first.to_string()]);
    let node = node.start().await?;
    let _user = User::start(node.clone(), user.to_owned()).await?;
    larger_examples::first_has_ended().await?;
    node.leave().await;
    Ok(())
}

/// Runs the first node with its user, and starts the others.
async fn first() -> Result<(), Box<dyn Error>> {
    let cookie = Cookie::generate()?;
    let node = Node::builder("node-ada").auth(Auth::cookie(cookie.clone()));
    let node = node.timeouts(timeouts()).start().await?;
    let present = users(&node).map_err(|error| error.to_string())?;
    let mut bob = Other::start("bob", node.local_addr(), &cookie)?;
    let mut cyd = Other::start("cyd", node.local_addr(), &cookie)?;
    let _ada = User::start(node.clone(), "ada".to_owned()).await?;

    let room = node.topic::<Line>(ROOM);
    show(&present, ["ada", "bob", "cyd"]).await?;
    // A node receives lines as soon as its subscription has arrived here.
    while room.nodes().len() < 3 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let say = |text: &str| {
        let (from, text) = ("ada".to_owned(), text.to_owned());
        room.broadcast(Line { from, text })
    };
    let published = say("Is anyone there?");
    println!("sent to {} other nodes", published.nodes);
    println!("{}", bob.line().await?);
    println!("{}", cyd.line().await?);

    println!("the node of bob is killed");
    bob.kill().await?;
    show(&present, ["ada", "cyd"]).await?;
    let published = say("Who is left?");
    println!("sent to {} other nodes", published.nodes);
    println!("{}", cyd.line().await?);
    node.leave().await;
    Ok(())
}

/// Waits until exactly these users are present, and prints them.
async fn show<const N: usize>(
    present: &Presence<String>,
    expected: [&str; N],
) -> Result<(), Box<dyn Error>> {
    let mut events = present.events(ROOM);
    loop {
        let list = present.list(ROOM);
        if list.iter().map(|user| user.key.as_str()).eq(expected) {
            println!("present: {}", expected.join(", "));
            return Ok(());
        }
        let event: Option<PresenceEvent<String>> = events.next().await;
        event.ok_or("the node has ended")?;
    }
}
