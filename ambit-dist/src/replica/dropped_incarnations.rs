//! The dropped incarnations, remembered so that late reports do not add them again.

use std::collections::BTreeMap;

use crate::node::id::NodeName;
use crate::replica::origin::Origin;

/// The last dropped incarnation of each name, up to a number of names.
#[derive(Debug)]
pub(super) struct DroppedIncarnations {
    capacity: usize,
    dropped: BTreeMap<NodeName, (Origin, u64)>,
    /// The names in the order of their last drops.
    order: BTreeMap<u64, NodeName>,
    next: u64,
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
        dropped.is_some_and(|(dropped, _)| origin < dropped)
    }

    /// Remembers a dropped incarnation, and forgets the one dropped first if there are too many.
    pub(super) fn add(&mut self, origin: Origin) {
        if self.has_ended(&origin) {
            return;
        }
        let name = origin.id.name.clone();
        self.next += 1;
        self.order.insert(self.next, name.clone());
        if let Some((_, before)) = self.dropped.insert(name, (origin, self.next)) {
            self.order.remove(&before);
        }
        while self.dropped.len() > self.capacity {
            let Some((_, name)) = self.order.pop_first() else {
                return;
            };
            self.dropped.remove(&name);
        }
    }
}
