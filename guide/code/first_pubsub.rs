//! The first program of the page "Publish and subscribe".

// ANCHOR: program
use std::error::Error;

use ambit::prelude::*;
use ambit::pubsub::PubSub;

#[derive(Clone, Message)]
struct Price(u32);

struct Screen {
    shown: Vec<u32>,
}

#[gen_server]
impl Screen {
    #[init]
    fn new() -> Self {
        Self { shown: Vec::new() }
    }

    #[info]
    fn on_price(&mut self, Price(cents): Price) {
        self.shown.push(cents);
    }

    #[call]
    fn shown(&self) -> Vec<u32> {
        self.shown.clone()
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let prices = PubSub::new().topic::<Price>("coffee");
    println!("{} saw the first price", prices.broadcast(Price(180)));

    let screen = Screen::start().await?;
    assert!(prices.subscribe(&screen.recipient()));
    println!("{} saw the second", prices.broadcast(Price(190)));
    println!("the screen: {:?}", screen.shown().await?);

    screen.stop().await?;
    println!("{} saw the third", prices.broadcast(Price(200)));
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
