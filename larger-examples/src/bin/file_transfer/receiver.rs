//! The receiving end: a server that writes the received chunks to a file, slowly.

use std::env;
use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process;
use std::time::Duration;

use ambit::prelude::*;
use ambit_dist::{Auth, Node};
use sha2::{Digest, Sha256};
use tokio::fs::{self, File};
use tokio::io::AsyncWriteExt;
use tokio::time::sleep;

/// The name of the node.
pub(crate) const NAME: &str = "receiver";

/// The simulated time of a disk write.
const SLOW: Duration = Duration::from_millis(10);

pub(crate) struct Receiver {
    path: PathBuf,
    file: File,
    received: u64,
    hash: Sha256,
}

#[gen_server(remote = "file_transfer.receiver")]
impl Receiver {
    /// The receiver chooses the path, not the sender.
    #[init]
    async fn new() -> io::Result<Self> {
        let path = env::temp_dir().join(format!("received-{}", process::id()));
        let file = File::create(&path).await?;
        let received = 0;
        Ok(Self {
            path,
            file,
            received,
            hash: Sha256::new(),
        })
    }

    /// Appends a chunk; returns the number of bytes so far.
    #[call]
    pub(crate) async fn chunk(&mut self, bytes: Vec<u8>) -> Result<u64, String> {
        sleep(SLOW).await;
        self.file.write_all(&bytes).await.map_err(text)?;
        self.received += bytes.len() as u64;
        self.hash.update(&bytes);
        Ok(self.received)
    }

    /// Waits until the file is stored, and returns the hash of what was received.
    #[call]
    pub(crate) async fn finish(&mut self) -> Result<String, String> {
        self.file.sync_all().await.map_err(text)?;
        Ok(hex(&self.hash.clone().finalize()))
    }

    /// Removes the file, which an example does not need.
    #[terminate]
    async fn remove(&mut self, _reason: &ExitReason) {
        fs::remove_file(&self.path).await.ok();
    }
}

/// Converts a file system error to its text, which can be sent to another node.
#[allow(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn text(error: io::Error) -> String {
    error.to_string()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Runs the receiving process.
pub(crate) async fn run(address: SocketAddr) -> Result<(), Box<dyn Error>> {
    let node = Node::builder(NAME).auth(Auth::cookie(larger_examples::cookie()?));
    let node = node.listen(address).start().await?;
    node.expose::<Receiver>();
    println!("{}", node.local_addr());
    larger_examples::first_has_ended().await?;
    node.leave().await;
    Ok(())
}
