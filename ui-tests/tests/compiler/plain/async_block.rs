// write `|inbox: Inbox<_>| async move { .. }`
#![allow(unused)]
use ambit::prelude::*;

#[ambit::main]
async fn main() {
    ambit::spawn(async { println!("works") });
}
