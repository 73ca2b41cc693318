//! The health of a node in its cluster.

use std::time::Duration;

use crate::membership::member::{Member, MemberState};
use crate::node::Node;
use crate::node::id::NodeName;
use crate::session::channels::Channel;

/// The number of queued bytes of one peer from which a node counts as degraded.
const MANY_BYTES: usize = 4 * 1024 * 1024;

/// The health of a node: a status and the figures behind it, from [`Node::health`].
///
/// ```
/// use ambit_dist::NodeHealth;
/// # use ambit_dist::{Node, transport::Memory};
///
/// /// Returns one line for a log.
/// fn line(health: &NodeHealth) -> String {
///     format!("{:?}: {} up, {} unconnected", health.status, health.members, health.unconnected)
/// }
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// let health = node.health();
/// assert!(line(&health).ends_with("1 up, 0 unconnected"));
/// assert!(health.peers.is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NodeHealth {
    /// The overall status.
    pub status: HealthStatus,
    /// The number of members that are up, this node included.
    pub members: usize,
    /// The number of members that are suspected.
    pub suspects: usize,
    /// The number of members that are up and have no connection to this node.
    pub unconnected: usize,
    /// The number of times that the timers of the membership ran late by more than a [probe
    /// interval](crate::Timeouts::probe), because the node got no CPU time. A late node postpones its probes and
    /// suspects no other member.
    pub late_timers: u64,
    /// The connected nodes, sorted by name.
    pub peers: Vec<PeerHealth>,
}

/// The health of one connection.
///
/// ```
/// use ambit_dist::PeerHealth;
/// # use ambit_dist::{Node, transport::Memory};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let a = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// # let b = Node::builder("b").transport(network.bind("10.0.0.2:9000".parse()?)?).start().await?;
/// a.connect(b.local_addr()).await?;
/// a.ping("b").await?;
/// let health = a.health();
/// let [PeerHealth { name, rtt, .. }] = &health.peers[..] else { panic!("one connection was expected") };
/// assert_eq!(name.as_str(), "b");
/// assert!(rtt.is_some(), "a ping was answered");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PeerHealth {
    /// The name of the other node.
    pub name: NodeName,
    /// The round-trip time of the last answered heartbeat or ping; `None` before the first answer.
    pub rtt: Option<Duration>,
    /// The number of bytes queued for writing.
    pub bytes_queued: usize,
    /// The number of frames of the cluster protocols, such as the membership, that were dropped because their queue was
    /// full.
    pub dropped_frames: u64,
}

/// The overall status of a node.
///
/// ```
/// use ambit_dist::HealthStatus;
/// # use ambit_dist::{Node, transport::Memory};
///
/// /// The answer to a readiness probe: an isolated node gets no requests.
/// fn is_ready(status: HealthStatus) -> bool {
///     match status {
///         HealthStatus::Healthy | HealthStatus::Degraded => true,
///         _ => false,
///     }
/// }
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// assert!(is_ready(node.health().status), "a node without other members is not isolated");
/// assert!(!is_ready(HealthStatus::Isolated));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HealthStatus {
    /// All members that are up answer and are connected to this node.
    Healthy,
    /// A member is suspected or not connected, more than 4 MiB are queued for one peer, or timers ran late within the
    /// last minute.
    Degraded,
    /// No node is connected, although other members are up or were lost.
    Isolated,
}

impl Node {
    /// Returns the health of the node: its members, its connections, its queues, and late timers.
    ///
    /// ```
    /// use ambit_dist::{HealthStatus, Node, transport::Memory};
    /// # #[ambit::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let network = Memory::new();
    /// let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
    /// assert_ne!(node.health().status, HealthStatus::Isolated);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn health(&self) -> NodeHealth {
        let table = self.shared().table.lock();
        let peers = table.iter().map(|(name, peer)| {
            let channels = peer.session.channels();
            let queues = Channel::ALL.map(|channel| channels.map(|all| all.queue(channel)));
            let queues = queues.iter().flatten();
            let queued: usize = queues.clone().map(|queue| queue.queued()).sum();
            PeerHealth {
                name: name.clone(),
                rtt: peer.session.rtt(),
                bytes_queued: peer.session.queued() + queued,
                dropped_frames: queues.map(|queue| queue.dropped()).sum(),
            }
        });
        let peers: Vec<PeerHealth> = peers.collect();
        drop(table);
        let view = &self.shared().membership;
        let (late_timers, is_late) = view.late_timers();
        let others = view.members();
        let count = |is: fn(&Member) -> bool| others.iter().filter(|member| is(member)).count();
        let suspects = count(|member| member.state == MemberState::Suspect);
        let unconnected = count(|member| member.is_up() && !member.is_connected);
        let has_lost = count(|member| member.state != MemberState::Left) > 0 || view.is_cut_off();
        let has_backlog = peers.iter().any(|peer| peer.bytes_queued > MANY_BYTES);
        let status = if peers.is_empty() && has_lost {
            HealthStatus::Isolated
        } else if suspects > 0 || unconnected > 0 || is_late || has_backlog {
            HealthStatus::Degraded
        } else {
            HealthStatus::Healthy
        };
        NodeHealth {
            status,
            members: 1 + count(Member::is_up),
            suspects,
            unconnected,
            late_timers,
            peers,
        }
    }
}
