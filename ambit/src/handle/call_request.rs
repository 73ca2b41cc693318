//! A question before it is sent, and its path into the mailbox.

use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use crate::engine::reply::ReplyReceiver;
use crate::engine::wake::Wake;
use crate::error::CallError;
use crate::handle::pending::ReplyWait;
use crate::handle::protocol::Protocol;
use crate::handle::protocol::ProtocolSink;
use crate::panics;
use crate::process::clock::Clock;
use crate::process::current_request;
use crate::process::dead_letter::{Content, LetterKind, Undelivered};
use crate::process::header::AnyProcess;
use crate::process::offer::{Offer, Patience};
use crate::process::wait_edge::WaitEdge;
use crate::rt::{BoxFuture, Instant};

/// The default timeout of calls, casts and stops, as in OTP.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);

/// The message of a call, the wait for its answer, and its timeout.
pub(crate) struct CallRequest<C, R> {
    /// `None` once it is sent.
    pub(crate) call: Option<C>,
    pub(crate) asked: ReplyReceiver<R>,
    /// `None` before the first poll or the send, and after an answer.
    pub(crate) state: Option<CallState>,
    pub(crate) timeout: Timeout,
    /// The deadline, where it was fixed before the target was known.
    pub(crate) until: Option<Instant>,
}

/// The state of a call after its first poll, or its send.
pub(crate) enum CallState {
    /// Boxed, because hardly any call waits before it is sent.
    Unsent(Box<UnsentCall>),
    Sent(ReplyWait),
    Failed(CallError),
}

pub(crate) struct UnsentCall {
    pub(crate) wait: UnsentWait,
    pub(crate) clock: Option<Clock>,
}

/// The event that a call waits for before it is sent.
pub(crate) enum UnsentWait {
    /// The name is not registered yet: its change.
    Name(BoxFuture<'static, ()>),
    /// A check whether the call would close a cycle.
    Check(WaitEdge),
}

impl CallState {
    pub(crate) fn unsent(wait: UnsentWait, clock: Option<Clock>) -> Self {
        Self::Unsent(Box::new(UnsentCall { wait, clock }))
    }
}

#[derive(Clone, Copy, Default)]
pub(crate) struct Timeout {
    /// `Some(None)`: no deadline.
    pub(crate) own: Option<Option<Duration>>,
    pub(crate) of_method: Option<Duration>,
    /// True if the deadline of the current request is ignored.
    pub(crate) alone: bool,
}

impl Timeout {
    /// Returns how long to wait from now on; an error if the current request is out of time.
    #[inline]
    pub(crate) fn wait_here(
        self,
        of_handle: Option<Duration>,
    ) -> Result<Option<Duration>, CallError> {
        let default = || of_handle.or(self.of_method).or(Some(DEFAULT_TIMEOUT));
        let time = self.own.unwrap_or_else(default);
        if current_request::may_be_bounded() {
            return self.bounded(time);
        }
        Ok(time)
    }

    /// Limits the time to that of the current request: its caller could not use a later answer. An explicit "no
    /// deadline" is kept.
    #[cold]
    fn bounded(self, time: Option<Duration>) -> Result<Option<Duration>, CallError> {
        match (time, current_request::left()) {
            (Some(_), Some(Duration::ZERO)) if !self.alone => Err(CallError::Timeout),
            (Some(time), Some(left)) if !self.alone => Ok(Some(time.min(left))),
            _ => Ok(time),
        }
    }
}

/// The way a question is sent.
#[derive(Clone, Copy)]
pub(crate) struct SendMode {
    /// True if the message may wait for capacity in the mailbox.
    pub(crate) may_wait: bool,
    /// The timeout of the handle.
    pub(crate) timeout: Option<Duration>,
}

/// Why a question was not sent.
pub(crate) enum NotSent {
    Failed(CallError),
    /// It is being checked whether the call would close a cycle. The check wakes the call.
    Checking,
}

impl From<CallError> for NotSent {
    fn from(error: CallError) -> Self {
        Self::Failed(error)
    }
}

impl<C: Send + 'static, R: 'static> CallRequest<C, R> {
    /// Sends the question; then the state is `Sent`. If the process has ended, the message stays here. Everything the
    /// caller needs for its wait is set up before the server is woken; `waker` is the one that the answer wakes if the
    /// call is awaited, and `edge` its wait. Work after waking another thread would keep the two from following each
    /// other on one thread.
    pub(crate) fn ask<P: Protocol<Call = C> + ?Sized>(
        &mut self,
        port: &Arc<dyn ProtocolSink<P>>,
        manner: SendMode,
        waker: Option<&Waker>,
        edge: &mut WaitEdge,
    ) -> Result<(), NotSent> {
        let core = port.core();
        if !core.is_alive() {
            return Err(CallError::NoProcess.into());
        }
        if let Some(waker) = waker {
            edge.before_call(core.pid, || Some(self.asked.slot()), waker)?;
            if edge.is_checking() {
                return Err(NotSent::Checking);
            }
        }
        let deadline = match self.until {
            None => {
                let timeout = self.timeout.wait_here(manner.timeout)?;
                timeout.map(|time| core.system.after(time))
            }
            until => until,
        };
        let Some(call) = self.call.take() else {
            return Err(CallError::NoReply.into());
        };
        self.asked.sent_to(core.as_server(), deadline);
        let patience = if manner.may_wait {
            Patience::Unwatched
        } else {
            Patience::None
        };
        let (waiting, wake) = match port.offer_call(call, self.asked.slot(), patience) {
            Ok(wake) => (None, wake),
            Err(Offer::Queued) => (None, Wake::None),
            Err(Offer::Waiting(id)) => (Some(id), Wake::None),
            Err(refused) => return Err(self.refused(&**port, refused).into()),
        };
        let process = &**port;
        let _woken = WakeOnDrop { process, wake };
        if let Some(unsent) = self.state.take() {
            // The waker of an earlier wait is user code.
            panics::drop_quietly(unsent);
        }
        let wait = ReplyWait::new(port.clone(), &self.asked, deadline, waiting);
        if let CallState::Sent(wait) = self.state.insert(CallState::Sent(wait)) {
            wait.noted(edge, waker.is_some());
        }
        if let Some(waker) = waker {
            self.asked.wait_with(waker);
        }
        Ok(())
    }

    #[cold]
    fn refused<P: Protocol<Call = C> + ?Sized>(
        &mut self,
        port: &dyn ProtocolSink<P>,
        offer: Offer<C>,
    ) -> CallError {
        if let Offer::Closed(unsent) = offer {
            self.call = Some(unsent);
            return CallError::NoProcess;
        }
        // The caller gets its error here; the port inside the message is no longer needed.
        self.asked.fail(CallError::Full);
        if let Offer::Dropped(call) = offer {
            let core = port.core();
            core.dead_letter(LetterKind::Call, Undelivered::Overflow, Content::new(call));
        }
        self.asked.close();
        CallError::Full
    }
}

/// Wakes a process when it is dropped, on every path.
struct WakeOnDrop<'a> {
    process: &'a dyn AnyProcess,
    wake: Wake,
}

impl Drop for WakeOnDrop<'_> {
    #[inline]
    fn drop(&mut self) {
        if !matches!(self.wake, Wake::None) {
            let wake = std::mem::replace(&mut self.wake, Wake::None);
            self.process.wake(wake);
        }
    }
}
