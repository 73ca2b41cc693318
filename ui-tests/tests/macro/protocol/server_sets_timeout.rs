// fix: `#[call(timeout = ..)]` in the protocol
#![allow(unused)]
use ambit::prelude::*;
use std::time::Duration;

#[protocol]
pub trait Kv {
    #[call]
    fn len(&self) -> usize;
}

pub struct Memory;

#[gen_server(protocol = Kv)]
impl Memory {
    #[call(timeout = Duration::from_secs(1))]
    fn len(&self) -> usize {
        0
    }
}

fn main() {}
