//! A call, before and while it is awaited.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

mod begin;

use crate::engine::reply::{self, OpenReply, ReplyReceiver, ReplyTo};
use crate::error::CallError;
use crate::handle::blocking;
use crate::handle::call_request::{CallRequest, CallState, NotSent, SendMode, Timeout};
use crate::handle::handle_ref::HandleRef;
use crate::handle::pending::{Pending, ReplyWait};
use crate::handle::protocol::Protocol;
use crate::handle::subject::Subject;
use crate::process::header::ProcessRef;
use crate::process::wait_edge::WaitEdge;
use crate::rt;

/// A call that is sent on the first poll, and whose output is the server's answer.
///
/// The call waits up to 5 s for the answer, unless the method, the handle or [`timeout`](Self::timeout) sets another
/// timeout. The wait for capacity in a full mailbox counts towards the timeout. (Erlang: `gen_server:call/2,3`.)
///
/// # Inside a handler
/// A call made while another call is being handled waits no longer than the remaining time of that call, because the
/// original caller could not use a later answer. The limit also applies to the calls that the called server makes in
/// turn. If no time remains, the call fails with [`CallError::Timeout`] at once and is not sent. The limit applies
/// while the handler runs, even after it has answered, and to all ways of calling except
/// [`Permit::call`](crate::server::Permit::call); the remaining time is read when the call is first polled, or sent.
/// [`ignore_deadline`](Self::ignore_deadline) and [`no_timeout`](Self::no_timeout) exempt a call. Tasks and other
/// processes are not part of the handler; [`Context::within_deadline`](crate::Context::within_deadline) makes a future
/// part of it. Casts have no answer, so the limit does not apply to their wait for capacity. (Erlang has no such rule:
/// each `gen_server:call` has its own 5 s.)
///
/// # Errors
/// [`CallError`]; a call to a stopped process fails with [`CallError::NoProcess`] at once.
///
/// # Type parameters
/// `M` is the message type; it never has to be written. It is a parameter of its own, rather than derived from `P`, so
/// that a future that awaits a call to a `dyn Kv` can be `Send`.
///
/// # Cancel safety
/// Dropping the future before the first poll sends nothing. Dropping it while it waits for capacity withdraws the
/// message. Dropping it later loses the answer; the request may still be executed. A call that may close a cycle is
/// sent after the processes in it have been polled again; dropped before that, it sends nothing.
///
/// ```
/// use ambit::prelude::*;
/// use std::time::Duration;
/// struct Adder(u64);
/// #[gen_server]
/// impl Adder { #[call] fn add(&mut self, by: u64) -> u64 { self.0 += by; self.0 } }
/// #[ambit::main]
/// async fn main() {
///     let adder = Adder(1).start().await.unwrap();
///     assert_eq!(adder.add(2).await, Ok(3));
///     assert_eq!(adder.add(2).timeout(Duration::from_millis(50)).await, Ok(5));
///     let later = adder.add(1).send();
///     assert_eq!(later.await, Ok(6));
/// }
/// ```
#[must_use = "a call does nothing until it is awaited"]
pub struct Call<'a, P: Protocol + ?Sized, R, M = <P as Protocol>::Call> {
    to: HandleRef<'a, P>,
    ask: CallRequest<M, R>,
}

impl<P: Protocol + ?Sized> Subject<P> {
    /// Returns a call, which is sent when it is awaited; `make` builds the message around the reply port.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// struct Clock(u64);
    /// #[gen_server]
    /// impl Clock { #[call] fn time(&self) -> u64 { self.0 } }
    /// #[ambit::main]
    /// async fn main() {
    ///     let clock = Clock(7).start().await.unwrap();
    ///     let subject: &Subject<Clock> = clock.as_ref();
    ///     assert_eq!(subject.call(|reply| ClockCall::Time { reply }).await, Ok(7));
    /// }
    /// ```
    pub fn call<R: Send + 'static>(
        &self,
        make: impl FnOnce(ReplyTo<R>) -> P::Call,
    ) -> Call<'_, P, R> {
        let (port, asked) = reply::question();
        Call::new(self, make(port), asked)
    }
}

impl<P: Protocol + ?Sized, R, M> Unpin for Call<'_, P, R, M> {}

impl<'a, P: Protocol + ?Sized, R: 'static> Call<'a, P, R> {
    pub(crate) fn new(subject: &'a Subject<P>, call: P::Call, asked: ReplyReceiver<R>) -> Self {
        let ask = CallRequest {
            call: Some(call),
            asked,
            timeout: Timeout::default(),
            until: None,
            state: None,
        };
        Self {
            to: HandleRef::Borrowed(subject),
            ask,
        }
    }

    /// Sets how long to wait for the answer, counted from the first poll or the send. The default is the timeout of the
    /// handle, else that of the method, else 5 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.ask.timeout.own = Some(Some(timeout));
        self
    }

    /// Waits without a timeout, even inside a handler. (Erlang: `infinity`.)
    pub fn no_timeout(mut self) -> Self {
        self.ask.timeout.own = Some(None);
        self
    }

    /// Ignores the deadline of the request being handled, so that the call waits as long as it would outside a handler.
    /// Use it for work that must finish even if the original caller no longer waits.
    pub fn ignore_deadline(mut self) -> Self {
        self.ask.timeout.alone = true;
        self
    }

    pub(crate) fn method_timeout(mut self, timeout: Duration) -> Self {
        self.ask.timeout.of_method = Some(timeout);
        self
    }

    /// Sends the call now; the answer is awaited later. If the mailbox is full, the message waits for capacity within
    /// the deadline of the call. The [`Pending`] returns all errors, including those of sending. (Erlang:
    /// `gen_server:send_request/2`.)
    pub fn send(mut self) -> Pending<R> {
        match self.send_now(true) {
            Ok(wait) => Pending::new(self.ask.asked, wait),
            Err(error) => Pending::failed(error),
        }
    }

    /// Sends the call now, without waiting for capacity.
    ///
    /// # Errors
    /// If this returns an error, nothing was sent:
    /// - `Full` if the mailbox has no capacity, or other senders are already waiting.
    /// - `NoProcess` if the process is not running, or no process is registered under the name.
    /// - `Timeout` if the call being handled has no time left.
    ///
    /// The [`Pending`] returns errors that occur later.
    pub fn now(mut self) -> Result<Pending<R>, CallError> {
        let wait = self.send_now(false)?;
        Ok(Pending::new(self.ask.asked, wait))
    }

    /// Returns the same call with an owned handle, so that it is `'static`.
    pub fn into_owned(self) -> Call<'static, P, R> {
        Call {
            to: HandleRef::Owned(self.to.clone()),
            ask: self.ask,
        }
    }

    /// Blocks this thread until the answer arrives, for synchronous code.
    ///
    /// # Errors
    /// - The errors of an awaited call.
    /// - `BlocksRuntime` on a thread that drives a runtime; nothing is sent.
    pub fn blocking(self) -> Result<R, CallError> {
        blocking::wait(self).unwrap_or(Err(CallError::BlocksRuntime))
    }

    fn send_now(&mut self, may_wait: bool) -> Result<ReplyWait, CallError> {
        let port = self.to.port().ok_or(CallError::NoProcess)?;
        let manner = SendMode {
            may_wait,
            timeout: self.to.timeout(),
        };
        let edge = &mut WaitEdge::default();
        let sent = self.ask.ask(&port, manner, None, edge);
        match (sent, self.ask.state.take()) {
            (Err(NotSent::Failed(error)), _) => Err(error),
            (Ok(()), Some(CallState::Sent(wait))) => Ok(wait),
            // Only an awaited call is checked, or waits for its name.
            _ => Err(CallError::NoReply),
        }
    }

    /// Runs the handler inline, if that is allowed; afterwards the answer is available, or the server keeps the port.
    /// It spends one unit of the caller's budget, so that a loop of calls lets other tasks run.
    fn run_inline(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        let found;
        let port = match self.to.fixed_port() {
            Some(port) => port,
            None => {
                found = self.to.port();
                let Some(port) = &found else {
                    return Poll::Ready(false);
                };
                port
            }
        };
        if !port.may_run_inline() {
            return Poll::Ready(false);
        }
        let Ok(timeout) = self.ask.timeout.wait_here(self.to.timeout()) else {
            // There is no time left, which the other path of a call reports.
            return Poll::Ready(false);
        };
        let coop = std::task::ready!(rt::poll_proceed(cx));
        let Some(call) = self.ask.call.take() else {
            return Poll::Ready(false);
        };
        if let Err(unsent) = port.run_inline(call, timeout) {
            self.ask.call = Some(unsent);
            return Poll::Ready(false);
        }
        coop.made_progress();
        if self.ask.asked.is_waiting() {
            let process: ProcessRef = port.clone();
            self.await_port(process, timeout);
        }
        Poll::Ready(true)
    }

    /// Ends a call that has failed. It spends coop budget like one that runs inline, so that a loop of calls to a stopped
    /// process lets other tasks run.
    #[cold]
    #[inline(never)]
    fn fail(&mut self, cx: &mut Context<'_>) -> Poll<Result<R, CallError>> {
        std::task::ready!(rt::poll_proceed(cx)).made_progress();
        // Another poll does not send the message, which may still be here.
        let failed = CallState::Failed(CallError::NoReply);
        Poll::Ready(match self.ask.state.replace(failed) {
            Some(CallState::Failed(error)) => Err(error),
            _ => Err(CallError::NoReply),
        })
    }

    /// Waits for the answer of a handler that has run inline and not answered yet.
    #[cold]
    fn await_port(&mut self, process: ProcessRef, timeout: Option<Duration>) {
        let asked = &self.ask.asked;
        let deadline = timeout.map(|timeout| process.core().system.after(timeout));
        asked.sent_to(process.core().as_server(), deadline);
        OpenReply::taken(&*asked.slot());
        let wait = ReplyWait::outside(process, asked, deadline);
        self.ask.state = Some(CallState::Sent(wait));
    }
}

/// A value with an answer of type `R`. A call that is not awaited has none.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a call does nothing until it is awaited, so it has no answer yet",
    label = "nothing has been sent",
    note = "await it first with `.await`; code that is not async can wait with `.blocking()`"
)]
pub trait HasAnswer<R> {
    fn answer(self) -> R;
}

/// The methods of a `Result`: their bound reports that the call is not awaited.
#[doc(hidden)]
impl<P: Protocol + ?Sized, R> Call<'_, P, R> {
    pub fn unwrap(self) -> R
    where
        Self: HasAnswer<R>,
    {
        self.answer()
    }

    pub fn expect(self, _message: &str) -> R
    where
        Self: HasAnswer<R>,
    {
        self.answer()
    }
}

impl<P: Protocol + ?Sized, R: 'static> Future for Call<'_, P, R> {
    type Output = Result<R, CallError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        loop {
            let request = &mut this.ask;
            match &mut request.state {
                None if request.call.is_none() => return Poll::Ready(Err(CallError::NoReply)),
                None => {
                    if !std::task::ready!(this.run_inline(cx)) {
                        std::task::ready!(this.begin(cx));
                    } else if let Some(answer) = this.ask.asked.look() {
                        return Poll::Ready(answer);
                    }
                }
                Some(CallState::Unsent(_)) => std::task::ready!(this.poll_unsent(cx)),
                Some(CallState::Sent(wait)) => {
                    let answer = std::task::ready!(wait.poll(&mut request.asked, cx));
                    request.asked.close();
                    match answer {
                        Ok(_) => {
                            request.state = None;
                            return Poll::Ready(answer);
                        }
                        Err(error) => request.state = Some(CallState::Failed(error)),
                    }
                }
                Some(CallState::Failed(_)) => return this.fail(cx),
            }
        }
    }
}

impl<P: Protocol + ?Sized, R, M> fmt::Debug for Call<'_, P, R, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("to", &*self.to)
            .finish_non_exhaustive()
    }
}
