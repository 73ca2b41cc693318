//! The clients: ann writes, bob watches. Both lose the store twice and find it again.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use ambit::error::CallError;
use ambit::retry::{Jitter, Retry};
use ambit_dist::{Auth, Node};

use crate::store::{NAME, StoreSubject, find};

/// The names of the client that writes and the one that watches.
pub(crate) const WRITER: &str = "ann";
pub(crate) const WATCHER: &str = "bob";

/// The messages to the first process: this client is done with the store, or has lost it.
pub(crate) const CONTENT: &str = "content";
pub(crate) const LOST: &str = "lost";

/// Runs the process of a client.
pub(crate) async fn run(name: &str, address: SocketAddr) -> Result<(), Box<dyn Error>> {
    let node = Node::builder(name).auth(Auth::cookie(larger_examples::cookie()?));
    let node = node.timeouts(larger_examples::impatient()).start().await?;
    node.connect(address).await?;
    for life in 1..=3 {
        let store = look_for_store(&node).await?;
        println!("found store {life}");
        let monitor = store.monitor();
        match name {
            WRITER => write(&store).await?,
            _ => watch(&store).await?,
        }
        match life {
            1 if name == WRITER => provoke(&store).await,
            1 => {}
            2 => println!("{CONTENT}"),
            _ => break,
        }
        println!(
            "store {life} is gone: {}",
            larger_examples::why(&monitor.await.reason)
        );
        let error = store.get("tea".into()).await.err();
        println!("its handle: {}", error.ok_or("it is still there")?);
        if life == 2 {
            println!("{LOST}");
        }
    }
    node.leave().await;
    println!("{CONTENT}");
    larger_examples::first_has_ended().await?;
    Ok(())
}

/// A lost node is redialled automatically, so the client only retries until the store replies.
async fn look_for_store(node: &Node) -> Result<StoreSubject, Box<dyn Error>> {
    let ms = Duration::from_millis;
    let when_available = Retry::unlimited()
        .exponential(ms(20), ms(500))
        .jitter(Jitter::Equal)
        .within(ms(20_000));
    let found = when_available.run(|| node.on(NAME).call(find()));
    let found = found.when(CallError::is_transient).await?;
    Ok(found.ok_or("there is no store on the node")?)
}

async fn write(store: &StoreSubject) -> Result<(), Box<dyn Error>> {
    let before = store.put("tea".into(), "green".into()).await?;
    println!("tea was {before:?}");
    // A cast waits for capacity, not for the store; `now` does not wait at all.
    store.append("tea".into(), ", black".into()).await?;
    store.append("tea".into(), ", white".into()).now()?;
    // Messages from one sender arrive in order, so the call sees both casts.
    println!("tea is {:?}", store.get("tea".into()).await?);
    let (key, value) = store.change(3).await?;
    println!("{key} says {value}");
    Ok(())
}

/// The first three changes are ann's; bob's thanks are the fourth.
async fn watch(store: &StoreSubject) -> Result<(), Box<dyn Error>> {
    for number in 0..3 {
        let (key, value) = store.change(number).await?;
        println!("{key} becomes {value:?}");
    }
    store.put("bob".into(), "thanks".into()).await?;
    Ok(())
}

/// Crashes the store with an invalid request. Its supervisor starts a new, empty one.
async fn provoke(store: &StoreSubject) {
    if let Err(CallError::Exited { reason, .. }) = store.put(String::new(), "?".into()).await {
        println!("the request was its end: {}", larger_examples::why(&reason));
    }
}

/// Relays the output of both clients concurrently.
pub(crate) async fn both(
    ann: &mut larger_examples::Other,
    bob: &mut larger_examples::Other,
    last: &str,
) -> io::Result<()> {
    let (ann, bob) = tokio::join!(ann.relay(last), bob.relay(last));
    ann.and(bob)
}
