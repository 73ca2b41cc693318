//! A cast, before and while it is awaited.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::error::CastError;
use crate::handle::blocking;
use crate::handle::call_request::DEFAULT_TIMEOUT;
use crate::handle::delivery::Delivery;
use crate::handle::handle_ref::HandleRef;
use crate::handle::message_sink::MessageSink;
use crate::handle::protocol::Protocol;
use crate::handle::subject::Subject;
#[cfg(feature = "remote")]
use crate::handle::waiting_delivery::WaitingDelivery;
use crate::rt::FAR;

/// A message without an answer, sent on the first poll.
///
/// Awaiting a cast waits only for capacity in the mailbox, up to 5 s by default, and not for the handler. (Erlang:
/// `gen_server:cast/2`, but with a bounded mailbox.)
///
/// # Errors
/// [`CastError`]; a cast to a stopped process fails with `NoProcess` at once, and a cast of a process to its own full
/// mailbox with `Full`.
///
/// # Type parameters
/// `M` is the message type; it never has to be written, as for a [`Call`](crate::Call).
///
/// # Cancel safety
/// Dropping the future before the first poll sends nothing. Dropping it while it waits for capacity withdraws the
/// message.
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let sink = ambit::spawn(|mut inbox: Inbox<u8>| async move { inbox.recv().await; });
///     sink.send(1).await.unwrap();
///     sink.send(2).now().ok();
/// }
/// ```
#[must_use = "a cast does nothing until it is awaited; `.now()` sends it without waiting"]
pub struct Cast<'a, P: Protocol + ?Sized, M = <P as Protocol>::Cast> {
    to: HandleRef<'a, P>,
    delivery: Delivery<M>,
    timeout: Option<Duration>,
}

impl<P: Protocol + ?Sized> Subject<P> {
    /// Returns a cast of `message`, which is sent when it is awaited. For a plain process, `message` is a value of its
    /// message type.
    pub fn send(&self, message: P::Cast) -> Cast<'_, P> {
        Cast::new(self, message)
    }
}

impl<P: Protocol + ?Sized, M> Unpin for Cast<'_, P, M> {}

impl<'a, P: Protocol + ?Sized> Cast<'a, P> {
    pub(crate) fn new(subject: &'a Subject<P>, cast: P::Cast) -> Self {
        Self {
            to: HandleRef::Borrowed(subject),
            delivery: Delivery::new(cast),
            timeout: None,
        }
    }

    /// Sets how long to wait for capacity, counted from the first poll. The default is the timeout of the handle, else
    /// 5 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Waits for capacity without a timeout.
    pub fn no_timeout(self) -> Self {
        self.timeout(FAR)
    }

    /// Sends the message now, without waiting for capacity.
    ///
    /// # Errors
    /// - `Full` if the mailbox has no capacity, or other senders are already waiting.
    /// - `NoProcess` if the process is not running, or no process is registered under the name.
    /// - For a process on another node, also `NoConnection`, `Incompatible`, `TooLarge` and `Unsendable`.
    pub fn now(mut self) -> Result<(), CastError> {
        if self.send_at_once() {
            return Ok(());
        }
        let sink = self.to.sink();
        self.delivery.now(sink)
    }

    /// Sends the message now. If the mailbox is full, the message waits in it, in arrival order.
    #[cfg(feature = "remote")]
    pub(crate) fn queue(mut self) -> Result<Option<WaitingDelivery>, CastError> {
        if self.send_at_once() {
            return Ok(None);
        }
        let sink = self.to.sink();
        self.delivery.queue(sink)
    }

    /// Sends the message now, without waiting for capacity, and returns the message on failure.
    ///
    /// # Errors
    /// The errors of [`now`](Self::now), each with the message.
    pub fn now_or_return(mut self) -> Result<(), (CastError, P::Cast)> {
        if self.send_at_once() {
            return Ok(());
        }
        let sink = self.to.sink();
        self.delivery.now_or_return(sink)
    }

    /// Returns the same cast with an owned handle, so that it is `'static`.
    pub fn into_owned(self) -> Cast<'static, P> {
        let to = HandleRef::Owned(self.to.clone());
        Cast {
            to,
            delivery: self.delivery,
            timeout: self.timeout,
        }
    }

    /// Blocks this thread until the mailbox accepts the message, for synchronous code.
    ///
    /// # Errors
    /// - The errors of an awaited cast.
    /// - `BlocksRuntime` on a thread that drives a runtime; nothing is sent.
    pub fn blocking(self) -> Result<(), CastError> {
        blocking::wait(self).unwrap_or(Err(CastError::BlocksRuntime))
    }
}

/// A value with a result. A cast that is not awaited has none.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a cast does nothing until it is awaited, so it has no result yet",
    label = "nothing has been sent",
    note = "await it with `.await.ok()`, or send it without waiting with `.now().ok()`; code that is not async \
            can wait with `.blocking()`"
)]
pub trait HasResult {}

/// The methods of a `Result`: their bound reports that the cast is not awaited.
#[doc(hidden)]
impl<P: Protocol + ?Sized> Cast<'_, P> {
    pub fn ok(self) -> Option<()>
    where
        Self: HasResult,
    {
        self.now().ok()
    }

    pub fn unwrap(self)
    where
        Self: HasResult,
    {
        self.now().unwrap_or_default();
    }

    pub fn expect(self, _message: &str)
    where
        Self: HasResult,
    {
        self.now().unwrap_or_default();
    }
}

impl<P: Protocol + ?Sized> Subject<P> {
    fn sink(&self) -> Option<Arc<dyn MessageSink<P::Cast>>> {
        let port = self.port()?;
        Some(port)
    }
}

impl<P: Protocol + ?Sized> Future for Cast<'_, P> {
    type Output = Result<(), CastError>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.send_at_once() {
            return Poll::Ready(Ok(()));
        }
        self.poll_slowly(cx)
    }
}

impl<P: Protocol + ?Sized> Cast<'_, P> {
    /// Tries the fast path: a direct handle, and capacity in the mailbox.
    #[inline]
    fn send_at_once(&mut self) -> bool {
        let Some(port) = self.to.fixed_port() else {
            return false;
        };
        self.delivery.send_at_once(&**port)
    }

    #[cold]
    fn poll_slowly(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), CastError>> {
        let (to, delivery) = (&self.to, &mut self.delivery);
        let timeout = self.timeout.or_else(|| to.timeout());
        let timeout = timeout.unwrap_or(DEFAULT_TIMEOUT);
        delivery.poll(cx, timeout, || to.sink(), || to.changed())
    }
}

impl<P: Protocol + ?Sized, M> fmt::Debug for Cast<'_, P, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cast")
            .field("to", &*self.to)
            .finish_non_exhaustive()
    }
}
