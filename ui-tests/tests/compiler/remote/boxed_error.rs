// reply with `String` or an error type of your own
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server(remote = "shop.counter")]
impl Counter {
    #[call]
    fn load(&mut self) -> Result<u64, Box<dyn std::error::Error + Send + Sync>> { Ok(self.value) }
}

fn main() {}
