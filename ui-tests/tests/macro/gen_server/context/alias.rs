// fix: write `#[ctx] ctx: &mut Ctx`
#![allow(unused)]
use ambit::prelude::*;

type Ctx = Context<Counter>;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call]
    fn get(&self, ctx: &mut Ctx) -> u64 {
        self.value
    }
}

fn main() {}
