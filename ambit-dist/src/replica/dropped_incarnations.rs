//! The dropped incarnations, remembered so that late reports do not add them again.

use std::collections::BTreeMap;

use crate::node::id::{NodeId, NodeName};
use crate::replica::origin::Origin;

/// The last dropped incarnation of each name, up to a number of names.
#[derive(Debug)]
pub(super) struct DroppedIncarnations {
    capacity: usize,
    dropped: BTreeMap<NodeName, DroppedIncarnation>,
    /// The names in the order of their last drops.
    order: BTreeMap<u64, NodeName>,
    next: u64,
}

#[derive(Debug)]
struct DroppedIncarnation {
    origin: Origin,
    has_ended: bool,
    /// The position in the order.
    position: u64,
}

impl DroppedIncarnations {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            dropped: BTreeMap::new(),
            order: BTreeMap::new(),
            next: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.dropped.len()
    }

    /// Returns whether this incarnation has ended, or was dropped with a later renewal.
    pub(super) fn has_ended(&self, origin: &Origin) -> bool {
        let dropped = self.dropped.get(&origin.id.name);
        dropped.is_some_and(|dropped| *origin < dropped.origin)
    }

    /// Returns whether this incarnation was dropped although it may still run.
    pub(super) fn may_return(&self, id: &NodeId) -> bool {
        let dropped = self.dropped.get(&id.name);
        dropped.is_some_and(|dropped| dropped.origin.id == *id && !dropped.has_ended)
    }

    /// Remembers a dropped incarnation, and forgets the one dropped first if there are too many.
    pub(super) fn add(&mut self, origin: Origin, has_ended: bool) {
        if self.has_ended(&origin) {
            return;
        }
        let name = origin.id.name.clone();
        self.next += 1;
        self.order.insert(self.next, name.clone());
        let dropped = DroppedIncarnation {
            origin,
            has_ended,
            position: self.next,
        };
        if let Some(before) = self.dropped.insert(name, dropped) {
            self.order.remove(&before.position);
        }
        while self.dropped.len() > self.capacity {
            let Some((_, name)) = self.order.pop_first() else {
                return;
            };
            self.dropped.remove(&name);
        }
    }
}
