//! Information about connected nodes.

use std::net::SocketAddr;
use std::time::Duration;

use crate::node::id::NodeId;
use crate::transport::TransportStats;
use crate::wire::Kind;

/// A snapshot of a connected node. The counters start with the connection.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PeerInfo {
    /// The name and incarnation of the node.
    pub id: NodeId,
    /// The remote address of the connection.
    pub address: SocketAddr,
    /// The addresses at which the node says it can be dialled.
    pub advertised: Vec<SocketAddr>,
    /// True if this node dialled the connection, false if it accepted it.
    pub dialled: bool,
    /// The age of the connection.
    pub connected_for: Duration,
    /// The number of earlier connections with nodes of this name.
    pub reconnects: u64,
    /// The number of claims of this name by nodes at other addresses while one was connected. A value above one or two
    /// means that two nodes share a name: from the fourth claim on, the connected node stays and the other is refused.
    pub contests: u64,
    /// The software that the node reports.
    pub software: String,
    /// The encoding of messages that the two nodes agreed on.
    pub codec: &'static str,
    /// The round-trip time of the last answered heartbeat or ping; `None` before the first answer.
    pub rtt: Option<Duration>,
    /// The traffic over the connection.
    pub traffic: PeerStats,
    /// The statistics of the transport.
    pub transport: TransportStats,
}

/// The traffic over one connection since it was established.
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
    /// Credits currently used, over all processes of the node: messages that its processes have not yet taken into
    /// their mailboxes, as far as reported. A process returns its credits in batches of half its window.
    pub credits_used: u64,
    /// Messages currently waiting here for credits of their processes or for capacity of the send queue.
    pub messages_waiting: usize,
    /// Bytes of received messages that currently wait because the mailboxes of their processes are full.
    pub bytes_waiting: usize,
    /// Messages sent.
    pub messages_out: u64,
    /// Payload bytes of these messages, without framing.
    pub payload_out: u64,
    /// Messages that could not be decoded.
    pub decode_errors: u64,
    /// Messages for stopped processes, or for processes that remote nodes may not reach.
    pub undelivered: u64,
}
