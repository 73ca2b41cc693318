// write `#[cast]` alone
#![allow(unused)]
use ambit::prelude::*;
use std::time::Duration;

#[protocol]
pub trait Kv {
    #[cast(timeout = Duration::from_secs(1))]
    fn reset(&self);
}

fn main() {}
