//! Information about connected nodes.

use std::net::SocketAddr;
use std::time::Duration;

use crate::node::id::NodeId;
use crate::transport::TransportStats;
use crate::wire::Kind;

/// A snapshot of a connected node, from [`Node::peer`](crate::Node::peer) or [`Node::peers`](crate::Node::peers).
///
/// ```
/// use ambit_dist::PeerInfo;
/// # use ambit_dist::{Node, transport::Memory};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let a = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// # let b = Node::builder("b").transport(network.bind("10.0.0.2:9000".parse()?)?).start().await?;
/// a.connect(b.local_addr()).await?;
/// let peer: PeerInfo = a.peer("b").ok_or("b is connected")?;
/// assert_eq!((&peer.id, peer.address), (b.id(), b.local_addr()));
/// assert!(peer.dialled);
/// assert_eq!(peer.codec, "bincode");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PeerInfo {
    /// The name and incarnation of the node.
    pub id: NodeId,
    /// The remote address of the connection.
    pub address: SocketAddr,
    /// The addresses that the node advertises for dialling.
    pub advertised: Vec<SocketAddr>,
    /// True if this node dialled the connection, false if it accepted it.
    pub dialled: bool,
    /// The time since the connection was established.
    pub connected_for: Duration,
    /// The number of earlier connections to nodes of this name.
    pub reconnects: u64,
    /// The number of times that a node at another address claimed this name while a node of this name was connected. A
    /// value above one or two means that two nodes share a name. The first three claims replace the connected node;
    /// later ones are refused.
    pub contests: u64,
    /// The software that the node reports.
    pub software: String,
    /// The name of the message encoding that the two nodes agreed on.
    pub codec: &'static str,
    /// The round-trip time of the last answered heartbeat or ping; `None` before the first answer.
    pub rtt: Option<Duration>,
    /// The traffic over the connection.
    pub traffic: PeerStats,
    /// The statistics of the transport.
    pub transport: TransportStats,
}

/// The traffic over one connection since it was established.
///
/// ```
/// use ambit_dist::wire::Kind;
/// # use ambit_dist::{Node, transport::Memory};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let a = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// # let b = Node::builder("b").transport(network.bind("10.0.0.2:9000".parse()?)?).start().await?;
/// a.connect(b.local_addr()).await?;
/// a.ping("b").await?;
/// let traffic = a.peer("b").ok_or("b is connected")?.traffic;
/// assert!(traffic.bytes_out > 0);
/// assert!(traffic.frames_out.iter().any(|(kind, frames)| *kind == Kind::Ping && *frames >= 1));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PeerStats {
    /// Bytes read, without the overhead of the transport.
    pub bytes_in: u64,
    /// Bytes written, without the overhead of the transport.
    pub bytes_out: u64,
    /// Bytes currently queued for writing.
    pub bytes_queued: usize,
    /// Frames read, by kind; kinds without frames are omitted.
    pub frames_in: Vec<(Kind, u64)>,
    /// Frames sent, by kind; kinds without frames are omitted. A fragmented message counts once; definitions are not
    /// counted.
    pub frames_out: Vec<(Kind, u64)>,
    /// Credits currently used, summed over all processes of the node. A message uses credits until the node reports
    /// that it is in the mailbox of its process; credits are returned in batches of half a window.
    pub credits_used: u64,
    /// Messages that currently wait on this node for credits of their receivers or for capacity in the send queue.
    pub messages_waiting: usize,
    /// Bytes of received messages that currently wait for capacity in the mailboxes of their receivers.
    pub bytes_waiting: usize,
    /// Messages sent.
    pub messages_out: u64,
    /// Payload bytes of the messages sent, without framing.
    pub payload_out: u64,
    /// Received messages that could not be decoded.
    pub decode_errors: u64,
    /// Received messages for stopped processes, for processes that remote nodes may not reach, or for full mailboxes
    /// whose `overflow` is not `wait`.
    pub undelivered: u64,
}
