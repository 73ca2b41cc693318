// write `flavor = "multi_thread"`
#![allow(unused)]
use ambit::prelude::*;

#[ambit::test(flavor = "multi", worker_threads = 4)]
async fn works() {}

fn main() {}
