//! Members of the cluster, as other parts of a program see them.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use crate::membership::member_id::Profile;
use crate::node::id::{NodeId, NodeName};

/// A member of the cluster, from [`Membership::members`](crate::Membership::members).
///
/// ```
/// use ambit_dist::{Member, Node};
/// # use ambit_dist::transport::Memory;
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// let node = Node::builder("a").role("web").tag("zone", "eu");
/// # let node = node.transport(network.bind("10.0.0.1:9000".parse()?)?);
/// let node = node.start().await?;
/// let member: Member = node.membership().local();
/// assert_eq!((member.name().as_str(), member.role()), ("a", "web"));
/// assert_eq!(member.tags()["zone"], "eu");
/// assert_eq!(member.addresses(), [node.local_addr()]);
/// assert!(member.is_up());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Member {
    pub(crate) id: NodeId,
    pub(crate) state: MemberState,
    pub(crate) is_connected: bool,
    pub(crate) profile: Arc<Profile>,
}

impl Member {
    /// Returns the name and incarnation of the member.
    #[must_use]
    pub fn id(&self) -> &NodeId {
        &self.id
    }

    /// Returns the name of the member.
    #[must_use]
    pub fn name(&self) -> &NodeName {
        &self.id.name
    }

    /// Returns the state of the member.
    #[must_use]
    pub fn state(&self) -> MemberState {
        self.state
    }

    /// Returns whether the member takes part in the cluster: its state is `Alive` or `Suspect`.
    #[must_use]
    pub fn is_up(&self) -> bool {
        matches!(self.state, MemberState::Alive | MemberState::Suspect)
    }

    /// Returns whether this node has a connection to the member. Returns true for this node itself, unless it has left.
    /// A member without a connection is probed through other members, and dialled again.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.is_connected
    }

    /// Returns the addresses that the member advertises for dialling.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.profile.addresses
    }

    /// Returns the [role](crate::NodeBuilder::role) of the member; empty if it has none.
    #[must_use]
    pub fn role(&self) -> &str {
        &self.profile.role
    }

    /// Returns the [tags](crate::NodeBuilder::tag) of the member.
    #[must_use]
    pub fn tags(&self) -> &BTreeMap<String, String> {
        &self.profile.tags
    }
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Member({}, {:?})", self.id, self.state)
    }
}

/// The state of a member.
///
/// ```
/// use ambit_dist::MemberState;
/// # use ambit_dist::{Node, transport::Memory};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let a = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// # let b = Node::builder("b").seeds(["10.0.0.1:9000"]);
/// # let b = b.transport(network.bind("10.0.0.2:9000".parse()?)?).start().await?;
/// let state_of_b = || a.membership().member("b").map(|member| member.state());
/// a.membership().wait_until(|up| up.len() == 2).await;
/// assert!(matches!(state_of_b(), Some(MemberState::Alive | MemberState::Suspect)));
/// b.leave().await;
/// a.membership().wait_until(|up| up.len() == 1).await;
/// assert_eq!(state_of_b(), Some(MemberState::Left));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MemberState {
    /// The member answers.
    Alive,
    /// The member did not answer a probe, or lost a connection. It counts as up until the suspicion is confirmed.
    Suspect,
    /// The member did not answer in time. It may still be running, and becomes `Alive` again once it can be reached.
    Down,
    /// The member left and announced it.
    Left,
}
