// fix: give it an `#[init]`
#![allow(unused)]
use ambit::message::StartArgs;
use ambit::prelude::*;

struct Counter {
    value: u64,
}

#[gen_server(remote = "shop.counter")]
impl Counter {
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
