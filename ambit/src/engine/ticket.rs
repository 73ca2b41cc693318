//! What a sender holds while its message stands in a mailbox's wait list.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::engine::wheel::Expire;
use crate::rt::Instant;
use crate::rt::sync::Mutex;

/// How a wait for room ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// There is room: the message is in the queue, or the permit is held.
    Admitted,
    /// The process has ended.
    Closed,
    /// The deadline has passed.
    Expired,
    /// The node of the process is out of reach.
    #[cfg_attr(
        not(feature = "remote"),
        allow(dead_code, reason = "there are no others")
    )]
    Lost,
}

/// One wait for room; the mailbox, the wheel and the waiting future share it.
#[derive(Default)]
pub(crate) struct Ticket {
    state: Mutex<(Option<Outcome>, Option<Waker>)>,
}

impl Ticket {
    pub(crate) fn settle(&self, outcome: Outcome) {
        let waker = {
            let mut state = self.state.lock();
            // The mailbox knows what became of the message; the clock only ends the wait.
            if state.0.is_none_or(|known| known == Outcome::Expired) {
                state.0 = Some(outcome);
            }
            state.1.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    pub(crate) fn poll(&self, cx: &Context<'_>) -> Poll<Outcome> {
        let mut state = self.state.lock();
        match state.0 {
            Some(outcome) => Poll::Ready(outcome),
            None => {
                state.1 = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Expire for Ticket {
    fn expire(self: Arc<Self>, _now: Instant) {
        self.settle(Outcome::Expired);
    }
}
