// remove `worker_threads`
#![allow(unused)]
use ambit::prelude::*;

#[ambit::main(flavor = "current_thread", worker_threads = 4)]
async fn main() {}
