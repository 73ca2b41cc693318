//! The messages to a process of another node that wait for credits, and the credits that are left.

mod queue;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Waker;

use self::queue::Queue;
use crate::distribution::credit_window::CreditWindow;
use crate::distribution::remote_envelope::{RemoteEnvelope, SendOutcome};
use crate::engine::queue_ticket::{QueueTicket, TicketOutcome};
use crate::error::{CallError, Executed};
use crate::exit_reason::ExitReason;
use crate::message::Codec;
use crate::pid::Pid;
use crate::process::node_signal::Signal;

/// A queue entry, in the order of arrival.
pub(crate) enum SendEntry<C: Codec> {
    Envelope(RemoteEnvelope<C>),
    /// A request for a reserved slot.
    Reservation {
        id: u64,
        ticket: Arc<QueueTicket>,
    },
    /// A request to stop, which needs no credit and overtakes nothing.
    Stop {
        from: Pid,
        reason: ExitReason,
    },
    /// A signal of a process whose messages are queued here: it follows them.
    Signal(Signal),
}

impl<C: Codec> SendEntry<C> {
    fn id(&self) -> Option<u64> {
        match self {
            Self::Envelope(envelope) => Some(envelope.id),
            Self::Reservation { id, .. } => Some(*id),
            Self::Stop { .. } | Self::Signal(_) => None,
        }
    }

    /// Returns true if its sender waits until it is sent.
    fn has_sender(&self) -> bool {
        match self {
            Self::Envelope(envelope) => envelope.accepted.is_none(),
            Self::Reservation { .. } => true,
            Self::Stop { .. } | Self::Signal(_) => false,
        }
    }

    /// Settles it with `outcome` or `error`: it will not be sent.
    pub(crate) fn refuse(self, outcome: TicketOutcome, error: &CallError) {
        match self {
            Self::Envelope(envelope) => envelope.fail(outcome, error.clone()),
            Self::Reservation { ticket, .. } => ticket.settle(outcome),
            Self::Stop { .. } | Self::Signal(_) => {}
        }
    }
}

/// Without clock and tasks: it decides what may be sent now.
///
/// A clone of the reference `K` keeps the receiver registered while messages for it are buffered. It is returned to be
/// dropped without the lock.
pub(crate) struct CreditQueue<C: Codec, K> {
    window: Arc<CreditWindow>,
    /// Messages that [`next`](Self::next) returned and that could not be sent after all: they precede everything else.
    returned: Queue<RemoteEnvelope<C>>,
    accepted: Accepted<C, K>,
    /// Senders that wait with their messages or for reserved slots, and entries behind them.
    waiting: Queue<SendEntry<C>>,
}

/// Buffered messages, whose senders do not wait.
struct Accepted<C: Codec, K> {
    queue: Queue<SendEntry<C>>,
    messages: usize,
    cost: u64,
    /// Keeps the receiver registered while there are some: all handles may be dropped.
    kept: Option<K>,
}

impl<C: Codec, K> Default for Accepted<C, K> {
    fn default() -> Self {
        Self {
            queue: Queue::default(),
            messages: 0,
            cost: 0,
            kept: None,
        }
    }
}

impl<C: Codec, K: Clone> CreditQueue<C, K> {
    pub(crate) fn new(window: Arc<CreditWindow>) -> Self {
        Self {
            window,
            returned: Queue::default(),
            accepted: Accepted::default(),
            waiting: Queue::default(),
        }
    }

    /// Returns true if a short message may be sent now, or buffered.
    pub(crate) fn is_open(&self) -> bool {
        (self.window.left() > 0 && self.queued() == 0) || (self.waiting.is_empty() && self.fits(1))
    }

    /// Returns true if a message may be buffered: with the other buffered ones it fits into the window.
    fn fits(&self, cost: u32) -> bool {
        let all = self.accepted.cost + u64::from(cost);
        all <= u64::from(self.window.may_wait())
    }

    /// Buffers a message, unless there is no capacity for it.
    #[allow(
        clippy::result_large_err,
        reason = "a message that was not sent is sent again, whole"
    )]
    pub(crate) fn accept(
        &mut self,
        envelope: RemoteEnvelope<C>,
        cost: u32,
        keep: &K,
    ) -> Result<(), RemoteEnvelope<C>> {
        let has_capacity = self.waiting.is_empty() && self.has_capacity(cost, &envelope);
        if !has_capacity {
            return Err(envelope);
        }
        // A buffered cast is never withdrawn.
        let id = envelope.request.as_ref().map(|_| envelope.id);
        self.add(id, envelope, cost, keep);
        Ok(())
    }

    fn has_capacity(&self, cost: u32, envelope: &RemoteEnvelope<C>) -> bool {
        self.fits(cost) && self.window.buffer().take(envelope.payload.len())
    }

    /// Adds a message that can be withdrawn by this id, if there is one.
    fn add(&mut self, id: Option<u64>, mut envelope: RemoteEnvelope<C>, cost: u32, keep: &K) {
        envelope.accepted = Some(cost);
        let accepted = &mut self.accepted;
        accepted.messages += 1;
        accepted.cost += u64::from(cost);
        accepted.kept.get_or_insert_with(|| keep.clone());
        accepted.queue.push_back(id, SendEntry::Envelope(envelope));
    }

    /// Releases waiting senders in FIFO order, as far as their messages may be buffered. The result is woken without
    /// the lock.
    pub(crate) fn let_go_on(&mut self, cost: impl Fn(usize) -> u32, keep: &K) -> Vec<Waker> {
        let mut wakers = Vec::new();
        while let Some(entry) = self.waiting.front() {
            let price = match entry {
                SendEntry::Envelope(envelope) => {
                    let price = cost(envelope.payload.len());
                    if !self.has_capacity(price, envelope) {
                        break;
                    }
                    price
                }
                SendEntry::Reservation { .. } => break,
                SendEntry::Stop { .. } | SendEntry::Signal(_) => 0,
            };
            match self.waiting.pop_front() {
                Some(SendEntry::Envelope(mut envelope)) => {
                    let ticket = envelope.ticket.take();
                    wakers
                        .extend(ticket.and_then(|ticket| ticket.resolve(TicketOutcome::Admitted)));
                    self.add(Some(envelope.id), envelope, price, keep);
                }
                Some(entry) => self.accepted.queue.push_back(None, entry),
                None => {}
            }
        }
        wakers
    }

    /// Releases the capacity of a message of this length that was sent, or will not be. The result is dropped without
    /// the lock.
    #[must_use]
    pub(crate) fn left(&mut self, accepted: Option<u32>, bytes: usize) -> Option<K> {
        let cost = accepted?;
        self.window.buffer().put_back(bytes);
        self.accepted.messages -= 1;
        self.accepted.cost -= u64::from(cost);
        match self.accepted.messages {
            0 => self.accepted.kept.take(),
            _ => None,
        }
    }

    /// Pays for a message that is to be sent now, unless it must wait.
    pub(crate) fn enter(&self, cost: u32) -> bool {
        self.queued() == 0 && self.window.take(cost)
    }

    /// Returns the credits of a message that was not sent.
    pub(crate) fn put_back(&self, cost: u32) {
        self.window.put_back(cost);
    }

    /// Returns the credits of a message that the session took and will not send.
    pub(crate) fn paid_for(&self, taken: &SendOutcome<C>, cost: u32) {
        if matches!(
            taken,
            SendOutcome::NotSent(_) | SendOutcome::Unsendable { .. }
        ) {
            self.put_back(cost);
        }
    }

    /// Pays for a message with a reserved slot, which is worth one credit; if it must still wait, the slot is released.
    /// It overtakes the senders that wait, but not the buffered messages, which its sender may have sent before.
    pub(crate) fn enter_inline(&self, cost: u32) -> bool {
        let is_first = self.returned.is_empty() && self.accepted.queue.is_empty();
        let enters = is_first && self.window.fill(cost);
        if !enters {
            self.window.let_go();
        }
        enters
    }

    /// Releases a reserved slot.
    pub(crate) fn release(&self) {
        self.window.let_go();
    }

    pub(crate) fn wait(&mut self, entry: SendEntry<C>) {
        match self.waiting.is_empty() && !entry.has_sender() {
            true => self.accepted.queue.push_back(entry.id(), entry),
            false => self.waiting.push_back(entry.id(), entry),
        }
    }

    /// Queues a message that could not be sent through its reserved slot behind the buffered ones. Its sender does not
    /// wait, so it counts as buffered, but it needs no capacity: its slot was reserved.
    pub(crate) fn wait_inline(&mut self, mut envelope: RemoteEnvelope<C>, keep: &K) {
        envelope.accepted = Some(0);
        self.window.buffer().add(envelope.payload.len());
        let accepted = &mut self.accepted;
        accepted.messages += 1;
        accepted.kept.get_or_insert_with(|| keep.clone());
        let id = Some(envelope.id);
        accepted.queue.push_back(id, SendEntry::Envelope(envelope));
    }

    /// Puts back a message that [`next`](Self::next) returned and that could not be sent after all.
    pub(crate) fn wait_first(&mut self, envelope: RemoteEnvelope<C>) {
        self.returned.push_front(Some(envelope.id), envelope);
    }

    /// Returns true if a message of this process is buffered, or a signal or a request to stop that follows one.
    pub(crate) fn has_accepted_of(&self, from: Pid) -> bool {
        let is_of =
            |envelope: &RemoteEnvelope<C>| envelope.from == from && envelope.accepted.is_some();
        let waits = |entry: &SendEntry<C>| match entry {
            SendEntry::Envelope(envelope) => is_of(envelope),
            SendEntry::Stop { from: sender, .. }
            | SendEntry::Signal(
                Signal::Exit { from: sender, .. } | Signal::Down { from: sender, .. },
            ) => *sender == from,
            SendEntry::Reservation { .. } | SendEntry::Signal(_) => false,
        };
        let accepted = &self.accepted.queue;
        self.returned.iter().any(is_of) || accepted.iter().any(waits)
    }

    /// Queues a signal behind the buffered messages of its sender, but not behind waiting senders.
    pub(crate) fn wait_behind_accepted(&mut self, signal: Signal) {
        self.accepted
            .queue
            .push_back(None, SendEntry::Signal(signal));
    }

    /// Withdraws the entry with this number; also returns the reference that was kept for it.
    pub(crate) fn withdraw(&mut self, id: u64) -> Option<(SendEntry<C>, Option<K>)> {
        let returned = self.returned.remove(id).map(SendEntry::Envelope);
        let entry = returned
            .or_else(|| self.accepted.queue.remove(id))
            .or_else(|| self.waiting.remove(id))?;
        let kept = match &entry {
            SendEntry::Envelope(envelope) => self.left(envelope.accepted, envelope.payload.len()),
            SendEntry::Reservation { .. } | SendEntry::Stop { .. } | SendEntry::Signal(_) => None,
        };
        Some((entry, kept))
    }

    /// Returns the next entry to send, and the credits paid for it: `cost` for a message, one for a reserved slot.
    pub(crate) fn next(&mut self, cost: impl Fn(usize) -> u32) -> Option<(SendEntry<C>, u32)> {
        let of = |envelope: &RemoteEnvelope<C>| cost(envelope.payload.len());
        if let Some(envelope) = self.returned.front() {
            let price = of(envelope);
            let paid = self.window.take(price);
            let envelope = paid.then(|| self.returned.pop_front()).flatten()?;
            return Some((SendEntry::Envelope(envelope), price));
        }
        let queue = match self.accepted.queue.is_empty() {
            true => &mut self.waiting,
            false => &mut self.accepted.queue,
        };
        let (price, is_paid) = match queue.front()? {
            SendEntry::Envelope(envelope) => {
                let price = of(envelope);
                (price, self.window.take(price))
            }
            SendEntry::Reservation { .. } => (1, self.window.hold()),
            SendEntry::Stop { .. } | SendEntry::Signal(_) => (0, true),
        };
        let next = is_paid.then(|| queue.pop_front()).flatten()?;
        Some((next, price))
    }

    /// Closes the queue when the session is lost; returns all entries, and the reference that was kept for them.
    pub(crate) fn close(&mut self) -> (VecDeque<SendEntry<C>>, Option<K>) {
        self.window.close();
        self.take()
    }

    /// Removes and returns all entries, and the reference that was kept for them.
    pub(crate) fn take(&mut self) -> (VecDeque<SendEntry<C>>, Option<K>) {
        let returned = self.returned.take().map(SendEntry::Envelope);
        let accepted = self.accepted.queue.take();
        let all: VecDeque<_> = returned
            .chain(accepted)
            .chain(self.waiting.take())
            .collect();
        let mut kept = None;
        for entry in &all {
            if let SendEntry::Envelope(envelope) = entry {
                let last = self.left(envelope.accepted, envelope.payload.len());
                kept = last.or(kept);
            }
        }
        (all, kept)
    }

    pub(crate) fn queued(&self) -> usize {
        self.returned.len() + self.accepted.queue.len() + self.waiting.len()
    }

    pub(crate) fn credits(&self) -> u32 {
        self.window.left()
    }
}

/// The error of a call whose message was never sent.
pub(crate) const NEVER_LEFT: CallError = CallError::NoConnection {
    executed: Executed::No,
};
