// dsl #10: there are no remote servers yet: remove the option
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server(remote = "shop.counter")]
impl Counter {
    #[cast]
    fn reset(&mut self) {}
}

fn main() {}
