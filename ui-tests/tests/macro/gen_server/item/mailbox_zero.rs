// write `mailbox = 1` or more
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server(mailbox = 0)]
impl Counter {
    #[cast]
    fn reset(&mut self) {}
}

fn main() {}
