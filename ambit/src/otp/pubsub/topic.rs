//! A topic: subscribing to it, and listing its subscriptions.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::hub::{Holder, Hub, Key};
use super::options::SubscribeOptions;
use super::store::{Entry, Row};
use super::subscription::{Buffer, Subscription};
use super::subscription_sink::{
    BufferSender, Destination, OnUnsubscribe, Subscribed, SubscriptionSink,
};
use crate::engine::mailbox::DEFAULT_CAPACITY;
use crate::handle::recipient::Recipient;
use crate::panics::DropQuietly;
use crate::pid::Pid;

/// A topic of a [`PubSub`](crate::PubSub) for messages of type `T`, whose subscriptions carry metadata of type `M`.
/// (Elixir: `Phoenix.PubSub`, with the topic in the handle.)
///
/// A process that has subscribed twice receives every message twice. The subscriptions of a process end with the
/// process, before its [`Down`](crate::Down) is delivered. Messages from one publisher to one subscriber arrive in
/// order.
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main(mut inbox: Inbox<u32>) {
///     let prices = PubSub::new().topic::<u32>("prices");
///     assert!(prices.subscribe(&inbox.recipient()));
///     assert_eq!(prices.broadcast(180), 1);
///     assert_eq!(inbox.recv().await, Some(180));
///     assert_eq!(prices.unsubscribe(inbox.pid()), 1);
/// }
/// ```
pub struct Topic<T, M = ()> {
    pub(super) hub: Arc<Hub>,
    pub(super) key: Key,
    types: PhantomData<fn() -> (T, M)>,
}

impl<T, M> Topic<T, M> {
    pub(super) fn new(hub: Arc<Hub>, key: Key) -> Self {
        Self {
            hub,
            key,
            types: PhantomData,
        }
    }

    /// Returns the name of the topic.
    pub fn name(&self) -> &str {
        &self.key.name
    }
}

impl<T, M> Topic<T, M>
where
    T: Clone + Send + 'static,
    M: Send + Sync + 'static,
{
    /// Subscribes the process behind `recipient` until it ends or is [unsubscribed](Self::unsubscribe). Returns false,
    /// without subscribing, if the process has ended. A process that is already subscribed gets another subscription.
    /// If `recipient` follows a name, the process currently registered under that name is subscribed. Messages are
    /// dropped while the mailbox is full; use [`subscribe_with`](Self::subscribe_with) to change that. (Elixir:
    /// `Phoenix.PubSub.subscribe/2`.)
    ///
    /// ```
    /// use ambit::prelude::*;
    /// use ambit::pubsub::PubSub;
    /// #[ambit::main]
    /// async fn main() {
    ///     let prices = PubSub::new().topic::<u32>("prices");
    ///     let screen = ambit::spawn(|mut inbox: Inbox<u32>| async move { inbox.recv().await; });
    ///     assert!(prices.subscribe(&screen.recipient()));
    ///     prices.broadcast(180);
    ///     screen.closed().await;
    ///     assert!(!prices.subscribe(&screen.recipient()), "it has ended");
    /// }
    /// ```
    ///
    /// Ignoring the result causes a compiler warning:
    ///
    /// ```compile_fail
    /// #![deny(unused_must_use)]
    /// fn follow(prices: &ambit::pubsub::Topic<u32>, screen: &ambit::server::Recipient<u32>) {
    ///     prices.subscribe(screen);
    /// }
    /// ```
    #[must_use = "false says that the process has ended and is not subscribed"]
    pub fn subscribe(&self, recipient: &Recipient<T>) -> bool
    where
        M: Default,
    {
        self.subscribe_with(recipient, SubscribeOptions::new().metadata(M::default()))
    }

    /// Subscribes the process behind `recipient` like [`subscribe`](Self::subscribe), with [options](SubscribeOptions):
    /// the policy for a full mailbox, and the metadata of the subscription. Returns false, without subscribing, if the
    /// process has ended. (Elixir: `Phoenix.PubSub.subscribe/3`.)
    #[must_use = "false says that the process has ended and is not subscribed"]
    pub fn subscribe_with(&self, recipient: &Recipient<T>, options: SubscribeOptions<M>) -> bool {
        self.add(recipient, options, None)
    }

    /// Like [`subscribe_with`](Self::subscribe_with), but calls `on_unsubscribe` if the policy for a full mailbox ends
    /// the subscription. It is called outside all locks.
    #[doc(hidden)]
    #[must_use]
    pub fn __subscribe_with(
        &self,
        recipient: &Recipient<T>,
        options: SubscribeOptions<M>,
        on_unsubscribe: impl Fn(Pid) + Send + Sync + 'static,
    ) -> bool {
        self.add(recipient, options, Some(Box::new(on_unsubscribe)))
    }

    fn add(
        &self,
        recipient: &Recipient<T>,
        options: SubscribeOptions<M>,
        on_unsubscribe: Option<OnUnsubscribe>,
    ) -> bool {
        let Some(recipient) = recipient.fixed() else {
            return false;
        };
        let Some(process) = recipient.process().current() else {
            return false;
        };
        let subscribed = Subscribed::new(recipient, options.when_full, on_unsubscribe);
        let sink = SubscriptionSink {
            way: Destination::Process(subscribed),
            metadata: DropQuietly::new(options.metadata),
        };
        self.hub.subscribe(&self.key, &process, Arc::new(sink))
    }

    /// Subscribes code outside processes: returns a [`Subscription`] that buffers up to 1024 messages. In a full buffer
    /// a new message replaces the oldest one.
    ///
    /// ```
    /// use ambit::pubsub::{Lagged, PubSub};
    /// #[ambit::main]
    /// async fn main() {
    ///     let prices = PubSub::new().topic::<u32>("prices");
    ///     let mut latest = prices.listen_with(2);
    ///     for price in 1..=5 {
    ///         prices.broadcast(price);
    ///     }
    ///     assert_eq!(latest.next().await, Some(Err(Lagged(3))));
    ///     assert_eq!(latest.next().await, Some(Ok(4)));
    /// }
    /// ```
    pub fn listen(&self) -> Subscription<T>
    where
        M: Default,
    {
        self.listen_with(DEFAULT_CAPACITY)
    }

    /// Subscribes code outside processes like [`listen`](Self::listen), with a buffer of `capacity` messages. 0 counts
    /// as 1.
    pub fn listen_with(&self, capacity: usize) -> Subscription<T>
    where
        M: Default,
    {
        let buffer = Arc::new(Buffer::new(capacity));
        let sink = SubscriptionSink::<T, M> {
            way: Destination::Listener(BufferSender(buffer.clone())),
            metadata: DropQuietly::new(M::default()),
        };
        let number = self.hub.listen(&self.key, Arc::new(sink));
        Subscription::new(buffer, Arc::downgrade(&self.hub), self.key.clone(), number)
    }

    /// Ends all subscriptions of the process `pid` to this topic, and returns their number. Messages that are already
    /// in the mailbox stay there. (Elixir: `Phoenix.PubSub.unsubscribe/2`.)
    pub fn unsubscribe(&self, pid: Pid) -> usize {
        self.hub.unsubscribe(&self.key, pid)
    }

    /// Returns how many messages the process `pid` has missed because its mailbox was full, summed over all its
    /// subscriptions to this topic; `None` if it is not subscribed.
    #[must_use]
    pub fn lag(&self, pid: Pid) -> Option<u64> {
        let own = self.hub.entries_of(&self.key, pid);
        own.iter()
            .filter_map(|entry| Some(Self::sink(entry)?.lag()))
            .reduce(|sum, lag| sum + lag)
    }

    /// Ends a subscription whose policy requires that.
    pub(super) fn end(&self, number: u64, sink: &SubscriptionSink<T, M>) {
        if self.hub.remove(&self.key, number)
            && let Destination::Process(subscribed) = &sink.way
        {
            subscribed.unsubscribed();
        }
    }

    /// Returns the current subscriptions.
    pub(super) fn row(&self) -> Option<Row<Holder>> {
        self.hub.row(&self.key)
    }

    /// Returns the value of an entry of this topic; the key guarantees its type.
    pub(super) fn sink(entry: &Entry<Holder>) -> Option<&SubscriptionSink<T, M>> {
        entry.holder.downcast_ref()
    }
}

impl<T, M> Clone for Topic<T, M> {
    fn clone(&self) -> Self {
        Self::new(self.hub.clone(), self.key.clone())
    }
}

impl<T, M> fmt::Debug for Topic<T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Topic").field(&self.name()).finish()
    }
}
