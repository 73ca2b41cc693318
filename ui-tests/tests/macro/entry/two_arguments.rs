// take one inbox
#![allow(unused)]
use ambit::prelude::*;

#[ambit::main]
async fn main(inbox: Inbox<u64>, other: u64) {}
