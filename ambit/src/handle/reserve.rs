//! Capacity in a mailbox, reserved before there is a message for it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::engine::queue_ticket::QueueTicket;
use crate::engine::reply::{self, ReplyTo};
use crate::error::{CallError, CastError};
use crate::handle::call_request::DEFAULT_TIMEOUT;
use crate::handle::handle_ref::HandleRef;
use crate::handle::message_sink::MessageSink;
use crate::handle::pending::{Pending, ReplyWait};
use crate::handle::protocol::Protocol;
use crate::handle::protocol::ProtocolSink;
use crate::handle::subject::Subject;
use crate::process::current;
use crate::process::dead_letter::Undelivered;
use crate::process::header::ProcessRef;
use crate::process::timed_ticket::TimedTicket;
use crate::rt::{self, FAR};

/// A future that waits for capacity in a mailbox and returns a [`Permit`], created by [`Subject::reserve`]. It waits up
/// to the timeout of the handle, 5 s by default; see [`timeout`](Self::timeout).
///
/// # Errors
/// - `NoProcess` if the process is not running, ends during the wait, or no process is registered under the name.
/// - `Timeout` if there was no capacity within the deadline.
/// - `Full` for a process that reserves in its own full mailbox.
/// - `NoConnection` if the node of the process is lost during the wait.
///
/// # Cancel safety
/// Dropping the future before the first poll changes nothing. Dropping it later cancels the wait and releases capacity
/// that was already granted.
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let sink = ambit::spawn(|mut inbox: Inbox<u8>| async move { inbox.recv().await; });
///     let permit = sink.reserve().await.unwrap();
///     permit.send(1);
/// }
/// ```
#[must_use = "a reservation does nothing until it is awaited"]
pub struct Reserve<'a, P: Protocol + ?Sized> {
    subject: HandleRef<'a, P>,
    timeout: Duration,
    wait: Option<(Arc<dyn ProtocolSink<P>>, CapacityWait)>,
}

impl<P: Protocol + ?Sized> Subject<P> {
    /// Reserves capacity in the mailbox for one message, which is then sent without waiting. Does nothing until it is
    /// awaited.
    pub fn reserve(&self) -> Reserve<'_, P> {
        Reserve::new(self)
    }
}

/// An untyped wait for capacity.
pub(crate) struct CapacityWait {
    process: ProcessRef,
    place: TimedTicket,
    /// Its outcome has been returned.
    settled: bool,
}

impl CapacityWait {
    pub(crate) fn begin(process: ProcessRef, timeout: Duration) -> Result<Self, CastError> {
        let ticket = Arc::new(QueueTicket::default());
        let id = process.reserve(&ticket).ok_or(CastError::NoProcess)?;
        // A process never waits for capacity in its own mailbox: only the process itself could free some.
        if current::pid() == process.core().pid && process.withdraw(id) {
            return Err(CastError::Full);
        }
        let at = process.core().system.after(timeout);
        let place = TimedTicket::keep(process.clone(), id, ticket, at);
        Ok(Self {
            process,
            place,
            settled: false,
        })
    }

    /// Ready with the outcome; after success the caller must release the capacity.
    pub(crate) fn poll(&mut self, cx: &Context<'_>) -> Poll<Result<(), CastError>> {
        let outcome = std::task::ready!(self.place.poll(cx));
        self.settled = true;
        Poll::Ready(outcome.of_cast())
    }
}

impl Drop for CapacityWait {
    fn drop(&mut self) {
        // Capacity that was granted after the last poll is returned.
        if !self.settled && !self.place.leave() {
            self.process.return_permit();
        }
    }
}

impl<'a, P: Protocol + ?Sized> Reserve<'a, P> {
    pub(crate) fn new(subject: &'a Subject<P>) -> Self {
        Self {
            subject: HandleRef::Borrowed(subject),
            timeout: subject.timeout().unwrap_or(DEFAULT_TIMEOUT),
            wait: None,
        }
    }

    /// Returns the same reservation with an owned handle, so that it is `'static`.
    pub fn into_owned(self) -> Reserve<'static, P> {
        Reserve {
            subject: HandleRef::Owned(self.subject.clone()),
            timeout: self.timeout,
            wait: self.wait,
        }
    }

    /// Sets how long to wait for capacity, counted from the first poll. The default is the timeout of the handle, else
    /// 5 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Waits for capacity without a timeout.
    pub fn no_timeout(self) -> Self {
        self.timeout(FAR)
    }

    fn begin(&self) -> Result<(Arc<dyn ProtocolSink<P>>, CapacityWait), CastError> {
        let port = self.subject.port().ok_or(CastError::NoProcess)?;
        let wait = CapacityWait::begin(port.clone(), self.timeout)?;
        Ok((port, wait))
    }
}

impl<P: Protocol + ?Sized> Future for Reserve<'_, P> {
    type Output = Result<Permit<P>, CastError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if this.wait.is_none() {
            match this.begin() {
                Ok(begun) => this.wait = Some(begun),
                Err(error) => {
                    // Nothing was reserved. A loop of failing reservations lets other tasks run.
                    std::task::ready!(rt::poll_proceed(cx)).made_progress();
                    return Poll::Ready(Err(error));
                }
            }
        }
        let Some((port, wait)) = &mut this.wait else {
            return Poll::Pending;
        };
        let outcome = std::task::ready!(rt::poll_cooperatively(cx, |cx| wait.poll(cx)));
        let port = port.clone();
        this.wait = None;
        Poll::Ready(outcome.map(|()| Permit {
            port: Some(port),
            timeout: this.subject.timeout().unwrap_or(DEFAULT_TIMEOUT),
        }))
    }
}

impl<P: Protocol + ?Sized> fmt::Debug for Reserve<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reserve")
            .field("subject", &*self.subject)
            .finish_non_exhaustive()
    }
}

/// Reserved capacity for one message. Dropping it releases the capacity.
///
/// As long as the process accepts messages, the message of a permit is certain to be accepted, but it does not overtake
/// others: if messages are waiting for capacity, the permit admits the first of them, and its own message queues behind
/// the last.
///
/// A permit of a process on another node survives the loss of the connection: it is valid again when the same
/// incarnation of the node is connected again. Until then, [`call`](Self::call) fails with `NoConnection`, and a
/// message passed to [`send`](Self::send) becomes a dead letter.
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main(mut inbox: Inbox<u8>) {
///     let permit = inbox.subject().reserve().await.unwrap();
///     permit.send(7);
///     assert_eq!(inbox.recv().await, Some(7));
/// }
/// ```
#[must_use = "a dropped permit releases its capacity in the mailbox"]
pub struct Permit<P: Protocol + ?Sized> {
    port: Option<Arc<dyn ProtocolSink<P>>>,
    /// The timeout of a call.
    timeout: Duration,
}

impl<P: Protocol + ?Sized> Permit<P> {
    /// Sends `message` without waiting, behind all messages that are waiting for capacity. If the process has ended
    /// meanwhile, the message becomes a dead letter.
    pub fn send(mut self, message: P::Cast) {
        let Some(port) = self.port.take() else { return };
        let sink: Arc<dyn MessageSink<P::Cast>> = port;
        if let Err(message) = sink.push_reserved(message) {
            sink.dead_letter(message, Undelivered::Ended);
        }
    }

    /// Sends a call with the reserved capacity; `make` builds the message around the reply port. The [`Pending`] waits
    /// for the answer up to the timeout of the handle, 5 s by default. Unlike other calls, a call made inside a handler
    /// is not limited by the remaining time of the call being handled.
    ///
    /// # Errors
    /// The [`Pending`] fails with the errors of a [`Call`](crate::Call), but never with `Full`.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// struct Adder(u64);
    /// #[gen_server]
    /// impl Adder { #[call] fn add(&mut self, by: u64) -> u64 { self.0 += by; self.0 } }
    /// #[ambit::main]
    /// async fn main() {
    ///     let adder = Adder(1).start().await.unwrap();
    ///     let permit = adder.as_ref().reserve().await.unwrap();
    ///     let sum = permit.call(|reply| AdderCall::Add { by: 2, reply });
    ///     assert_eq!(sum.await, Ok(3));
    /// }
    /// ```
    pub fn call<R: Send + 'static>(self, make: impl FnOnce(ReplyTo<R>) -> P::Call) -> Pending<R> {
        let timeout = self.timeout;
        self.call_within(timeout, make)
    }

    /// Returns true while the process accepts messages.
    #[cfg(feature = "tower")]
    pub(crate) fn is_good(&self) -> bool {
        self.port
            .as_ref()
            .is_some_and(|port| port.core().is_alive())
    }

    pub(crate) fn call_within<R: Send + 'static>(
        mut self,
        timeout: Duration,
        make: impl FnOnce(ReplyTo<R>) -> P::Call,
    ) -> Pending<R> {
        let (reply, mut asked) = reply::question();
        // The capacity stays reserved while user code builds the message.
        let call = make(reply);
        let Some(port) = self.port.take() else {
            return Pending::failed(CallError::NoProcess);
        };
        let core = port.core();
        let deadline = core.system.after(timeout);
        asked.sent_to(core.as_server(), Some(deadline));
        match port.push_reserved_call(call, asked.slot()) {
            Ok(()) => {
                let watch = ReplyWait::new(port, &asked, Some(deadline), None);
                Pending::new(asked, watch)
            }
            Err(unsent) => {
                asked.close();
                drop(unsent);
                Pending::failed(CallError::NoProcess)
            }
        }
    }
}

impl<P: Protocol + ?Sized> Drop for Permit<P> {
    fn drop(&mut self) {
        if let Some(port) = self.port.take() {
            port.return_permit();
        }
    }
}

impl<P: Protocol + ?Sized> fmt::Debug for Permit<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let process: Option<ProcessRef> = self.port.clone().map(|port| port as ProcessRef);
        let pid = process.map(|process| process.core().pid);
        f.debug_struct("Permit").field("pid", &pid).finish()
    }
}
