//! Counts the entries that a node keeps, and the state beside them, for the check at the end of a simulated run.

use std::sync::Weak;

use ambit::system::System;

use crate::replication::protocols::PROTOCOLS;
use crate::replication::shared::Replication;
use crate::sim::{CheckedNode, Leftovers};

impl CheckedNode for Replication {
    fn name(&self) -> &str {
        self.node_context.name()
    }

    fn system(&self) -> &System {
        self.node_context.system()
    }

    /// Counts the entries, except the protocols that the nodes have defined, which stay as long as the nodes.
    fn leftovers(&self) -> Leftovers {
        let mut left = Leftovers::default();
        let tables = self.tables.lock();
        let counts = tables.store.counts();
        left.count("entries", tables.store.entries_outside(PROTOCOLS));
        left.count("hidden entries", counts.hidden);
        left.count("staged entries", counts.staged);
        left.count("transfers of entries", counts.transfers);
        left.count("requests for entries", counts.pulls);
        drop(tables);
        let checked = self.checked.lock().clone();
        for state in checked.iter().filter_map(Weak::upgrade) {
            state.count(&mut left);
        }
        left
    }
}
