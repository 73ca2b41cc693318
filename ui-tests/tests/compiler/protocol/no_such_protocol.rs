// fix: the name of the trait
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub trait Kv {
    #[call]
    fn len(&self) -> usize;
}

pub struct Memory;

#[gen_server(protocol = Kw)]
impl Memory {
    #[call]
    fn len(&self) -> usize {
        0
    }
}

fn main() {}
