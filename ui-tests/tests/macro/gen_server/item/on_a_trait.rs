// dsl #01: put the attribute on an impl block
#![allow(unused)]
use ambit::prelude::*;

#[gen_server]
trait Count {
    #[call]
    fn get(&self) -> u64;
}

fn main() {}
