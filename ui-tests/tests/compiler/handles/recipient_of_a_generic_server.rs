// dsl #55: add `#[info] fn on_message(&mut self, message: u64)`
#![allow(unused)]
use ambit::prelude::*;

struct Cache<V>(V);

#[gen_server]
impl<V> Cache<V> {
    #[info]
    fn on_value(&mut self, value: Vec<V>) {}
}

fn narrow(cache: &CacheSubject<String>) {
    cache.recipient::<u64>();
}

fn main() {}
