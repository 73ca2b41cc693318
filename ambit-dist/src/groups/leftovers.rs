//! Counts the memberships and subscriptions that a node keeps, for the check at the end of a simulated run.

use crate::groups::state::ClusterGroups;
use crate::replication::table_index::TableState;
use crate::sim::Leftovers;

impl TableState for ClusterGroups {
    fn count(&self, left: &mut Leftovers) {
        left.count("members in the index", self.index.len());
        left.count("joined processes", self.local.len());
        left.count("topics in the index", self.topics.len());
        left.count("subscribed processes and topics", self.subscriptions.len());
    }
}
