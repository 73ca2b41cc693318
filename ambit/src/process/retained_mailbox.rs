//! The messages that a server leaves to its next incarnation, under a supervisor with a retained mailbox.

use std::any::Any;
use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::engine::mailbox::QueueEntry;
use crate::error::{CallError, Executed};
use crate::exit_reason::ExitReason;
use crate::process::cell::{ProcessCell, RetainedMailbox, RetainedMessages, RunnerState};
use crate::process::dead_letter::Undelivered;
use crate::process::mailbox_item::MailboxItem;
use crate::process::system_message::SystemMessage;

impl<M: MailboxItem, L: RunnerState<M>> Default for RetainedMailbox<M, L> {
    fn default() -> Self {
        let left = RetainedMessages {
            messages: VecDeque::new(),
            owner: None,
        };
        Self {
            left: Mutex::new(left),
        }
    }
}

impl<M: MailboxItem, L: RunnerState<M>> RetainedMailbox<M, L> {
    /// Transfers the messages to the next incarnation, before other senders can write to it.
    pub(crate) fn transfer_to(self: Arc<Self>, successor: &Arc<ProcessCell<M, L>>) {
        let mut messages = {
            let mut left = self.left.lock();
            left.owner = Some(successor.clone());
            std::mem::take(&mut left.messages)
        };
        successor.core.relations.lock().make_rare().kept = Some(self);
        // By index: an iterator would be more code for each type of message.
        let mut at = 0;
        while let Some(message) = messages.get(at) {
            if let Some(question) = message.question() {
                question.carried_to(successor.core.as_server());
            }
            at += 1;
        }
        // Messages beyond its capacity wait, in order.
        successor.send_dyn(&mut |mailbox| {
            while let Some(message) = messages.pop_front() {
                mailbox.transfer(message);
            }
        });
    }

    /// Takes over the queue of an ended owner.
    pub(crate) fn keep(&self, messages: VecDeque<QueueEntry<M, SystemMessage<M>>>) {
        self.left.lock().messages = messages;
    }
}

/// Without a supervisor there is no next incarnation.
impl<M: MailboxItem, L: RunnerState<M>> Drop for RetainedMailbox<M, L> {
    fn drop(&mut self) {
        self.dead_letter();
    }
}

/// A [`RetainedMailbox`] without the type of its messages.
pub(crate) trait AnyRetainedMailbox: Send + Sync {
    /// Gives up the messages because there is no next incarnation: calls fail, the rest becomes dead letters.
    fn dead_letter(&self);
    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

impl<M: MailboxItem, L: RunnerState<M>> AnyRetainedMailbox for RetainedMailbox<M, L> {
    fn dead_letter(&self) {
        let (mut messages, owner) = {
            let mut left = self.left.lock();
            (std::mem::take(&mut left.messages), left.owner.take())
        };
        let Some(owner) = owner else { return };
        let dead = owner.core.relations.lock().dead().cloned();
        while let Some(message) = messages.pop_front() {
            let Ok(envelope) = message.open() else {
                continue;
            };
            if let Some(question) = &envelope.question {
                question.fail(CallError::Exited {
                    reason: dead.clone().unwrap_or(ExitReason::NoProcess),
                    executed: Executed::No,
                });
            }
            owner.dead_letter(envelope, Undelivered::Ended);
        }
    }

    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}
