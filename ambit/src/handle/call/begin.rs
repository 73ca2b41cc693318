//! The way of an awaited call to its server: by name or not, and after a check of a cycle that it would close.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::{Call, CallState, CheckedCall, WaitingCall};
use crate::error::CallError;
use crate::handle::call_request::{NotSent, SendMode};
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
        self.state = match self.send_awaited(cx.waker(), &mut edge) {
            Ok(state) => state,
            Err(NotSent::Failed(error)) => CallState::Failed(error),
            Err(NotSent::Checking) => return self.await_check(edge, None, cx),
        };
        Poll::Ready(())
    }

    /// Begins again, because a check of a process in the cycle may be done.
    #[cold]
    #[inline(never)]
    pub(super) fn begin_again(&mut self, cx: &Context<'_>) -> Poll<()> {
        let state = std::mem::replace(&mut self.state, CallState::Done);
        let CallState::Checking(checked) = state else {
            return Poll::Ready(());
        };
        let CheckedCall { mut edge, clock } = *checked;
        let poll = |clock: &Clock| checked_poll::with_task(cx, |cx| clock.poll(cx));
        let clock_poll = clock.as_ref().map(poll);
        self.state = if clock_poll.is_some_and(|poll| poll.is_ready()) {
            CallState::Failed(CallError::Timeout)
        } else {
            match self.send_awaited(cx.waker(), &mut edge) {
                Ok(state) => state,
                Err(NotSent::Failed(error)) => CallState::Failed(error),
                Err(NotSent::Checking) => return self.await_check(edge, clock, cx),
            }
        };
        Poll::Ready(())
    }

    /// Waits for a check, which wakes the task. The time of the call has begun.
    #[cold]
    fn await_check(&mut self, edge: WaitEdge, clock: Option<Clock>, cx: &Context<'_>) -> Poll<()> {
        let system = edge.system().cloned();
        let clock = match (clock, system) {
            (None, Some(system)) => self.start_clock(&system),
            (clock, _) => Ok(clock),
        };
        self.state = match clock {
            Err(error) => CallState::Failed(error),
            Ok(Some(clock)) if checked_poll::with_task(cx, |cx| clock.poll(cx)).is_ready() => {
                CallState::Failed(CallError::Timeout)
            }
            Ok(clock) => {
                self.state = CallState::Checking(Box::new(CheckedCall { edge, clock }));
                return Poll::Pending;
            }
        };
        Poll::Ready(())
    }

    fn send_awaited(&mut self, waker: &Waker, edge: &mut WaitEdge) -> Result<CallState, NotSent> {
        let manner = SendMode {
            may_wait: true,
            timeout: self.to.timeout(),
        };
        match self.to.fixed_port() {
            Some(port) => {
                let asked = self.ask.ask(port, manner, Some(waker), edge);
                asked.map(CallState::Asked)
            }
            None => self.begin_by_name(manner, waker, edge),
        }
    }

    #[inline(never)]
    fn begin_by_name(
        &mut self,
        manner: SendMode,
        waker: &Waker,
        edge: &mut WaitEdge,
    ) -> Result<CallState, NotSent> {
        // The notification is registered before the look-up, so that no registration in between is missed.
        let changed = self.to.changed();
        if let Some(port) = self.to.port() {
            match self.ask.ask(&port, manner, Some(waker), edge) {
                // It has ended: with `when_available`, the call waits for the next process under the name.
                Err(NotSent::Failed(CallError::NoProcess)) if changed.is_some() => {}
                asked => return asked.map(CallState::Asked),
            }
        }
        let (changed, system) = changed.ok_or(CallError::NoProcess)?;
        let clock = match std::mem::replace(&mut self.state, CallState::Done) {
            CallState::Patient(when_available) => when_available.clock,
            _ => self.start_clock(&system)?,
        };
        Ok(CallState::Patient(Box::new(WaitingCall { changed, clock })))
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
