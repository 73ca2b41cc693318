//! Events of members that join and leave.

use ambit::Message;

use crate::node::id::NodeId;

/// An event of a member that joined the cluster or is gone. For each name, `Up` and `Down` alternate, except across a
/// [`Missed`](Self::Missed). The first event of a member that was up before the subscription is `Down`.
///
/// ```
/// use ambit_dist::MemberEvent;
/// # use ambit_dist::{Node, transport::Memory};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let a = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// let mut events = a.membership().events();
/// // Node b joins and leaves.
/// # let b = Node::builder("b").seeds(["10.0.0.1:9000"]);
/// # let b = b.transport(network.bind("10.0.0.2:9000".parse()?)?).start().await?;
/// assert_eq!(events.next().await, Some(MemberEvent::Up { node: b.id().clone() }));
/// # b.leave().await;
/// match events.next().await {
///     Some(MemberEvent::Down { node, reason }) => assert_eq!(node, *b.id(), "{reason:?}"),
///     other => panic!("a loss was expected: {other:?}"),
/// }
/// # Ok(())
/// # }
/// ```
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
///
/// ```
/// use ambit_dist::{MemberEvent, MemberLoss};
/// # use ambit_dist::{Node, transport::Memory};
///
/// /// Returns whether an operator should look at the node.
/// fn is_alarming(reason: MemberLoss) -> bool {
///     match reason {
///         MemberLoss::Left | MemberLoss::Restarted => false,
///         _ => true,
///     }
/// }
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let a = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// let mut events = a.membership().events();
/// # let b = Node::builder("b").seeds(["10.0.0.1:9000"]);
/// # let b = b.transport(network.bind("10.0.0.2:9000".parse()?)?).start().await?;
/// events.next().await; // node b joins
/// b.leave().await;
/// let Some(MemberEvent::Down { reason, .. }) = events.next().await else { panic!("b has left") };
/// assert_eq!(reason, MemberLoss::Left);
/// assert!(!is_alarming(reason));
/// # Ok(())
/// # }
/// ```
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
