//! A directory of services on three nodes, each in a process of its own. A client finds services by name, wherever they
//! run. When a node is killed, the other one starts its services, and the handles of the client lead to them.
//!
//! One command starts all of them: `cargo run -p larger-examples --bin cluster_directory`.
#![forbid(unsafe_code)]

mod keeper;
mod service;

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use ambit_dist::{Auth, Cookie, MemberEvent, Node, NodeName, Timeouts};
use larger_examples::Other;

use crate::keeper::{Keeper, WORKER};
use crate::service::{SERVICES, Service};

/// The time limit for all of it.
const LIMIT: Duration = Duration::from_secs(60);
/// The time until a service is found.
const SOON: Duration = Duration::from_secs(20);

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Only the processes that this program starts have a cookie.
    if larger_examples::cookie().is_ok()
        && let Some((name, first)) = larger_examples::role()?
    {
        return worker(&name, first).await;
    }
    tokio::time::timeout(LIMIT, client()).await?
}

/// Returns timeouts by which a killed node is noticed within about two seconds.
fn timeouts() -> Timeouts {
    larger_examples::impatient().probe(Duration::from_millis(200))
}

/// Runs a node with services, until the first process ends.
async fn worker(name: &str, first: SocketAddr) -> Result<(), Box<dyn Error>> {
    let node = Node::builder(name)
        .auth(Auth::cookie(larger_examples::cookie()?))
        .timeouts(timeouts())
        .role(WORKER)
        .seeds([first.to_string()]);
    let node = node.start().await?;
    let _keeper = Keeper::start(node).await?;
    larger_examples::first_has_ended().await?;
    Ok(())
}

/// Runs the node of the client, starts the others, and uses the services.
async fn client() -> Result<(), Box<dyn Error>> {
    let cookie = Cookie::generate()?;
    let node = Node::builder("client").auth(Auth::cookie(cookie.clone()));
    let node = node.timeouts(timeouts()).start().await?;
    let mut members = node.membership().events();
    let address = node.local_addr();
    let mut workers = [
        Other::start("east", address, &cookie)?,
        Other::start("west", address, &cookie)?,
    ];

    let names = node.names();
    for name in SERVICES {
        names.lookup::<Service>(name).timeout(SOON).await?;
    }
    // This handle follows the name, from process to process and from node to node.
    let mail = names.via::<Service>("mail");
    let (place, requests) = mail.request().await?;
    println!("mail has answered, request {requests} to its process");

    println!("the node of mail is killed");
    let killed = usize::from(place == "west");
    workers[killed].kill().await?;
    lost(&mut members, &place).await?;
    for name in SERVICES {
        names.lookup::<Service>(name).timeout(SOON).await?;
    }
    let (next, requests) = mail.request().await?;
    if next == place {
        return Err("the service runs on a node that was killed".into());
    }
    println!("mail has answered from the other node, request {requests} to its process");
    let runs_there = |name: &&str| {
        names
            .node_of(*name)
            .is_some_and(|node| is(&node.name, &next))
    };
    let there = SERVICES.iter().filter(|name| runs_there(name)).count();
    println!("services on the other node: {there}");
    node.leave().await;
    Ok(())
}

/// Waits until a node is lost.
async fn lost(
    members: &mut ambit_dist::Events<MemberEvent>,
    name: &str,
) -> Result<(), Box<dyn Error>> {
    loop {
        let event = members.next().await.ok_or("the node has ended")?;
        if let MemberEvent::Down { node, .. } = event
            && is(&node.name, name)
        {
            return Ok(());
        }
    }
}

fn is(node: &NodeName, name: &str) -> bool {
    node.as_str() == name
}
