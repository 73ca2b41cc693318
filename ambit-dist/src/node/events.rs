//! Events of connected and disconnected nodes.

use ambit::Message;

use crate::node::down_reason::DownReason;
use crate::node::id::NodeId;
use crate::node::subscribers::{Event, Events};

/// A node connected or disconnected. The two alternate for each node.
#[derive(Clone, Debug, PartialEq, Eq, Message)]
#[non_exhaustive]
pub enum NodeEvent {
    /// The node is connected. Its messages arrive only after this event. (Erlang: `nodeup`.)
    Up {
        /// The name and incarnation of the node.
        node: NodeId,
    },
    /// The node is disconnected. No message of that connection arrives after this event. (Erlang: `nodedown`.)
    Down {
        /// The name and incarnation of the node.
        node: NodeId,
        /// The reason for the loss.
        reason: DownReason,
    },
    /// The listener was too slow, and this many events before the next one were dropped. Read `Node::peers` for the
    /// state.
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
