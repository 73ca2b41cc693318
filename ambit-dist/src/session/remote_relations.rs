//! Counts the links and monitors that the other node holds on processes of this node.

use std::collections::BTreeSet;

use parking_lot::Mutex;

use crate::wire::{ProcessAddress as Address, WireError};

/// A link or monitor that the other node holds on a process of this node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RemoteRelation {
    Link {
        to: Address,
        from: Address,
    },
    Monitor {
        to: Address,
        from: Option<Address>,
        reference: u64,
    },
}

/// All links and monitors of one session.
#[derive(Debug)]
pub(crate) struct RemoteRelations {
    all: Mutex<BTreeSet<RemoteRelation>>,
    limit: usize,
}

impl RemoteRelations {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            all: Mutex::new(BTreeSet::new()),
            limit,
        }
    }

    /// Records a link or monitor. Returns false if it is held already.
    ///
    /// # Errors
    /// Fails if there are too many.
    pub(crate) fn add(&self, hold: RemoteRelation) -> Result<bool, WireError> {
        let mut all = self.all.lock();
        if all.contains(&hold) {
            return Ok(false);
        }
        if all.len() >= self.limit {
            return Err(WireError::TooMany {
                what: "monitors and links",
                limit: self.limit,
            });
        }
        Ok(all.insert(hold))
    }

    /// Returns the number of links and monitors.
    #[cfg(feature = "sim")]
    pub(crate) fn len(&self) -> usize {
        self.all.lock().len()
    }

    /// Removes a link or monitor, if it is held.
    pub(crate) fn remove(&self, hold: RemoteRelation) {
        self.all.lock().remove(&hold);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TO: Address = Address {
        slot: 1,
        generation: 2,
    };

    fn monitor(reference: u64) -> RemoteRelation {
        RemoteRelation::Monitor {
            to: TO,
            from: None,
            reference,
        }
    }

    #[test]
    fn remote_relations_are_limited_and_each_counts_once() {
        let remote_relations = RemoteRelations::new(2);
        let link = RemoteRelation::Link { to: TO, from: TO };
        assert_eq!(remote_relations.add(link), Ok(true));
        assert_eq!(remote_relations.add(link), Ok(false));
        assert_eq!(remote_relations.add(monitor(1)), Ok(true));
        assert_eq!(remote_relations.add(monitor(1)), Ok(false));
        let what = "monitors and links";
        let full = Err(WireError::TooMany { what, limit: 2 });
        assert_eq!(remote_relations.add(monitor(2)), full);
        remote_relations.remove(link);
        remote_relations.remove(link);
        assert_eq!(remote_relations.add(monitor(2)), Ok(true));
    }
}
