//! The public view of one subscription.

use std::fmt;
use std::sync::Arc;

use super::subscription_sink::{DeliveryOutcome, SubscriptionSink};
use super::topic::Topic;
use crate::pid::Pid;

/// One subscription to a topic, from [`Topic::subscribers`]: its process, its metadata and its lag.
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main(mut inbox: Inbox<u32>) {
///     let prices = PubSub::new().topic::<u32>("prices");
///     assert!(prices.subscribe(&inbox.recipient()));
///     let subscriber = &prices.subscribers()[0];
///     assert_eq!((subscriber.pid(), subscriber.lag()), (inbox.pid(), 0));
///     assert!(subscriber.send(7));
///     assert_eq!(inbox.recv().await, Some(7));
/// }
/// ```
pub struct Subscriber<T, M = ()> {
    topic: Topic<T, M>,
    number: u64,
    sink: Arc<SubscriptionSink<T, M>>,
}

impl<T, M> Subscriber<T, M>
where
    T: Clone + Send + 'static,
    M: Send + Sync + 'static,
{
    pub(super) fn new(topic: Topic<T, M>, number: u64, sink: Arc<SubscriptionSink<T, M>>) -> Self {
        Self {
            topic,
            number,
            sink,
        }
    }

    /// Returns the pid of the subscribed process; [`Pid::NOBODY`] for a [`Subscription`](crate::Subscription), which
    /// belongs to no process.
    pub fn pid(&self) -> Pid {
        self.sink.pid()
    }

    /// Returns the metadata of the subscription.
    pub fn metadata(&self) -> &M {
        &self.sink.metadata
    }

    /// Returns how many messages of this subscription were lost because the mailbox, or the buffer of a
    /// [`Subscription`](crate::Subscription), was full.
    #[must_use]
    pub fn lag(&self) -> u64 {
        self.sink.lag()
    }

    /// Sends `message` to this subscriber without waiting, and returns true if it was delivered. If the mailbox is
    /// full, the [`WhenFull`](crate::WhenFull) policy of the subscription applies.
    pub fn send(&self, message: T) -> bool {
        let sent = self.sink.send(message);
        if sent == DeliveryOutcome::Unsubscribe {
            self.topic.end(self.number, &self.sink);
        }
        sent == DeliveryOutcome::Delivered
    }
}

impl<T, M> Topic<T, M>
where
    T: Clone + Send + 'static,
    M: Send + Sync + 'static,
{
    /// Returns all subscriptions to this topic, oldest first.
    #[must_use]
    pub fn subscribers(&self) -> Vec<Subscriber<T, M>> {
        let row = self.row();
        let entries = row.iter().flat_map(|row| row.iter());
        entries
            .filter_map(|entry| {
                let sink = entry.holder.clone().downcast().ok()?;
                Some(Subscriber::new(self.clone(), entry.number, sink))
            })
            .collect()
    }
}

impl<T, M> Clone for Subscriber<T, M> {
    fn clone(&self) -> Self {
        Self {
            topic: self.topic.clone(),
            number: self.number,
            sink: self.sink.clone(),
        }
    }
}

impl<T, M> fmt::Debug for Subscriber<T, M>
where
    T: Clone + Send + 'static,
    M: Send + Sync + 'static,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscriber")
            .field("topic", &self.topic.name())
            .field("pid", &self.pid())
            .field("lag", &self.lag())
            .finish_non_exhaustive()
    }
}
