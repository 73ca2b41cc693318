// import or define `Missing`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[continue_with]
    fn more(&mut self, all: Option<Missing>) {}
}

fn main() {}
