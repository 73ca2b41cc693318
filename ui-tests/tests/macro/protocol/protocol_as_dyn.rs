// fix: `protocol = Kv`
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub trait Kv {}

pub struct Memory;

#[gen_server(protocol = dyn Kv)]
impl Memory {}

fn main() {}
