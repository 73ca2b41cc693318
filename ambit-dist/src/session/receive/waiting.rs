//! Messages that wait for room in the mailbox of their process.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use ambit::CallError;
use bytes::Bytes;

use super::{Arrived, Receiver, Way};
use crate::session::Session;

impl Session {
    /// A message that waits for its process: it holds no more memory than itself, and counts.
    pub(super) fn waits(&self, mut message: Arrived) -> Arrived {
        if message.payload.len() < self.limits.chunk {
            message.payload = Bytes::copy_from_slice(&message.payload);
        }
        self.waiting.fetch_add(message.bytes(), Ordering::Relaxed);
        message
    }
}

/// Lets what waits into the mailbox, one after the other, as room comes.
pub(super) async fn pump(receiver: Arc<Receiver>, session: Arc<Session>) {
    while let Some(door) = receiver.next(&session) {
        let place = tokio::select! {
            biased;
            () = session.closing.ended() => return,
            place = door.exposed.place() => place,
        };
        let mut inbox = receiver.inbox.lock();
        // Nobody else takes one.
        let Some(message) = inbox.waiting.pop_front() else {
            continue;
        };
        let bytes = message.bytes();
        session.waiting.fetch_sub(bytes, Ordering::Relaxed);
        match place {
            Some(place) => {
                let terms = inbox.terms(&door.spoken, &message);
                receiver.deliver(&session, &message, terms, Way::Place(place));
            }
            None => {
                receiver.refuse(&session, &message, &CallError::NoProcess);
                session.gone(receiver.to);
                inbox.over = true;
            }
        }
        receiver.admitted(&session, &mut inbox, message.payload.len());
    }
}
