//! Transfers a file to another node, chunk by chunk, no faster than it is written there: however long the file is,
//! little of it is in memory. A bar shows the progress.
//!
//! One command starts both ends: the program starts itself again. `file_transfer FILE` sends a file of yours.
#![forbid(unsafe_code)]

mod progress;
mod receiver;
mod sender;

use std::env;
use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process;

use ambit_dist::{Auth, Cookie, Node};
use larger_examples::Other;
use tokio::fs;

use crate::receiver::Receiver;
use crate::sender::{AHEAD, CHUNK};

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    if let Some((_, address)) = larger_examples::role()? {
        return receiver::run(address).await;
    }
    if env::args().len() > 2 {
        return Err("usage: file_transfer [FILE]".into());
    }
    if let Some(path) = env::args().nth(1) {
        let found = fs::metadata(&path).await;
        found.map_err(|error| format!("cannot read `{path}`: {error}"))?;
        return transfer(Path::new(&path)).await;
    }
    let sample = sample().await?;
    let transferred = transfer(&sample).await;
    fs::remove_file(sample).await?;
    transferred
}

async fn transfer(path: &Path) -> Result<(), Box<dyn Error>> {
    let cookie = Cookie::generate()?;
    let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let mut other = Other::start(receiver::NAME, any_port, &cookie)?;
    let address = other.address().await?;
    let node = Node::builder("sender").auth(Auth::cookie(cookie));
    let node = node.start().await?;
    node.connect(address).await?;

    let receiver = node.on(receiver::NAME).start::<Receiver>(()).await?;
    let sent = sender::send(path, &receiver).await?;
    // A disk may take long to store the file.
    if receiver.finish().no_timeout().await?? != sent.hash {
        return Err("the file there is another one".into());
    }
    println!("sha256 {}, on both sides", sent.hash);
    let (most, size) = (sent.most, CHUNK >> 10);
    println!("{most} chunks of {size} KiB were under way at most");
    assert!(most <= AHEAD, "more than the receiver has asked for");
    receiver.stop().await?;
    node.leave().await;
    Ok(())
}

/// Writes a file of two megabytes, in which no chunk starts like an earlier one.
async fn sample() -> Result<PathBuf, Box<dyn Error>> {
    let path = env::temp_dir().join(format!("sent-{}", process::id()));
    let numbers = (0..1_u32 << 19).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes());
    fs::write(&path, numbers.collect::<Vec<_>>()).await?;
    Ok(path)
}
