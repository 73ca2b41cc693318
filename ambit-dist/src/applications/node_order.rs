//! The nodes on which an application may run, in order of preference.

use std::collections::BTreeSet;

use crate::node::id::NodeName;

/// Groups of nodes. The nodes of one group are equal, and precede those of the next one. A node counts where it is
/// named first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct NodeOrder(Vec<Vec<String>>);

impl NodeOrder {
    /// Adds a group that comes after all others.
    pub(super) fn push(&mut self, group: Vec<String>) {
        self.0.push(group);
    }

    /// Returns the names of all nodes, the preferred ones first.
    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.0.iter().flatten()
    }

    pub(super) fn contains(&self, node: &NodeName) -> bool {
        self.rank(node).is_some()
    }

    fn rank(&self, node: &NodeName) -> Option<usize> {
        let names = |group: &Vec<String>| group.iter().any(|name| name == node.as_str());
        self.0.iter().position(names)
    }

    /// Returns the priority of a node in a conflict of names: the higher, the more preferred.
    pub(super) fn priority(&self, node: &NodeName) -> i32 {
        let rank = self.rank(node).unwrap_or(self.0.len());
        let after = self.0.len().saturating_sub(rank);
        i32::try_from(after).unwrap_or(i32::MAX)
    }

    /// Returns whether no node of the two precedes the other.
    pub(super) fn are_equal(&self, node: &NodeName, other: &NodeName) -> bool {
        self.rank(node) == self.rank(other)
    }

    /// Returns the node on which the application is to run: one of the first group with a candidate. Within the group,
    /// it is the preferred node; otherwise it is the first candidate by name.
    pub(super) fn choose<'a>(
        &self,
        candidates: &'a BTreeSet<NodeName>,
        preferred: Option<&NodeName>,
    ) -> Option<&'a NodeName> {
        let ranked = candidates
            .iter()
            .filter_map(|node| Some((self.rank(node)?, node)));
        let key = |(rank, node): &(usize, &'a NodeName)| (*rank, Some(*node) != preferred);
        // The first of several equal ones, and the candidates are sorted by name.
        ranked.min_by_key(key).map(|(_, node)| node)
    }

    /// Returns whether every node of the list is a candidate.
    pub(super) fn all_in(&self, candidates: &BTreeSet<NodeName>) -> bool {
        let is_in = |name: &String| candidates.iter().any(|node| node.as_str() == name);
        self.names().all(is_in)
    }
}
