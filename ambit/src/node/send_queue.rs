//! What stands in front of a process of another node: how many messages may still go, and which wait for that.

mod queue;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Waker;

use self::queue::Queue;
use crate::engine::queue_ticket::{QueueTicket, TicketOutcome};
use crate::error::{CallError, Executed};
use crate::exit_reason::ExitReason;
use crate::message::Codec;
use crate::node::credit_window::CreditWindow;
use crate::node::remote_envelope::RemoteEnvelope;
use crate::node::remote_proxy::{RemoteProxy, SendOutcome};
use crate::pid::Pid;
use crate::process::node_signal::Signal;

/// What waits, in the order in which it came.
pub(crate) enum SendEntry<C: Codec> {
    Parcel(RemoteEnvelope<C>),
    /// A place that somebody wants to hold.
    Place {
        id: u64,
        ticket: Arc<QueueTicket>,
    },
    /// A request to stop, which needs no place and overtakes nothing.
    Stop {
        from: Pid,
        reason: ExitReason,
    },
    /// What a process has signalled whose messages wait here: it comes after them.
    Signal(Signal),
}

impl<C: Codec> SendEntry<C> {
    fn id(&self) -> Option<u64> {
        match self {
            Self::Parcel(envelope) => Some(envelope.id),
            Self::Place { id, .. } => Some(*id),
            Self::Stop { .. } | Self::Signal(_) => None,
        }
    }

    /// Whether its sender waits until it goes.
    fn has_sender(&self) -> bool {
        match self {
            Self::Parcel(envelope) => envelope.accepted.is_none(),
            Self::Place { .. } => true,
            Self::Stop { .. } | Self::Signal(_) => false,
        }
    }

    /// It will not go any more.
    pub(crate) fn refuse(self, outcome: TicketOutcome, error: &CallError) {
        match self {
            Self::Parcel(envelope) => envelope.stays(outcome, error.clone()),
            Self::Place { ticket, .. } => ticket.settle(outcome),
            Self::Stop { .. } | Self::Signal(_) => {}
        }
    }
}

/// No clock, no tasks: it says what may go now.
pub(crate) struct SendQueue<C: Codec> {
    window: Arc<CreditWindow>,
    /// What has a place and could not go in it: before everything else.
    placed: Queue<RemoteEnvelope<C>>,
    accepted: Accepted<C>,
    /// Senders that wait with their messages or for places, and what is behind them.
    waiting: Queue<SendEntry<C>>,
}

/// A remote process that is known as long as messages for it wait. It is dropped without the lock.
pub(crate) type Kept<C> = Option<Arc<RemoteProxy<C>>>;

/// Messages that wait although their senders have gone on.
struct Accepted<C: Codec> {
    queue: Queue<SendEntry<C>>,
    messages: usize,
    cost: u64,
    /// What keeps the remote process known while there are some: there may be no handle any more.
    kept: Kept<C>,
}

impl<C: Codec> Default for Accepted<C> {
    fn default() -> Self {
        Self {
            queue: Queue::default(),
            messages: 0,
            cost: 0,
            kept: None,
        }
    }
}

impl<C: Codec> SendQueue<C> {
    pub(crate) fn new(window: Arc<CreditWindow>) -> Self {
        Self {
            window,
            placed: Queue::default(),
            accepted: Accepted::default(),
            waiting: Queue::default(),
        }
    }

    /// Whether a short message may go now, or wait without its sender.
    pub(crate) fn is_open(&self) -> bool {
        (self.window.left() > 0 && self.queued() == 0) || (self.waiting.is_empty() && self.fits(1))
    }

    /// Whether a message may wait without its sender: with the others it fits into the window.
    fn fits(&self, cost: u32) -> bool {
        let all = self.accepted.cost + u64::from(cost);
        all <= u64::from(self.window.may_wait())
    }

    /// Lets a message wait without its sender, unless there is no capacity for it.
    #[allow(
        clippy::result_large_err,
        reason = "what could not go is sent again, whole"
    )]
    pub(crate) fn accept(
        &mut self,
        envelope: RemoteEnvelope<C>,
        cost: u32,
        proxy: &Arc<RemoteProxy<C>>,
    ) -> Result<(), RemoteEnvelope<C>> {
        let has_capacity = self.waiting.is_empty() && self.has_capacity(cost, &envelope);
        if !has_capacity {
            return Err(envelope);
        }
        // A cast whose sender goes on is not taken back by anybody.
        let id = envelope.request.as_ref().map(|_| envelope.id);
        self.add(id, envelope, cost, proxy);
        Ok(())
    }

    fn has_capacity(&self, cost: u32, envelope: &RemoteEnvelope<C>) -> bool {
        self.fits(cost) && self.window.buffer().take(envelope.payload.len())
    }

    /// Adds a message that can be taken back by this id, if there is one.
    fn add(
        &mut self,
        id: Option<u64>,
        mut envelope: RemoteEnvelope<C>,
        cost: u32,
        proxy: &Arc<RemoteProxy<C>>,
    ) {
        envelope.accepted = Some(cost);
        let accepted = &mut self.accepted;
        accepted.messages += 1;
        accepted.cost += u64::from(cost);
        accepted.kept.get_or_insert_with(|| proxy.clone());
        accepted.queue.push_back(id, SendEntry::Parcel(envelope));
    }

    /// Lets senders go on, in their order, as far as their messages may wait without them: what is to be woken without the
    /// lock.
    pub(crate) fn let_go_on(
        &mut self,
        cost: impl Fn(usize) -> u32,
        proxy: &Arc<RemoteProxy<C>>,
    ) -> Vec<Waker> {
        let mut wakers = Vec::new();
        while let Some(entry) = self.waiting.front() {
            let price = match entry {
                SendEntry::Parcel(envelope) => {
                    let price = cost(envelope.payload.len());
                    if !self.has_capacity(price, envelope) {
                        break;
                    }
                    price
                }
                SendEntry::Place { .. } => break,
                SendEntry::Stop { .. } | SendEntry::Signal(_) => 0,
            };
            match self.waiting.pop_front() {
                Some(SendEntry::Parcel(mut envelope)) => {
                    let ticket = envelope.ticket.take();
                    wakers
                        .extend(ticket.and_then(|ticket| ticket.resolve(TicketOutcome::Admitted)));
                    self.add(Some(envelope.id), envelope, price, proxy);
                }
                Some(entry) => self.accepted.queue.push_back(None, entry),
                None => {}
            }
        }
        wakers
    }

    /// A message of this length has left, or will not go. What is returned is dropped without the lock.
    #[must_use]
    pub(crate) fn left(&mut self, accepted: Option<u32>, bytes: usize) -> Kept<C> {
        let cost = accepted?;
        self.window.buffer().put_back(bytes);
        self.accepted.messages -= 1;
        self.accepted.cost -= u64::from(cost);
        match self.accepted.messages {
            0 => self.accepted.kept.take(),
            _ => None,
        }
    }

    /// Pays for a message that is to go now, unless it must wait.
    pub(crate) fn enter(&self, cost: u32) -> bool {
        self.queued() == 0 && self.window.take(cost)
    }

    /// What was paid for did not go.
    pub(crate) fn put_back(&self, cost: u32) {
        self.window.put_back(cost);
    }

    /// A session has taken what so much was paid for.
    pub(crate) fn paid_for(&self, taken: SendOutcome, cost: u32) {
        if taken == SendOutcome::Stays {
            self.put_back(cost);
        }
    }

    /// Pays for a message that has a place, which is worth one credit; if it must wait all the same, the place is given back.
    pub(crate) fn enter_inline(&self, cost: u32) -> bool {
        let enters = self.placed.is_empty() && self.window.fill(cost);
        if !enters {
            self.window.let_go();
        }
        enters
    }

    /// Gives a place back.
    pub(crate) fn release(&self) {
        self.window.let_go();
    }

    pub(crate) fn wait(&mut self, entry: SendEntry<C>) {
        match self.waiting.is_empty() && !entry.has_sender() {
            true => self.accepted.queue.push_back(entry.id(), entry),
            false => self.waiting.push_back(entry.id(), entry),
        }
    }

    /// Keeps what could not go in its place.
    pub(crate) fn wait_inline(&mut self, envelope: RemoteEnvelope<C>) {
        self.placed.push_back(Some(envelope.id), envelope);
    }

    /// Puts back what [`next`](Self::next) gave and could not go after all.
    pub(crate) fn wait_first(&mut self, envelope: RemoteEnvelope<C>) {
        self.placed.push_front(Some(envelope.id), envelope);
    }

    /// Whether a message of this process waits without its sender.
    pub(crate) fn has_accepted_of(&self, from: Pid) -> bool {
        let is_of =
            |envelope: &RemoteEnvelope<C>| envelope.from == from && envelope.accepted.is_some();
        let waits = |entry: &SendEntry<C>| match entry {
            SendEntry::Parcel(envelope) => is_of(envelope),
            SendEntry::Place { .. } | SendEntry::Stop { .. } | SendEntry::Signal(_) => false,
        };
        let accepted = &self.accepted.queue;
        self.placed.iter().any(is_of) || accepted.iter().any(waits)
    }

    /// Lets a signal wait for what its sender has sent, and not for senders that wait themselves.
    pub(crate) fn wait_behind_accepted(&mut self, signal: Signal) {
        self.accepted
            .queue
            .push_back(None, SendEntry::Signal(signal));
    }

    /// Takes back what waits under this number, and what was kept for it.
    pub(crate) fn withdraw(&mut self, id: u64) -> Option<(SendEntry<C>, Kept<C>)> {
        let placed = self.placed.remove(id).map(SendEntry::Parcel);
        let entry = placed
            .or_else(|| self.accepted.queue.remove(id))
            .or_else(|| self.waiting.remove(id))?;
        let kept = match &entry {
            SendEntry::Parcel(envelope) => self.left(envelope.accepted, envelope.payload.len()),
            SendEntry::Place { .. } | SendEntry::Stop { .. } | SendEntry::Signal(_) => None,
        };
        Some((entry, kept))
    }

    /// What may go next, and what was paid for it: as much as `cost` says for a message, one for a place.
    pub(crate) fn next(&mut self, cost: impl Fn(usize) -> u32) -> Option<(SendEntry<C>, u32)> {
        let of = |envelope: &RemoteEnvelope<C>| cost(envelope.payload.len());
        if let Some(envelope) = self.placed.front() {
            let price = of(envelope);
            let paid = self.window.take(price);
            let envelope = paid.then(|| self.placed.pop_front()).flatten()?;
            return Some((SendEntry::Parcel(envelope), price));
        }
        let queue = match self.accepted.queue.is_empty() {
            true => &mut self.waiting,
            false => &mut self.accepted.queue,
        };
        let (price, is_paid) = match queue.front()? {
            SendEntry::Parcel(envelope) => {
                let price = of(envelope);
                (price, self.window.take(price))
            }
            SendEntry::Place { .. } => (1, self.window.hold()),
            SendEntry::Stop { .. } | SendEntry::Signal(_) => (0, true),
        };
        let next = is_paid.then(|| queue.pop_front()).flatten()?;
        Some((next, price))
    }

    /// The way there is lost: everything that waits, and what was kept for it.
    pub(crate) fn close(&mut self) -> (VecDeque<SendEntry<C>>, Kept<C>) {
        self.window.close();
        let placed = self.placed.take().map(SendEntry::Parcel);
        let accepted = self.accepted.queue.take();
        let all: VecDeque<_> = placed.chain(accepted).chain(self.waiting.take()).collect();
        let mut kept = None;
        for entry in &all {
            if let SendEntry::Parcel(envelope) = entry {
                let last = self.left(envelope.accepted, envelope.payload.len());
                kept = last.or(kept);
            }
        }
        (all, kept)
    }

    pub(crate) fn queued(&self) -> usize {
        self.placed.len() + self.accepted.queue.len() + self.waiting.len()
    }

    pub(crate) fn credits(&self) -> u32 {
        self.window.left()
    }
}

/// What a caller is told whose message never left.
pub(crate) const NEVER_LEFT: CallError = CallError::NoConnection {
    executed: Executed::No,
};
