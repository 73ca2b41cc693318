// write one function for each type
#![allow(unused)]
use ambit::prelude::*;

#[rpc]
async fn largest<T: Ord>(items: Vec<T>) -> Option<T> {
    items.into_iter().max()
}

fn main() {}
