//! A live feed with different subscribers: fast, slow, lossy, and a task that only needs the latest value.
#![forbid(unsafe_code)]

use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;
use ambit::pubsub::{PubSub, SubscribeOptions, WhenFull};
use ambit::sys;

/// A measured load.
#[derive(Clone, Debug, Message)]
struct Load(u32);

/// Displays each value; the size of its mailbox is how far it may lag behind.
struct Dashboard {
    shown: Vec<u32>,
}

#[gen_server(mailbox = 4)]
impl Dashboard {
    #[init]
    fn new() -> Self {
        Self { shown: Vec::new() }
    }
    #[info]
    fn on_load(&mut self, Load(percent): Load) {
        self.shown.push(percent);
    }
    #[call]
    fn shown(&self) -> Vec<u32> {
        self.shown.clone()
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let feed = PubSub::new().topic::<Load>("load");
    let quick = Dashboard::start().await?;
    let (slow, strict) = (Dashboard::start().await?, Dashboard::start().await?);
    assert!(feed.subscribe(&quick.recipient()));
    assert!(feed.subscribe(&slow.recipient()));
    let leaves = SubscribeOptions::new().when_full(WhenFull::Unsubscribe);
    assert!(feed.subscribe_with(&strict.recipient(), leaves));
    let mut latest = feed.listen_with(2);

    // Two subscribers are suspended: their capacity is four messages, and six arrive.
    sys::suspend(&slow).await?;
    sys::suspend(&strict).await?;
    for percent in 1..=6 {
        println!("{percent} % for {}", feed.broadcast(Load(percent)));
        quick.shown().await?;
    }
    println!("the quick one lags by {:?}", feed.lag(quick.pid()));
    println!("the slow one lags by {:?}", feed.lag(slow.pid()));
    println!("the strict one lags by {:?}", feed.lag(strict.pid()));
    for _ in 0..3 {
        match latest.next().await.ok_or("the feed has ended")? {
            Ok(Load(percent)) => println!("the task sees {percent} %"),
            Err(lagged) => println!("the task: {lagged}"),
        }
    }

    // A publisher that waits loses nothing, if the slow subscriber resumes in time.
    let time = Duration::from_secs(5);
    let (reached, woken) = tokio::join!(feed.broadcast_within(Load(7), time), sys::resume(&slow));
    woken?;
    println!("7 % for {reached}");
    println!("quick: {:?}", quick.shown().await?);
    println!("slow: {:?}", slow.shown().await?);
    sys::resume(&strict).await?;
    println!("strict: {:?}", strict.shown().await?);
    Ok(())
}
