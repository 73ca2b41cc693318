//! Errors of nodes, one type per operation.

use std::net::SocketAddr;
use std::time::Duration;

use crate::auth::AuthError;
use crate::node::address::InvalidAddress;
use crate::node::id::{InvalidName, NodeId, NodeName};
use crate::node::reconnect::InvalidNetwork;
use crate::transport::BindError;
use crate::wire::CloseCode;

/// The error of a failed start of a node. No socket or task is left behind. A retry fails again until the cause is
/// fixed.
///
/// ```
/// use ambit_dist::{Node, NodeError};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let refused = Node::builder("Shop 1").start().await;
/// assert!(matches!(refused, Err(NodeError::Name(_))));
/// let refused = Node::builder("shop-1").listen("localhost:9000").start().await;
/// assert!(matches!(refused, Err(NodeError::Address(_))));
/// let refused = Node::builder("shop-1").start().await;
/// assert!(matches!(refused, Err(NodeError::NoAuth)));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NodeError {
    /// No authentication was configured.
    #[error(
        "a node needs `.auth(..)`: use `Auth::cookie(secret)` for machines that share a secret, `Auth::pki(..)` for certificates of your own, `Auth::dev()` to try things out on one machine"
    )]
    NoAuth,
    /// The credentials cannot be used.
    #[error(transparent)]
    Auth(#[from] AuthError),
    /// The name of the node or of its cluster is invalid.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// A listening, advertised or seed address is invalid.
    #[error(transparent)]
    Address(#[from] InvalidAddress),
    /// A network passed to [`NodeBuilder::allow_addresses`](crate::NodeBuilder::allow_addresses) is invalid.
    #[error(transparent)]
    Network(#[from] InvalidNetwork),
    /// The listening address is unavailable. A retry may succeed later.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// A limit is zero.
    #[error("the limit `{limit}` is 0, so nothing could pass: set it to at least 1")]
    Limit {
        /// The name of the limit.
        limit: &'static str,
    },
    /// [`Limits::max_message`](crate::wire::Limits::max_message) is 1,024 bytes or less, which leaves no capacity for
    /// arguments.
    #[error(
        "`Limits::max_message` is {max_message} bytes, of which 1,024 are reserved: set it to 1,025 or more"
    )]
    MaxMessage {
        /// The value of [`Limits::max_message`](crate::wire::Limits::max_message), in bytes.
        max_message: usize,
    },
    /// The role and tags of the node have more than 512 bytes.
    #[error("the role and tags of the node have {bytes} bytes: shorten them to at most {limit}")]
    Tags {
        /// The length of the role and tags, in bytes.
        bytes: usize,
        /// The maximum length, in bytes.
        limit: usize,
    },
    /// A timeout is zero.
    #[error("the timeout `{timeout}` is zero, so nothing could succeed: set it above zero")]
    Timeout {
        /// The name of the timeout.
        timeout: &'static str,
    },
    /// The interval of heartbeats is outside the range that other nodes accept, 1 ms to 10 min.
    #[error(
        "the interval of heartbeats is {heartbeat:?}: set it to 1 ms or more, and at most 10 minutes"
    )]
    Heartbeat {
        /// The value of [`Timeouts::heartbeat`](crate::Timeouts::heartbeat).
        heartbeat: Duration,
    },
    /// The interval of probes is outside the range from 1 ms to 10 min.
    #[error("the interval of probes is {probe:?}: set it to 1 ms or more, and at most 10 minutes")]
    Probe {
        /// The value of [`Timeouts::probe`](crate::Timeouts::probe).
        probe: Duration,
    },
    /// [`Limits::lanes`](crate::Limits::lanes) is above 32, the maximum that the streams of a connection allow.
    #[error("`Limits::lanes` is {lanes}: set it to at most 32")]
    Lanes {
        /// The value of [`Limits::lanes`](crate::Limits::lanes).
        lanes: u8,
    },
    /// [`Timeouts::missed`](crate::Timeouts::missed) is below 2, so a single late heartbeat would end a connection.
    #[error(
        "`Timeouts::missed` is {missed}, so one late heartbeat ends every connection: set it to 2 or more"
    )]
    Missed {
        /// The value of [`Timeouts::missed`](crate::Timeouts::missed).
        missed: u32,
    },
    /// The node was started outside a tokio runtime.
    #[error("a node needs a tokio runtime: start it inside of one")]
    NoRuntime,
}

/// The error of a failed connection to another node.
///
/// At most the handshake was sent to the other node, so a retry is always safe.
///
/// ```
/// use ambit_dist::ConnectError;
/// # use ambit_dist::{Node, transport::Memory};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let a = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// match a.connect("10.0.0.2:9000").await {
///     Err(ConnectError::Unreachable { address, .. }) => println!("{address} does not run yet: dial again later"),
///     other => panic!("no node has this address: {other:?}"),
/// }
/// let refused = a.connect(a.local_addr()).await;
/// assert_eq!(refused, Err(ConnectError::Itself { address: a.local_addr() }));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The address is a string that is not an IP address with a port.
    #[error(transparent)]
    Address(#[from] InvalidAddress),
    /// No node answers at the address. Retry once the node runs.
    #[error(
        "no node answers at {address} ({reason}): check that it runs, its address, and that UDP gets through"
    )]
    Unreachable {
        /// The address that was dialled.
        address: SocketAddr,
        /// The error of the network.
        reason: String,
    },
    /// The nodes do not trust each other's certificates, because their cookies, CAs or clusters differ. A retry fails
    /// again until the configuration of one node changes.
    #[error(
        "{address} and this node do not trust each other ({reason}): give both the same cookie and the same `cluster(..)`, or certificates of one CA"
    )]
    Untrusted {
        /// The address that was dialled.
        address: SocketAddr,
        /// The error of TLS.
        reason: String,
    },
    /// A node other than the expected one answers at the address.
    #[error(
        "the node at {address} is not the one expected ({reason}): check which node has this address"
    )]
    WrongNode {
        /// The address that was dialled.
        address: SocketAddr,
        /// The expected node and the one that answered.
        reason: String,
    },
    /// The other node belongs to another cluster.
    #[error(
        "the node at {address} belongs to another cluster ({reason}): give both the same `cluster(..)`"
    )]
    Cluster {
        /// The address that was dialled.
        address: SocketAddr,
        /// The names of both clusters.
        reason: String,
    },
    /// The nodes have no protocol version in common.
    #[error(
        "the node at {address} has no protocol version in common with this one ({reason}): update the older node"
    )]
    Version {
        /// The address that was dialled.
        address: SocketAddr,
        /// The version ranges of both nodes.
        reason: String,
    },
    /// The other node does not accept the name of this node: another node has the same name, or the certificate is not
    /// valid for it.
    #[error(
        "the name `{name}` is refused ({reason}): give each node of a cluster a name of its own, and a certificate for it"
    )]
    NameRefused {
        /// The name of this node.
        name: NodeName,
        /// The reason that the other node gave.
        reason: String,
    },
    /// The address is one of this node's own.
    #[error("{address} is this node itself: connect to other nodes only")]
    Itself {
        /// The address that was dialled.
        address: SocketAddr,
    },
    /// One of the nodes has seen a later incarnation of the other. Retry to reach the later incarnation. If two nodes
    /// have the same name, the one that started later stays connected. A node whose clock was set back takes a later
    /// incarnation after this error, unless it has already been connected to a peer. Then restart it with the refusing
    /// node as its only seed.
    #[error(
        "a later incarnation of the node is known ({reason}): if two nodes have this name, rename one of them; if there is only one, restart it"
    )]
    Stale {
        /// The node and its later incarnation.
        reason: String,
    },
    /// The other node holds an earlier connection to this node and has not yet detected its loss. Retry after a few
    /// seconds.
    #[error(
        "the node at {address} still holds an earlier connection: retry once it has detected the loss"
    )]
    Duplicate {
        /// The address that was dialled.
        address: SocketAddr,
    },
    /// The other node accepts no more connections: it has reached its limit of connections, or has too many unfinished
    /// handshakes, in total or from this node's address. Retry later.
    #[error(
        "the node at {address} accepts no more connections now ({reason}): retry later, or raise `limits(..)` there"
    )]
    Overloaded {
        /// The address that was dialled.
        address: SocketAddr,
        /// The reason that the other node gave.
        reason: String,
    },
    /// The other node did not finish the handshake within the limits of [`Timeouts`](crate::Timeouts). Retry.
    #[error(
        "the node at {address} did not finish the handshake in time: check its load and the network between"
    )]
    TimedOut {
        /// The address that was dialled.
        address: SocketAddr,
    },
    /// The other node does not admit this one: it [refuses](crate::Node::refuse) this node's name, its admit hook
    /// refuses this node, or it no longer accepts the certificate. A retry fails again until the other node changes its
    /// verdict.
    #[error(
        "the node at {address} does not admit this node ({reason}): admit it there with `readmit` or in the admit hook, or renew the certificate"
    )]
    Quarantined {
        /// The address that was dialled.
        address: SocketAddr,
        /// The reason that the other node gave.
        reason: String,
    },
    /// This node does not admit the other one: it [refuses](crate::Node::refuse) the other node's name, its admit hook
    /// refuses that node, or it no longer accepts the certificate. A retry fails again until this node changes its
    /// verdict.
    #[error(
        "this node does not admit `{node}` ({reason}): admit it with `readmit` or in the admit hook, or renew its certificate"
    )]
    NotAdmitted {
        /// The name of the other node.
        node: NodeName,
        /// The reason for the refusal.
        reason: String,
    },
    /// The other node refused the connection for another reason, which `code` and `reason` state.
    #[error("the node at {address} refused the connection, {code}: {reason}")]
    Refused {
        /// The address that was dialled.
        address: SocketAddr,
        /// The code of the refusal.
        code: CloseCode,
        /// The reason that the other node gave.
        reason: String,
    },
    /// The address is outside the networks that this node may dial.
    #[error(
        "{address} is not among the networks that this node may dial: add it to `allow_addresses(..)`"
    )]
    NotAllowed {
        /// The address that was not dialled.
        address: SocketAddr,
    },
    /// This node has reached its limit of connections, or of addresses that it dials. Retry after a call of
    /// `disconnect`.
    #[error(
        "this node has reached its limit of {limit} connections: disconnect one or raise `limits(..)`"
    )]
    TooMany {
        /// The limit of this node.
        limit: usize,
    },
    /// A call of `disconnect` cancelled the connection attempt.
    #[error(
        "the connection to {address} was cancelled by a call of `disconnect`: call `connect` to dial it again"
    )]
    Disconnected {
        /// The address that was dialled.
        address: SocketAddr,
    },
    /// This node has left, or its runtime has ended.
    #[error("this node has left: start another one to connect")]
    Left,
}

/// The error of a failed ping.
///
/// ```
/// use ambit_dist::PingError;
/// # use ambit_dist::{Node, transport::Memory};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let a = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// # let b = Node::builder("b").transport(network.bind("10.0.0.2:9000".parse()?)?).start().await?;
/// if let Err(PingError::NotConnected { name }) = a.ping("b").await {
///     assert_eq!(name, "b");
///     a.connect(b.local_addr()).await?;
/// }
/// assert!(a.ping("b").await.is_ok());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PingError {
    /// The node is not connected. Nothing was sent; connect to the node first.
    #[error("there is no connection to the node `{name}`: connect to it first")]
    NotConnected {
        /// The name of the node.
        name: String,
    },
    /// 1,024 pings to the node are unanswered. Nothing was sent.
    #[error("1,024 pings to {node} wait for their answers: wait for one of them")]
    TooMany {
        /// The node that was pinged.
        node: NodeId,
    },
    /// The connection was lost before the answer arrived.
    #[error("the connection to {node} was lost before it answered: retry once it is connected")]
    Lost {
        /// The node that was lost.
        node: NodeId,
    },
}
