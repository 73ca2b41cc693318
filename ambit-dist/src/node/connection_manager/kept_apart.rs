//! The names that stay disconnected.

use std::collections::BTreeMap;

use crate::node::id::NodeName;

/// The maximum number of names. More are only possible if other nodes use ever new names, because the membership knows
/// fewer members.
const NAMES: usize = if cfg!(miri) { 64 } else { 4096 };

/// The names that this node was asked to disconnect from, or that did so themselves. The membership does not dial them.
#[derive(Debug, Default)]
pub(super) struct KeptApart {
    names: BTreeMap<NodeName, Parting>,
    last: u64,
}

/// Ordered by worth: a request of this node counts more than a close by the other one, a later parting more than an
/// earlier one.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Parting {
    is_requested: bool,
    number: u64,
}

impl KeptApart {
    pub(super) fn contains(&self, name: &NodeName) -> bool {
        self.names.contains_key(name)
    }

    /// Adds a name. `is_requested` is true if this node was asked to disconnect from it. If there are too many names,
    /// one that closed its connection itself is forgotten, the earliest first.
    pub(super) fn add(&mut self, name: &NodeName, is_requested: bool) {
        self.last += 1;
        let earlier = self.names.get(name);
        let is_requested = is_requested || earlier.is_some_and(|parting| parting.is_requested);
        let parting = Parting {
            is_requested,
            number: self.last,
        };
        self.names.insert(name.clone(), parting);
        if self.names.len() <= NAMES {
            return;
        }
        let first = self.names.iter().min_by_key(|(_, parting)| *parting);
        if let Some(first) = first.map(|(name, _)| name.clone()) {
            self.names.remove(&first);
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    pub(super) fn remove(&mut self, name: &NodeName) {
        self.names.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(number: usize) -> NodeName {
        format!("n{number}").parse().unwrap()
    }

    #[test]
    fn the_earliest_names_that_closed_themselves_are_forgotten_first() {
        let mut apart = KeptApart::default();
        apart.add(&name(0), true);
        for number in 1..NAMES + 100 {
            apart.add(&name(number), false);
        }
        assert_eq!(apart.names.len(), NAMES);
        assert!(apart.contains(&name(0)), "requested by this node");
        assert!(!apart.contains(&name(1)) && !apart.contains(&name(100)));
        assert!(apart.contains(&name(101)) && apart.contains(&name(NAMES + 99)));
        apart.remove(&name(0));
        assert!(!apart.contains(&name(0)));
    }
}
