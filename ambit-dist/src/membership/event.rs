//! Events of members that join and leave.

use ambit::Message;

use crate::node::id::NodeId;

/// A member joined the cluster or is gone. For each name, `Up` and `Down` alternate, beginning with `Up`.
#[derive(Clone, Debug, PartialEq, Eq, Message)]
#[non_exhaustive]
pub enum MemberEvent {
    /// The node is a member.
    Up {
        /// The name and incarnation of the member.
        node: NodeId,
    },
    /// The node is no longer a member.
    Down {
        /// The name and incarnation of the member.
        node: NodeId,
        /// The reason for the loss.
        reason: MemberLoss,
    },
    /// The listener was too slow, and this many events before the next one were dropped. Read
    /// [`Membership::members`](crate::Membership::members) for the state.
    Missed {
        /// The number of dropped events.
        events: u64,
    },
}

/// The reason why a node is no longer a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Message)]
#[non_exhaustive]
pub enum MemberLoss {
    /// The node left and announced it.
    Left,
    /// The node did not answer in time. It may still run.
    Lost,
    /// A later incarnation of the node is known, so this one has ended. If the later one is up, its `Up` follows at once.
    Restarted,
    /// This node [refuses](crate::Node::refuse) the member.
    Refused,
}
