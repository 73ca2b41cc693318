//! A whole session, after the handshake: what another node writes on all streams, and what this one does.

mod scripts;
mod stage;

use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

pub use self::scripts::sessions;
use self::stage::Stage;

/// Longer than anything of this may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// The bytes are what another node writes: a byte for the stream, one for a length, and so many bytes, over and over. Five
/// streams: four lanes, and the control stream, whose bytes are one frame without its length. With 128 more for the
/// stream the node works before it hears more. Promised is: the session ends and leaves nothing waiting; the node goes
/// on; what it keeps meanwhile is bounded by the limits.
///
/// # Panics
/// If that is broken.
pub fn session(bytes: &[u8]) {
    let played = runtime().block_on(async {
        let play = async { Stage::new().await.play(bytes).await };
        tokio::time::timeout(PATIENCE, play).await
    });
    played.expect("the session ends by itself");
}

fn runtime() -> Runtime {
    let runtime = Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime can be made")
}
