//! How a process subscribes.

/// What becomes of a message for a subscriber whose mailbox has no room.
///
/// The subscriber decides it, not the publisher, so a slow one holds nobody up. A publisher that would rather wait uses
/// [`Topic::broadcast_within`](crate::Topic::broadcast_within), and this counts when its time is up. A server that
/// would rather lose old messages has a mailbox for that: `#[gen_server(overflow = drop_oldest)]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhenFull {
    /// It does not get this message, and its lag is one more; see [`Topic::lag`](crate::Topic::lag).
    #[default]
    DropNewest,
    /// The subscription ends, and a warning is logged. Subscribing again is left to the process.
    Unsubscribe,
}

/// The settings of one subscription: what happens when the mailbox is full ([`WhenFull::DropNewest`] by default), and its
/// metadata (none by default).
///
/// ```
/// use ambit::prelude::*;
/// use ambit::test::Probe;
/// use ambit::{PubSub, SubscribeOptions, WhenFull};
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
    /// The default settings.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<M> SubscribeOptions<M> {
    /// What becomes of a message that finds no room.
    pub fn when_full(self, when_full: WhenFull) -> Self {
        Self { when_full, ..self }
    }

    /// What the subscription carries, for a topic with metadata of this type.
    pub fn metadata<N>(self, metadata: N) -> SubscribeOptions<N> {
        SubscribeOptions {
            when_full: self.when_full,
            metadata,
        }
    }
}
