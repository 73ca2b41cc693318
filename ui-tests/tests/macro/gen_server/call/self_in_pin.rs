// dsl #20: take `&self` or `&mut self`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call]
    fn get(self: std::pin::Pin<&mut Self>) -> u64 {
        self.value
    }
}

fn main() {}
