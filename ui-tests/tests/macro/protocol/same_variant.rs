// fix: another name for the second
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub trait Kv {
    #[call]
    fn get_all(&self) -> u64;

    #[call]
    fn get__all(&self) -> u64;
}

fn main() {}
