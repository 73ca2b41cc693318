//! What is remembered of nodes beyond their connections: which lives they had.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::mistake::{Mistake, is_made};
use crate::node::id::{Incarnation, NodeId, NodeName};

/// How many names are remembered; beyond that the one whose last life began first is forgotten.
const NAMES: usize = 4096;
/// How often a connected node may be replaced by a later life within [`WINDOW`]. More than that, and two nodes share a name.
const REPLACEMENTS: usize = 3;
const WINDOW: Duration = Duration::from_secs(60);

#[derive(Debug)]
struct Life {
    greatest: Incarnation,
    /// When a connected life was replaced by a later one.
    replaced: VecDeque<Duration>,
}

/// The lives of nodes, by name.
#[derive(Debug, Default)]
pub(super) struct Lives(BTreeMap<NodeName, Life>);

impl Lives {
    /// A later life than this one, if one is known.
    pub(super) fn later_than(&self, id: &NodeId) -> Option<Incarnation> {
        if is_made(Mistake::ForgetsLives) {
            return None;
        }
        let greatest = self.0.get(&id.name)?.greatest;
        (greatest > id.incarnation).then_some(greatest)
    }

    /// Remembers that this life spoke.
    pub(super) fn saw(&mut self, id: &NodeId) {
        self.life(id);
    }

    /// Whether a connected node may be replaced by this later life now; counts it if so.
    pub(super) fn may_replace(&mut self, now: Duration, by: &NodeId) -> bool {
        let Some(life) = self.0.get_mut(&by.name) else {
            return true;
        };
        while life.replaced.front().is_some_and(|at| *at + WINDOW < now) {
            life.replaced.pop_front();
        }
        if life.replaced.len() >= REPLACEMENTS {
            return false;
        }
        life.replaced.push_back(now);
        true
    }

    fn life(&mut self, id: &NodeId) -> &mut Life {
        if !self.0.contains_key(&id.name) && self.0.len() >= NAMES {
            let oldest = self.0.iter().min_by_key(|(_, life)| life.greatest);
            if let Some(oldest) = oldest.map(|(name, _)| name.clone()) {
                self.0.remove(&oldest);
            }
        }
        let life = self.0.entry(id.name.clone()).or_insert_with(|| Life {
            greatest: id.incarnation,
            replaced: VecDeque::new(),
        });
        life.greatest = life.greatest.max(id.incarnation);
        life
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::id::id;

    #[test]
    fn the_greatest_life_is_remembered() {
        let mut lives = Lives::default();
        lives.saw(&id("a", 5));
        lives.saw(&id("a", 3));
        assert_eq!(lives.later_than(&id("a", 4)), Some(Incarnation(5)));
        assert_eq!(lives.later_than(&id("a", 5)), None);
        assert_eq!(lives.later_than(&id("b", 1)), None);
    }

    #[test]
    fn a_fourth_replacement_within_a_minute_is_refused_and_later_ones_are_not() {
        let mut lives = Lives::default();
        lives.saw(&id("a", 1));
        let mut at = |seconds| lives.may_replace(Duration::from_secs(seconds), &id("a", 2));
        assert_eq!(
            [at(0), at(10), at(20), at(30), at(60)],
            [true, true, true, false, false]
        );
        assert!(at(61));
    }

    #[test]
    fn no_more_names_are_remembered_than_there_is_room_for() {
        let mut lives = Lives::default();
        for number in 0..NAMES as u64 + 100 {
            lives.saw(&id(&format!("n{number}"), number + 1));
        }
        assert_eq!(lives.0.len(), NAMES);
        assert_eq!(
            lives.later_than(&id("n50", 1)),
            None,
            "the oldest are forgotten"
        );
        assert!(lives.later_than(&id("n4000", 1)).is_some());
    }
}
