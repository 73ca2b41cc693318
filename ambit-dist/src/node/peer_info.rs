//! What a node knows of those it is connected to.

use std::net::SocketAddr;
use std::time::Duration;

use crate::node::id::NodeId;
use crate::transport::TransportStats;
use crate::wire::Kind;

/// A node that this one is connected to, as it is now. The counters begin with the connection.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PeerInfo {
    /// Which life of which node.
    pub id: NodeId,
    /// Where it is.
    pub address: SocketAddr,
    /// Where it says that it can be dialled.
    pub advertised: Vec<SocketAddr>,
    /// Whether this node has dialled it, and not the other way round.
    pub dialled: bool,
    /// For how long it is connected.
    pub connected_for: Duration,
    /// How many connections with nodes of this name there were before this one.
    pub reconnects: u64,
    /// How often a node at another address has claimed this name while one was connected. More than once or twice, and two
    /// nodes have one name: the fourth time the one that is connected stays, and the other is refused.
    pub contests: u64,
    /// What runs there, as it says.
    pub software: String,
    /// The encoding of messages that the two have agreed on.
    pub codec: &'static str,
    /// The time from node to node and back, at the last heartbeat.
    pub rtt: Option<Duration>,
    /// What went over the connection.
    pub traffic: PeerStats,
    /// What the transport has measured.
    pub transport: TransportStats,
}

/// What went over one connection since it began.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PeerStats {
    /// Bytes that were read, without what the transport adds.
    pub bytes_in: u64,
    /// Bytes that were written, without what the transport adds.
    pub bytes_out: u64,
    /// Bytes that wait to be written, now.
    pub bytes_queued: usize,
    /// Frames that were read, by kind, those of which there were any.
    pub frames_in: Vec<(Kind, u64)>,
    /// Frames that were sent, by kind, those of which there were any. A message in pieces is one; definitions are not counted.
    pub frames_out: Vec<(Kind, u64)>,
    /// Credits that are used, now, over all processes of the node: what its processes have not taken into their mailboxes yet, as far as
    /// it has said so. A process returns them by the half window.
    pub credits_used: u64,
    /// Messages that wait here, now, for credits of their processes or for room in the queue.
    pub messages_waiting: usize,
    /// Bytes of messages that came and wait, now, because the mailboxes of their processes are full.
    pub bytes_waiting: usize,
    /// Messages that were sent.
    pub messages_out: u64,
    /// Bytes of these messages, without what goes around them.
    pub payload_out: u64,
    /// Messages that could not be read.
    pub decode_errors: u64,
    /// Messages for processes that were gone, or that nobody may reach.
    pub undelivered: u64,
}
