//! The incarnations of nodes, remembered beyond their connections.

use std::collections::BTreeMap;

use crate::node::id::{Incarnation, NodeId, NodeName};

/// The maximum number of remembered names. Beyond that, the name with the oldest incarnation is forgotten.
const NAMES: usize = if cfg!(miri) { 64 } else { 4096 };

#[derive(Debug)]
struct IncarnationRecord {
    greatest: Incarnation,
    /// The number of claims of the name by another address while a node with it was connected.
    conflicts: u64,
}

/// The greatest known incarnation of each name.
#[derive(Debug, Default)]
pub(super) struct KnownIncarnations {
    /// Those that identified themselves.
    seen: BTreeMap<NodeName, IncarnationRecord>,
    /// Those that other members have reported, as long as the membership remembers them.
    reported: BTreeMap<NodeName, Incarnation>,
}

impl KnownIncarnations {
    /// Returns a later incarnation of this node, if one is known.
    pub(super) fn later_than(&self, id: &NodeId) -> Option<Incarnation> {
        let seen = self.seen.get(&id.name).map(|record| record.greatest);
        let reported = self.reported.get(&id.name).copied();
        let greatest = seen.max(reported)?;
        (greatest > id.incarnation).then_some(greatest)
    }

    /// Records the latest incarnation that the membership knows.
    pub(super) fn learn(&mut self, id: NodeId) {
        self.reported.insert(id.name, id.incarnation);
    }

    /// Forgets the incarnation that the membership has reported.
    pub(super) fn forget(&mut self, name: &NodeName) {
        self.reported.remove(name);
    }

    /// Records an incarnation that identified itself.
    pub(super) fn saw(&mut self, id: &NodeId) {
        self.incarnation(id);
    }

    /// Counts a claim of the name of a connected node by another address. Returns the number of claims.
    pub(super) fn conflict_count(&mut self, name: &NodeName) -> u64 {
        let Some(incarnation) = self.seen.get_mut(name) else {
            return 1;
        };
        incarnation.conflicts = incarnation.conflicts.saturating_add(1);
        incarnation.conflicts
    }

    pub(super) fn conflicts(&self, name: &NodeName) -> u64 {
        self.seen
            .get(name)
            .map_or(0, |incarnation| incarnation.conflicts)
    }

    fn incarnation(&mut self, id: &NodeId) -> &mut IncarnationRecord {
        if !self.seen.contains_key(&id.name) && self.seen.len() >= NAMES {
            let oldest = self
                .seen
                .iter()
                .min_by_key(|(_, incarnation)| incarnation.greatest);
            if let Some(oldest) = oldest.map(|(name, _)| name.clone()) {
                self.seen.remove(&oldest);
            }
        }
        let incarnation = self
            .seen
            .entry(id.name.clone())
            .or_insert_with(|| IncarnationRecord {
                greatest: id.incarnation,
                conflicts: 0,
            });
        incarnation.greatest = incarnation.greatest.max(id.incarnation);
        incarnation
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::id::id;

    #[test]
    fn the_greatest_incarnation_is_remembered() {
        let mut incarnations = KnownIncarnations::default();
        incarnations.saw(&id("a", 5));
        incarnations.saw(&id("a", 3));
        assert_eq!(incarnations.later_than(&id("a", 4)), Some(Incarnation(5)));
        assert_eq!(incarnations.later_than(&id("a", 5)), None);
        assert_eq!(incarnations.later_than(&id("b", 1)), None);
    }

    #[test]
    fn a_reported_incarnation_counts_until_the_membership_forgets_it() {
        let mut incarnations = KnownIncarnations::default();
        incarnations.saw(&id("a", 3));
        incarnations.learn(id("a", 5));
        assert_eq!(incarnations.later_than(&id("a", 4)), Some(Incarnation(5)));
        incarnations.forget(&id("a", 5).name);
        assert_eq!(incarnations.later_than(&id("a", 4)), None);
        assert_eq!(incarnations.later_than(&id("a", 2)), Some(Incarnation(3)));
    }

    #[test]
    fn remembered_names_are_limited_to_the_capacity() {
        let mut incarnations = KnownIncarnations::default();
        for number in 0..NAMES as u64 + 100 {
            incarnations.saw(&id(&format!("n{number}"), number + 1));
        }
        assert_eq!(incarnations.seen.len(), NAMES);
        assert_eq!(
            incarnations.later_than(&id("n50", 1)),
            None,
            "the oldest are forgotten"
        );
        let late = format!("n{}", NAMES + 50);
        assert!(incarnations.later_than(&id(&late, 1)).is_some());
    }
}
