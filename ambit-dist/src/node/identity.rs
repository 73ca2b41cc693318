//! The identity of this node. A node that learns of a later incarnation of its name takes a still later one, as long as
//! no peer is connected.

use std::sync::OnceLock;

use crate::node::id::NodeId;

/// A linked list of the identities that the node has used, so that references to earlier ones stay valid.
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

    /// Returns the current identity.
    pub(crate) fn id(&self) -> &NodeId {
        &self.last().id
    }

    /// Replaces the identity. Only one task may call this.
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
