//! Counts the messages to a process, and returns their credits.

use std::sync::atomic::Ordering;

use super::receiver::{ReceiveQueue, Receiver};
use crate::rt;
use crate::session::state::Session;
use crate::wire::{NODE, WireError};

impl Receiver {
    /// Counts a message that has arrived.
    pub(super) fn count(
        &self,
        session: &Session,
        inbox: &mut ReceiveQueue,
        bytes: usize,
    ) -> Result<(), WireError> {
        if !self.is_counted {
            return Ok(());
        }
        if let Some(parts) = session.long_parts(self.to, bytes) {
            session.long.arrived(parts)?;
        }
        if inbox.is_closed {
            return Ok(());
        }
        inbox.window.window().arrived(session.limits.cost(bytes))
    }

    /// Records that a message is in the mailbox or was answered. Credits are returned per half window; `keeps_up` is true
    /// if no other message waits.
    pub(super) fn admitted(
        &self,
        session: &Session,
        inbox: &mut ReceiveQueue,
        bytes: usize,
        keeps_up: bool,
    ) {
        if !self.is_counted {
            return;
        }
        self.long_handled(session, bytes);
        if inbox.is_closed {
            return;
        }
        let (cost, rtt) = (session.limits.cost(bytes), session.rtt());
        if let Some(count) = inbox.window.handled(cost, keeps_up, rt::now, rtt) {
            session.control.credit(self.to, count);
        }
    }

    /// If the message was long, returns the credits for long messages too.
    pub(super) fn long_handled(&self, session: &Session, bytes: usize) {
        if let Some(parts) = session.long_parts(self.to, bytes)
            && let Some(count) = session.long.handled(parts)
        {
            session.control.credit(NODE, count);
        }
    }

    /// Handles the end of the process: returns the credits of handled messages, and allows the other node to drop its
    /// state for the process.
    pub(in crate::session) fn over(&self, session: &Session) {
        self.is_over.store(true, Ordering::SeqCst);
        self.return_rest(session);
    }

    /// Returns the credits of messages that an ended process has handled, and reports its end. If messages still wait, the notification of
    /// its end replaces the credits.
    pub(super) fn return_rest(&self, session: &Session) {
        if !self.is_over.load(Ordering::SeqCst) {
            return;
        }
        // The thread that holds the lock checks again after releasing it.
        if let Some(mut inbox) = self.inbox.try_lock()
            && !inbox.has_waiting
            && !inbox.is_closed
        {
            if let Some(rest) = inbox.window.window().rest() {
                session.control.credit(self.to, rest);
            }
            session.control.ended(self.to);
        }
    }
}
