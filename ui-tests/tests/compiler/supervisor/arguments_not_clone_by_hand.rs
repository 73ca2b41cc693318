// dsl #58: `ChildSpec::from_fn(|| ..)`
#![allow(unused)]
use ambit::prelude::*;

struct Connection;

struct Counter;

#[gen_server]
impl Counter {
    #[init]
    fn new(connection: Connection) -> Self {
        Self
    }
}

fn children() {
    let _ = Supervisor::builder().child(Counter::child_spec(Connection));
}

fn main() {}
