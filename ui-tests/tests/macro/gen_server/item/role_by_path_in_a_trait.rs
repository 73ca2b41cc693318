// dsl #01: put `#[gen_server]` on an impl block
#![allow(unused)]
use ambit::prelude::*;

#[gen_server]
trait Counter {
    #[ambit::call]
    fn get(&self) -> u64;

    #[ambit::prelude::cast]
    fn reset(&mut self);
}

fn main() {}
