//! Topics: publishers and subscribers need not know each other.
//!
//! The pure [`store`] holds the subscriptions; messages are sent without its lock.

mod broadcast;
mod listen;
mod options;
mod store;
mod subscriber;
mod subscription_sink;
mod topic;

use std::any::{Any, TypeId};
use std::fmt;
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};

pub use self::listen::{Lagged, Subscription};
pub use self::options::{SubscribeOptions, WhenFull};
use self::store::{Entry, Origin, Row, Store};
pub use self::subscriber::Subscriber;
pub use self::topic::Topic;
use crate::pid::Pid;
use crate::process::exit_hook::ExitHooks;
use crate::process::header::ProcessRef;

/// Typed topics, by name. (Elixir: `Phoenix.PubSub`.)
///
/// Cloning returns another handle of the same topics; each `PubSub` has its own topics. A topic need not be created: it
/// exists from its first use, and costs nothing without subscriptions.
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
    /// Creates independent topics, which end with the last handle of the `PubSub` or of one of its topics.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the topic of this name for messages of type `T`. Under one name each type has its own topic.
    #[must_use]
    pub fn topic<T: Clone + Send + 'static>(&self, name: &str) -> Topic<T> {
        self.topic_with_metadata(name)
    }

    /// Returns a topic whose subscriptions carry a value, which [`Topic::dispatch`] can read. It differs from topics of
    /// the same name with other metadata, or none.
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

/// The key of a topic: its name, and the types of messages and metadata.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    name: Arc<str>,
    of: TypeId,
}

/// A `Seat`; its topic knows the type.
type Holder = Arc<dyn Any + Send + Sync>;

/// The subscriptions to all topics.
#[derive(Default)]
struct Hub {
    store: RwLock<Store<Key, Holder>>,
    /// The exit hooks of the processes in the store; locked inside the store's lock.
    hooks: Mutex<ExitHooks>,
}

impl Hub {
    fn row(&self, topic: &Key) -> Option<Row<Holder>> {
        self.store.read().subscribers(topic)
    }

    fn entries_of(&self, topic: &Key, pid: Pid) -> Vec<Entry<Holder>> {
        self.store.read().of_process(topic, pid)
    }

    /// Subscribes a process until it ends; returns false if it has ended.
    fn subscribe(self: &Arc<Self>, topic: &Key, process: &ProcessRef, sink: Holder) -> bool {
        let pid = process.core().pid;
        let mut store = self.store.write();
        // Checked under the lock that the exit hook takes, so the hook finds what is stored here.
        let lives = self.will_see_the_end_of(process);
        if lives {
            store.subscribe(topic, Origin::HERE, Some(pid), sink);
        }
        lives
    }

    fn will_see_the_end_of(self: &Arc<Self>, process: &ProcessRef) -> bool {
        let hub = Arc::downgrade(self);
        self.hooks.lock().add(process, move |pid| {
            if let Some(hub) = hub.upgrade() {
                hub.ended(pid);
            }
        })
    }

    fn ended(&self, pid: Pid) {
        let removed = {
            let mut store = self.store.write();
            self.hooks.lock().remove(pid);
            store.end(pid)
        };
        drop(removed);
    }

    /// Subscribes a listener, which is no process.
    fn listen(&self, topic: &Key, sink: Holder) -> u64 {
        let mut store = self.store.write();
        store.subscribe(topic, Origin::HERE, None, sink)
    }

    fn unsubscribe(&self, topic: &Key, pid: Pid) -> usize {
        let removed = self.store.write().unsubscribe(topic, pid, Origin::HERE);
        removed.entries.len()
    }

    /// Ends one subscription.
    fn remove(&self, topic: &Key, number: u64) {
        let removed = self.store.write().remove(topic, number);
        drop(removed);
    }
}
