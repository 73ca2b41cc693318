//! Messages that wait for room in the mailbox of their process.

use std::sync::Arc;

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
        self.waiting.send_modify(|bytes| *bytes += message.bytes());
        message
    }

    /// Waits until no more is waiting for processes than may.
    pub(crate) async fn room(&self) {
        let most = self.limits.waiting;
        if *self.waiting.borrow() >= most {
            let mut waiting = self.waiting.subscribe();
            // The sender lives as long as this does.
            waiting.wait_for(|bytes| *bytes < most).await.ok();
        }
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
        session.waiting.send_modify(|waiting| *waiting -= bytes);
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
        let cost = session.limits.cost(message.payload.len());
        receiver.admitted(&session, &mut inbox, cost);
    }
}
