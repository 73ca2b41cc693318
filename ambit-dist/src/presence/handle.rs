//! The handle that programs use.

use std::fmt;

use ambit::message::Wire;
use ambit::opaque_arc::OpaqueArc;
use ambit::process::Process;
use ambit::server::Recipient;

use crate::node::subscribers::{Events, NodeSubscription};
use crate::presence::data::{PresenceEntry, PresenceEvent, PresenceMeta, PresenceRef};
use crate::presence::error::{TrackError, UpdateError};
use crate::presence::tracker::{NewMeta, Tracker};

/// A tracker of processes under topics and keys, with metadata of type `M`. Every node that opens a tracker with the
/// same name sees the presences of all nodes. (Elixir: `Phoenix.Presence`.)
///
/// A node sees its own presences when [`track`](Self::track) returns, and those of other nodes a few milliseconds
/// later. The presences of a process end with the process, and those of a node end when it leaves. The presences of a
/// node that is down are hidden, and become visible again if the node returns within
/// [`Timeouts::grace`](crate::Timeouts::grace), 30 s by default.
///
/// ```
/// use ambit::prelude::*;
/// use ambit_dist::transport::Memory;
/// use ambit_dist::{Node, Presence, PresenceEvent};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// let rooms = Presence::<String>::open(&node, "rooms")?;
/// let mut events = rooms.events("lobby");
/// let client = ambit::spawn(|mut inbox: Inbox<u8>| async move { inbox.recv().await; });
///
/// rooms.track(&client, "lobby", "alice", "phone".to_owned())?;
/// let present = rooms.list("lobby");
/// assert_eq!(present[0].key, "alice");
/// assert_eq!(present[0].metas[0].meta, "phone");
///
/// let Some(PresenceEvent::Diff(diff)) = events.next().await else { panic!() };
/// assert_eq!(diff.joins, present);
/// client.stop().await?;
/// let Some(PresenceEvent::Diff(diff)) = events.next().await else { panic!() };
/// assert_eq!(diff.leaves, present);
/// assert!(rooms.list("lobby").is_empty());
/// # Ok(())
/// # }
/// ```
pub struct Presence<M: Clone + Send + Sync + 'static> {
    pub(super) tracker: OpaqueArc<Tracker<M>>,
}

impl<M: Wire + Clone + Send + Sync + 'static> Presence<M> {
    /// Tracks a process of this node under a topic and a key, until [`untrack`](Self::untrack) is called or the process
    /// ends. Returns the reference of the presence. A process may be tracked under any number of topics and keys, and a
    /// key may have any number of processes. (Elixir: `Phoenix.Presence.track/4`.)
    ///
    /// # Errors
    /// Fails with a [`TrackError`], and adds no presence:
    /// - `AlreadyTracked` if the process is already tracked under this topic and key.
    /// - `Elsewhere` if the process runs on another node.
    /// - `Ended` if the process has ended, or no process is registered under the name that the handle follows.
    /// - `Left` if this node has left the cluster.
    /// - `Encode` if the metadata cannot be encoded.
    /// - `Limit` if a limit on replicated entries is reached.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "values of users are moved in, and often literals"
    )]
    pub fn track(
        &self,
        process: &Process,
        topic: &str,
        key: &str,
        meta: M,
    ) -> Result<PresenceRef, TrackError> {
        self.tracker.arc().track(process, topic, key, &meta)
    }

    /// Replaces the metadata of a presence of a process of this node, and returns the new reference. Subscribers
    /// receive one diff with a leave and a join. (Elixir: `Phoenix.Presence.update/4`.)
    ///
    /// # Errors
    /// Fails with an [`UpdateError`]; the metadata is unchanged.
    /// - `NoPresence` if the process is not tracked under this topic and key on this node.
    /// - `Conflict` if other tasks updated the presence at the same time, 16 times in a row.
    /// - `Left` if this node has left the cluster.
    /// - `Encode` if the metadata cannot be encoded.
    /// - `Limit` if a limit on replicated entries is reached.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "values of users are moved in, and often literals"
    )]
    pub fn update(
        &self,
        process: &Process,
        topic: &str,
        key: &str,
        meta: M,
    ) -> Result<PresenceRef, UpdateError> {
        let at = (topic.to_owned(), key.to_owned());
        self.tracker
            .update(process.pid(), &at, &NewMeta::Value(&meta))
    }

    /// Replaces the metadata of a presence with the result of `change`, and returns the new reference. `change` may run
    /// up to 16 times if several tasks update the same presence at the same time.
    ///
    /// # Errors
    /// Like [`update`](Self::update), and `Unreadable` if the present metadata cannot be decoded.
    pub fn update_with(
        &self,
        process: &Process,
        topic: &str,
        key: &str,
        change: impl Fn(&M) -> M,
    ) -> Result<PresenceRef, UpdateError> {
        let at = (topic.to_owned(), key.to_owned());
        self.tracker
            .update(process.pid(), &at, &NewMeta::Change(&change))
    }

    /// Ends the presence of a process of this node under a topic and a key. Returns false if the process was not
    /// tracked under them. (Elixir: `Phoenix.Presence.untrack/3`.)
    #[allow(clippy::must_use_candidate, reason = "called for its effect")]
    pub fn untrack(&self, process: &Process, topic: &str, key: &str) -> bool {
        let at = (topic.to_owned(), key.to_owned());
        self.tracker.untrack(process.pid(), &at)
    }

    /// Ends all presences of a process of this node in this tracker. Returns false if the process was not tracked.
    /// (Elixir: `Phoenix.Presence.untrack/1`.)
    #[allow(clippy::must_use_candidate, reason = "called for its effect")]
    pub fn untrack_all(&self, process: &Process) -> bool {
        self.tracker.untrack_all(process.pid())
    }

    /// Returns the presences of a topic on all nodes, sorted by key. (Elixir: `Phoenix.Presence.list/1`.)
    #[must_use]
    pub fn list(&self, topic: &str) -> Vec<PresenceEntry<M>> {
        self.tracker.list(topic, None)
    }

    /// Returns the presences of a topic under one key; empty if the key is not present. (Elixir:
    /// `Phoenix.Presence.get_by_key/2`.)
    #[must_use]
    pub fn get_by_key(&self, topic: &str, key: &str) -> Vec<PresenceMeta<M>> {
        let entries = self.tracker.list(topic, Some(key));
        entries.into_iter().flat_map(|entry| entry.metas).collect()
    }

    /// Returns a stream of the diffs of a topic from now on. To start from the current state, call this first and then
    /// [`list`](Self::list): the first diffs may repeat presences that `list` returned, with the same references.
    pub fn events(&self, topic: &str) -> Events<PresenceEvent<M>> {
        self.tracker.topics.listen(topic)
    }

    /// Sends `process` a message for each diff of a topic, until the process ends, this node leaves, or the
    /// subscription is [cancelled](NodeSubscription::cancel). A server handles the messages in an `#[info]` method.
    ///
    /// # Panics
    /// Panics if called outside a tokio runtime.
    pub fn subscribe(
        &self,
        topic: &str,
        process: &Recipient<PresenceEvent<M>>,
    ) -> NodeSubscription {
        self.tracker.topics.subscribe(topic, process)
    }
}

impl<M: Clone + Send + Sync + 'static> Clone for Presence<M> {
    fn clone(&self) -> Self {
        Self {
            tracker: self.tracker.clone(),
        }
    }
}

impl<M: Clone + Send + Sync + 'static> fmt::Debug for Presence<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presence").finish_non_exhaustive()
    }
}
