//! A cast, before and while it is awaited, and its delivery.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::engine::queue_ticket::TicketOutcome;
use crate::error::CastError;
use crate::handle::blocking;
use crate::handle::call::HandleRef;
use crate::handle::call_request::DEFAULT_TIMEOUT;
use crate::handle::message_sink::MessageSink;
use crate::handle::protocol::Protocol;
use crate::handle::protocol::ProtocolSink;
use crate::handle::subject::Subject;
use crate::process::clock::Clock;
use crate::process::dead_letter::Undelivered;
use crate::process::offer::{Offer, Patience};
use crate::process::system_inner::SystemInner;
use crate::process::timed_ticket::TimedTicket;
use crate::rt::{self, BoxFuture, FAR};

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

/// One message on its way into a mailbox.
pub(crate) struct Delivery<T> {
    message: Option<T>,
    /// `None` before it is sent, and after.
    wait: Option<Box<CastWait>>,
}

/// The wait of a cast. Boxed, because most casts do not wait.
enum CastWait {
    /// The name is not registered yet.
    Holder(WaitingCast),
    /// The message is in the wait list.
    Capacity(QueuedSend),
    /// It has its outcome; the coop budget is used up.
    Over(Result<(), CastError>),
}

struct WaitingCast {
    changed: BoxFuture<'static, ()>,
    clock: Clock,
}

impl<T> Delivery<T> {
    pub(crate) fn new(message: T) -> Self {
        Self {
            message: Some(message),
            wait: None,
        }
    }

    /// Pushes the message if there is capacity now; otherwise changes nothing.
    #[inline]
    fn send_at_once<P>(&mut self, port: &dyn ProtocolSink<P>) -> bool
    where
        P: Protocol<Cast = T> + ?Sized,
    {
        // A message in the wait list is no longer here.
        let Some(message) = self.message.take() else {
            return false;
        };
        match port.push_if_free(message) {
            Ok(()) => true,
            Err(unsent) => {
                self.message = Some(unsent);
                false
            }
        }
    }

    /// Returns the message of a send that failed with `Full`, unless the overflow policy dropped it.
    #[cfg(feature = "stream")]
    pub(crate) fn into_unsent(self) -> Option<T> {
        self.message
    }

    pub(crate) fn now(self, sink: Option<Arc<dyn MessageSink<T>>>) -> Result<(), CastError> {
        let Some(sink) = sink else {
            return Err(CastError::NoProcess);
        };
        self.offer_now(&sink).map_err(|offer| refuse(&*sink, offer))
    }

    pub(crate) fn now_or_return(
        mut self,
        sink: Option<Arc<dyn MessageSink<T>>>,
    ) -> Result<(), (CastError, T)> {
        let Some(sink) = sink else {
            return match self.message.take() {
                Some(message) => Err((CastError::NoProcess, message)),
                None => Ok(()),
            };
        };
        match self.offer_now(&sink) {
            Ok(()) | Err(Offer::Queued | Offer::Waiting(_)) => Ok(()),
            Err(Offer::Full(message) | Offer::Dropped(message)) => Err((CastError::Full, message)),
            Err(Offer::Closed(message)) => Err((CastError::NoProcess, message)),
            Err(Offer::Unsent(message, error)) => Err((error, message)),
        }
    }

    fn offer_now(mut self, sink: &Arc<dyn MessageSink<T>>) -> Result<(), Offer<T>> {
        let Some(message) = self.message.take() else {
            return Ok(());
        };
        match sink.offer(message, Patience::None) {
            Offer::Queued => Ok(()),
            refused => Err(refused),
        }
    }

    pub(crate) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        timeout: Duration,
        sink: impl Fn() -> Option<Arc<dyn MessageSink<T>>>,
        changed: impl Fn() -> Option<(BoxFuture<'static, ()>, Arc<SystemInner>)>,
    ) -> Poll<Result<(), CastError>> {
        loop {
            match self.wait.as_deref_mut() {
                None if self.message.is_none() => return Poll::Ready(Ok(())),
                None => {
                    let begun = self.begin(timeout, &sink, &changed);
                    if begun.is_err() || self.wait.is_none() {
                        return self.end(begun, cx);
                    }
                }
                Some(CastWait::Holder(when_available)) => {
                    if when_available.changed.as_mut().poll(cx).is_ready() {
                        let begun = self.begin(timeout, &sink, &changed);
                        if begun.is_err() || self.wait.is_none() {
                            return self.end(begun, cx);
                        }
                    } else {
                        return when_available
                            .clock
                            .poll(cx)
                            .map(|()| Err(CastError::NoProcess));
                    }
                }
                Some(CastWait::Over(outcome)) => {
                    let outcome = std::mem::replace(outcome, Ok(()));
                    return self.end(outcome, cx);
                }
                Some(CastWait::Capacity(place)) => {
                    let outcome = std::task::ready!(place.poll(cx));
                    self.wait = None;
                    return Poll::Ready(match outcome {
                        TicketOutcome::Admitted => Ok(()),
                        TicketOutcome::Closed => Err(CastError::NoProcess),
                        TicketOutcome::Expired => Err(CastError::Timeout),
                        TicketOutcome::Lost => Err(CastError::NoConnection),
                    });
                }
            }
        }
    }

    /// Ends a delivery that did not wait for capacity. It spends coop budget, so that a loop of casts that fail, or that
    /// drop the oldest message, lets other tasks run.
    fn end(
        &mut self,
        outcome: Result<(), CastError>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), CastError>> {
        let Poll::Ready(coop) = rt::poll_proceed(cx) else {
            self.wait = Some(Box::new(CastWait::Over(outcome)));
            return Poll::Pending;
        };
        coop.made_progress();
        self.wait = None;
        Poll::Ready(outcome)
    }

    fn begin(
        &mut self,
        timeout: Duration,
        sink: &impl Fn() -> Option<Arc<dyn MessageSink<T>>>,
        changed: &impl Fn() -> Option<(BoxFuture<'static, ()>, Arc<SystemInner>)>,
    ) -> Result<(), CastError> {
        let change = changed();
        let open =
            sink().filter(|sink| change.is_none() || sink.clone().process().core().is_alive());
        let clock = match self.wait.take().map(|wait| *wait) {
            Some(CastWait::Holder(when_available)) => Some(when_available.clock),
            Some(CastWait::Capacity(_) | CastWait::Over(_)) | None => None,
        };
        if let Some(sink) = open {
            let Some(message) = self.message.take() else {
                return Ok(());
            };
            match self.offer(&sink, message, timeout, clock.as_ref()) {
                Ok(()) => return Ok(()),
                // It ended at this moment: with `when_available`, the cast waits for the next process under the name.
                Err(Offer::Closed(unsent)) if change.is_some() => self.message = Some(unsent),
                Err(Offer::Full(unsent)) => {
                    self.message = Some(unsent);
                    return Err(CastError::Full);
                }
                Err(refused) => return Err(refuse(&*sink, refused)),
            }
        }
        let (changed, system) = change.ok_or(CastError::NoProcess)?;
        let clock = clock.unwrap_or_else(|| Clock::start(&system, timeout));
        self.wait = Some(Box::new(CastWait::Holder(WaitingCast { changed, clock })));
        Ok(())
    }

    /// Pushes the message, or puts it into the wait list, with its own deadline.
    fn offer(
        &mut self,
        sink: &Arc<dyn MessageSink<T>>,
        message: T,
        timeout: Duration,
        patience: Option<&Clock>,
    ) -> Result<(), Offer<T>> {
        let mut ticket = None;
        match sink.offer(message, Patience::Watched(&mut ticket)) {
            Offer::Queued => Ok(()),
            Offer::Waiting(id) => {
                let ticket = ticket.unwrap_or_default();
                let process = sink.clone().process();
                let from_now = || process.core().system.after(timeout);
                let at = patience.map_or_else(from_now, Clock::at);
                let place = QueuedSend(Some(TimedTicket::keep(process, id, ticket, at)));
                self.wait = Some(Box::new(CastWait::Capacity(place)));
                Ok(())
            }
            refused => Err(refused),
        }
    }
}

fn refuse<T>(sink: &dyn MessageSink<T>, offer: Offer<T>) -> CastError {
    match offer {
        Offer::Dropped(message) => {
            sink.dead_letter(message, Undelivered::Overflow);
            CastError::Full
        }
        Offer::Full(_) => CastError::Full,
        Offer::Unsent(_, error) => error,
        Offer::Closed(_) | Offer::Queued | Offer::Waiting(_) => CastError::NoProcess,
    }
}

/// A ticket in the wait list, withdrawn when this is dropped.
struct QueuedSend(Option<TimedTicket>);

impl QueuedSend {
    fn poll(&mut self, cx: &Context<'_>) -> Poll<TicketOutcome> {
        let Some(place) = &self.0 else {
            return Poll::Pending;
        };
        let outcome = std::task::ready!(place.poll(cx));
        self.0 = None;
        Poll::Ready(outcome)
    }
}

impl Drop for QueuedSend {
    fn drop(&mut self) {
        if let Some(place) = &self.0 {
            place.leave();
        }
    }
}
