// add `flavor = "multi_thread"`
#![allow(unused)]
use ambit::prelude::*;

#[ambit::test(worker_threads = 4)]
async fn works() {}

fn main() {}
