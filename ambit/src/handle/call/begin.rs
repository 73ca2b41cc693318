//! The way of an awaited call to its server: by name or not, and after a check of a cycle that it would close.

use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use super::Call;
use crate::error::CallError;
use crate::handle::call_request::{CallState, NotSent, SendMode, UnsentWait};
use crate::handle::protocol::Protocol;
use crate::process::checked_poll;
use crate::process::clock::Clock;
use crate::process::system_inner::SystemInner;
use crate::process::wait_edge::WaitEdge;

impl<P: Protocol + ?Sized, R: 'static> Call<'_, P, R> {
    /// Sends to the current process; without one, a handle with `when_available` waits. Pending while the call is checked.
    #[inline(never)]
    pub(super) fn begin(&mut self, cx: &Context<'_>) -> Poll<()> {
        let mut edge = WaitEdge::default();
        match self.send_awaited(cx.waker(), &mut edge) {
            Ok(()) => Poll::Ready(()),
            Err(why) => self.not_sent(why, edge, None, cx),
        }
    }

    /// Polls the wait before the send. Begins again when it is over; the call fails if no process had the name in time.
    #[cold]
    #[inline(never)]
    pub(super) fn poll_unsent(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(CallState::Unsent(unsent)) = &mut self.ask.state
            && let UnsentWait::Name(changed) = &mut unsent.wait
        {
            if changed.as_mut().poll(cx).is_ready() {
                return self.begin(cx);
            }
            let Some(clock) = &unsent.clock else {
                return Poll::Pending;
            };
            ready!(clock.poll(cx));
            self.ask.state = Some(CallState::Failed(CallError::NoProcess));
            return Poll::Ready(());
        }
        self.begin_again(cx)
    }

    /// Begins again, because a check of a process in the cycle may be done.
    fn begin_again(&mut self, cx: &Context<'_>) -> Poll<()> {
        let failed = CallState::Failed(CallError::NoReply);
        let (mut edge, clock) = match self.ask.state.replace(failed) {
            Some(CallState::Unsent(unsent)) => match unsent.wait {
                UnsentWait::Check(edge) => (edge, unsent.clock),
                UnsentWait::Name(_) => return Poll::Ready(()),
            },
            _ => return Poll::Ready(()),
        };
        let poll = |clock: &Clock| checked_poll::with_task(cx, |cx| clock.poll(cx));
        let clock_poll = clock.as_ref().map(poll);
        let sent = match clock_poll.is_some_and(|poll| poll.is_ready()) {
            true => Err(NotSent::Failed(CallError::Timeout)),
            false => self.send_awaited(cx.waker(), &mut edge),
        };
        match sent {
            Ok(()) => Poll::Ready(()),
            Err(why) => self.not_sent(why, edge, clock, cx),
        }
    }

    #[cold]
    #[inline(never)]
    fn not_sent(
        &mut self,
        why: NotSent,
        edge: WaitEdge,
        clock: Option<Clock>,
        cx: &Context<'_>,
    ) -> Poll<()> {
        match why {
            NotSent::Checking => self.await_check(edge, clock, cx),
            NotSent::Failed(error) => {
                self.ask.state = Some(CallState::Failed(error));
                Poll::Ready(())
            }
        }
    }

    /// Waits for a check, which wakes the task. The time of the call has begun.
    fn await_check(&mut self, edge: WaitEdge, clock: Option<Clock>, cx: &Context<'_>) -> Poll<()> {
        let system = edge.system().cloned();
        let clock = match (clock, system) {
            (None, Some(system)) => self.start_clock(&system),
            (clock, _) => Ok(clock),
        };
        self.ask.state = Some(match clock {
            Err(error) => CallState::Failed(error),
            Ok(Some(clock)) if checked_poll::with_task(cx, |cx| clock.poll(cx)).is_ready() => {
                CallState::Failed(CallError::Timeout)
            }
            Ok(clock) => {
                self.ask.state = Some(CallState::unsent(UnsentWait::Check(edge), clock));
                return Poll::Pending;
            }
        });
        Poll::Ready(())
    }

    fn send_awaited(&mut self, waker: &Waker, edge: &mut WaitEdge) -> Result<(), NotSent> {
        let manner = SendMode {
            may_wait: true,
            timeout: self.to.timeout(),
        };
        match self.to.fixed_port() {
            Some(port) => self.ask.ask(port, manner, Some(waker), edge),
            None => self.begin_by_name(manner, waker, edge),
        }
    }

    #[inline(never)]
    fn begin_by_name(
        &mut self,
        manner: SendMode,
        waker: &Waker,
        edge: &mut WaitEdge,
    ) -> Result<(), NotSent> {
        // The notification is registered before the look-up, so that no registration in between is missed.
        let changed = self.to.changed();
        if let Some(port) = self.to.port() {
            match self.ask.ask(&port, manner, Some(waker), edge) {
                // It has ended: with `when_available`, the call waits for the next process under the name.
                Err(NotSent::Failed(CallError::NoProcess)) if changed.is_some() => {}
                sent => return sent,
            }
        }
        let (changed, system) = changed.ok_or(CallError::NoProcess)?;
        let clock = match self.ask.state.take() {
            Some(CallState::Unsent(unsent)) => unsent.clock,
            _ => self.start_clock(&system)?,
        };
        self.ask.state = Some(CallState::unsent(UnsentWait::Name(changed), clock));
        Ok(())
    }

    /// Fixes the deadline before there is a server with a clock.
    fn start_clock(&mut self, system: &Arc<SystemInner>) -> Result<Option<Clock>, CallError> {
        if let Some(until) = self.ask.until {
            return Ok(Some(Clock::until(system, until, Arc::default())));
        }
        let timeout = self.ask.timeout.wait_here(self.to.timeout())?;
        let clock = timeout.map(|timeout| Clock::start(system, timeout));
        self.ask.until = clock.as_ref().map(Clock::at);
        Ok(clock)
    }
}
