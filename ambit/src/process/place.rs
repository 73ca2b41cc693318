//! A ticket in the wait list of a full mailbox, with a deadline.

use std::sync::Arc;
use std::task::{Context, Poll, ready};

use crate::engine::ticket::{Outcome, Ticket};
use crate::process::clock::Clock;
use crate::process::core::ProcRef;
use crate::rt::Instant;

pub(crate) struct Place {
    process: ProcRef,
    id: u64,
    clock: Clock,
}

impl Place {
    /// Wraps the ticket `id` in the wait list of `process`, whose mailbox settles `ticket`, until `at`.
    pub(crate) fn keep(process: ProcRef, id: u64, ticket: Arc<Ticket>, at: Instant) -> Self {
        let clock = Clock::until(&process.core().world, at, ticket);
        Self { process, id, clock }
    }

    /// Ready with the outcome of the wait; at its deadline the wait is withdrawn.
    pub(crate) fn poll(&self, cx: &Context<'_>) -> Poll<Outcome> {
        match ready!(self.clock.outcome(cx)) {
            // It left the wait list at the moment of its deadline; the ticket knows the outcome.
            Outcome::Expired if !self.leave() => self.clock.outcome(cx),
            outcome => Poll::Ready(outcome),
        }
    }

    /// Withdraws the wait; returns false if it is no longer in the wait list.
    pub(crate) fn leave(&self) -> bool {
        self.process.withdraw(self.id)
    }
}
