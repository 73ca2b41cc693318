//! The sending end: sends a chunk only when fewer than [`AHEAD`] are unconfirmed.

use std::collections::VecDeque;
use std::error::Error;
use std::path::Path;

use ambit::error::CallError;
use ambit::server::Pending;
use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, BufReader};

use crate::progress::Progress;
use crate::receiver::{ReceiverSubject, hex};

/// The size of a message.
pub(crate) const CHUNK: usize = 64 << 10;
/// The maximum number of unconfirmed chunks: enough to keep the connection busy while a reply is on its way.
///
/// Casts would also wait for a slow receiver, but with megabytes in transit, and without a confirmation for the
/// progress bar.
pub(crate) const AHEAD: usize = 4;

type Confirmation = Pending<Result<u64, String>>;

/// The result of a transfer.
pub(crate) struct Sent {
    pub(crate) hash: String,
    /// The highest number of unconfirmed chunks.
    pub(crate) most: usize,
}

pub(crate) async fn send(path: &Path, to: &ReceiverSubject) -> Result<Sent, Box<dyn Error>> {
    let mut file = BufReader::with_capacity(CHUNK, File::open(path).await?);
    let mut progress = Progress::new(file.get_ref().metadata().await?.len());
    let (mut hash, mut most) = (Sha256::new(), 0);
    let mut under_way: VecDeque<Confirmation> = VecDeque::new();
    loop {
        let mut chunk = Vec::with_capacity(CHUNK);
        (&mut file)
            .take(CHUNK as u64)
            .read_to_end(&mut chunk)
            .await?;
        if chunk.is_empty() {
            break;
        }
        hash.update(&chunk);
        if under_way.len() == AHEAD {
            confirm(under_way.pop_front(), &mut progress).await?;
        }
        under_way.push_back(to.chunk(chunk).send());
        most = most.max(under_way.len());
    }
    while let Some(oldest) = under_way.pop_front() {
        confirm(Some(oldest), &mut progress).await?;
    }
    let hash = hex(&hash.finalize());
    Ok(Sent { hash, most })
}

/// Waits until the receiver has written the oldest chunk. An error of the receiver fails the transfer.
async fn confirm(
    oldest: Option<Confirmation>,
    progress: &mut Progress,
) -> Result<(), Box<dyn Error>> {
    let written = oldest.ok_or(CallError::NoReply)?.await??;
    progress.show(written);
    Ok(())
}
