// fix: add `#[cast] fn keep(&mut self, key: String, value: V)`
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub trait Store<V> {
    #[call]
    fn find(&self, key: String) -> Option<V>;
    #[cast]
    fn keep(&self, key: String, value: V);
}

pub struct Shelf<V> {
    value: Option<V>,
}

#[gen_server(protocol = Store<V>)]
impl<V: Clone> Shelf<V> {
    #[call]
    fn find(&self, _key: String) -> Option<V> {
        self.value.clone()
    }
}

fn main() {}
