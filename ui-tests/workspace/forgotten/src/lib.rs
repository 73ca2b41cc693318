//! Communicates with other nodes, but lacks the feature.
use ambit::prelude::*;

pub struct Counter {
    value: u64,
}

#[gen_server(remote = "shop.counter")]
impl Counter {
    #[call]
    pub fn add(&mut self, by: u64) -> u64 {
        self.value += by;
        self.value
    }
}

#[derive(Message)]
#[message(name = "shop.event")]
pub struct Event(pub u64);

#[wire(name = "shop.id")]
pub struct Id(pub u64);
