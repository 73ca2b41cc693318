//! Refuses messages, and notifies the other node that their process has ended.

use ambit::distribution::AgreedProtocol;
use ambit::error::CallError;
use ambit::process::ExitReason;

use super::message::ReceivedMessage;
use super::receiver::{ReceiveQueue, Receiver};
use crate::session::state::Session;
use crate::wire::ProcessAddress as Address;

impl Receiver {
    /// Refuses a message whose arguments cannot be read.
    pub(super) fn unread(&self, session: &Session, message: &ReceivedMessage<'_>, why: String) {
        session.stats.undecoded(&why);
        self.refuse(session, message, &self.incompatible(message, why));
    }

    pub(super) fn differs(&self, session: &Session, message: &ReceivedMessage<'_>) -> String {
        let ours = self.sink(session, message.theirs).binding.clone();
        // The other node reads this text.
        AgreedProtocol::new(ours, message.theirs.clone()).differs(message.method, ["here", "there"])
    }

    pub(super) fn incompatible(&self, message: &ReceivedMessage<'_>, differs: String) -> CallError {
        let (theirs, method) = (message.theirs, message.method);
        let method = match self.is_counted {
            true => format!("{}::{}", theirs.name(), theirs.method_name(method)),
            // The name of a method of the node itself is complete.
            false => theirs.method_name(method),
        };
        CallError::Incompatible {
            method,
            differs: differs.into(),
        }
    }

    pub(super) fn refuse(
        &self,
        session: &Session,
        message: &ReceivedMessage<'_>,
        error: &CallError,
    ) {
        match message.ask {
            Some(ask) => session.fail(ask.req, (Some(self.to), message.from), error),
            None => session.stats.undelivered(),
        }
    }

    /// Handles the end of the process: notifies the other node, once, so that it sends no more and drops its credit
    /// window.
    pub(super) fn close(&self, session: &Session, inbox: &mut ReceiveQueue) {
        if !std::mem::replace(&mut inbox.is_closed, true) {
            session.gone(self.to);
        }
    }
}

impl Session {
    /// Notifies the other node, without a monitor, that a process to which it writes does not exist.
    pub(crate) fn gone(&self, process: Address) {
        let removed = self.receivers.lock().remove(&process);
        drop(removed);
        self.send_down(Some(process), None, 0, &ExitReason::NoProcess);
    }
}
