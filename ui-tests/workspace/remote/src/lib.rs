//! Communicates with other nodes, without serde in its own manifest.
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
