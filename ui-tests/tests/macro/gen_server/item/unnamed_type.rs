// dsl #04: give the server a type with a name
#![allow(unused)]
use ambit::prelude::*;

#[gen_server]
impl [u64] {
    #[call]
    fn total(&self) -> u64 {
        0
    }
}

fn main() {}
