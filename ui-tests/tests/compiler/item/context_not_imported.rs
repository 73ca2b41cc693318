// import `ambit::Context`, or the prelude
#![allow(unused)]
use ambit::gen_server;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call]
    fn get(&self, ctx: &mut Context<Self>) -> u64 { self.value }
}

fn main() {}
