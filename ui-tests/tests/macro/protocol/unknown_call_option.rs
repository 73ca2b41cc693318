// fix: `timeout = ..`
#![allow(unused)]
use ambit::prelude::*;
use std::time::Duration;

#[protocol]
pub trait Kv {
    #[call(timout = Duration::from_secs(1))]
    fn len(&self) -> usize;
}

fn main() {}
