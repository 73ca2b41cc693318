//! Events of members that join and leave.

use ambit::Message;

use crate::node::id::NodeId;

/// An event of a member that joined the cluster or is gone. For each name, `Up` and `Down` alternate, except across a
/// [`Missed`](Self::Missed). The first event of a member that was up before the subscription is `Down`.
#[derive(Clone, Debug, PartialEq, Eq, Message)]
#[non_exhaustive]
pub enum MemberEvent {
    /// The node is now a member.
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
    /// More than 1,024 events were queued, so the oldest ones were dropped. Call
    /// [`Membership::members`](crate::Membership::members) for the current state.
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
    /// The node did not answer in time. It may still be running.
    Lost,
    /// A later incarnation of the node was seen, so this one has ended. If the later incarnation is up, its `Up` event
    /// follows at once.
    Restarted,
    /// This node [refused](crate::Node::refuse) the member.
    Refused,
}
