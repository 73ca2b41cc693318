//! Sends messages through a remote proxy, or queues them until there is credit for them.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Waker;

use crate::distribution::credit_queue::{CreditQueue, NEVER_LEFT, SendEntry};
use crate::distribution::remote_envelope::{FailedCall, RemoteEnvelope, SendOutcome, Unsent};
use crate::distribution::remote_proxy::RemoteProxy;
use crate::distribution::session::Session;
use crate::engine::queue_ticket::TicketOutcome;
use crate::engine::wake_list::wake_one;
use crate::exit_reason::ExitReason;
use crate::message::Codec;
use crate::process::node_signal::Signal;

/// The maximum number of messages that are sent in one step.
const SOME: u32 = 64;

/// The wakers, the failed calls and the reference that are released without the lock.
struct Released<C: Codec, T> {
    wakers: Vec<Waker>,
    failed: Vec<FailedCall<C>>,
    /// Why buffered casts will not be sent.
    lost: Vec<String>,
    kept: Option<T>,
}

impl<C: Codec> RemoteProxy<C> {
    /// Returns the number of queued messages and the number of remaining credits.
    #[must_use]
    pub fn queued(&self) -> (usize, u32) {
        let queue = self.queue.lock();
        (queue.queued(), queue.credits())
    }

    /// Sends queued messages, as far as credits and the byte queue allow.
    pub fn go_on(self: &Arc<Self>) {
        while self.send_some() {}
    }

    /// Sends at most 64 queued messages, as far as credits and the byte queue allow. Returns true if there may be more
    /// to send. A task that yields between two calls lets the session write the first messages while others wait.
    #[must_use = "the other messages would wait for the next credits"]
    pub fn send_some(self: &Arc<Self>) -> bool {
        let Some(session) = self.peer.session() else {
            return false;
        };
        let cost = |bytes| session.cost(bytes);
        let mut released = Released {
            wakers: Vec::new(),
            failed: Vec::new(),
            lost: Vec::new(),
            kept: None,
        };
        // The lock is held during sending, so that nothing overtakes the messages.
        let mut queue = self.queue.lock();
        // The messages may be encoded for a later session, which sends them.
        if session.is_over() {
            return false;
        }
        let mut sent = 0;
        let may_have_more = loop {
            if sent == SOME {
                break true;
            }
            let Some((entry, paid)) = queue.next(cost) else {
                break false;
            };
            if !self.send_entry(&*session, &mut queue, entry, paid, &mut released) {
                break false;
            }
            sent += 1;
        };
        released.wakers.extend(queue.let_go_on(cost, self));
        drop(queue);
        for waker in released.wakers {
            wake_one(waker);
        }
        released.failed.into_iter().for_each(FailedCall::notify);
        for why in released.lost {
            tracing::error!(to = %self.core.pid, %why, "a cast was buffered, and cannot be sent");
        }
        may_have_more
    }

    /// Sends an entry of the queue. Returns false if the session has no capacity for it.
    fn send_entry(
        &self,
        session: &dyn Session<C>,
        queue: &mut CreditQueue<C, Arc<Self>>,
        entry: SendEntry<C>,
        paid: u32,
        released: &mut Released<C, Arc<Self>>,
    ) -> bool {
        let pid = self.core.pid;
        match entry {
            SendEntry::Stop { from, reason } => session.signal(pid, Signal::Stop { from, reason }),
            SendEntry::Signal(signal) => session.signal(pid, signal),
            SendEntry::Reservation { ticket, .. } => {
                let admitted = ticket.resolve(TicketOutcome::Admitted);
                released.wakers.extend(admitted);
            }
            SendEntry::Envelope(mut envelope) => {
                let ticket = envelope.ticket.take();
                let (accepted, bytes) = (envelope.accepted, envelope.payload.len());
                let taken = match session.send(envelope) {
                    Ok(taken) => taken,
                    Err(mut unsent) => {
                        unsent.ticket = ticket;
                        queue.put_back(paid);
                        queue.wait_first(unsent);
                        return false;
                    }
                };
                queue.paid_for(&taken, paid);
                let outcome = match &taken {
                    SendOutcome::Unsendable { why } => {
                        let lost = ticket.is_none().then(|| why.clone());
                        released.lost.extend(lost);
                        TicketOutcome::Unsendable
                    }
                    _ => TicketOutcome::Admitted,
                };
                released.failed.extend(taken.into_failed());
                let kept = queue.left(accepted, bytes);
                released.kept = released.kept.take().or(kept);
                let resolved = ticket.and_then(|ticket| ticket.resolve(outcome));
                released.wakers.extend(resolved);
            }
        }
        true
    }

    /// Sends a message now, or as soon as there is credit for it; returns it if neither is allowed.
    #[allow(
        clippy::result_large_err,
        reason = "a message that was not sent is sent again, whole"
    )]
    pub(crate) fn try_send(
        self: &Arc<Self>,
        session: &dyn Session<C>,
        envelope: RemoteEnvelope<C>,
    ) -> Result<(), Unsent<C>> {
        let cost = session.cost(envelope.payload.len());
        // The lock is held until the message is sent, so that nothing overtakes it.
        let mut queue = self.queue.lock();
        // The window may belong to a later session already.
        if session.is_over() {
            return Err(Unsent::Lost(envelope));
        }
        let refused = match queue.enter(cost) {
            true => match session.send(envelope) {
                Ok(SendOutcome::Unsendable { why }) => {
                    queue.put_back(cost);
                    return Err(Unsent::Unsendable(why));
                }
                Ok(taken) => {
                    queue.paid_for(&taken, cost);
                    drop(queue);
                    taken.into_failed().into_iter().for_each(FailedCall::notify);
                    return Ok(());
                }
                Err(unsent) => {
                    queue.put_back(cost);
                    Err(unsent)
                }
            },
            // The next grant or the end of the session needs the lock, and so finds the message.
            false => queue.accept(envelope, cost, self),
        };
        refused.map_err(|envelope| {
            self.refused.store(true, Ordering::Relaxed);
            Unsent::Full(envelope)
        })
    }

    /// Queues a message behind those that wait for credit. Returns it if the session that it was encoded for has ended.
    #[allow(
        clippy::result_large_err,
        reason = "a message that was not queued is returned whole"
    )]
    pub(crate) fn wait_to_send(
        self: &Arc<Self>,
        session: &dyn Session<C>,
        envelope: RemoteEnvelope<C>,
    ) -> Result<(), RemoteEnvelope<C>> {
        let mut queue = self.queue.lock();
        if session.is_over() {
            return Err(envelope);
        }
        queue.wait(SendEntry::Envelope(envelope));
        drop(queue);
        self.goes_or_waits();
        Ok(())
    }

    /// Sends a message through its reserved slot, unless the session that it was encoded for has ended, or it cannot be
    /// sent.
    #[allow(
        clippy::result_large_err,
        reason = "a message that was not sent is returned whole"
    )]
    pub(crate) fn send_inline(
        self: &Arc<Self>,
        session: &dyn Session<C>,
        envelope: RemoteEnvelope<C>,
    ) -> Result<(), Unsent<C>> {
        let cost = session.cost(envelope.payload.len());
        let mut failed = None;
        let mut queue = self.queue.lock();
        if session.is_over() {
            queue.release();
            return Err(Unsent::Lost(envelope));
        }
        let mut sent = Ok(());
        let unsent = match queue.enter_inline(cost) {
            true => match session.send(envelope) {
                Ok(SendOutcome::Sent) => return Ok(()),
                Ok(SendOutcome::Lost(call)) => {
                    drop(queue);
                    call.notify();
                    return Ok(());
                }
                // Queued messages may use its credits.
                Ok(SendOutcome::NotSent(call)) => {
                    queue.put_back(cost);
                    failed = Some(call);
                    None
                }
                Ok(SendOutcome::Unsendable { why }) => {
                    queue.put_back(cost);
                    sent = Err(Unsent::Unsendable(why));
                    None
                }
                Err(unsent) => {
                    queue.put_back(cost);
                    Some(unsent)
                }
            },
            false => Some(envelope),
        };
        if let Some(unsent) = unsent {
            queue.wait_inline(unsent, self);
        }
        drop(queue);
        failed.into_iter().for_each(FailedCall::notify);
        self.goes_or_waits();
        sent
    }

    /// Queues a message, and checks again whether it must wait.
    pub(crate) fn wait(self: &Arc<Self>, entry: SendEntry<C>) {
        self.queue.lock().wait(entry);
        self.goes_or_waits();
    }

    /// Handles a new queue entry: it may be sendable already, and if the session was lost or the process ended
    /// meanwhile, the notification of the others did not include it.
    fn goes_or_waits(self: &Arc<Self>) {
        self.go_on();
        if self.peer.session().is_none() {
            if !self.refuse_unconnected() {
                self.go_on();
            }
        } else if !self.core.is_alive() {
            let reason = self.core.relations.lock().dead().cloned();
            self.refuse_queued(&reason.unwrap_or(ExitReason::NoProcess));
        }
    }

    /// Refuses all queued messages, unless there is a session again, whose window must stay open. Returns whether it
    /// did.
    fn refuse_unconnected(&self) -> bool {
        let mut queue = self.queue.lock();
        // The end of a session closes the queue under the same lock, after the session is gone.
        if self.peer.session().is_some() {
            return false;
        }
        let (unsent, _kept) = queue.take();
        drop(queue);
        for entry in unsent {
            entry.refuse(TicketOutcome::Lost, &NEVER_LEFT);
        }
        true
    }

    /// Withdraws a queued message; returns false if it has been sent.
    pub(crate) fn withdraw(self: &Arc<Self>, id: u64) -> bool {
        // Dropped without the lock.
        let withdrawn = self.queue.lock().withdraw(id);
        if withdrawn.is_some() {
            // Messages behind it may be sent now.
            self.go_on();
        }
        withdrawn.is_some()
    }

    /// Releases a reserved slot.
    pub(crate) fn release(self: &Arc<Self>) {
        self.queue.lock().release();
        self.go_on();
    }

    /// Returns the number of queued messages.
    pub(crate) fn waiting(&self) -> usize {
        self.queue.lock().queued()
    }

    /// Returns true if a message could be sent now.
    pub(crate) fn may_send(&self) -> bool {
        self.queue.lock().is_open()
    }

    /// Like `may_send`, for a message that is not encoded yet: lock-free while none was refused.
    pub(crate) fn may_try(&self) -> bool {
        if !self.refused.load(Ordering::Relaxed) {
            return true;
        }
        let is_open = self.may_send();
        self.refused.store(!is_open, Ordering::Relaxed);
        is_open
    }
}
