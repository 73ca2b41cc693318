//! Topics of the cluster.

use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use ambit::Message;
use ambit::message::{Clash, Remote, Wire};
use ambit::opaque_arc::{OpaqueArc, OpaqueWeak};
use ambit::process::Pid;
use ambit::pubsub::{SubscribeOptions, Subscriber, Topic};
use ambit::server::Recipient;

use super::error::JoinGroupError;
use super::send::Copied;
use super::state::ClusterGroups;
use super::topic_delivery::{MESSAGE, TopicDelivery};
use super::topic_key::TopicKey;
use crate::node::Node;
use crate::node::id::{NodeId, NodeName};
use crate::node::shared::Shared;
use crate::remote_processes::service;

/// A message of a [`ClusterTopic`]. Implemented for every message type that has a wire name and is `Clone`.
///
/// ```
/// use ambit::prelude::*;
/// use ambit_dist::{Node, TopicMessage};
/// # use ambit_dist::transport::Memory;
///
/// #[derive(Clone, Message)]
/// #[message(name = "shop.price")]
/// struct Price(u32);
///
/// /// Sends a message to several topics, and returns the number of subscribers on this node.
/// fn broadcast_to<T: TopicMessage>(node: &Node, topics: &[&str], message: &T) -> usize {
///     topics.iter().map(|topic| node.topic(topic).broadcast(message.clone()).local).sum()
/// }
///
/// # #[ambit::main]
/// # async fn main(mut inbox: Inbox<Price>) -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// node.topic("coffee").subscribe(&inbox.recipient())?;
/// assert_eq!(broadcast_to(&node, &["coffee", "tea"], &Price(180)), 1);
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the message of a topic of the cluster",
    label = "has no wire name, or is not `Clone`",
    note = "derive both: `#[derive(Clone, Message)] #[message(name = \"shop.price\")]`"
)]
pub trait TopicMessage: Message + Clone + Remote<Call = Infallible, Cast = Self> {}

impl<T> TopicMessage for T where T: Message + Clone + Remote<Call = Infallible, Cast = T> {}

/// The number of receivers of a message, from [`ClusterTopic::broadcast`].
///
/// ```
/// use ambit::prelude::*;
/// use ambit_dist::Published;
/// # use ambit_dist::{Node, transport::Memory};
///
/// #[derive(Clone, Message)]
/// #[message(name = "shop.price")]
/// struct Price(u32);
///
/// # #[ambit::main]
/// # async fn main(mut inbox: Inbox<Price>) -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// node.topic("coffee").subscribe(&inbox.recipient())?;
/// let published = node.topic("coffee").broadcast(Price(180));
/// assert_eq!((published.local, published.nodes), (1, 0));
/// assert_eq!(node.topic("tea").broadcast(Price(120)), Published::default());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Published {
    /// The number of subscriptions of this node that received the message. A process that has subscribed twice counts
    /// twice.
    pub local: usize,
    /// The number of other nodes with subscribers to which a copy was sent.
    pub nodes: usize,
}

/// A topic of the whole cluster for messages of type `T`, from [`Node::topic`]. (Elixir: `Phoenix.PubSub`, with the
/// topic in the handle.)
///
/// A process subscribes on its own node, and the other nodes send their messages to this node from a few milliseconds
/// later on. A message is encoded once, and each other node with subscribers receives one copy, which it delivers to
/// its subscribers. A process that has subscribed twice receives every message twice. The subscriptions of a process
/// end with it. Messages from one publisher to one subscriber keep their order.
///
/// Topics with the same name but different message types are separate. A topic of the cluster is separate from the
/// topics of a [`PubSub`](ambit::pubsub::PubSub).
///
/// # Slow subscribers and nodes
/// A subscriber with a full mailbox misses the message, as in a local topic. Up to 4 MiB of unconfirmed copies may be
/// on their way to a node. Further copies to that node are dropped and counted by [`dropped`](Self::dropped); other
/// nodes are not delayed.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::system::System;
/// use ambit_dist::transport::Memory;
/// use ambit_dist::Node;
///
/// #[derive(Clone, Message)]
/// #[message(name = "shop.price")]
/// struct Price(u32);
///
/// # #[ambit::main]
/// # async fn main(mut inbox: Inbox<Price>) -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let system = System::builder().build()?;
/// // On real machines: `.listen("10.0.0.1:9000").auth(Auth::cookie(secret))` instead of `transport`.
/// let a = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// # let b = Node::builder("b").system(system).seeds(["10.0.0.1:9000"]);
/// # let b = b.transport(network.bind("10.0.0.2:9000".parse()?)?).start().await?;
/// // On node a:
/// a.topic::<Price>("coffee").subscribe(&inbox.recipient())?;
///
/// // On node b:
/// let prices = b.topic::<Price>("coffee");
/// # while prices.nodes().is_empty() { tokio::time::sleep(std::time::Duration::from_millis(1)).await; }
/// assert_eq!(prices.broadcast(Price(180)).nodes, 1);
///
/// let Some(Price(cents)) = inbox.recv().await else { panic!("a price was expected") };
/// assert_eq!(cents, 180);
/// # Ok(())
/// # }
/// ```
pub struct ClusterTopic<T> {
    // Not the whole node: a handle keeps neither its socket nor its sessions open.
    groups: OpaqueArc<ClusterGroups>,
    shared: OpaqueWeak<Shared>,
    topic: Topic<T>,
    key: TopicKey,
}

impl Node {
    /// Returns the topic of the cluster with this name for messages of type `T`. A topic need not be created, and costs
    /// nothing while it has no subscribers.
    #[must_use]
    pub fn topic<T: TopicMessage>(&self, name: &str) -> ClusterTopic<T> {
        let groups = OpaqueArc::new(self.shared().groups.clone());
        ClusterTopic {
            topic: groups.pubsub.topic(name),
            groups,
            shared: OpaqueWeak::new(self.shared()),
            key: TopicKey {
                name: name.into(),
                message: T::REMOTE.into(),
            },
        }
    }
}

impl<T: TopicMessage> ClusterTopic<T> {
    /// Returns the name of the topic.
    pub fn name(&self) -> &str {
        &self.key.name
    }

    /// Subscribes a process of this node to the topic, until the process ends or is [unsubscribed](Self::unsubscribe).
    /// If the process is already subscribed, this adds another subscription. Messages are dropped while its mailbox is
    /// full. (Elixir: `Phoenix.PubSub.subscribe/2`.)
    ///
    /// # Errors
    /// Fails with a [`JoinGroupError`]; the subscriptions are unchanged.
    /// - `NoProcess` if the process has ended, or the handle follows a name that is not registered.
    /// - `Elsewhere` if the process runs on another node.
    /// - `Left` if this node has left the cluster.
    /// - `Limit` if a limit on replicated entries is reached.
    /// - `Unsendable` if two types that the message contains have the same wire name.
    pub fn subscribe(&self, recipient: &Recipient<T>) -> Result<(), JoinGroupError> {
        self.subscribe_with(recipient, SubscribeOptions::new())
    }

    /// Like [`subscribe`](Self::subscribe), with [`SubscribeOptions`].
    ///
    /// # Errors
    /// Like [`subscribe`](Self::subscribe).
    pub fn subscribe_with(
        &self,
        recipient: &Recipient<T>,
        options: SubscribeOptions,
    ) -> Result<(), JoinGroupError> {
        let replication = &self.groups.replication;
        if replication.has_ended() {
            return Err(JoinGroupError::Left);
        }
        // If it follows a name, the same process is counted and subscribed.
        let recipient = &recipient.__fixed().ok_or(JoinGroupError::NoProcess)?;
        let pid = recipient.pid();
        if pid == Pid::NOBODY {
            return Err(JoinGroupError::NoProcess);
        }
        if !replication.node_context.local.owns(pid) {
            return Err(JoinGroupError::Elsewhere);
        }
        let served = self.serve();
        served.map_err(|clash| JoinGroupError::Unsendable {
            why: clash.to_string(),
        })?;
        self.groups.subscriptions.add(&self.key, pid)?;
        // Weak, because the topic belongs to the groups.
        let subscriptions = Arc::downgrade(&self.groups.subscriptions);
        let key = self.key.clone();
        let on_unsubscribe = move |pid| {
            if let Some(subscriptions) = subscriptions.upgrade() {
                subscriptions.remove(&key, pid, 1);
            }
        };
        let topic = &self.topic;
        if topic.__subscribe_with(recipient, options, on_unsubscribe) {
            return Ok(());
        }
        // The process has ended.
        self.groups.subscriptions.remove(&self.key, pid, 1);
        Err(JoinGroupError::NoProcess)
    }

    /// Ends all subscriptions of a process of this node to this topic, and returns their number. (Elixir:
    /// `Phoenix.PubSub.unsubscribe/2`.)
    pub fn unsubscribe(&self, pid: Pid) -> usize {
        let ended = self.topic.unsubscribe(pid);
        self.groups.subscriptions.remove(&self.key, pid, ended);
        ended
    }

    /// Sends a message to all subscribers on all nodes without waiting, and returns the number of receivers. (Elixir:
    /// `Phoenix.PubSub.broadcast/3`.)
    #[allow(clippy::must_use_candidate, reason = "called for its effect")]
    pub fn broadcast(&self, message: T) -> Published {
        self.broadcast_from(Pid::NOBODY, message)
    }

    /// Like [`broadcast`](Self::broadcast), but skips the process `from`. (Elixir: `Phoenix.PubSub.broadcast_from/4`.)
    #[allow(clippy::must_use_candidate, reason = "called for its effect")]
    pub fn broadcast_from(&self, from: Pid, message: T) -> Published {
        let nodes = self.send(self.others(), from, &message);
        let local = self.topic.broadcast_from(from, message);
        Published { local, nodes }
    }

    /// Sends a message to the subscribers of this node without waiting, and returns the number of subscriptions that
    /// received it. (Elixir: `Phoenix.PubSub.local_broadcast/3`.)
    #[allow(clippy::must_use_candidate, reason = "called for its effect")]
    pub fn local_broadcast(&self, message: T) -> usize {
        self.topic.broadcast(message)
    }

    /// Like [`local_broadcast`](Self::local_broadcast), but skips the process `from`. (Elixir:
    /// `Phoenix.PubSub.local_broadcast_from/4`.)
    #[allow(clippy::must_use_candidate, reason = "called for its effect")]
    pub fn local_broadcast_from(&self, from: Pid, message: T) -> usize {
        self.topic.broadcast_from(from, message)
    }

    /// Sends a message to the subscribers of one node without waiting. Sends nothing if the node is unknown or has no
    /// subscribers. (Elixir: `Phoenix.PubSub.direct_broadcast/4`.)
    #[allow(clippy::must_use_candidate, reason = "called for its effect")]
    pub fn direct_broadcast(&self, node: impl AsRef<str>, message: T) -> Published {
        let name = node.as_ref();
        let own = self.groups.replication.node_context.id();
        if name == own.name.as_str() {
            let local = self.topic.broadcast(message);
            return Published { local, nodes: 0 };
        }
        let mut others = self.others();
        others.retain(|(node, _)| node.name.as_str() == name);
        let nodes = self.send(others, Pid::NOBODY, &message);
        Published { local: 0, nodes }
    }

    /// Passes a message and all subscriptions of this node, oldest first, to `dispatcher`, which decides what to send.
    /// `from` is only passed on to `dispatcher`; the subscriptions of that process are included.
    pub fn local_dispatch<R>(
        &self,
        from: Pid,
        message: T,
        dispatcher: impl FnOnce(&[Subscriber<T>], Pid, T) -> R,
    ) -> R {
        self.topic.dispatch(from, message, dispatcher)
    }

    /// Returns the nodes with subscribers, this node included, sorted by name.
    #[must_use]
    pub fn nodes(&self) -> Vec<NodeId> {
        self.groups.topics.nodes(&self.key)
    }

    /// Returns all subscriptions of this node, oldest first.
    #[must_use]
    pub fn local_subscribers(&self) -> Vec<Subscriber<T>> {
        self.topic.subscribers()
    }

    /// Returns how many copies of casts and topic messages for `node` were lost since this node started: those that
    /// this node dropped, and those that `node` did not confirm. Counts all topics and groups together. Of nodes
    /// without a connection, at least the last 1,024 with lost copies are remembered.
    #[must_use]
    pub fn dropped(&self, node: &NodeName) -> u64 {
        self.groups.copies.dropped(node)
    }

    fn others(&self) -> Vec<(NodeId, usize)> {
        let own = self.groups.replication.node_context.id();
        let nodes = self.nodes().into_iter().filter(|node| node != own);
        nodes.map(|node| (node, 1)).collect()
    }

    /// Sends one copy to each of these nodes. Returns the number of nodes that it was sent to.
    fn send(&self, nodes: Vec<(NodeId, usize)>, from: Pid, message: &T) -> usize {
        let (Some(shared), false) = (self.shared.upgrade(), nodes.is_empty()) else {
            return 0;
        };
        let protocol = match self.groups.protocols.get::<T>(MESSAGE) {
            Ok(protocol) => protocol,
            Err(clash) => {
                tracing::error!(%clash, "a message cannot be sent to other nodes");
                return 0;
            }
        };
        // No other process can be subscribed on another node.
        let is_elsewhere = self.groups.replication.node_context.is_elsewhere(from);
        let excluded = is_elsewhere.then_some(from);
        let copied = Copied::<T> {
            protocol: &protocol,
            cast: message,
        };
        self.groups.send_copies(&shared, nodes, &copied, |out| {
            self.key.name.to_string().put(out)?;
            excluded.put(out)
        })
    }

    /// Lets other nodes send messages of this type to the subscribers of this node.
    fn serve(&self) -> Result<(), Clash> {
        let node_context = &self.groups.replication.node_context;
        self.groups.protocols.serve::<T>(MESSAGE, |protocol| {
            for (cast, method) in protocol.methods() {
                let receiver = TopicDelivery::<T> {
                    pubsub: self.groups.pubsub.clone(),
                    cast,
                    message: PhantomData,
                };
                let sink = service::sink(protocol.binding.clone(), receiver);
                node_context.services.serve(method, sink);
            }
        })
    }
}

impl<T> Clone for ClusterTopic<T> {
    fn clone(&self) -> Self {
        Self {
            groups: self.groups.clone(),
            shared: self.shared.clone(),
            topic: self.topic.clone(),
            key: self.key.clone(),
        }
    }
}

impl<T> fmt::Debug for ClusterTopic<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ClusterTopic").field(&self.key.name).finish()
    }
}
