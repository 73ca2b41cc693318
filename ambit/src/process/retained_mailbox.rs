//! The messages that a server leaves to its next incarnation, under a supervisor with a retained mailbox.

use std::any::Any;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::engine::mailbox::Envelope;
use crate::error::{CallError, Executed};
use crate::exit_reason::ExitReason;
use crate::process::cell::{ProcessCell, RetainedMailbox, RetainedMessages, RunnerState};
use crate::process::dead_letter::Undelivered;
use crate::process::mailbox_item::MailboxItem;

impl<M: MailboxItem, L: RunnerState<M>> Default for RetainedMailbox<M, L> {
    fn default() -> Self {
        let left = RetainedMessages {
            envelopes: Vec::new(),
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
        let envelopes = {
            let mut left = self.left.lock();
            left.owner = Some(successor.clone());
            std::mem::take(&mut left.envelopes)
        };
        successor.core.relations.lock().make_rare().kept = Some(self);
        for envelope in &envelopes {
            if let Some(question) = &envelope.question {
                question.carried_to(successor.core.as_server());
            }
        }
        // Messages beyond its capacity wait, in order.
        successor.send(|mailbox| {
            for envelope in envelopes {
                mailbox.transfer(envelope);
            }
        });
    }

    /// Takes over the queue of an ended owner.
    pub(crate) fn keep(&self, envelopes: Vec<Envelope<M>>) {
        self.left.lock().envelopes = envelopes;
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
        let (envelopes, owner) = {
            let mut left = self.left.lock();
            (std::mem::take(&mut left.envelopes), left.owner.take())
        };
        let Some(owner) = owner else { return };
        let dead = owner.core.relations.lock().dead().cloned();
        for envelope in envelopes {
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
