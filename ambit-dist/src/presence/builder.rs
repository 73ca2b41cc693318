//! Opening a tracker.

use std::fmt;
use std::sync::Arc;

use ambit::message::Wire;
use ambit::opaque_arc::OpaqueArc;
use parking_lot::Mutex;

use crate::node::Node;
use crate::presence::data::{PresenceDiff, PresenceEntry};
use crate::presence::error::OpenPresenceError;
use crate::presence::handle::Presence;
use crate::presence::hooks::Hooks;
use crate::presence::registry::AnyTracker;
use crate::presence::tracker::Tracker;

/// The settings of a presence tracker that is not open yet, from [`Presence::builder`].
///
/// ```
/// # use ambit::prelude::*;
/// use ambit_dist::Presence;
/// # use ambit_dist::{Node, transport::Memory};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// # let client = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
/// let (report, mut reported) = tokio::sync::mpsc::unbounded_channel();
/// let rooms = Presence::<String>::builder("rooms").on_diff(move |diff, present| {
///     report.send((diff.topic.clone(), present.len())).ok();
/// });
/// let rooms = rooms.open(&node)?;
/// rooms.track(&client, "lobby", "ada", "phone".to_owned())?;
/// assert_eq!(reported.recv().await, Some(("lobby".to_owned(), 1)));
/// # Ok(())
/// # }
/// ```
#[must_use = "call `open`"]
pub struct PresenceBuilder<M> {
    name: String,
    hooks: Hooks<M>,
}

impl<M: Wire + Clone + Send + Sync + 'static> Presence<M> {
    /// Opens the tracker with this name on a node. All handles of the same name on a node share one state. The tracker
    /// stays open as long as the node runs. Use the same type of metadata on all nodes, in any compatible version: presences
    /// with another type are not visible, but definitions are not compared.
    ///
    /// # Errors
    /// - `OtherType` if the tracker is already open with another type of metadata.
    pub fn open(node: &Node, name: impl Into<String>) -> Result<Self, OpenPresenceError> {
        Self::builder(name).open(node)
    }

    /// Returns a builder for a tracker with hooks.
    pub fn builder(name: impl Into<String>) -> PresenceBuilder<M> {
        PresenceBuilder {
            name: name.into(),
            hooks: Hooks::default(),
        }
    }
}

impl<M: Wire + Clone + Send + Sync + 'static> PresenceBuilder<M> {
    /// Sets a hook that adds data to presences before they are returned, for example the names of users, with one query
    /// for all entries of a topic. The hook runs in the callers of `list` and `get_by_key`, and in the task of the
    /// tracker for diffs, never under a lock. It changes what this node sees, not what is replicated. It must not own a
    /// `Node`, which would then never be dropped. (Phoenix: `fetch/2`.)
    ///
    /// If the hook panics in `list` or `get_by_key`, the panic propagates to the caller. A panic in the task is logged,
    /// and subscribers of the topic receive [`PresenceEvent::Missed`](crate::PresenceEvent::Missed) instead of the
    /// diff.
    ///
    /// ```
    /// # use ambit::prelude::*;
    /// # use ambit_dist::{Node, Presence, transport::Memory};
    /// # #[ambit::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let network = Memory::new();
    /// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
    /// let rooms = Presence::<String>::builder("rooms").fetch(|_topic, entries| {
    ///     for entry in entries {
    ///         for meta in &mut entry.metas {
    ///             meta.meta = format!("{} of {}", meta.meta, entry.key);
    ///         }
    ///     }
    /// });
    /// let rooms = rooms.open(&node)?;
    /// # let client = ambit::spawn(|mut inbox: Inbox<u8>| async move { inbox.recv().await; });
    /// rooms.track(&client, "lobby", "alice", "phone".to_owned())?;
    /// assert_eq!(rooms.get_by_key("lobby", "alice")[0].meta, "phone of alice");
    /// # Ok(())
    /// # }
    /// ```
    pub fn fetch(
        mut self,
        fetch: impl Fn(&str, &mut [PresenceEntry<M>]) + Send + Sync + 'static,
    ) -> Self {
        self.hooks.fetch = Some(Box::new(fetch));
        self
    }

    /// Sets a hook that runs for each diff, in order, with the diff and the presences of its topic after the diff. The
    /// hook runs in the task of the tracker and must not block. It must not own a `Node`, which would then never be
    /// dropped. A panic of the hook is logged, and the hook runs again for the next diff. (Phoenix: `handle_metas/4`.)
    pub fn on_diff(
        mut self,
        on_diff: impl FnMut(&PresenceDiff<M>, &[PresenceEntry<M>]) + Send + 'static,
    ) -> Self {
        self.hooks.metas = Mutex::new(Some(Box::new(on_diff)));
        self
    }

    /// Opens the tracker on a node, with the hooks of this builder.
    ///
    /// # Errors
    /// - `OtherType` if the tracker is already open with another type of metadata.
    /// - `AlreadyOpen` if the tracker is already open and this builder has hooks.
    pub fn open(self, node: &Node) -> Result<Presence<M>, OpenPresenceError> {
        let shared = node.shared();
        let (name, hooks) = (self.name, Mutex::new(self.hooks));
        let table = Tracker::<M>::table(&name);
        let open = || -> AnyTracker {
            let hooks = std::mem::take(&mut *hooks.lock());
            let (tracker, task) = Tracker::open(&shared.replication, table, hooks);
            drop(shared.runtime.spawn(task));
            tracker
        };
        let (tracker, is_new) = shared.presence.get_or_open(&name, open);
        let Ok(tracker) = Arc::downcast::<Tracker<M>>(tracker) else {
            return Err(OpenPresenceError::OtherType { name });
        };
        if !is_new && !hooks.into_inner().is_empty() {
            return Err(OpenPresenceError::AlreadyOpen { name });
        }
        let tracker = OpaqueArc::new(tracker);
        Ok(Presence { tracker })
    }
}

impl<M> fmt::Debug for PresenceBuilder<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut builder = f.debug_struct("PresenceBuilder");
        builder.field("name", &self.name).finish_non_exhaustive()
    }
}
