// dsl #04: give the type a name
#![allow(unused)]
use ambit::prelude::*;

#[supervisor]
impl (u64, u64) {
    #[child]
    fn poller(&self) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
