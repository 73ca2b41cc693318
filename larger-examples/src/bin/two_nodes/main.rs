//! Two nodes in two processes: a counter on `b` is used from `a` like a local one, until `b` is killed.
//!
//! One command starts both: the program starts itself again, as `b`.
#![forbid(unsafe_code)]

mod counter;
mod other;

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use ambit::prelude::*;
use ambit_dist::{Auth, Cookie, Node};
use larger_examples::Other;

use crate::counter::{Counter, CounterSubject};

#[ambit::main]
async fn main(mut inbox: Inbox<()>) -> Result<(), Box<dyn Error>> {
    if let Some((_, address)) = larger_examples::role()? {
        return other::run(address).await;
    }
    let cookie = Cookie::generate()?;
    let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let mut b = Other::start(other::NAME, any_port, &cookie)?;
    let address = b.address().await?;
    let a = Node::builder("a").auth(Auth::cookie(cookie));
    let a = a.timeouts(larger_examples::impatient()).start().await?;
    let peer = a.connect(address).await?;
    println!("a is connected to {}", peer.name);

    let counter = a.on(other::NAME).start::<Counter>((40,)).await?;
    use_it(&counter).await?;
    lose_it(&counter, &mut b, &mut inbox).await?;
    a.leave().await;
    no_second_down(&mut inbox).await
}

/// The methods are the same as those of a local counter.
async fn use_it(counter: &CounterSubject) -> Result<(), Box<dyn Error>> {
    println!("2 more make {}", counter.add(2).await?);
    // A cast and a call from the same sender arrive in this order, also on another node.
    counter.set(7).await?;
    println!("after a cast it is {}", counter.get().await?);
    let patience = Duration::from_millis(50);
    if let Err(error) = counter.reaches(100).timeout(patience).await {
        println!("after 50 ms: {error}");
    }
    Ok(())
}

/// Shows the effect of a lost node on a pending call, on a monitor, and on the next call.
async fn lose_it(
    counter: &CounterSubject,
    b: &mut Other,
    inbox: &mut Inbox<()>,
) -> Result<(), Box<dyn Error>> {
    inbox.monitor(counter);
    let under_way = counter.reaches(1_000).no_timeout().send();
    // Its reply implies that the previous call has arrived too.
    counter.get().await?;
    b.kill().await?;
    println!("b is killed");
    if let Err(error) = under_way.await {
        println!("the call under way: {error}");
    }
    if let InboxEvent::Down(down) = inbox.next().await {
        println!("the monitor: {}", down.reason);
    }
    if let Err(error) = counter.get().await {
        println!("the next call: {error}");
    }
    Ok(())
}

/// Any further event of the monitor would be in the mailbox before a message sent now.
async fn no_second_down(inbox: &mut Inbox<()>) -> Result<(), Box<dyn Error>> {
    inbox.subject().send(()).await?;
    match inbox.next().await {
        InboxEvent::Message(()) => println!("the monitor has fired once"),
        other => println!("unexpected: {other:?}"),
    }
    Ok(())
}
