//! The versions of this node's log that the connected members have acknowledged, and whose contradictions this node
//! knows.

use std::collections::{BTreeMap, BTreeSet};

use crate::node::id::NodeName;

/// The settled version of each connected member, also in order.
#[derive(Debug, Default)]
pub(super) struct Acks {
    versions: BTreeMap<NodeName, u64>,
    ordered: BTreeSet<(u64, NodeName)>,
    /// The last version reported to the caller.
    reported: u64,
}

impl Acks {
    pub(super) fn set(&mut self, name: &NodeName, version: u64) {
        self.remove(name);
        self.versions.insert(name.clone(), version);
        self.ordered.insert((version, name.clone()));
    }

    pub(super) fn remove(&mut self, name: &NodeName) {
        if let Some(version) = self.versions.remove(name) {
            self.ordered.remove(&(version, name.clone()));
        }
    }

    /// Returns the version that every connected member has, up to `own`.
    pub(super) fn everywhere(&self, own: u64) -> u64 {
        self.ordered
            .first()
            .map_or(own, |(version, _)| own.min(*version))
    }

    /// Returns the version that every connected member has if it is greater than the last returned one.
    pub(super) fn news(&mut self, own: u64) -> Option<u64> {
        let version = self.everywhere(own);
        (version > self.reported).then(|| {
            self.reported = version;
            version
        })
    }
}
