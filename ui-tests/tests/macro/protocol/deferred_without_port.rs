// fix: `fn changed(&self, reply: ReplyTo<u64>);`
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub trait Kv {
    #[call(deferred)]
    fn changed(&self);
}

fn main() {}
