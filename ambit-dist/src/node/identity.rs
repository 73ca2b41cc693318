//! Which life of itself a node is. It may find out that others have seen a later one: then it becomes a still later one, as
//! long as nobody is connected to it.

use std::sync::OnceLock;

use crate::node::id::NodeId;

/// What a node has called itself, one after the other; what was handed out stays.
#[derive(Debug)]
pub(crate) struct Identity {
    id: NodeId,
    renewed: OnceLock<Box<Self>>,
}

impl Identity {
    pub(crate) fn new(id: NodeId) -> Self {
        let renewed = OnceLock::new();
        Self { id, renewed }
    }

    fn last(&self) -> &Self {
        let mut last = self;
        while let Some(next) = last.renewed.get() {
            last = next;
        }
        last
    }

    /// What it calls itself now.
    pub(crate) fn id(&self) -> &NodeId {
        &self.last().id
    }

    /// From now on it is this one. Called by one task only.
    pub(crate) fn renew(&self, id: NodeId) {
        self.last().renewed.set(Box::new(Self::new(id))).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::id::id;

    #[test]
    fn the_last_one_counts_and_earlier_ones_stay_readable() {
        let identity = Identity::new(id("a", 1));
        let first = identity.id();
        identity.renew(id("a", 2));
        identity.renew(id("a", 3));
        assert_eq!((first, identity.id()), (&id("a", 1), &id("a", 3)));
    }
}
