//! Events of connected and disconnected nodes.

use ambit::Message;

use crate::node::down_reason::DownReason;
use crate::node::id::NodeId;
use crate::node::subscribers::{Event, Events};

/// An event of a node that connected or disconnected. For each node, `Up` and `Down` alternate, beginning with `Up`.
///
/// ```
/// use ambit_dist::NodeEvent;
/// # use ambit_dist::{Node, transport::Memory};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let a = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// # let b = Node::builder("b").transport(network.bind("10.0.0.2:9000".parse()?)?).start().await?;
/// let mut events = a.events();
/// let peer = a.connect(b.local_addr()).await?;
/// assert_eq!(events.next().await, Some(NodeEvent::Up { node: peer.clone() }));
/// a.disconnect("b").await;
/// match events.next().await {
///     Some(NodeEvent::Down { node, reason }) => assert_eq!(node, peer, "{reason}"),
///     other => panic!("a loss was expected: {other:?}"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Message)]
#[non_exhaustive]
pub enum NodeEvent {
    /// The node connected. Messages over this connection arrive only after this event. (Erlang: `nodeup`.)
    Up {
        /// The name and incarnation of the node.
        node: NodeId,
    },
    /// The node disconnected. No message of that connection arrives after this event. (Erlang: `nodedown`.)
    Down {
        /// The name and incarnation of the node.
        node: NodeId,
        /// The reason for the disconnection.
        reason: DownReason,
    },
    /// More than 1,024 events were queued, so the oldest ones were dropped. Call [`Node::peers`](crate::Node::peers)
    /// for the current state.
    Missed {
        /// The number of dropped events.
        events: u64,
    },
}

/// The events of connected and disconnected nodes, from [`Node::events`](crate::Node::events).
pub type NodeEvents = Events<NodeEvent>;

impl Event for NodeEvent {
    fn missed(events: u64) -> Self {
        Self::Missed { events }
    }
}
