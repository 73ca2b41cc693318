//! Counts the claims that a node keeps, for the check at the end of a simulated run.

use crate::names::directory::Directory;
use crate::replication::table_index::TableState;
use crate::sim::Leftovers;

impl<K: Clone + Send + Sync + 'static> TableState for Directory<K> {
    fn count(&self, left: &mut Leftovers) {
        left.count("claims in the index", self.index.len());
        left.count("own claims", self.own.len());
    }
}
