//! Writes one lane.

use std::sync::Arc;

use crate::session::state::Session;
use crate::transport::SendHalf;
use crate::wire::CloseCode;

/// Writes the frames of the lane, one batch at a time, until the session ends.
pub(crate) async fn write(session: Arc<Session>, lane: usize, mut stream: Box<dyn SendHalf>) {
    let queue = &session.lanes[lane];
    loop {
        while let Some(batch) = queue.batch(&session.limits) {
            let length = batch.bytes.len();
            if let Err(error) = stream.write(batch.bytes).await {
                session.close(CloseCode::Normal, error.to_string());
                return;
            }
            session.stats.written(length);
            for proxy in queue.written(batch.counted, &session.limits) {
                proxy.go_on();
            }
        }
        if queue.is_closed() {
            stream.finish();
            return;
        }
        queue.ready().await;
    }
}
