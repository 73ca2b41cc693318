//! A live feed with subscribers of every temper: quick, slow, impatient, and a task that wants only the latest.
#![forbid(unsafe_code)]

use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;
use ambit::{PubSub, SubscribeOptions, WhenFull, sys};

/// What a machine measures.
#[derive(Clone, Debug, Message)]
struct Load(u32);

/// Shows what it is told; its mailbox is its patience.
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

    // Two of them do not look for a while: there is room for four messages, and six come.
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

    // A publisher that waits loses nothing, if the slow one looks again in time.
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
