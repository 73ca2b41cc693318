//! Reads the frames of one lane.

use std::sync::Arc;

use bytes::Bytes;

use crate::rt;
use crate::session::dispatch::LaneDefinitions;
use crate::session::state::Session;
use crate::transport::ReceiveHalf;
use crate::wire::{Fragments, Frame, Kind, Splitter, WireError};

/// Reads frames and dispatches them until the stream ends. The reader never waits for a process, because answers,
/// credits and exits arrive on the same lanes as messages that wait.
pub(crate) async fn read(session: Arc<Session>, mut stream: Box<dyn ReceiveHalf>, first: Bytes) {
    let mut lane = Reader {
        splitter: Splitter::new(&session.limits),
        fragments: Fragments::new(session.limits.clone()),
        seen: LaneDefinitions::new(&session.limits),
    };
    lane.splitter.feed(first);
    loop {
        if let Err(error) = lane.act(&session) {
            session.close(error.close_code(), error.to_string());
            return;
        }
        // The task that writes credits may be waiting for this thread.
        if session.control.has_credits() {
            rt::yield_now().await;
        }
        match stream.read().await {
            Ok(Some(chunk)) => {
                session.stats.read(chunk.len());
                lane.splitter.feed(chunk);
            }
            // The connection reports how it ended.
            Ok(None) | Err(_) => return,
        }
    }
}

struct Reader {
    splitter: Splitter,
    fragments: Fragments,
    seen: LaneDefinitions,
}

impl Reader {
    fn act(&mut self, session: &Arc<Session>) -> Result<(), WireError> {
        let (fragments, seen) = (&mut self.fragments, &mut self.seen);
        self.splitter.each(|frame| {
            if frame.kind != Kind::Frag.number() {
                return session.dispatch(seen, frame);
            }
            session.stats.frame(frame.kind);
            let Some(Frame::Frag { id, last, chunk }) = frame.decode()? else {
                return Ok(());
            };
            match fragments.push(id, last, chunk)? {
                Some(whole) => session.dispatch(seen, whole.alone()),
                None => Ok(()),
            }
        })
    }
}
