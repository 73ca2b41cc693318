// dsl #25: take `String`
#![allow(unused)]
use ambit::prelude::*;

struct Cache<K, V> { entries: Vec<(K, V)> }

#[gen_server]
impl<K, V> Cache<K, V> {
    #[init]
    fn new(first: (K, V), name: &str) -> Self {
        Self { entries: vec![first] }
    }

    #[call]
    fn len(&self) -> usize {
        self.entries.len()
    }
}

fn main() {}
