// use one of the listed options
#![allow(unused)]
use ambit::prelude::*;

#[ambit::main(threads = 2)]
async fn main() {}
