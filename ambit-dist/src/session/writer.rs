//! Writes the frames of one lane.

use std::sync::Arc;
use std::time::Duration;

use crate::rt;
use crate::session::state::Session;
use crate::transport::{SendHalf, WriteError};
use crate::wire::CloseCode;

/// The time in which the close of a session follows the end of its streams.
pub(super) const CLOSE_FOLLOWS: Duration = Duration::from_secs(1);

/// Ends the session because a stream cannot be written. Usually the connection has ended, and the end of the connection
/// contains the reason.
pub(super) async fn write_failed(session: &Session, error: &WriteError) {
    if rt::timeout(CLOSE_FOLLOWS, session.closing.ended())
        .await
        .is_err()
    {
        session.close(CloseCode::Malformed, error.to_string());
    }
}

/// Writes the frames of the lane, one batch at a time, until the session ends.
pub(crate) async fn write(session: Arc<Session>, lane: usize, mut stream: Box<dyn SendHalf>) {
    let queue = &session.lanes[lane];
    loop {
        // Read before the frames: a closed lane accepts none, so these are the last ones.
        let is_closed = queue.is_closed();
        while let Some(batch) = queue.batch(&session.limits) {
            let length = batch.bytes.len();
            if let Err(error) = stream.write(batch.bytes).await {
                return write_failed(&session, &error).await;
            }
            session.stats.written(length);
            for proxy in queue.written(batch.counted, &session.limits) {
                proxy.go_on();
            }
        }
        if is_closed {
            stream.finish();
            return;
        }
        queue.ready().await;
    }
}
