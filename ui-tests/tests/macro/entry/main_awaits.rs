// write `async fn main`
#![allow(unused)]
use ambit::prelude::*;

async fn work() -> Result<(), std::io::Error> { Ok(()) }

#[ambit::main]
fn main() -> Result<(), std::io::Error> {
    work().await
}
