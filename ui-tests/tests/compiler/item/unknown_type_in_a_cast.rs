// import or define `Missing`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast]
    fn put(&mut self, all: Vec<Missing>) {}
}

fn main() {}
