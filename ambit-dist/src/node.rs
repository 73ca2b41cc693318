//! Nodes: their names, their peers, and how connections are established and lost.
//!
//! [`connection_manager`] makes the decisions, without a clock or network. [`run`] is the single task that feeds it
//! events and performs its actions. [`setup`] contains the tasks that dial, accept and shake hands. After the
//! handshake, [`session`](crate::session) runs the connection.

mod accepting;
pub(crate) mod address;
pub(crate) mod admission;
pub(crate) mod builder;
pub(crate) mod call_on;
pub(crate) mod connection_manager;
mod connection_setup;
mod discovery;
pub(crate) mod discovery_status;
pub(crate) mod down_reason;
pub(crate) mod error;
pub(crate) mod events;
mod expose;
mod hello_frames;
pub(crate) mod id;
pub(crate) mod identity;
pub(crate) mod peer_info;
pub(crate) mod reconnect;
pub(crate) mod requests;
mod run;
mod setup_error;
pub(crate) mod shared;
mod start;
pub(crate) mod start_on;
pub(crate) mod start_on_error;
pub(crate) mod subscribers;
pub(crate) mod timeouts;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ambit::opaque_arc::OpaqueArc;
use ambit::server::Recipient;
use tokio::sync::{mpsc, oneshot};

use crate::node::address::ToAddress;
use crate::node::error::{ConnectError, PingError};
use crate::node::events::{NodeEvent, NodeEvents};
use crate::node::id::{NodeId, NodeName};
use crate::node::peer_info::PeerInfo;
use crate::node::run::Command;
use crate::node::shared::Shared;
use crate::node::subscribers::NodeSubscription;

/// A node of a cluster, which listens for connections and connects to other nodes. A program can run several nodes.
/// Cloning is cheap; when the last clone is dropped, the node leaves the cluster.
///
/// ```
/// use ambit_dist::transport::Memory;
/// use ambit_dist::Node;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// // In memory. On real machines: `.listen("10.0.0.1:9000").auth(Auth::cookie(secret))` instead of `transport`.
/// let a = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// let b = Node::builder("b").transport(network.bind("10.0.0.2:9000".parse()?)?).start().await?;
///
/// let peer = a.connect(b.local_addr()).await?;
/// assert_eq!(peer, *b.id());
/// assert_eq!(a.peers()[0].id, peer);
/// a.ping("b").await?;
/// a.leave().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Node {
    parts: OpaqueArc<Parts>,
}

struct Parts {
    shared: Arc<Shared>,
    commands: mpsc::Sender<Command>,
}

impl Node {
    pub(crate) fn new(shared: Arc<Shared>, commands: mpsc::Sender<Command>) -> Self {
        let parts = OpaqueArc::new(Arc::new(Parts { shared, commands }));
        Self { parts }
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.parts.shared
    }

    /// Returns the name of the node.
    #[must_use]
    pub fn name(&self) -> &NodeName {
        &self.shared().node_context.id().name
    }

    /// Returns the name and incarnation of the node. If a peer has seen a later incarnation of this name, for example
    /// because the clock of this machine was set back, the node replaces its incarnation by a still later one. The
    /// incarnation does not change after the first connection.
    #[must_use]
    pub fn id(&self) -> &NodeId {
        self.shared().node_context.id()
    }

    /// Returns the listening address, with the port that the operating system chose if the node was configured with
    /// port 0.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.shared().transport.local_addr()
    }

    /// Connects to the node at `address`, and returns its name and incarnation once the connection is established.
    /// Returns at once if a node is already connected from this address. A node that answered here before and is
    /// connected from another address is returned only if no other node answers here. If the connection is lost later,
    /// this node dials the address again according to [`NodeBuilder::reconnect`](crate::NodeBuilder::reconnect).
    /// (Erlang: `net_kernel:connect_node/1`.)
    ///
    /// # Errors
    /// Fails with a [`ConnectError`]. At most the handshake was sent to the other node, so a retry is always safe.
    /// - `Address` if `address` is a string that is not an IP address with a port.
    /// - `NotAllowed` if the address is outside the networks that this node may dial.
    /// - `Itself` if the address is one of this node's own.
    /// - `Left` if this node has left, or its runtime has ended.
    /// - `TooMany` if this node has reached its limit of connections or addresses.
    /// - `Unreachable` if no node answers at the address.
    /// - `TimedOut` if the other node did not finish the handshake within the limits of [`Timeouts`](crate::Timeouts),
    ///   5 s each by default.
    /// - `Untrusted` if the nodes do not trust each other's certificates.
    /// - `WrongNode` if the certificate of the other node is not valid for the name that the node sends.
    /// - `Cluster` if the other node belongs to another cluster.
    /// - `Version` if the nodes have no protocol version in common.
    /// - `NameRefused` if the other node does not accept the name of this one, or has the same name.
    /// - `Stale` if one of the nodes has seen a later incarnation of the other.
    /// - `Duplicate` if the other node has not yet detected the loss of an earlier connection to this node.
    /// - `Overloaded` if the other node accepts no more connections.
    /// - `Quarantined` if the other node does not admit this one.
    /// - `NotAdmitted` if this node does not admit the other one.
    /// - `Refused` if the other node refused for another reason, for example because it is leaving.
    /// - `Disconnected` if a call of `disconnect` cancelled the attempt.
    ///
    /// # Cancel safety
    /// Dropping the future before the first poll sends nothing. If it is dropped later, the node keeps dialling the
    /// address.
    pub async fn connect(&self, address: impl ToAddress) -> Result<NodeId, ConnectError> {
        let address = address.to_address()?;
        if !self.shared().may_dial(address) {
            return Err(ConnectError::NotAllowed { address });
        }
        if self.shared().is_at(address) {
            return Err(ConnectError::Itself { address });
        }
        let (done, answer) = oneshot::channel();
        let command = Command::Connect { address, done };
        self.parts
            .commands
            .send(command)
            .await
            .map_err(|_| ConnectError::Left)?;
        answer.await.unwrap_or(Err(ConnectError::Left))
    }

    /// Closes the connection to the node with this name, and cancels connection attempts to it. The `Down` event on
    /// this node has the reason [`DownReason::Disconnected`](crate::DownReason::Disconnected), the one on the other
    /// node [`DownReason::Closed`](crate::DownReason::Closed). Returns true if the node was connected; false if it was
    /// not, if `name` is not a valid node name, or if this node has left. (Erlang: `erlang:disconnect_node/1`.)
    ///
    /// Afterwards, this node does not dial the other one until [`connect`](Self::connect) is called, a discovery source
    /// lists the address anew after it had dropped it, the other node has connected by itself, or the membership has
    /// learned that it left. To keep a node out, use [`refuse`](Self::refuse).
    ///
    /// # Cancel safety
    /// Dropping the future before the first poll changes nothing. A future that is dropped later takes effect
    /// completely or not at all.
    pub async fn disconnect(&self, name: impl AsRef<str>) -> bool {
        let command = |name, done| Command::Disconnect { name, done };
        self.command(name.as_ref(), command).await
    }

    /// Refuses the node with this name from now on. An open connection to it is closed with
    /// [`CloseCode::Quarantined`](crate::wire::CloseCode::Quarantined), and its dials are refused with the same code.
    /// This node stops dialling the known addresses of that node, except seeds and addresses that a discovery source
    /// lists. The `Down` event has the reason [`DownReason::Refused`](crate::DownReason::Refused). Returns true if the
    /// node was connected.
    ///
    /// Only this node refuses it: call `refuse` on each node of a cluster, or give each node an [admit
    /// hook](crate::NodeBuilder::admit) that queries the same authority. The refusal lasts until
    /// [`readmit`](Self::readmit) or the end of this node. If `name` is not a valid node name, `refuse` returns false
    /// and changes nothing. (Erlang: `net_kernel:allow/1` restricts connections to a list of names instead.)
    ///
    /// ```
    /// # use ambit_dist::{ConnectError, Node, transport::Memory};
    /// # #[ambit::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let network = Memory::new();
    /// # let a = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
    /// # let b = Node::builder("b").transport(network.bind("10.0.0.2:9000".parse()?)?).start().await?;
    /// a.connect(b.local_addr()).await?;
    /// assert!(a.refuse("b").await);
    /// assert!(a.peers().is_empty());
    /// let refused = b.connect(a.local_addr()).await;
    /// assert!(matches!(refused, Err(ConnectError::Quarantined { .. })));
    /// assert!(a.readmit("b").await);
    /// b.connect(a.local_addr()).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Cancel safety
    /// Dropping the future before the first poll changes nothing. A future that is dropped later takes effect
    /// completely or not at all.
    pub async fn refuse(&self, name: impl AsRef<str>) -> bool {
        let command = |name, done| Command::Refuse { name, done };
        self.command(name.as_ref(), command).await
    }

    /// Reverts [`refuse`](Self::refuse): the node with this name may connect again. Returns true if the name was
    /// refused; false if it was not, if `name` is not a valid node name, or if this node has left.
    ///
    /// The membership dials the node within a minute, unless it has forgotten it, which takes up to an hour, or the policy is
    /// not [`Reconnect::Always`](crate::Reconnect::Always). Otherwise the connection returns when that node dials this
    /// one, when [`connect`](Self::connect) is called, or at the address of a seed or of a discovery source.
    ///
    /// # Cancel safety
    /// Dropping the future before the first poll changes nothing. A future that is dropped later takes effect
    /// completely or not at all.
    pub async fn readmit(&self, name: impl AsRef<str>) -> bool {
        let command = |name, done| Command::Readmit { name, done };
        self.command(name.as_ref(), command).await
    }

    /// Sends a command about the node of this name, and returns its answer; false if there can be no such node.
    async fn command(
        &self,
        name: &str,
        command: impl FnOnce(NodeName, oneshot::Sender<bool>) -> Command,
    ) -> bool {
        let Ok(name) = name.parse() else {
            return false;
        };
        let (done, answer) = oneshot::channel();
        let is_sent = self.parts.commands.send(command(name, done)).await.is_ok();
        is_sent && answer.await.unwrap_or(false)
    }

    /// Returns a snapshot of each connected node, sorted by name.
    #[must_use]
    pub fn peers(&self) -> Vec<PeerInfo> {
        self.shared().peers()
    }

    /// Returns a snapshot of the connected node with this name, or `None` if no such node is connected.
    #[must_use]
    pub fn peer(&self, name: impl AsRef<str>) -> Option<PeerInfo> {
        self.shared().peer(&name.as_ref().parse().ok()?)
    }

    /// Pings a connected node and returns the round-trip time. If the node does not answer, the connection counts as
    /// lost after [`Timeouts::silence`](crate::Timeouts::silence), 3 s by default, and the ping fails with `Lost`.
    /// (Erlang: `net_adm:ping/1`, which also connects.)
    ///
    /// # Errors
    /// - `NotConnected` if no node of this name is connected; nothing was sent.
    /// - `TooMany` if 1,024 pings to the node are unanswered; nothing was sent.
    /// - `Lost` if the connection is lost before the answer.
    ///
    /// # Cancel safety
    /// Dropping the future before the first poll sends nothing. If it is dropped later, the answer is discarded.
    pub async fn ping(&self, name: impl AsRef<str>) -> Result<Duration, PingError> {
        let name = name.as_ref();
        let session = name
            .parse()
            .ok()
            .and_then(|name| self.shared().session(&name));
        let Some(session) = session else {
            let name = name.to_owned();
            return Err(PingError::NotConnected { name });
        };
        let (node, answer) = (session.peer_id().clone(), session.ping());
        // Release the session, which may end during the wait.
        drop(session);
        let Some(answer) = answer else {
            return Err(PingError::TooMany { node });
        };
        answer.await.map_err(|_| PingError::Lost { node })
    }

    /// Returns a stream with an event for each node that connects or disconnects from now on. [`peers`](Self::peers)
    /// returns the nodes that are already connected: a seed may be one of them as soon as the node has started. Call
    /// `peers` after this method, so that no node is missed; a node that connects in between is in both.
    pub fn events(&self) -> NodeEvents {
        self.shared().subscribers.listen()
    }

    /// Sends `process` a message for each node that connects or disconnects, until the process ends, this node leaves,
    /// or the subscription is [cancelled](NodeSubscription::cancel). Subscriptions are independent: a process that
    /// subscribes twice receives each event twice. (Erlang: `net_kernel:monitor_nodes`.)
    ///
    /// ```
    /// # use ambit::prelude::*;
    /// # use ambit_dist::{Node, NodeEvent, transport::Memory};
    /// # #[ambit::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let network = Memory::new();
    /// # let a = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
    /// # let b = Node::builder("b").transport(network.bind("10.0.0.2:9000".parse()?)?).start().await?;
    /// let watcher = ambit::spawn(|mut inbox: Inbox<NodeEvent>| async move {
    ///     assert!(matches!(inbox.recv().await, Some(NodeEvent::Up { .. })));
    /// });
    /// let subscription = a.subscribe(&watcher.recipient());
    /// a.connect(b.local_addr()).await?;
    /// assert_eq!(watcher.closed().await, ExitReason::Normal);
    /// subscription.cancel();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    /// Panics if called outside a tokio runtime.
    pub fn subscribe(&self, process: &Recipient<NodeEvent>) -> NodeSubscription {
        self.shared().subscribers.subscribe(process)
    }

    /// Leaves the cluster: the node accepts no more calls of other nodes to its processes, answers those in progress,
    /// sends all queued messages and closes its connections, each when the messages are in the mailboxes of their
    /// processes. The `Down` events of its peers have the reason [`DownReason::Left`](crate::DownReason::Left). Local
    /// processes keep running; remote processes can no longer be reached, and their names, group memberships and
    /// presences disappear. Returns at once if the node has already left. (Erlang: `net_kernel:stop/0`.)
    ///
    /// Takes at most slightly longer than [`Timeouts::leave`](crate::Timeouts::leave), 5 s by default; messages that take
    /// longer are lost. Calls in progress have half of that time. Later answers are lost: the callers get `NoConnection`
    /// with `Executed::Maybe`. A call whose handler awaits `leave` is always late; let it spawn a task that leaves.
    /// Later calls are not executed; they fail with `NoConnection`, and with `Executed::No` if the refusal still reaches
    /// the caller.
    ///
    /// Stop the controller of a [`DistributedApplication`](crate::DistributedApplication) first: otherwise another node
    /// may start the application before it has ended on this node.
    ///
    /// # Cancel safety
    /// Dropping the future before the first poll changes nothing. If it is dropped later, the node still leaves, unless
    /// this request was waiting behind 256 others to the node.
    pub async fn leave(&self) {
        let (done, left) = oneshot::channel();
        if self
            .parts
            .commands
            .send(Command::Leave { done })
            .await
            .is_ok()
        {
            // If the sender is dropped, the node has already left.
            left.await.ok();
        }
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Node({})", self.shared().node_context.id())
    }
}
