//! A node: its name, its peers, and how it finds and loses them.
//!
//! [`peers`] decides, and knows neither clock nor network. [`run`] is the one task that tells it what happens and does what
//! it decides; [`meet`] has the tasks that dial, accept and agree. Once two nodes have agreed, [`session`](crate::session) has the word.

pub(crate) mod address;
pub(crate) mod admission;
pub(crate) mod builder;
pub(crate) mod down_reason;
mod entropy;
pub(crate) mod error;
pub(crate) mod events;
mod failure;
mod heads;
pub(crate) mod id;
pub(crate) mod identity;
mod meet;
pub(crate) mod on;
pub(crate) mod peer_info;
pub(crate) mod peers;
pub(crate) mod reconnect;
mod run;
pub(crate) mod shared;
pub(crate) mod start_error;
pub(crate) mod timeouts;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ambit::Recipient;
use tokio::sync::{mpsc, oneshot};

use crate::node::address::ToAddress;
use crate::node::builder::NodeBuilder;
use crate::node::error::{ConnectError, PingError};
use crate::node::events::{NodeEvent, NodeEvents, NodeSubscription};
use crate::node::id::{NodeId, NodeName};
use crate::node::peer_info::PeerInfo;
use crate::node::run::Command;
use crate::node::shared::Shared;

/// A node of a cluster: it listens, and connects to others. A program may have several. Cloning is cheap; when the last
/// clone is dropped the node leaves.
///
/// ```
/// use ambit_dist::transport::Memory;
/// use ambit_dist::Node;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// // In memory. On real machines: `.listen("10.0.0.1:9000").auth(Auth::cookie(secret))` in place of `transport`.
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
    pub(crate) shared: Arc<Shared>,
    commands: mpsc::Sender<Command>,
}

impl Node {
    /// A node of this name: 1 to 63 lower-case letters, digits and hyphens, and the only one of it in its cluster.
    pub fn builder(name: &str) -> NodeBuilder {
        NodeBuilder::new(name)
    }

    pub(crate) fn new(shared: Arc<Shared>, commands: mpsc::Sender<Command>) -> Self {
        Self { shared, commands }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &NodeName {
        &self.shared.own.id().name
    }

    /// Its name, and which life of it this is. It becomes a later one if the first node that it meets has seen a later one
    /// of this name, as happens after a clock was set back; once it is connected it stays what it is.
    #[must_use]
    pub fn id(&self) -> &NodeId {
        self.shared.own.id()
    }

    /// Where it listens, with the port that was taken.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.shared.transport.local_addr()
    }

    /// Connects to the node at this address, and waits until messages can pass. One that is connected already is answered at
    /// once. What is lost later is dialled again as [`NodeBuilder::reconnect`] says.
    ///
    /// # Errors
    /// [`ConnectError`]; trying again is always safe.
    ///
    /// # Cancel safety
    /// The node goes on dialling when the future is dropped.
    pub async fn connect(&self, address: impl ToAddress) -> Result<NodeId, ConnectError> {
        let address = address.to_address()?;
        if !self.shared.may_dial(address) {
            return Err(ConnectError::NotAllowed { address });
        }
        if self.shared.is_at(address) {
            return Err(ConnectError::Itself { address });
        }
        let (done, answer) = oneshot::channel();
        let command = Command::Connect { address, done };
        self.commands
            .send(command)
            .await
            .map_err(|_| ConnectError::Left)?;
        answer.await.unwrap_or(Err(ConnectError::Left))
    }

    /// Ends the connection with a node, and dials it no more until somebody asks. The other node learns that this was on
    /// purpose. False if there was none.
    ///
    /// # Cancel safety
    /// Dropped after it was polled, it is done all the same, or not at all.
    pub async fn disconnect(&self, name: impl AsRef<str>) -> bool {
        let command = |name, done| Command::Disconnect { name, done };
        self.command(name.as_ref(), command).await
    }

    /// Refuses the node of this name from now on: an open connection to it is closed with
    /// [`CloseCode::Quarantined`](crate::wire::CloseCode::Quarantined), its dials are refused with the same code, and addresses
    /// that are known to be its are dialled no more, except for seeds. Its `Down` says
    /// [`DownReason::Refused`](crate::DownReason::Refused). True if it was connected.
    ///
    /// Only this node refuses it: call it on each node of a cluster, or give each an
    /// [admit hook](NodeBuilder::admit) that asks the same authority. The refusal lasts until [`readmit`](Self::readmit) or
    /// the end of this node. A text that cannot be the name of a node does nothing.
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
    /// Dropped after it was polled, it is done all the same, or not at all.
    pub async fn refuse(&self, name: impl AsRef<str>) -> bool {
        let command = |name, done| Command::Refuse { name, done };
        self.command(name.as_ref(), command).await
    }

    /// Takes back what [`refuse`](Self::refuse) has done: the node of this name may connect again. This node does not
    /// dial it by itself. True if it was refused.
    ///
    /// # Cancel safety
    /// Dropped after it was polled, it is done all the same, or not at all.
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
        let is_sent = self.commands.send(command(name, done)).await.is_ok();
        is_sent && answer.await.unwrap_or(false)
    }

    /// All that it is connected to, by name.
    #[must_use]
    pub fn peers(&self) -> Vec<PeerInfo> {
        self.shared.peers()
    }

    /// One that it is connected to.
    #[must_use]
    pub fn peer(&self, name: impl AsRef<str>) -> Option<PeerInfo> {
        self.shared.peer(&name.as_ref().parse().ok()?)
    }

    /// Asks a connected node for an answer, and says how long it took. A node that does not answer is lost after a few
    /// heartbeats, and so is the ping.
    ///
    /// # Errors
    /// [`PingError`]
    ///
    /// # Cancel safety
    /// The answer is thrown away when the future is dropped.
    pub async fn ping(&self, name: impl AsRef<str>) -> Result<Duration, PingError> {
        let name = name.as_ref();
        let connected = name.parse().ok().and_then(|name| {
            let session = self.shared.session(&name)?;
            Some((self.shared.peer(&name)?.id, session))
        });
        let Some((node, session)) = connected else {
            let name = name.to_owned();
            return Err(PingError::NotConnected { name });
        };
        let answer = session.ping();
        // It may end meanwhile.
        drop(session);
        answer.await.map_err(|_| PingError::Lost { node })
    }

    /// Who comes and who goes from now on; those that are there are in [`peers`](Self::peers).
    pub fn events(&self) -> NodeEvents {
        self.shared.subscribers.listen()
    }

    /// Sends a process a message for each node that comes and goes, until the process ends or the subscription is
    /// [cancelled](NodeSubscription::cancel). Each subscription counts: a process that subscribes twice gets everything
    /// twice. (Erlang: `net_kernel:monitor_nodes`.)
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
    /// Outside of a tokio runtime.
    pub fn subscribe(&self, process: &Recipient<NodeEvent>) -> NodeSubscription {
        self.shared.subscribers.subscribe(process)
    }

    /// Leaves the cluster: takes no new work, lets all connections say what they have to, and closes. Peers learn that it
    /// has left, not that it was lost. Takes at most [`Timeouts::leave`](crate::Timeouts::leave), and a little. Processes
    /// here live on; for what is elsewhere there is no connection any more.
    ///
    /// # Cancel safety
    /// Once polled, the node leaves even if the future is dropped.
    pub async fn leave(&self) {
        let (done, left) = oneshot::channel();
        if self.commands.send(Command::Leave { done }).await.is_ok() {
            // Dropped, the node is gone already.
            left.await.ok();
        }
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Node({})", self.shared.own.id())
    }
}
