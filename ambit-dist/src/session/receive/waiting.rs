//! Messages that wait for capacity in the mailbox of their process.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use ambit::CallError;
use bytes::Bytes;
use parking_lot::MutexGuard;

use super::{Arrived, Inbox, Receiver, Way};
use crate::session::Session;

impl Session {
    /// Counts a message that waits for its process, and copies it out of the packet it came in.
    pub(super) fn waits(&self, mut message: Arrived) -> Arrived {
        if message.payload.len() < self.limits.chunk {
            message.payload = Bytes::copy_from_slice(&message.payload);
        }
        self.waiting.fetch_add(message.bytes(), Ordering::Relaxed);
        message
    }

    fn waits_no_more(&self, message: &Arrived) {
        self.waiting.fetch_sub(message.bytes(), Ordering::Relaxed);
    }
}

/// Puts waiting messages into the mailbox, one after the other, as it has capacity.
pub(super) async fn pump(receiver: Arc<Receiver>, session: Arc<Session>) {
    while let Some(door) = receiver.next(&session) {
        let place = tokio::select! {
            biased;
            () = session.closing.ended() => return,
            place = door.exposed.place() => place,
        };
        let mut inbox = receiver.inbox.lock();
        let Some(place) = place else {
            receiver.refuse_all(&session, inbox);
            continue;
        };
        // Only this task takes messages.
        let Some(message) = inbox.waiting.pop_front() else {
            continue;
        };
        session.waits_no_more(&message);
        let terms = inbox.terms(&door.spoken, &message);
        receiver.deliver(&session, &message, terms, Way::Place(place));
        receiver.admitted(&session, &mut inbox, message.payload.len());
    }
    receiver.return_rest(&session);
}

impl Receiver {
    /// The process has ended: nothing that waits will be taken.
    fn refuse_all(&self, session: &Session, mut inbox: MutexGuard<'_, Inbox>) {
        for message in std::mem::take(&mut inbox.waiting) {
            session.waits_no_more(&message);
            self.refuse(session, &message, &CallError::NoProcess);
            self.long_handled(session, message.payload.len());
        }
        self.close(session, &mut inbox);
    }
}
