//! A message to a recipient, on its way.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::error::CastError;
use crate::handle::blocking;
use crate::handle::call_request::DEFAULT_TIMEOUT;
use crate::handle::delivery::Delivery;
use crate::handle::recipient::Recipient;
#[cfg(feature = "remote")]
use crate::handle::waiting_delivery::WaitingDelivery;
use crate::rt::FAR;

/// A message to a [`Recipient`], sent on the first poll. Like a cast, it waits only for capacity in the mailbox.
///
/// # Errors
/// [`CastError`]: `Timeout` if there is no capacity within the timeout; `NoProcess` at once if no process is registered
/// under the name, even if the recipient was created from a handle with `when_available()`.
///
/// # Cancel safety
/// Dropping the future before the first poll sends nothing. Dropping it while it waits for capacity withdraws the
/// message.
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main(mut inbox: Inbox<u8>) {
///     let recipient: Recipient<u8> = inbox.recipient();
///     recipient.send(1).await.unwrap();
///     recipient.send(2).now().unwrap();
///     assert_eq!((inbox.recv().await, inbox.recv().await), (Some(1), Some(2)));
/// }
/// ```
#[must_use = "it does nothing until it is awaited; `.now()` sends it without waiting"]
pub struct Deliver<'a, T> {
    recipient: &'a Recipient<T>,
    delivery: Delivery<T>,
    timeout: Duration,
}

impl<T: Send + 'static> Recipient<T> {
    /// Returns a future that sends `message`. Like a cast, it waits for capacity in the mailbox, up to 5 s by default.
    pub fn send(&self, message: T) -> Deliver<'_, T> {
        Deliver {
            recipient: self,
            delivery: Delivery::new(message),
            timeout: DEFAULT_TIMEOUT,
        }
    }
}

impl<T> Unpin for Deliver<'_, T> {}

impl<T: Send + 'static> Deliver<'_, T> {
    /// Sets how long to wait for capacity, counted from the first poll. The default is 5 s, even if the recipient was
    /// created from a handle with another timeout.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
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
    pub fn now(self) -> Result<(), CastError> {
        self.delivery.now(self.recipient.take())
    }

    /// Sends the message now. If the mailbox is full, the message waits in it, in arrival order.
    #[cfg(feature = "remote")]
    pub(crate) fn queue(self) -> Result<Option<WaitingDelivery>, CastError> {
        self.delivery.queue(self.recipient.take())
    }

    /// Sends the message now, without waiting for capacity, and returns the message on failure.
    ///
    /// # Errors
    /// The errors of [`now`](Self::now), each with the message.
    pub fn now_or_return(self) -> Result<(), (CastError, T)> {
        self.delivery.now_or_return(self.recipient.take())
    }

    /// Blocks this thread until the mailbox accepts the message, for synchronous code.
    ///
    /// # Errors
    /// - The errors of an awaited `Deliver`.
    /// - `BlocksRuntime` on a thread that drives a runtime; nothing is sent.
    pub fn blocking(self) -> Result<(), CastError> {
        blocking::wait(self).unwrap_or(Err(CastError::BlocksRuntime))
    }
}

#[cfg(feature = "stream")]
impl<T> Deliver<'_, T> {
    /// Returns the message if the send failed with `Full`, unless the overflow policy dropped it.
    pub(crate) fn into_unsent(self) -> Option<T> {
        self.delivery.into_unsent()
    }
}

impl<T: Send + 'static> Future for Deliver<'_, T> {
    type Output = Result<(), CastError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let recipient = this.recipient;
        this.delivery
            .poll(cx, this.timeout, || recipient.take(), || None)
    }
}

impl<T> fmt::Debug for Deliver<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deliver")
            .field("to", self.recipient)
            .finish_non_exhaustive()
    }
}
