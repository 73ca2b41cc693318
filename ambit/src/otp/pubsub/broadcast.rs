//! Publishing: one message to all subscribers of a topic.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use super::hub::Holder;
use super::store::Entry;
use super::subscriber::Subscriber;
use super::subscription_sink::{DeliveryOutcome, Destination, Subscribed};
use super::topic::Topic;
use crate::handle::deliver::Deliver;
use crate::pid::Pid;
use crate::rt;

impl<T, M> Topic<T, M>
where
    T: Clone + Send + 'static,
    M: Send + Sync + 'static,
{
    /// Sends `message` to all subscribers without waiting, oldest subscription first, and returns the number of
    /// subscriptions that received it. A process with a full mailbox does not receive the message and is not counted;
    /// the [`WhenFull`](crate::WhenFull) policy of its subscription applies. A full
    /// [`Subscription`](crate::Subscription) drops its oldest message instead, and is counted. (Elixir:
    /// `Phoenix.PubSub.broadcast/3`.)
    ///
    /// The message is cloned for each subscriber: wrap large payloads in an [`Arc`](std::sync::Arc).
    pub fn broadcast(&self, message: T) -> usize {
        self.broadcast_from(Pid::NOBODY, message)
    }

    /// Sends `message` like [`broadcast`](Self::broadcast) to all subscribers except the process `from`. (Elixir:
    /// `Phoenix.PubSub.broadcast_from/4`.)
    #[expect(
        clippy::needless_pass_by_value,
        reason = "by value like every sent message, although clones are delivered"
    )]
    pub fn broadcast_from(&self, from: Pid, message: T) -> usize {
        let row = self.row();
        let entries = row.iter().flat_map(|row| row.iter());
        let meant = entries.filter(|entry| entry.pid != Some(from));
        let sent = meant.filter(|entry| {
            let sink = Self::sink(entry);
            sink.is_some_and(|sink| self.settle(entry, sink.send(message.clone())))
        });
        sent.count()
    }

    /// Sends `message` like [`broadcast`](Self::broadcast), but waits up to `time` for capacity in full mailboxes. It
    /// waits for all full subscribers at the same time, and a full subscriber does not delay the others. It never waits
    /// for a [`Subscription`](crate::Subscription).
    ///
    /// # Cancel safety
    /// Dropping the future before the first poll sends nothing. Dropping it later withdraws the messages that are still
    /// waiting for capacity, without counting them towards the lag of their subscribers; the other messages are sent.
    pub async fn broadcast_within(&self, message: T, time: Duration) -> usize {
        self.broadcast_from_within(Pid::NOBODY, message, time).await
    }

    /// Sends `message` like [`broadcast_within`](Self::broadcast_within) to all subscribers except the process `from`.
    /// Use it for a publisher that is subscribed itself: a process never waits for capacity in its own mailbox, so if
    /// that is full, the [`WhenFull`](crate::WhenFull) policy of its subscription applies at once.
    ///
    /// # Cancel safety
    /// The same as for [`broadcast_within`](Self::broadcast_within).
    pub async fn broadcast_from_within(&self, from: Pid, message: T, time: Duration) -> usize {
        let delivered = self.send_within(from, message, time).await;
        // Without full subscribers, it has not waited: a loop of broadcasts lets other tasks run.
        rt::consume_budget().await;
        delivered
    }

    async fn send_within(&self, from: Pid, message: T, time: Duration) -> usize {
        let Some(row) = self.row() else {
            return 0;
        };
        let (mut delivered, waiting) = self.begin(&row, from, message, time).await;
        for (entry, subscribed, deliver) in waiting {
            let sent = subscribed.judge(deliver.await);
            delivered += usize::from(self.settle(entry, sent));
        }
        delivered
    }

    /// Sends the message to subscribers with capacity, which are counted, and queues it in the wait lists of the
    /// others. All of them get it in one poll, whatever the coop budget.
    async fn begin<'r>(
        &self,
        row: &'r [Entry<Holder>],
        from: Pid,
        message: T,
        time: Duration,
    ) -> (usize, Vec<Waiting<'r, T>>) {
        let mut delivered = 0;
        let mut waiting = Vec::new();
        poll_fn(move |cx| {
            for entry in row.iter().filter(|entry| entry.pid != Some(from)) {
                let Some(sink) = Self::sink(entry) else {
                    continue;
                };
                let Destination::Process(subscribed) = &sink.way else {
                    delivered += usize::from(self.settle(entry, sink.send(message.clone())));
                    continue;
                };
                let mut deliver = subscribed.recipient.send(message.clone()).timeout(time);
                match pin!(rt::unconstrained(&mut deliver)).poll(cx) {
                    Poll::Ready(sent) => {
                        delivered += usize::from(self.settle(entry, subscribed.judge(sent)));
                    }
                    Poll::Pending => waiting.push((entry, subscribed, deliver)),
                }
            }
            Poll::Ready((delivered, std::mem::take(&mut waiting)))
        })
        .await
    }

    /// Calls `dispatcher` with all subscriptions, oldest first, `from` and `message`, and returns its result. The
    /// dispatcher decides which subscribers receive which message. `from` excludes nothing: the subscriptions of that
    /// process are passed to the dispatcher too. (Elixir: `Phoenix.PubSub.broadcast/4` with a dispatcher.)
    ///
    /// ```
    /// use ambit::prelude::*;
    /// use ambit::test::Probe;
    /// use ambit::pubsub::{PubSub, SubscribeOptions, Subscriber};
    /// /// Repeats the text for each subscriber as often as its metadata requires.
    /// fn shout(to: &[Subscriber<String, usize>], from: Pid, text: String) -> usize {
    ///     let others = to.iter().filter(|subscriber| subscriber.pid() != from);
    ///     others.filter(|other| other.send(text.repeat(*other.metadata()))).count()
    /// }
    /// #[ambit::test]
    /// async fn a_shout() {
    ///     let yard = PubSub::new().topic_with_metadata::<String, usize>("yard");
    ///     let mut ann = Probe::<String>::new();
    ///     yard.subscribe_with(&ann.recipient(), SubscribeOptions::new().metadata(2));
    ///     assert_eq!(yard.dispatch(Pid::NOBODY, "hey".into(), shout), 1);
    ///     assert_eq!(ann.expect().await, "heyhey");
    /// }
    /// # fn main() {}
    /// ```
    pub fn dispatch<R>(
        &self,
        from: Pid,
        message: T,
        dispatcher: impl FnOnce(&[Subscriber<T, M>], Pid, T) -> R,
    ) -> R {
        dispatcher(&self.subscribers(), from, message)
    }

    /// Returns true if the message was delivered; ends the subscription if its policy requires that.
    fn settle(&self, entry: &Entry<Holder>, sent: DeliveryOutcome) -> bool {
        if sent == DeliveryOutcome::Unsubscribe
            && let Some(sink) = Self::sink(entry)
        {
            self.end(entry.number, sink);
        }
        sent == DeliveryOutcome::Delivered
    }
}

/// A message that waits for capacity.
type Waiting<'r, T> = (&'r Entry<Holder>, &'r Subscribed<T>, Deliver<'r, T>);
