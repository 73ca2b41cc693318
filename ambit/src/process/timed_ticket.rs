//! A ticket in the wait list of a full mailbox, with a deadline.

use std::sync::Arc;
use std::task::{Context, Poll, ready};

use crate::engine::queue_ticket::{QueueTicket, TicketOutcome};
use crate::process::clock::Clock;
use crate::process::header::ProcessRef;
use crate::rt::Instant;

pub(crate) struct TimedTicket {
    process: ProcessRef,
    id: u64,
    clock: Clock,
}

impl TimedTicket {
    /// Wraps the ticket `id` in the wait list of `process`, whose mailbox settles `ticket`, until `at`.
    pub(crate) fn keep(
        process: ProcessRef,
        id: u64,
        ticket: Arc<QueueTicket>,
        at: Instant,
    ) -> Self {
        let clock = Clock::until(&process.core().system, at, ticket);
        Self { process, id, clock }
    }

    /// Ready with the outcome of the wait; at its deadline the wait is withdrawn.
    pub(crate) fn poll(&self, cx: &Context<'_>) -> Poll<TicketOutcome> {
        match ready!(self.clock.outcome(cx)) {
            // It left the wait list at the moment of its deadline; the ticket knows the outcome.
            TicketOutcome::Expired if !self.leave() => self.clock.outcome(cx),
            outcome => Poll::Ready(outcome),
        }
    }

    /// Withdraws the wait; returns false if it is no longer in the wait list.
    pub(crate) fn leave(&self) -> bool {
        self.process.withdraw(self.id)
    }
}
