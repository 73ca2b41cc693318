// import or define `Missing`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call]
    fn all(&self) -> Vec<Missing> {
        Vec::new()
    }
}

fn main() {}
