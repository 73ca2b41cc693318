// dsl #63: give one of them another tag; both are compiled, unlike the first
#![allow(unused, unexpected_cfgs)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server(remote = "shop.counter")]
impl Counter {
    #[cfg(no_total)]
    #[call(tag = "total")]
    fn all(&self) -> u64 { self.value }

    #[cfg(not(no_total))]
    #[call]
    fn total(&self) -> u64 { self.value }

    #[cfg(not(old))]
    #[call(tag = "total")]
    fn sum(&self) -> u64 { self.value }
}

fn main() {}
