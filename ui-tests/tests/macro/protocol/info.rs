// fix: `#[info]` in the block of each server
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub trait Kv {
    #[call]
    fn len(&self) -> usize;

    #[info]
    fn on_down(&mut self, down: Down);
}

fn main() {}
