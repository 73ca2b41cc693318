//! Two nodes in two processes: a counter on `b` is used from `a` like one of its own, until `b` is killed.
//!
//! One command starts both: the program runs itself once more, as `b`.
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

/// The methods are those that a counter in the same program has.
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

/// What the end of the node does to a call that is under way, to a monitor, and to the next call.
async fn lose_it(
    counter: &CounterSubject,
    b: &mut Other,
    inbox: &mut Inbox<()>,
) -> Result<(), Box<dyn Error>> {
    inbox.monitor(counter);
    let under_way = counter.reaches(1_000).no_timeout().send();
    // Its answer says that the one before has arrived too.
    counter.get().await?;
    b.kill().await?;
    println!("b is killed");
    if let Err(error) = under_way.await {
        println!("the call under way: {error}");
    }
    if let Event::Down(down) = inbox.next().await {
        println!("the monitor: {}", down.reason);
    }
    if let Err(error) = counter.get().await {
        println!("the next call: {error}");
    }
    Ok(())
}

/// Whatever else the monitor had to say would be in the mailbox before a message sent now.
async fn no_second_down(inbox: &mut Inbox<()>) -> Result<(), Box<dyn Error>> {
    inbox.subject().send(()).await?;
    match inbox.next().await {
        Event::Message(()) => println!("the monitor has fired once"),
        other => println!("unexpected: {other:?}"),
    }
    Ok(())
}
