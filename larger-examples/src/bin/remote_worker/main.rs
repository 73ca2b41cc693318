//! A foreman on one node has a worker on another. When the worker crashes, the foreman starts a new one; when its whole
//! node is killed, on another node; and when no node is left, as soon as one returns.
//!
//! One command starts all of them: the program starts itself three more times.
#![forbid(unsafe_code)]

mod foreman;
mod worker;

use std::error::Error;

use ambit_dist::{Auth, Cookie, Node};
use larger_examples::Other;

use crate::foreman::Foreman;
use crate::worker::STUCK;

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    if let Some((name, foreman)) = larger_examples::role()? {
        return worker::run(&name, foreman).await;
    }
    let cookie = Cookie::generate()?;
    let node = Node::builder("foreman").auth(Auth::cookie(cookie.clone()));
    let node = node.timeouts(larger_examples::impatient()).start().await?;
    let machine = |name| Other::start(name, node.local_addr(), &cookie);
    let mut events = node.events();
    let (mut one, mut two) = (machine("one")?, machine("two")?);
    // Both nodes have joined before the work starts.
    events.next().await;
    events.next().await;

    let foreman = Foreman::start(node.clone(), 10).await?;
    let total = foreman.total().no_timeout().send();
    one.relay(STUCK).await?;
    println!("the power of one is cut");
    one.kill().await?;
    two.relay(STUCK).await?;
    println!("the power of two is cut, and no worker is left");
    two.kill().await?;
    foreman.alone().no_timeout().await?;
    println!("one is switched on again");
    let _one = machine("one")?;
    println!("{} primes below 10,000", total.await?);
    node.leave().await;
    Ok(())
}
