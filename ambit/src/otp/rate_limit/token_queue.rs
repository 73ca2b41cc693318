//! A bucket and its queue, shared by threads: waiters are notified without a lock.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::engine::queue_ticket::{QueueTicket, TicketOutcome};
use crate::otp::rate_limit::bucket::{Bucket, Place};
use crate::otp::rate_limit::rate::{Rate, RateStats};
use crate::rt::sync::Mutex;

#[cfg(all(test, ambit_loom))]
mod models;

/// The clock of a limiter.
pub(super) trait LimiterClock: Sized {
    type LimiterDeadline: NotifyWaiter;

    /// Returns the time since its start.
    fn time(&self) -> Duration;
    /// Returns true if there is a runtime to wait in. Without one, waiters wake themselves repeatedly.
    fn waits(&self) -> bool;
    /// Arms an alarm that calls [`TokenQueue::fire`]; `None` without a runtime.
    fn arm(line: &Arc<TokenQueue<Self>>, at: Duration) -> Option<Self::LimiterDeadline>;
}

pub(super) trait NotifyWaiter {
    /// Returns true if the alarm will fire, or is firing now.
    fn fires(&self) -> bool;
    /// Disarms the alarm; returns false if it is firing now.
    fn stop(&self) -> bool;
}

pub(super) struct TokenQueue<C: LimiterClock> {
    state: Mutex<State<C::LimiterDeadline>>,
    clock: C,
}

struct State<A> {
    bucket: Bucket<Arc<QueueTicket>>,
    /// Rings when the first waiter gets its token.
    alarm: Option<A>,
}

impl<C: LimiterClock> TokenQueue<C> {
    pub(super) fn new(rate: Rate, clock: C) -> Self {
        Self {
            state: Mutex::new(State {
                bucket: Bucket::new(rate),
                alarm: None,
            }),
            clock,
        }
    }

    pub(super) fn clock(&self) -> &C {
        &self.clock
    }

    pub(super) fn stats(&self) -> RateStats {
        self.state.lock().bucket.stats()
    }

    /// Runs `what` on the bucket as of now, and notifies the waiters that got a token.
    pub(super) fn with<T>(
        self: &Arc<Self>,
        what: impl FnOnce(&mut Bucket<Arc<QueueTicket>>) -> T,
    ) -> T {
        let now = self.clock.time();
        let (served, result) = {
            let mut state = self.state.lock();
            let mut served = state.bucket.advance(now);
            let result = what(&mut state.bucket);
            // A returned token goes to the next waiter.
            served.extend(state.bucket.advance(now));
            self.set_alarm(&mut state);
            (served, result)
        };
        for ticket in served {
            ticket.settle(TicketOutcome::Admitted);
        }
        result
    }

    /// Handles the alarm.
    pub(super) fn fire(self: &Arc<Self>) {
        self.state.lock().alarm = None;
        self.with(|_| ());
    }

    /// Handles the loss of the alarm: each waiter is polled, and arms another one on the clock of its own system.
    pub(super) fn alarm_lost(&self) {
        let waiters = {
            let mut state = self.state.lock();
            if state.alarm.as_ref().is_some_and(NotifyWaiter::fires) {
                // A waiter of another system has armed it already.
                return;
            }
            state.alarm = None;
            state.bucket.waiters().cloned().collect::<Vec<_>>()
        };
        for ticket in waiters {
            ticket.wake_to_poll();
        }
    }

    /// Arms the alarm exactly while there are waiters. The time of the next token does not depend on which ones.
    fn set_alarm(self: &Arc<Self>, state: &mut State<C::LimiterDeadline>) {
        let Some(next) = state.bucket.next() else {
            // An alarm that is firing stays registered: it arms the next one itself.
            state.alarm = state.alarm.take().filter(|alarm| !alarm.stop());
            return;
        };
        if state.alarm.as_ref().is_some_and(NotifyWaiter::fires) {
            return;
        }
        state.alarm = C::arm(self, next);
    }
}

/// One wait for a token.
#[derive(Default)]
pub(super) enum TokenWait {
    #[default]
    Fresh,
    /// It is in the queue or has its token; the ticket knows which.
    Waits(Place, Arc<QueueTicket>),
    Done,
}

impl TokenWait {
    pub(super) fn poll<C: LimiterClock>(
        &mut self,
        line: &Arc<TokenQueue<C>>,
        cx: &Context<'_>,
    ) -> Poll<()> {
        loop {
            match self {
                Self::Done => return Poll::Ready(()),
                Self::Fresh => {
                    *self = line.with(|bucket| {
                        if bucket.take() {
                            return Self::Done;
                        }
                        let ticket = Arc::<QueueTicket>::default();
                        Self::Waits(bucket.join(ticket.clone()), ticket)
                    });
                }
                Self::Waits(_, ticket) => {
                    line.with(|_| ());
                    if ticket.poll(cx).is_pending() {
                        if !line.clock.waits() {
                            cx.waker().wake_by_ref();
                        }
                        return Poll::Pending;
                    }
                    *self = Self::Done;
                }
            }
        }
    }

    /// Joins the queue, even if a token is available.
    pub(super) fn join<C: LimiterClock>(&mut self, line: &Arc<TokenQueue<C>>) {
        if let Self::Fresh = self {
            let ticket = Arc::<QueueTicket>::default();
            let place = line.with(|bucket| bucket.join(ticket.clone()));
            *self = Self::Waits(place, ticket);
        }
    }

    pub(super) fn is_done(&self) -> bool {
        matches!(self, Self::Done)
    }

    /// Leaves the queue, or returns an unused token.
    pub(super) fn leave<C: LimiterClock>(&self, line: &Arc<TokenQueue<C>>) {
        if let Self::Waits(place, _) = *self {
            line.with(|bucket| bucket.leave(place));
        }
    }
}
