//! A place in the wait list of a full mailbox, kept until a deadline.

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
    /// The place `id` of `process`, whose mailbox settles `ticket`, until `at`.
    pub(crate) fn keep(process: ProcRef, id: u64, ticket: Arc<Ticket>, at: Instant) -> Self {
        let clock = Clock::until(&process.core().world, at, ticket);
        Self { process, id, clock }
    }

    /// How the wait ended; when its time is up the place is given back.
    pub(crate) fn poll(&self, cx: &Context<'_>) -> Poll<Outcome> {
        match ready!(self.clock.outcome(cx)) {
            // It left the wait list in the moment in which its time was up; the ticket knows how.
            Outcome::Expired if !self.leave() => self.clock.outcome(cx),
            outcome => Poll::Ready(outcome),
        }
    }

    /// Gives the place back; false if it is no longer in the wait list.
    pub(crate) fn leave(&self) -> bool {
        self.process.withdraw(self.id)
    }
}
