// dsl #39: return a concrete type
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call]
    fn all(&self) -> impl Iterator<Item = u64> {
        [self.value].into_iter()
    }
}

fn main() {}
