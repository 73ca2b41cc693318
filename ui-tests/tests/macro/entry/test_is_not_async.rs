// write `async fn adds`, or `use ambit::prelude::*` for the `#[test]` of the standard library
#![allow(unused)]
use ambit::prelude::*;
use ambit::test;

#[test]
fn adds() {}

fn main() {}
