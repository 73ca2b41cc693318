//! The messages that wait in the full mailbox of their process. Each has its turn there, among the messages of local
//! senders and the signals that arrive after it.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use ambit::message::{DeliveryEnd, WaitingDelivery};
use tokio::sync::mpsc;

use super::message::{ReceivedMessage, WaitingMessage};
use super::receiver::Receiver;
use crate::session::state::Session;

impl Session {
    /// Counts a message that waits for its process.
    pub(super) fn waits(
        &self,
        message: &ReceivedMessage<'_>,
        delivery: WaitingDelivery,
    ) -> WaitingMessage {
        let counted = message.bytes();
        self.waiting.fetch_add(counted, Ordering::Relaxed);
        WaitingMessage {
            delivery,
            call: message.ask.map(|ask| ask.req),
            bytes: message.payload.len(),
            counted,
        }
    }

    fn waits_no_more(&self, counted: usize) {
        self.waiting.fetch_sub(counted, Ordering::Relaxed);
    }
}

/// Returns the credits of waiting messages once they are in the mailbox. When the session ends, the messages that still
/// wait are withdrawn; the end of the session waits until `_delivering` is dropped.
pub(super) async fn return_credits(
    receiver: Arc<Receiver>,
    session: Arc<Session>,
    _delivering: mpsc::Sender<Infallible>,
) {
    while let Some(mut waiting) = receiver.next_waiting() {
        let end = tokio::select! {
            biased;
            () = session.closing.ended() => return receiver.withdraw_all(&session, waiting),
            end = &mut waiting.delivery => end,
        };
        session.waits_no_more(waiting.counted);
        match end {
            DeliveryEnd::Ended => receiver.ended(&session, &waiting),
            DeliveryEnd::Queued | DeliveryEnd::Withdrawn => {
                let mut inbox = receiver.inbox.lock();
                let keeps_up = inbox.waiting.is_empty();
                receiver.admitted(&session, &mut inbox, waiting.bytes, keeps_up);
            }
        }
    }
    receiver.return_rest(&session);
}

impl Receiver {
    /// Takes the first waiting message. If there is none, the task that asks for it ends.
    fn next_waiting(&self) -> Option<WaitingMessage> {
        let mut inbox = self.inbox.lock();
        let next = inbox.waiting.pop_front();
        inbox.has_waiting = next.is_some();
        next
    }

    /// Handles a message whose process has ended.
    fn ended(&self, session: &Session, message: &WaitingMessage) {
        if message.call.is_none() {
            session.stats.undelivered();
        }
        self.long_handled(session, message.bytes);
        self.close(session, &mut self.inbox.lock());
    }

    /// Withdraws all messages that still wait, and refuses later ones. The last one is withdrawn first: the process may
    /// still take the first ones, but none whose predecessor is lost.
    fn withdraw_all(&self, session: &Session, first: WaitingMessage) {
        let mut waiting = {
            let mut inbox = self.inbox.lock();
            inbox.refuses = true;
            std::mem::take(&mut inbox.waiting)
        };
        waiting.push_front(first);
        while let Some(message) = waiting.pop_back() {
            session.waits_no_more(message.counted);
            if let Some(req) = message.call {
                session.cancelled(req);
            }
            drop(message.delivery);
        }
    }
}
