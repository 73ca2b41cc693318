//! Reads the frames of one lane.

use std::future::poll_fn;
use std::sync::Arc;

use bytes::Bytes;

use crate::rt;
use crate::session::dispatch::LaneDefinitions;
use crate::session::state::Session;
use crate::transport::{ReadError, ReceiveHalf};
use crate::wire::{Fragments, Frame, Kind, Splitter, WireError};

/// Reads frames and dispatches them until the stream ends. The reader never waits for a process, because answers,
/// credits and exits arrive on the same lanes as messages that wait.
pub(crate) async fn read(session: Arc<Session>, mut stream: Box<dyn ReceiveHalf>, first: Bytes) {
    let mut lane = Reader {
        splitter: Splitter::new(&session.limits),
        fragments: Fragments::new(session.limits.clone()),
        seen: LaneDefinitions::new(&session.limits),
        burst: 0,
    };
    lane.splitter.feed(first);
    loop {
        if let Err(error) = lane.act(&session) {
            session.close(error.close_code(), error.to_string());
            return;
        }
        // The task that writes credits may be waiting for this thread. A short burst is read to its end, so that the
        // answers to its calls are written together.
        if lane.burst > LONG_BURST && session.control.has_credits() {
            rt::yield_now().await;
        }
        match lane.next(&mut *stream).await {
            Ok(Some(chunk)) => {
                session.stats.read(chunk.len());
                lane.splitter.feed(chunk);
            }
            // The connection reports how it ended.
            Ok(None) | Err(_) => return,
        }
    }
}

/// A reader gives way to the writer of credits after this many frames in a row.
const LONG_BURST: usize = 64;

struct Reader {
    splitter: Splitter,
    fragments: Fragments,
    seen: LaneDefinitions,
    /// The number of frames since the stream last had no data.
    burst: usize,
}

impl Reader {
    /// Reads the next bytes of the stream.
    async fn next(&mut self, stream: &mut dyn ReceiveHalf) -> Result<Option<Bytes>, ReadError> {
        let next = poll_fn(|cx| {
            let next = stream.poll_read(cx);
            if next.is_pending() {
                self.burst = 0;
            }
            next
        });
        next.await
    }

    fn act(&mut self, session: &Arc<Session>) -> Result<(), WireError> {
        let (fragments, seen) = (&mut self.fragments, &mut self.seen);
        let burst = &mut self.burst;
        self.splitter.each(|frame| {
            *burst += 1;
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
