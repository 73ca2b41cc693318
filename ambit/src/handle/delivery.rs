//! The delivery of one message: into the mailbox at once, or after a wait for its name or for capacity.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::engine::queue_ticket::TicketOutcome;
use crate::error::CastError;
use crate::handle::message_sink::MessageSink;
use crate::handle::protocol::{Protocol, ProtocolSink};
#[cfg(feature = "remote")]
use crate::handle::waiting_delivery::WaitingDelivery;
use crate::process::clock::Clock;
use crate::process::dead_letter::Undelivered;
use crate::process::offer::{Offer, Patience};
use crate::process::system_inner::SystemInner;
use crate::process::timed_ticket::TimedTicket;
use crate::rt::{self, BoxFuture};

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
    pub(super) fn send_at_once<P>(&mut self, port: &dyn ProtocolSink<P>) -> bool
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

    /// Sends the message now: into the mailbox, or into its wait list.
    #[cfg(feature = "remote")]
    pub(crate) fn queue(
        mut self,
        sink: Option<Arc<dyn MessageSink<T>>>,
    ) -> Result<Option<WaitingDelivery>, CastError> {
        let (Some(sink), Some(message)) = (sink, self.message.take()) else {
            return Err(CastError::NoProcess);
        };
        let mut ticket = None;
        match sink.offer(message, Patience::Watched(&mut ticket)) {
            Offer::Queued => Ok(None),
            Offer::Waiting(id) => {
                let (process, ticket) = (sink.process(), ticket.unwrap_or_default());
                Ok(Some(WaitingDelivery::of_cast(process, id, ticket)))
            }
            refused => Err(refuse(&*sink, refused)),
        }
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
                    return Poll::Ready(outcome.of_cast());
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
