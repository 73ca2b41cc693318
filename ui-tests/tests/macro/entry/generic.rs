// remove the parameter
#![allow(unused)]
use ambit::prelude::*;

#[ambit::main]
async fn work<T>() {}

fn main() {}
