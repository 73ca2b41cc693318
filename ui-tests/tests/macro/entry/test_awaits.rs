// write `async fn works`
#![allow(unused)]
use ambit::prelude::*;

async fn work() {}

#[ambit::test]
fn works() {
    work().await;
}

fn main() {}
