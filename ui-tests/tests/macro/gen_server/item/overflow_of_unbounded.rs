// remove `overflow`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server(mailbox = unbounded, overflow = reject)]
impl Counter {
    #[cast]
    fn reset(&mut self) {}
}

fn main() {}
