// dsl #43: the error needs to be an error
#![allow(unused)]
use ambit::prelude::*;

use std::time::Duration;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast]
    fn add(&mut self, by: u64) -> Result<(), Duration> {
        Ok(())
    }
}

fn main() {}
