//! Two nodes in two processes: a counter on `b` is used from `a` like one of its own, until `b` is killed.
//!
//! One command starts both: the program runs itself once more, as `b`.
#![forbid(unsafe_code)]

mod counter;
mod other;

use std::env;
use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;
use ambit_dist::{Auth, Cookie, Node, Timeouts};

use crate::counter::{Counter, CounterSubject};
use crate::other::Other;

#[ambit::main]
async fn main(mut inbox: Inbox<()>) -> Result<(), Box<dyn Error>> {
    if env::args().nth(1).as_deref() == Some(other::NAME) {
        return other::run().await;
    }
    let cookie = Cookie::generate()?;
    let mut b = Other::start(&cookie).await?;
    // A killed process says nothing: that it is gone shows in a second and a half of silence.
    let timeouts = Timeouts::default()
        .heartbeat(Duration::from_millis(300))
        .missed(5);
    let a = Node::builder("a").auth(Auth::cookie(cookie));
    let a = a.timeouts(timeouts).start().await?;
    let peer = a.connect(b.address).await?;
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
