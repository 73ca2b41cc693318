//! The messages that wait for capacity in the mailbox of their process.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ambit::error::CallError;
use bytes::Bytes;
use parking_lot::MutexGuard;
use tokio::sync::mpsc;

use super::delivery::DeliveryTarget;
use super::message::{CallHeader, ReceivedMessage, WaitingMessage};
use super::receiver::{ReceiveQueue, Receiver};
use crate::remote_processes::exports::ExportedSink;
use crate::rt;
use crate::session::pending_answer::ReservedAnswer;
use crate::session::state::Session;

impl Session {
    /// Counts a message that waits for its process, and copies a short one out of the packet it came in.
    pub(super) fn waits(
        &self,
        message: &ReceivedMessage<'_>,
        reserved: Option<ReservedAnswer>,
    ) -> WaitingMessage {
        self.waiting.fetch_add(message.bytes(), Ordering::Relaxed);
        let left = message.ask.and_then(|ask| ask.left);
        WaitingMessage {
            theirs: message.theirs.clone(),
            method: message.method,
            framed: message.framed,
            from: message.from,
            payload: match message.payload.len() < self.limits.chunk {
                true => Bytes::copy_from_slice(message.payload),
                false => message.memory.slice_ref(message.payload),
            },
            req: message.ask.map(|ask| ask.req),
            until: left.map(rt::after),
            trace: message.trace,
            reserved,
        }
    }

    fn waits_no_more(&self, message: &ReceivedMessage<'_>) {
        self.waiting.fetch_sub(message.bytes(), Ordering::Relaxed);
    }
}

/// Puts waiting messages into the mailbox, one after the other, as it has capacity. The end of the session waits until
/// `_delivering` is dropped.
pub(super) async fn pump(
    receiver: Arc<Receiver>,
    session: Arc<Session>,
    _delivering: mpsc::Sender<Infallible>,
) {
    while let Some(sink) = receiver.next(&session) {
        let place = tokio::select! {
            biased;
            () = session.closing.ended() => return,
            place = sink.exposed.place() => place,
        };
        let mut inbox = receiver.inbox.lock();
        let Some(place) = place else {
            receiver.refuse_all(&session, inbox);
            continue;
        };
        // Only this task takes messages.
        let Some(mut waiting) = inbox.waiting.pop_front() else {
            continue;
        };
        let reserved = waiting.reserved.take();
        let message = waiting.arrived();
        session.waits_no_more(&message);
        // A call whose caller no longer waits is withdrawn, and needs no slot. The slot is dropped without the lock.
        let is_late = |ask: CallHeader| ask.left == Some(Duration::ZERO);
        let is_cancelled = reserved.as_ref().is_some_and(ReservedAnswer::is_cancelled);
        let unused = if is_cancelled || message.ask.is_some_and(is_late) {
            Some(place)
        } else {
            let terms = inbox.terms(&sink.binding, &message);
            let target = DeliveryTarget::Reserved(place);
            receiver.deliver(&session, &message, terms, target, reserved);
            None
        };
        receiver.admitted(&session, &mut inbox, message.payload.len());
        drop(inbox);
        drop(unused);
    }
    receiver.return_rest(&session);
}

impl Receiver {
    /// Returns the sink for the next waiting message. If there is none, later messages no longer wait.
    fn next(&self, session: &Session) -> Option<ExportedSink> {
        let mut inbox = self.inbox.lock();
        let next = inbox.waiting.front();
        let sink = next.map(|message| self.sink(session, &message.theirs).into_owned());
        inbox.pumping = sink.is_some();
        sink
    }

    /// Refuses all waiting messages, because the process has ended.
    fn refuse_all(&self, session: &Session, mut inbox: MutexGuard<'_, ReceiveQueue>) {
        for message in std::mem::take(&mut inbox.waiting) {
            let message = message.arrived();
            session.waits_no_more(&message);
            self.refuse(session, &message, &CallError::NoProcess);
            self.long_handled(session, message.payload.len());
        }
        self.close(session, &mut inbox);
    }
}
