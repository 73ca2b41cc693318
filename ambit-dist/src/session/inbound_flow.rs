//! Delivers the messages of the other node to one process of this node.
//!
//! A message is put into the mailbox when it arrives. If the mailbox is full, the message waits in the mailbox's wait
//! list, as the messages of local senders do: at most one window of credits. Signals that arrive after it queue behind
//! it. The credits of a message are returned when it no longer waits, so a slow process delays only its own senders;
//! only the long messages of a session also share one window. An ended process returns no credits for messages that it
//! did not accept: the notification of its end closes its credit window.

mod credits;
mod delivery;
mod growth;
mod message;
mod receiver;
mod refused;
mod waiting;

use std::borrow::Cow;
use std::sync::Arc;

use ambit::distribution::PeerProtocol;

use self::delivery::DeliveryOutcome;
pub(crate) use self::growth::Growth;
pub(crate) use self::message::{CallHeader, ReceivedMessage};
pub(crate) use self::receiver::Receiver;
use crate::remote_processes::exports::ExportedSink;
use crate::rt;
use crate::session::state::Session;

impl Receiver {
    /// Accepts the next message.
    pub(crate) fn take(self: &Arc<Self>, session: &Arc<Session>, message: &ReceivedMessage<'_>) {
        self.put(session, message);
        self.return_rest(session);
    }

    fn put(self: &Arc<Self>, session: &Arc<Session>, message: &ReceivedMessage<'_>) {
        let bytes = message.payload.len();
        let mut inbox = self.inbox.lock();
        if inbox.refuses {
            return;
        }
        let keeps_up = !inbox.has_waiting;
        if let Err(error) = self.count(session, &mut inbox, bytes) {
            session.close(error.close_code(), error.to_string());
            return;
        }
        let Ok(reserved) = self.reserve(session, message) else {
            self.admitted(session, &mut inbox, bytes, keeps_up);
            return;
        };
        let sink = self.sink(session, message.theirs);
        let terms = inbox.terms(&sink.binding, message);
        match self.deliver(session, message, terms, &sink, reserved) {
            DeliveryOutcome::Done => self.admitted(session, &mut inbox, bytes, keeps_up),
            DeliveryOutcome::Gone => {
                self.close(session, &mut inbox);
                self.admitted(session, &mut inbox, bytes, keeps_up);
            }
            DeliveryOutcome::Waits(delivery) => {
                inbox.waiting.push_back(session.waits(message, delivery));
                let is_first = !std::mem::replace(&mut inbox.has_waiting, true);
                drop(inbox);
                if is_first {
                    self.follow_waiting(session);
                }
            }
        }
    }

    /// Starts the task that returns the credits of waiting messages.
    fn follow_waiting(self: &Arc<Self>, session: &Arc<Session>) {
        // After the end of the session nothing is delivered.
        let delivering = session.delivering.lock().clone();
        if let Some(delivering) = delivering {
            let (receiver, session) = (self.clone(), session.clone());
            rt::spawn(waiting::return_credits(receiver, session, delivering));
        }
    }

    /// Returns the sink for the protocol of a message.
    fn sink(&self, session: &Session, theirs: &PeerProtocol) -> Cow<'_, ExportedSink> {
        if !self.sink.is_of(theirs)
            && let Some(sink) = session.node_context.exports.sink(self.to, theirs)
        {
            return Cow::Owned(sink);
        }
        Cow::Borrowed(&self.sink)
    }
}
