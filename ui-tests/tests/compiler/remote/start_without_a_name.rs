// fix: `#[gen_server(remote = "shop.counter")]`
#![allow(unused)]
use ambit::message::StartArgs;
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
}

// What `node.on("b").start::<Counter>(..)` asks for.
fn start_there<S: GenServer<Args: StartArgs>>() {}

fn main() {
    start_there::<Counter>();
}
