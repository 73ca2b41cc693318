//! The ticket of a sender whose message is in a mailbox's wait list.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::engine::wake_list::wake;
use crate::engine::wheel::Expire;
use crate::error::CastError;
use crate::rt::Instant;
use crate::rt::sync::Mutex;

/// The outcome of a wait for capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TicketOutcome {
    /// There is capacity: the message is in the queue, or the permit is held.
    Admitted,
    /// The process has ended.
    Closed,
    /// The deadline has passed.
    Expired,
    /// The node of the process is unreachable.
    #[cfg_attr(
        not(feature = "remote"),
        allow(dead_code, reason = "there are no others")
    )]
    Lost,
    /// The message cannot be sent to the node of the process.
    #[cfg_attr(
        not(feature = "remote"),
        allow(dead_code, reason = "there are no others")
    )]
    Unsendable,
}

impl TicketOutcome {
    /// Returns the outcome of a cast that waited.
    pub(crate) fn of_cast(self) -> Result<(), CastError> {
        Err(match self {
            Self::Admitted => return Ok(()),
            Self::Closed => CastError::NoProcess,
            Self::Expired => CastError::Timeout,
            Self::Lost => CastError::NoConnection,
            Self::Unsendable => {
                let why = "the other node accepts no more definitions on this connection: connect again, or raise its \
                           limit of types";
                CastError::Unsendable { why: why.into() }
            }
        })
    }
}

/// One wait for capacity; shared by the mailbox, the wheel and the waiting future.
#[derive(Default)]
pub(crate) struct QueueTicket {
    state: Mutex<(Option<TicketOutcome>, Option<Waker>)>,
}

impl QueueTicket {
    /// Ends the wait, and returns the waker of the waiting future, to be woken without a lock.
    #[must_use = "the waiting future would not see the end of its wait"]
    pub(crate) fn resolve(&self, outcome: TicketOutcome) -> Option<Waker> {
        let mut state = self.state.lock();
        // The mailbox knows the outcome of the message; the clock only ends the wait.
        if state.0.is_none_or(|known| known == TicketOutcome::Expired) {
            state.0 = Some(outcome);
        }
        state.1.take()
    }

    /// Ends the wait and wakes the waiting future; not for callers that hold a lock.
    pub(crate) fn settle(&self, outcome: TicketOutcome) {
        wake(self.resolve(outcome));
    }

    /// Wakes the waiting future, which continues to wait; not for callers that hold a lock.
    pub(crate) fn wake_to_poll(&self) {
        let waker = self.state.lock().1.take();
        wake(waker);
    }

    pub(crate) fn poll(&self, cx: &Context<'_>) -> Poll<TicketOutcome> {
        let state = self.state.lock();
        if let Some(outcome) = state.0 {
            return Poll::Ready(outcome);
        }
        let known = state.1.as_ref();
        if known.is_some_and(|known| known.will_wake(cx.waker())) {
            return Poll::Pending;
        }
        drop(state);
        // The clone and the drop of a waker are user code: the mailbox takes this lock under its own.
        let waker = cx.waker().clone();
        let mut state = self.state.lock();
        if let Some(outcome) = state.0 {
            drop(state);
            return Poll::Ready(outcome);
        }
        let before = state.1.replace(waker);
        drop(state);
        drop(before);
        Poll::Pending
    }
}

impl Expire for QueueTicket {
    fn expire(self: Arc<Self>, _now: Instant) {
        self.settle(TicketOutcome::Expired);
    }
}
