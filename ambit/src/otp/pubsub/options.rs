//! Options of a subscription.

/// The policy for a message to a subscriber whose mailbox is full.
///
/// Each subscriber sets its own policy, so a slow subscriber does not delay the others. A publisher can wait for
/// capacity with [`Topic::broadcast_within`](crate::Topic::broadcast_within); the policy applies once its time has
/// passed. To drop the oldest messages instead, set `#[gen_server(overflow = drop_oldest)]` on the subscribed server.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::pubsub::{SubscribeOptions, WhenFull};
/// struct Screen;
/// #[gen_server]
/// impl Screen { #[info] fn show(&mut self, _price: u32) {} }
/// #[ambit::main]
/// async fn main() {
///     let prices = PubSub::new().topic::<u32>("prices");
///     let screen = Screen.start().mailbox(1).await.unwrap();
///     ambit::sys::suspend(&screen).await.unwrap();
///     let options = SubscribeOptions::new().when_full(WhenFull::Unsubscribe);
///     assert!(prices.subscribe_with(&screen.recipient(), options));
///     assert_eq!((prices.broadcast(1), prices.broadcast(2)), (1, 0));
///     assert!(prices.subscribers().is_empty());
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WhenFull {
    /// Drops the message and increments the lag of the subscription; see [`Topic::lag`](crate::Topic::lag).
    #[default]
    DropNewest,
    /// Drops the message, ends the subscription and logs a warning. The process may subscribe again.
    Unsubscribe,
}

/// The settings of one subscription: the policy for a full mailbox ([`WhenFull::DropNewest`] by default), and its
/// metadata (none by default).
///
/// ```
/// use ambit::prelude::*;
/// use ambit::test::Probe;
/// use ambit::pubsub::{PubSub, SubscribeOptions, WhenFull};
/// #[ambit::test]
/// async fn with_a_value() {
///     let prices = PubSub::new().topic_with_metadata::<u32, &str>("prices");
///     let screen = Probe::<u32>::new();
///     let options = SubscribeOptions::new().when_full(WhenFull::Unsubscribe).metadata("EUR");
///     prices.subscribe_with(&screen.recipient(), options);
///     assert_eq!(*prices.subscribers()[0].metadata(), "EUR");
/// }
/// # fn main() {}
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use = "the settings are for `subscribe_with`"]
pub struct SubscribeOptions<M = ()> {
    pub(super) when_full: WhenFull,
    pub(super) metadata: M,
}

impl SubscribeOptions {
    /// Returns the default settings: [`WhenFull::DropNewest`], without metadata.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<M> SubscribeOptions<M> {
    /// Sets the policy for a message to a full mailbox. Default: [`WhenFull::DropNewest`].
    pub fn when_full(self, when_full: WhenFull) -> Self {
        Self { when_full, ..self }
    }

    /// Sets the metadata of the subscription. The topic must have metadata of the same type.
    pub fn metadata<N>(self, metadata: N) -> SubscribeOptions<N> {
        SubscribeOptions {
            when_full: self.when_full,
            metadata,
        }
    }
}
