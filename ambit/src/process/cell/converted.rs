//! Messages that user code converts for the queue: the conversion runs without the lock of the mailbox, with a permit.

use std::mem;

use super::{ProcessCell, RunnerState};
use crate::engine::mailbox::{Admission, Envelope, QueuedMessage};
use crate::engine::queue_ticket::TicketOutcome;
use crate::engine::wake_list;
use crate::panics;
use crate::process::current;
use crate::process::dead_letter::Undelivered;
use crate::process::mailbox_item::MailboxItem;
use crate::process::offer::{Offer, Patience};
use crate::trace;

/// A permit of a message that is being converted; returned if the conversion panics.
struct ConversionPermit<'a, M: MailboxItem, L: RunnerState<M>>(&'a ProcessCell<M, L>);

impl<M: MailboxItem, L: RunnerState<M>> Drop for ConversionPermit<'_, M, L> {
    fn drop(&mut self) {
        self.0.send(|mailbox| mailbox.release());
    }
}

impl<M: MailboxItem, L: RunnerState<M>> ProcessCell<M, L> {
    /// Like [`offer`](Self::offer), for a message that `convert` converts.
    pub(crate) fn offer_converted<T>(
        &self,
        message: T,
        convert: impl FnOnce(T) -> M,
        patience: Patience<'_>,
    ) -> Offer<T> {
        let waits = !matches!(patience, Patience::None);
        let may_wait = || waits && current::pid() != self.core.pid;
        let admission = self.send(|mailbox| {
            let admission = mailbox.admission(may_wait);
            if matches!(admission, Admission::Free(_)) {
                mailbox.take_permit();
            }
            admission
        });
        match admission {
            Admission::Free(out) => {
                if let Some(envelope) = out {
                    self.dead_letter(envelope, Undelivered::Overflow);
                }
                self.push_permitted(message, convert);
                Offer::Queued
            }
            Admission::Wait => self.wait_converted(convert(message), patience),
            Admission::Full => Offer::Full(message),
            Admission::Drop => Offer::Dropped(message),
            Admission::Closed => Offer::Closed(message),
        }
    }

    /// Like [`push_if_free`](Self::push_if_free), for a message that `convert` converts.
    pub(crate) fn push_converted_if_free<T>(
        &self,
        message: T,
        convert: impl FnOnce(T) -> M,
    ) -> Result<(), T> {
        let is_free = self.send(|mailbox| {
            let is_free = mailbox.is_free();
            if is_free {
                mailbox.take_permit();
            }
            is_free
        });
        if !is_free {
            return Err(message);
        }
        self.push_permitted(message, convert);
        Ok(())
    }

    /// Like [`push_reserved`](Self::push_reserved), for a message that `convert` converts. The permit is used up.
    pub(crate) fn push_converted_reserved<T>(
        &self,
        message: T,
        convert: impl FnOnce(T) -> M,
    ) -> Result<(), T> {
        if !self.core.is_alive() {
            return Err(message);
        }
        self.push_permitted(message, convert);
        Ok(())
    }

    /// Converts a message whose permit is held, and queues it. If the process ends meanwhile, it is a dead letter, as if
    /// it had been queued before.
    fn push_permitted<T>(&self, message: T, convert: impl FnOnce(T) -> M) {
        let permit = ConversionPermit(self);
        let item = convert(message);
        mem::forget(permit);
        if let Err(item) = self.push_reserved(item, QueuedMessage::plain) {
            self.dead_letter_item(item, Undelivered::Ended);
        }
    }

    /// Queues a converted message that may wait for capacity. If the process has ended meanwhile, its wait is over.
    fn wait_converted<T>(&self, item: M, patience: Patience<'_>) -> Offer<T> {
        let ticket = patience.ticket();
        let envelope = Envelope {
            item,
            question: None,
            trace: trace::carried(),
        };
        let refused = self.send(|mailbox| match mailbox.admission(|| true) {
            Admission::Free(_) => {
                mailbox.push(envelope);
                Ok(Offer::Queued)
            }
            Admission::Wait => Ok(Offer::Waiting(mailbox.wait(envelope, ticket.clone()))),
            Admission::Full | Admission::Drop | Admission::Closed => Err(envelope),
        });
        match (refused, ticket) {
            (Ok(offer), _) => offer,
            (Err(envelope), Some(ticket)) => {
                wake_list::wake(ticket.resolve(TicketOutcome::Closed));
                panics::drop_quietly(envelope);
                Offer::Waiting(0)
            }
            (Err(envelope), None) => {
                self.dead_letter(envelope, Undelivered::Ended);
                Offer::Queued
            }
        }
    }
}
