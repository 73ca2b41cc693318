//! The presences as users see them.

use ambit::Message;
use ambit::process::Pid;

use crate::node::id::NodeId;
use crate::node::subscribers::Event;

/// A reference that identifies one state of a presence in the cluster. Each update of a presence assigns a new
/// reference. (Phoenix: `phx_ref`.)
///
/// ```
/// # use ambit::prelude::*;
/// use ambit_dist::{Presence, PresenceRef};
/// # use ambit_dist::{Node, transport::Memory};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// # let client = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
/// let rooms = Presence::<String>::open(&node, "rooms")?;
/// let phone: PresenceRef = rooms.track(&client, "lobby", "ada", "phone".to_owned())?;
/// let tablet = rooms.update(&client, "lobby", "ada", "tablet".to_owned())?;
/// assert_ne!(phone, tablet);
/// let metas = rooms.get_by_key("lobby", "ada");
/// assert_eq!((metas[0].reference(), metas[0].previous()), (&tablet, Some(&phone)));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PresenceRef {
    pub(crate) node: NodeId,
    pub(crate) number: u64,
}

/// One presence: the metadata of one process under a key.
///
/// ```
/// # use ambit::prelude::*;
/// use ambit_dist::{Presence, PresenceMeta};
/// # use ambit_dist::{Node, transport::Memory};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// # let client = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
/// let rooms = Presence::<String>::open(&node, "rooms")?;
/// rooms.track(&client, "lobby", "ada", "phone".to_owned())?;
/// let metas: Vec<PresenceMeta<String>> = rooms.get_by_key("lobby", "ada");
/// assert_eq!(metas[0].meta, "phone");
/// assert_eq!((metas[0].pid(), metas[0].node()), (client.pid(), node.id()));
/// assert_eq!(metas[0].previous(), None);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresenceMeta<M> {
    /// The metadata of the presence, including the changes of the `fetch` hook.
    pub meta: M,
    pub(crate) reference: PresenceRef,
    pub(crate) previous: Option<PresenceRef>,
    pub(crate) pid: Pid,
}

impl<M> PresenceMeta<M> {
    /// Returns the reference of this state of the presence. Each update sets a new one; a partition does not. It
    /// identifies this state in diffs. (Phoenix: `phx_ref`.)
    #[must_use]
    pub fn reference(&self) -> &PresenceRef {
        &self.reference
    }

    /// Returns the reference of the state before the last update, or `None` if the presence was never updated.
    /// (Phoenix: `phx_ref_prev`.)
    #[must_use]
    pub fn previous(&self) -> Option<&PresenceRef> {
        self.previous.as_ref()
    }

    /// Returns the tracked process.
    #[must_use]
    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// Returns the node of the tracked process.
    #[must_use]
    pub fn node(&self) -> &NodeId {
        &self.reference.node
    }
}

/// A key of a topic with its presences, at least one.
///
/// ```
/// # use ambit::prelude::*;
/// use ambit_dist::{Presence, PresenceEntry};
/// # use ambit_dist::{Node, transport::Memory};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// # let phone = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
/// # let tablet = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
/// let rooms = Presence::<String>::open(&node, "rooms")?;
/// rooms.track(&phone, "lobby", "ada", "phone".to_owned())?;
/// rooms.track(&tablet, "lobby", "ada", "tablet".to_owned())?;
/// for PresenceEntry { key, metas } in rooms.list("lobby") {
///     let devices: Vec<_> = metas.iter().map(|meta| meta.meta.as_str()).collect();
///     assert_eq!((key.as_str(), devices), ("ada", vec!["phone", "tablet"]));
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresenceEntry<M> {
    /// The key, for example the id of a user.
    pub key: String,
    /// The presences under the key, for example one per device of the user, sorted by
    /// [`reference`](PresenceMeta::reference): by node, and on each node the one with the latest update last.
    pub metas: Vec<PresenceMeta<M>>,
}

/// A change of the presences of one topic. Apply the leaves before the joins: an update is a leave with the old
/// metadata and a join with the new metadata under the same key. Several joins or leaves in a row may be one diff.
///
/// ```
/// # use ambit::prelude::*;
/// use ambit_dist::{Presence, PresenceEvent};
/// # use ambit_dist::{Node, transport::Memory};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// # let client = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
/// # let rooms = Presence::<String>::open(&node, "rooms")?;
/// # let mut events = rooms.events("lobby");
/// # rooms.track(&client, "lobby", "ada", "phone".to_owned())?;
/// # events.next().await;
/// // The presence of `ada` has the metadata `phone`.
/// rooms.update(&client, "lobby", "ada", "tablet".to_owned())?;
/// let Some(PresenceEvent::Diff(diff)) = events.next().await else { panic!("a diff was expected") };
/// assert_eq!((diff.topic.as_str(), diff.joins[0].key.as_str()), ("lobby", "ada"));
/// assert_eq!(diff.leaves[0].metas[0].meta, "phone");
/// assert_eq!(diff.joins[0].metas[0].meta, "tablet");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresenceDiff<M> {
    /// The topic.
    pub topic: String,
    /// The new presences, sorted by key.
    pub joins: Vec<PresenceEntry<M>>,
    /// The presences that ended, with their last metadata, sorted by key.
    pub leaves: Vec<PresenceEntry<M>>,
}

/// An event of a topic, from [`Presence::events`](crate::Presence::events) or
/// [`Presence::subscribe`](crate::Presence::subscribe).
///
/// ```
/// # use ambit::prelude::*;
/// use ambit_dist::{Presence, PresenceEvent};
/// # use ambit_dist::{Node, transport::Memory};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// # let client = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
/// let rooms = Presence::<String>::open(&node, "rooms")?;
/// let mut events = rooms.events("lobby");
/// rooms.track(&client, "lobby", "ada", "phone".to_owned())?;
/// let mut keys = Vec::new();
/// match events.next().await.ok_or("the node runs")? {
///     PresenceEvent::Diff(diff) => keys.extend(diff.joins.into_iter().map(|entry| entry.key)),
///     // Diffs were dropped: read the current state.
///     _ => keys = rooms.list("lobby").into_iter().map(|entry| entry.key).collect(),
/// }
/// assert_eq!(keys, ["ada"]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Message)]
#[non_exhaustive]
pub enum PresenceEvent<M: Clone + Send + Sync + 'static> {
    /// Presences joined or left.
    Diff(PresenceDiff<M>),
    /// Diffs were dropped, because more than 1,024 were queued, because too many changes waited for slow hooks, or because
    /// the `fetch` hook panicked. Call [`Presence::list`](crate::Presence::list) for the current state.
    Missed {
        /// The number of dropped diffs.
        events: u64,
    },
}

impl<M: Clone + Send + Sync + 'static> Event for PresenceEvent<M> {
    fn missed(events: u64) -> Self {
        Self::Missed { events }
    }
}
