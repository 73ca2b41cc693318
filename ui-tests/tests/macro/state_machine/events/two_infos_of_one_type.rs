// write `event = knock_locked` on `knock_open`
#![allow(unused)]
use ambit::prelude::*;

struct Knock;
struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[info(Locked => Open)]
    fn knock_locked(&mut self, _: Knock) {}

    #[info(Open => stay)]
    fn knock_open(&mut self, _: Knock) {}
}

fn main() {}
