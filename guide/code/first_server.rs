//! The first program of the chapter "A server".

// ANCHOR: program
use std::error::Error;

use ambit::prelude::*;

struct Counter {
    value: u64,
}

#[gen_server]
impl Counter {
    #[init]
    fn new(value: u64) -> Self {
        Self { value }
    }

    #[call]
    fn get(&self) -> u64 {
        self.value
    }

    #[cast]
    fn add(&mut self, by: u64) {
        self.value += by;
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let counter = Counter::start(40).await?;
    counter.add(2).await?;
    println!("{counter:?} says {}", counter.get().await?);
    counter.stop().await?;
    println!("alive: {}", counter.is_alive());
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
