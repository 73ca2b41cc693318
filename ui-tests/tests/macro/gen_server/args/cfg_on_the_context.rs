// put `#[cfg(..)]` on the method
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[info]
    fn on_down(&mut self, #[cfg(any())] ctx: &mut Context<Self>, down: Down) {}
}

fn main() {}
