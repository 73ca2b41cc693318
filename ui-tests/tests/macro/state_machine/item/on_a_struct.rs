// put it on the impl block
#![allow(unused)]
use ambit::prelude::*;

#[state_machine(states = [Locked])]
struct Door;

fn main() {}
