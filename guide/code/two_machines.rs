//! The tests on the page "Two machines": both nodes are in one program, each with its own system.

// ANCHOR: imports
use std::time::Duration;

use ambit::prelude::*;
use ambit_dist::{Auth, Node, NodeEvent, StartOnError};
// ANCHOR_END: imports

use std::error::Error;

use ambit::system::System;
use ambit_dist::Cookie;

// ANCHOR: counter
struct Counter(u64);

#[gen_server(remote = "shop.counter")]
impl Counter {
    #[init]
    fn new(value: u64) -> Self {
        Self(value)
    }

    #[call]
    fn get(&self) -> u64 {
        self.0
    }

    #[cast]
    fn add(&mut self, by: u64) {
        self.0 += by;
    }
}
// ANCHOR_END: counter

// ANCHOR: watched
struct Thermometer(Vec<Recipient<f64>>);

#[gen_server(remote = "shop.thermometer")]
impl Thermometer {
    #[init]
    fn new() -> Self {
        Self(Vec::new())
    }

    #[cast]
    fn tell(&mut self, whom: Recipient<f64>) {
        self.0.push(whom);
    }

    #[cast]
    async fn rises_to(&mut self, degrees: f64) -> Result<(), CastError> {
        for whom in &self.0 {
            whom.send(degrees).await?;
        }
        Ok(())
    }
}
// ANCHOR_END: watched

// ANCHOR: itself
/// Starts a counter on each of these nodes.
async fn spread(a: &Node, names: &[&str]) -> Result<Vec<CounterSubject>, StartOnError> {
    let mut counters = Vec::new();
    for name in names {
        counters.push(a.on(*name).start::<Counter>((40,)).await?);
    }
    Ok(counters)
}
// ANCHOR_END: itself

#[ambit::test(real_time)]
async fn requests_to_the_local_node() -> Result<(), Box<dyn Error>> {
    let (a, _b) = pair().await?;
    a.expose::<Counter>();
    for counter in spread(&a, &["a", "b"]).await? {
        assert_eq!(counter.get().await?, 40);
    }
    Ok(())
}

/// The connected nodes `a` and `b`; `b` exposes the counter.
async fn pair() -> Result<(Node, Node), Box<dyn Error>> {
    let cookie = Cookie::generate()?;
    // ANCHOR: nodes
    let node = |name| Node::builder(name).cluster("shop").listen("127.0.0.1:0");
    // On one machine:
    let b = node("b").auth(Auth::cookie(cookie.clone()));
    // ANCHOR_END: nodes
    let b = b.system(System::builder().build()?);
    // ANCHOR: connect
    let b = b.start().await?;
    b.expose::<Counter>();

    // On the other, with the address of the first:
    let a = node("a").auth(Auth::cookie(cookie)).start().await?;
    let peer = a.connect(b.local_addr()).await?;
    assert_eq!(peer, *b.id());
    // ANCHOR_END: connect
    b.expose::<Thermometer>();
    Ok((a, b))
}

#[ambit::test(real_time)]
async fn used() -> Result<(), Box<dyn Error>> {
    let (a, _b) = pair().await?;
    // ANCHOR: used
    let counter: CounterSubject = a.on("b").start::<Counter>((40,)).await?;
    counter.add(2).await?;
    let patience = Duration::from_secs(10);
    assert_eq!(counter.get().timeout(patience).await?, 42);
    // ANCHOR_END: used
    Ok(())
}

#[ambit::test(real_time)]
async fn looked_at() -> Result<(), Box<dyn Error>> {
    let (a, b) = pair().await?;
    // ANCHOR: looked_at
    let mut events = a.events();
    assert_eq!(a.peers()[0].id, *b.id());
    println!("an answer of b takes {:?}", a.ping("b").await?);

    b.leave().await;
    let event = events.next().await;
    assert!(matches!(event, Some(NodeEvent::Down { node, .. }) if node == *b.id()));
    // ANCHOR_END: looked_at
    Ok(())
}

#[ambit::test(real_time)]
async fn lost() -> Result<(), Box<dyn Error>> {
    let (a, b) = pair().await?;
    // ANCHOR: lost
    let counter = a.on("b").start::<Counter>((40,)).await?;
    let monitor = counter.monitor();
    a.disconnect("b").await;
    assert_eq!(monitor.await.reason, ExitReason::NoConnection);
    let executed = Executed::No;
    assert_eq!(
        counter.get().await,
        Err(CallError::NoConnection { executed })
    );

    // The counter still runs. Its handle works again after the reconnection.
    a.connect(b.local_addr()).await?;
    assert_eq!(counter.get().await?, 40);
    // ANCHOR_END: lost
    Ok(())
}

#[ambit::test(real_time)]
async fn told() -> Result<(), Box<dyn Error>> {
    let (a, _b) = pair().await?;
    // ANCHOR: told
    // For a plain process of `a`; for a server: `server.recipient::<f64>()`.
    let display = ambit::spawn(|mut inbox: Inbox<f64>| async move {
        let degrees = inbox.recv().await;
        println!("{degrees:?} °C");
    });
    let there = a.on("b").start::<Thermometer>(()).await?;
    there.tell(display.recipient()).await?;
    there.rises_to(31.5).await?;
    // ANCHOR_END: told
    assert_eq!(display.closed().await, ExitReason::Normal);
    Ok(())
}
