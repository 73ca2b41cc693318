//! Subscriptions of code outside processes: a bounded buffer and its reader.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;
use thiserror::Error;

use super::hub::{Hub, Key};
use crate::engine::wake_list;
use crate::{panics, rt};

/// The number of messages that a slow reader has lost since the last message it read. The subscription continues.
///
/// ```
/// use ambit::pubsub::{Lagged, PubSub};
/// #[ambit::main]
/// async fn main() {
///     let prices = PubSub::new().topic::<u32>("prices");
///     let mut latest = prices.listen_with(1);
///     for price in 1..=3 {
///         prices.broadcast(price);
///     }
///     assert_eq!(latest.next().await, Some(Err(Lagged(2))));
///     assert_eq!(latest.next().await, Some(Ok(3)));
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "{0} messages were lost, because they were read too slowly: raise the capacity of the subscription"
)]
pub struct Lagged(pub u64);

/// The messages of one listener. When it is full, the oldest is dropped, and the reader gets [`Lagged`].
pub(super) struct Buffer<T> {
    capacity: usize,
    held: Mutex<HeldMessage<T>>,
}

struct HeldMessage<T> {
    queue: VecDeque<T>,
    /// Lost since the last report to the reader.
    lost: u64,
    /// Lost in total.
    lag: u64,
    reader: Option<Waker>,
    closed: bool,
}

impl<T> Buffer<T> {
    pub(super) fn new(capacity: usize) -> Self {
        let held = HeldMessage {
            queue: VecDeque::new(),
            lost: 0,
            lag: 0,
            reader: None,
            closed: false,
        };
        Self {
            capacity: capacity.max(1),
            held: Mutex::new(held),
        }
    }

    /// Queues a message; returns false if the buffer is closed.
    pub(super) fn push(&self, message: T) -> bool {
        let mut held = self.held.lock();
        if held.closed {
            drop(held);
            panics::drop_quietly(message);
            return false;
        }
        let is_full = held.queue.len() == self.capacity;
        let oldest = is_full.then(|| held.queue.pop_front()).flatten();
        if is_full {
            held.lost += 1;
            held.lag += 1;
        }
        held.queue.push_back(message);
        let reader = held.reader.take();
        drop(held);
        wake_list::wake(reader);
        // The drop of a message is user code: without the lock, and its panic does not reach the publisher.
        panics::drop_quietly(oldest);
        true
    }

    pub(super) fn lag(&self) -> u64 {
        self.held.lock().lag
    }

    /// Closes the buffer: queued messages can still be read, and no more are accepted.
    pub(super) fn close(&self) {
        let reader = {
            let mut held = self.held.lock();
            held.closed = true;
            held.reader.take()
        };
        wake_list::wake(reader);
    }

    fn poll(&self, cx: &Context<'_>) -> Poll<Option<Result<T, Lagged>>> {
        // Wakers are cloned, woken and dropped without the lock.
        let waker = cx.waker().clone();
        let mut held = self.held.lock();
        if held.lost > 0 {
            return Poll::Ready(Some(Err(Lagged(std::mem::take(&mut held.lost)))));
        }
        if let Some(message) = held.queue.pop_front() {
            return Poll::Ready(Some(Ok(message)));
        }
        if held.closed {
            return Poll::Ready(None);
        }
        let old = held.reader.replace(waker);
        drop(held);
        drop(old);
        Poll::Pending
    }
}

impl<T> Drop for Buffer<T> {
    fn drop(&mut self) {
        panics::drop_each_quietly(std::mem::take(&mut self.held.get_mut().queue));
    }
}

/// A subscription of code outside processes to a topic, from [`Topic::listen`](crate::Topic::listen). Dropping it
/// unsubscribes.
///
/// A subscription buffers a bounded number of messages, 1024 by default, and never delays a publisher. When the buffer
/// is full, the oldest message is dropped, and [`next`](Self::next) returns the number of lost messages as [`Lagged`],
/// as with `tokio::sync::broadcast`. With the feature `stream`, a subscription is a `futures_core::Stream` of the items
/// of [`next`](Self::next).
///
/// ```
/// use ambit::pubsub::PubSub;
/// #[ambit::main]
/// async fn main() {
///     let prices = PubSub::new().topic::<u32>("prices");
///     let mut latest = prices.listen();
///     assert_eq!(prices.broadcast(7), 1);
///     assert_eq!(latest.next().await, Some(Ok(7)));
///     drop(latest);
///     assert_eq!(prices.broadcast(8), 0);
/// }
/// ```
#[must_use = "a dropped subscription is none"]
pub struct Subscription<T> {
    buffer: Arc<Buffer<T>>,
    hub: Weak<Hub>,
    topic: Key,
    number: u64,
}

impl<T> Subscription<T> {
    pub(super) fn new(buffer: Arc<Buffer<T>>, hub: Weak<Hub>, topic: Key, number: u64) -> Self {
        Self {
            buffer,
            hub,
            topic,
            number,
        }
    }

    /// Waits for the next message. Returns `None` once the buffer is empty and all handles to the
    /// [`PubSub`](crate::PubSub) and its topics have been dropped, so that no further message can arrive.
    ///
    /// # Errors
    /// [`Lagged`] if messages were lost since the last call; the next call returns the oldest remaining message.
    ///
    /// # Cancel safety
    /// Dropping the future loses no message.
    pub async fn next(&mut self) -> Option<Result<T, Lagged>> {
        poll_fn(|cx| self.poll_message(cx)).await
    }

    fn poll_message(&self, cx: &mut Context<'_>) -> Poll<Option<Result<T, Lagged>>> {
        rt::poll_cooperatively(cx, |cx| self.buffer.poll(cx))
    }

    /// Returns the total number of messages that the subscription has lost.
    #[must_use]
    pub fn lag(&self) -> u64 {
        self.buffer.lag()
    }
}

#[cfg(feature = "stream")]
impl<T> futures_core::Stream for Subscription<T> {
    type Item = Result<T, Lagged>;

    fn poll_next(self: std::pin::Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_message(cx)
    }
}

impl<T> Drop for Subscription<T> {
    fn drop(&mut self) {
        self.buffer.close();
        if let Some(hub) = self.hub.upgrade() {
            hub.remove(&self.topic, self.number);
        }
    }
}

impl<T> fmt::Debug for Subscription<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("topic", &self.topic.name)
            .field("lag", &self.lag())
            .finish_non_exhaustive()
    }
}
