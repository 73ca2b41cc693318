// use one of the listed flavors
#![allow(unused)]
use ambit::prelude::*;

#[ambit::main(flavor = "many")]
async fn main() {}
