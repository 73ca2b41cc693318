// write `async fn main`
#![allow(unused)]
use ambit::prelude::*;

#[ambit::main]
fn main() {}
