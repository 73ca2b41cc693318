//! The messages that a server leaves to its next incarnation, under a supervisor with a retained mailbox.

use std::any::Any;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::engine::mailbox::Envelope;
use crate::error::{CallError, Executed};
use crate::exit_reason::ExitReason;
use crate::process::cell::{MailboxItem, ProcessCell, RunnerState};
use crate::process::dead_letter::Undelivered;

/// The messages that one incarnation leaves to the next.
pub(crate) struct RetainedMailbox<M: MailboxItem, L: RunnerState<M> = ()> {
    left: Mutex<RetainedMessages<M, L>>,
}

struct RetainedMessages<M: MailboxItem, L: RunnerState<M>> {
    letters: Vec<Envelope<M>>,
    /// The current or previous owner of the messages.
    owner: Option<Arc<ProcessCell<M, L>>>,
}

impl<M: MailboxItem, L: RunnerState<M>> Default for RetainedMailbox<M, L> {
    fn default() -> Self {
        let left = RetainedMessages {
            letters: Vec::new(),
            owner: None,
        };
        Self {
            left: Mutex::new(left),
        }
    }
}

impl<M: MailboxItem, L: RunnerState<M>> RetainedMailbox<M, L> {
    /// Transfers the messages to the next incarnation, before other senders can write to it.
    pub(crate) fn inherit(self: Arc<Self>, heir: &Arc<ProcessCell<M, L>>) {
        let letters = {
            let mut left = self.left.lock();
            left.owner = Some(heir.clone());
            std::mem::take(&mut left.letters)
        };
        heir.core.relations.lock().make_rare().kept = Some(self);
        for letter in &letters {
            if let Some(question) = &letter.question {
                question.carried_to(heir.core.as_server());
            }
        }
        // Messages beyond its capacity wait, in order.
        heir.send(|mailbox| {
            letters
                .into_iter()
                .for_each(|letter| mailbox.transfer(letter))
        });
    }

    /// Takes over the queue of an ended owner.
    pub(crate) fn keep(&self, letters: Vec<Envelope<M>>) {
        self.left.lock().letters = letters;
    }
}

/// Without a supervisor there is no next incarnation.
impl<M: MailboxItem, L: RunnerState<M>> Drop for RetainedMailbox<M, L> {
    fn drop(&mut self) {
        self.bury();
    }
}

/// A [`RetainedMailbox`] without the type of its messages.
pub(crate) trait AnyRetainedMailbox: Send + Sync {
    /// Gives up the messages because there is no next incarnation: calls fail, the rest becomes dead letters.
    fn bury(&self);
    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

impl<M: MailboxItem, L: RunnerState<M>> AnyRetainedMailbox for RetainedMailbox<M, L> {
    fn bury(&self) {
        let (letters, owner) = {
            let mut left = self.left.lock();
            (std::mem::take(&mut left.letters), left.owner.take())
        };
        let Some(owner) = owner else { return };
        let dead = owner.core.relations.lock().dead().cloned();
        for letter in letters {
            if let Some(question) = &letter.question {
                question.fail(CallError::Exited {
                    reason: dead.clone().unwrap_or(ExitReason::NoProcess),
                    executed: Executed::No,
                });
            }
            owner.bury(letter, Undelivered::Ended);
        }
    }

    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}
