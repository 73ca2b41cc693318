// reply with `String` or an error type of your own
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server(remote = "shop.counter")]
impl Counter {
    #[call]
    fn load(&mut self) -> anyhow::Result<u64> { Ok(self.value) }
}

fn main() {}
