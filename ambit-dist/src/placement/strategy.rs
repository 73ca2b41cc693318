//! Choosing a member for a server, without a connection or a clock.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::membership::member::Member;
use crate::node::id::NodeName;

/// A strategy that chooses the member on which a placed server runs. The candidates are the members that are up and
/// connected, this node included.
///
/// ```
/// use ambit_dist::Placement;
/// // The member of the role `worker` with the fewest servers.
/// let auctions = Placement::least_loaded().with_role("worker");
/// // The same member for the same id, as long as it is there.
/// let carts = Placement::hash().with_tag("zone", "eu");
/// // One member, or none.
/// let printer = Placement::pinned("office");
/// # assert_ne!(auctions, carts);
/// # assert_ne!(carts, printer);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placement {
    strategy: Strategy,
    role: Option<String>,
    tags: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Strategy {
    #[default]
    LeastLoaded,
    Hash,
    Pinned(String),
}

impl Placement {
    /// Returns the strategy that chooses the member with the fewest servers of the same
    /// [`PlacedServers`](crate::PlacedServers) or, of several such members, the first by name. This is the default
    /// strategy.
    #[must_use]
    pub fn least_loaded() -> Self {
        Self::default()
    }

    /// Returns the strategy that chooses the member by a rendezvous hash of the server's id and the names of the
    /// members. A running server does not move when other members join; when a member is lost, only its servers move.
    #[must_use]
    pub fn hash() -> Self {
        Self::of(Strategy::Hash)
    }

    /// Returns the strategy that always chooses the member with this name. If that member is not connected, the first
    /// start fails; after a loss of the member, the server waits until it is connected again.
    #[must_use]
    pub fn pinned(node: impl Into<String>) -> Self {
        Self::of(Strategy::Pinned(node.into()))
    }

    fn of(strategy: Strategy) -> Self {
        Self {
            strategy,
            ..Self::default()
        }
    }

    /// Restricts the choice to members of this [role](crate::NodeBuilder::role).
    #[must_use]
    pub fn with_role(mut self, role: impl Into<String>) -> Self {
        self.role = Some(role.into());
        self
    }

    /// Restricts the choice to members with this [tag](crate::NodeBuilder::tag). With several tags, all are required.
    #[must_use]
    pub fn with_tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.insert(key.into(), value.into());
        self
    }

    /// Returns the member for a server, or `None` if no member fits. The cost grows with the number of members.
    pub(super) fn choose<'m>(
        &self,
        id: &str,
        members: &'m [Member],
        load: impl Fn(&NodeName) -> usize,
    ) -> Option<&'m NodeName> {
        let fitting = members.iter().filter(|member| self.fits(member));
        let names = fitting.map(Member::name);
        match &self.strategy {
            Strategy::LeastLoaded | Strategy::Pinned(_) => {
                names.min_by_key(|name| (load(name), *name))
            }
            Strategy::Hash => names.max_by_key(|name| (weight(id, name), *name)),
        }
    }

    fn fits(&self, member: &Member) -> bool {
        let is_role = |role: &String| member.role() == role;
        let is_named = match &self.strategy {
            Strategy::Pinned(node) => member.name().as_str() == node,
            Strategy::LeastLoaded | Strategy::Hash => true,
        };
        let mut tags = self.tags.iter();
        is_named
            && member.is_up()
            && member.is_connected()
            && self.role.as_ref().is_none_or(is_role)
            && tags.all(|(key, value)| member.tags().get(key) == Some(value))
    }
}

/// Returns the weight of a member for an id; the member with the highest one is chosen (rendezvous hashing). One
/// process compares all weights, so the hash may differ from one release of Rust to the next.
fn weight(id: &str, name: &NodeName) -> u64 {
    let mut hasher = DefaultHasher::new();
    (id, name.as_str()).hash(&mut hasher);
    hasher.finish()
}
