// import or define `Missing`
#![allow(unused)]
use ambit::prelude::*;

#[gen_server]
impl Missing {
    #[call]
    fn get(&self) -> u64 {
        0
    }
}

fn main() {}
