// all mistakes of a wrapper are reported at once
// errors: many
#![allow(unused)]
use ambit::prelude::*;

#[wire(name = "a b", version = 0, tag = "c")]
struct Id(u128);

fn travels<T: ambit::message::Wire + Message>() {}
const _: fn() = travels::<Id>;

fn main() {}
