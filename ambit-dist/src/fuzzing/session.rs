//! A whole session after the handshake: the frames of another node on all streams, and the reactions of this node.

mod fixture;
mod seed_corpus;

use std::time::Duration;

use self::fixture::{SessionFixture, runtime};
pub use self::seed_corpus::sessions;

/// An upper bound on the run time of a case.
const PATIENCE: Duration = Duration::from_secs(20);

/// Interprets the bytes as the output of another node: repeatedly a byte for the stream, a byte for a length, and that
/// number of bytes. There are five streams: four lanes, and the control stream, whose chunks are single frames without
/// a length. Adding 128 to the stream lets the node work before the next chunk. Checks that the session ends without
/// leftovers, that the node keeps running, and that its memory stays within the limits.
///
/// # Panics
/// Panics if a check fails.
pub fn session(bytes: &[u8]) {
    let played = runtime().block_on(async {
        let play = async { SessionFixture::new().await.play(bytes).await };
        crate::rt::timeout(PATIENCE, play).await
    });
    played.expect("the session ends by itself");
}
