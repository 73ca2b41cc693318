// dsl #45: take `reply: ReplyTo<T>` last
#![allow(unused)]
use ambit::prelude::*;

use std::time::Duration;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call(deferred)]
    fn changed(&mut self, port: Duration) {}
}

fn main() {}
