//! The handle that programs use.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;

use ambit::opaque_arc::OpaqueArc;
use ambit::server::Recipient;

use crate::membership::event::MemberEvent;
use crate::membership::member::{Member, MemberState};
use crate::membership::member_id::Profile;
use crate::membership::view::MembershipView;
use crate::node::Node;
use crate::node::id::NodeName;
use crate::node::subscribers::{Events, NodeSubscription};
use crate::remote_processes::node_context::NodeContext;

/// The members of the cluster as this node sees them, from [`Node::membership`].
///
/// Each node has its own view, so the views of two nodes may differ for a few seconds. A member that does not answer is
/// first suspected and then down. A member that was declared down by mistake is up again as soon as it can be reached,
/// with the same incarnation.
///
/// ```
/// use ambit_dist::transport::Memory;
/// use ambit_dist::{MemberEvent, Node};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// // On real machines: `.listen("10.0.0.1:9000").auth(Auth::cookie(secret))` instead of `transport`.
/// let a = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// let mut events = a.membership().events();
///
/// let b = Node::builder("b")
///     .seeds(["10.0.0.1:9000"])
///     .role("web")
///     .transport(network.bind("10.0.0.2:9000".parse()?)?)
///     .start()
///     .await?;
///
/// assert_eq!(events.next().await, Some(MemberEvent::Up { node: b.id().clone() }));
/// let names: Vec<_> = a.membership().members().iter().map(|member| member.name().to_string()).collect();
/// assert_eq!(names, ["a", "b"]);
/// assert_eq!(a.membership().member("b").unwrap().role(), "web");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Membership {
    // Not the whole node: a handle keeps neither its socket nor its sessions open.
    view: OpaqueArc<MembershipView>,
    node_context: OpaqueArc<NodeContext>,
    profile: Arc<Profile>,
}

impl Node {
    /// Returns the members of the cluster. A [hidden](crate::NodeBuilder::hidden) node sees only itself.
    #[must_use]
    pub fn membership(&self) -> Membership {
        Membership {
            view: OpaqueArc::new(self.shared().membership.clone()),
            node_context: OpaqueArc::new(self.shared().node_context.clone()),
            profile: self.shared().profile.clone(),
        }
    }
}

impl Membership {
    /// Returns all known members, sorted by name, this node included. Members that are down or have left remain listed
    /// for an hour; while more than 1,024 members are known, they are removed earlier, first those that have left.
    /// When this node has left, it knows no other member.
    #[must_use]
    pub fn members(&self) -> Vec<Member> {
        let mut members: Vec<_> = self.view.members().to_vec();
        let own = self.local();
        let at = members.partition_point(|member| member.name() < own.name());
        members.insert(at, own);
        members
    }

    /// Returns the members that are up, this node included, sorted by name; none when this node has left.
    #[must_use]
    pub fn up(&self) -> Vec<Member> {
        let mut members = self.members();
        members.retain(Member::is_up);
        members
    }

    /// Returns the member with this name, in any [state](MemberState); this node is a member too. Returns `None` if no
    /// such member is known or `name` is not a valid node name.
    #[must_use]
    pub fn member(&self, name: impl AsRef<str>) -> Option<Member> {
        let name: NodeName = name.as_ref().parse().ok()?;
        let own = self.local();
        if own.id.name == name {
            return Some(own);
        }
        let members = self.view.members();
        let at = members.binary_search_by(|member| member.id.name.cmp(&name));
        Some(members[at.ok()?].clone())
    }

    /// Returns this node as a member: [`Alive`](MemberState::Alive), or [`Left`](MemberState::Left) when it has left.
    #[must_use]
    pub fn local(&self) -> Member {
        let has_left = self.view.has_left();
        Member {
            id: self.node_context.id().clone(),
            state: if has_left {
                MemberState::Left
            } else {
                MemberState::Alive
            },
            is_connected: !has_left,
            profile: self.profile.clone(),
        }
    }

    /// Returns a stream with an event for each member that joins or is lost from now on; for each member, `Up` and
    /// `Down` alternate. [`members`](Self::members) returns the current members. (Erlang: `net_kernel:monitor_nodes`,
    /// which reports connections instead.)
    pub fn events(&self) -> Events<MemberEvent> {
        self.view.subscribers.listen()
    }

    /// Waits until `condition` returns true for the members that are up, and returns these members, sorted by name,
    /// this node included. Returns `None` if this node leaves first. `condition` runs at the first poll, and after each
    /// change of a member or of a connection.
    ///
    /// # Cancel safety
    /// Dropping the future changes nothing.
    ///
    /// ```
    /// use ambit_dist::transport::Memory;
    /// use ambit_dist::{Member, Node};
    ///
    /// # #[ambit::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let network = Memory::new();
    /// # let a = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
    /// # let b = Node::builder("b").transport(network.bind("10.0.0.2:9000".parse()?)?);
    /// # let _b = b.seeds(["10.0.0.1:9000"]).start().await?;
    /// // Two nodes that can reach each other.
    /// let is_pair = |up: &[Member]| up.iter().filter(|member| member.is_connected()).count() == 2;
    /// let members = a.membership().wait_until(is_pair).await;
    /// assert_eq!(members.map(|members| members.len()), Some(2));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn wait_until(
        &self,
        mut condition: impl FnMut(&[Member]) -> bool,
    ) -> Option<Vec<Member>> {
        let mut events = self.events();
        loop {
            let mut changed = pin!(self.view.changed.notified());
            changed.as_mut().enable();
            let members = self.up();
            if self.view.has_left() {
                return None;
            }
            if condition(&members) {
                return Some(members);
            }
            // The events end with the node.
            tokio::select! {
                biased;
                () = changed => {}
                event = events.next() => drop(event?),
            }
        }
    }

    /// Sends `process` a message for each member that joins or is lost, until the process ends, this node leaves, or
    /// the subscription is [cancelled](NodeSubscription::cancel). A server handles the messages in an `#[info]` method.
    ///
    /// # Panics
    /// Panics if called outside a tokio runtime.
    pub fn subscribe(&self, process: &Recipient<MemberEvent>) -> NodeSubscription {
        self.view.subscribers.subscribe(process)
    }
}

impl fmt::Debug for Membership {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.members()).finish()
    }
}
