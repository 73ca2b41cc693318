// make it a `#[cast]`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call]
    fn crash(&mut self) -> ! {
        panic!()
    }
}

fn main() {}
