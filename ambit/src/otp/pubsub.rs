//! Publish and subscribe by topic: publishers and subscribers need no reference to each other.
//!
//! The pure [`store`] holds the subscriptions; messages are sent without its lock.

mod broadcast;
mod hub;
mod options;
mod store;
mod subscriber;
mod subscription;
mod subscription_sink;
mod topic;

use std::any::TypeId;
use std::fmt;
use std::sync::Arc;

use self::hub::{Hub, Key};
pub use self::options::{SubscribeOptions, WhenFull};
pub use self::subscriber::Subscriber;
pub use self::subscription::{Lagged, Subscription};
pub use self::topic::Topic;

/// A set of typed, named topics, which deliver messages to their subscribers. (Elixir: `Phoenix.PubSub`.)
///
/// Clones share the same topics. Each `PubSub` created with [`new`](Self::new) has its own topics. A topic is created
/// implicitly by its first use, and a topic without subscriptions takes no memory.
///
/// ```
/// use ambit::pubsub::PubSub;
/// use ambit::prelude::*;
/// #[derive(Clone, Message)]
/// struct News(String);
/// struct Reader { read: usize }
/// #[gen_server]
/// impl Reader {
///     #[info] fn on_news(&mut self, _news: News) { self.read += 1; }
///     #[call] fn read(&self) -> usize { self.read }
/// }
/// #[ambit::main]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let news = PubSub::new().topic::<News>("news");
///     let reader = Reader { read: 0 }.start().await?;
///     news.subscribe(&reader.recipient());
///     assert_eq!(news.broadcast(News("it rains".into())), 1);
///     assert_eq!(reader.read().await?, 1);
///     Ok(())
/// }
/// ```
#[derive(Clone, Default)]
pub struct PubSub {
    hub: Arc<Hub>,
}

impl PubSub {
    /// Creates a `PubSub` with its own topics. All subscriptions end when the last handle to the `PubSub` and its
    /// topics is dropped.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the topic called `name` for messages of type `T`. Topics for different types are separate, even under
    /// the same name.
    #[must_use]
    pub fn topic<T: Clone + Send + 'static>(&self, name: &str) -> Topic<T> {
        self.topic_with_metadata(name)
    }

    /// Returns the topic called `name` whose subscriptions carry metadata of type `M`, which the dispatcher of
    /// [`Topic::dispatch`] can read. Topics with different message or metadata types are separate, even under the same
    /// name.
    #[must_use]
    pub fn topic_with_metadata<T, M>(&self, name: &str) -> Topic<T, M>
    where
        T: Clone + Send + 'static,
        M: Send + Sync + 'static,
    {
        let key = Key {
            name: name.into(),
            of: TypeId::of::<(T, M)>(),
        };
        Topic::new(self.hub.clone(), key)
    }
}

impl fmt::Debug for PubSub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PubSub").finish_non_exhaustive()
    }
}
