//! A key-value store and two clients, each in a process of its own. The store crashes and is restarted; then its whole
//! process is killed and started again.
//!
//! One command starts all of them: the program starts itself three more times.
#![forbid(unsafe_code)]

mod client;
mod store;

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};

use ambit_dist::Cookie;
use larger_examples::Other;

use crate::client::{CONTENT, LOST, WATCHER, WRITER, both};

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    match larger_examples::role()? {
        Some((name, address)) if name == store::NAME => store::run(address).await,
        Some((name, address)) => client::run(&name, address).await,
        None => all().await,
    }
}

async fn all() -> Result<(), Box<dyn Error>> {
    let cookie = Cookie::generate()?;
    let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let mut store = Other::start(store::NAME, any_port, &cookie)?;
    let address = store.address().await?;
    let mut ann = Other::start(WRITER, address, &cookie)?;
    let mut bob = Other::start(WATCHER, address, &cookie)?;

    both(&mut ann, &mut bob, CONTENT).await?;
    store.kill().await?;
    both(&mut ann, &mut bob, LOST).await?;
    // The clients only know this address, so the next store must listen on it too.
    let _next = Other::start(store::NAME, address, &cookie)?;
    both(&mut ann, &mut bob, CONTENT).await?;
    Ok(())
}
