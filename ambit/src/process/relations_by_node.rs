//! An index of the processes with links and monitors to processes of other nodes, by node: the cost of a lost node
//! depends on their number, not on the number of all processes.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use foldhash::quality::RandomState;
use parking_lot::Mutex;

use crate::pid::Pid;
use crate::shrink;

type Pids = HashSet<Pid, RandomState>;

/// The processes of a system that have relations with other nodes. Its lock is taken while the relations of a process
/// are locked, and no lock is taken under it.
#[derive(Default)]
pub(crate) struct RelationsByNode(Mutex<HashMap<u64, Pids, RandomState>>);

impl RelationsByNode {
    /// Returns the processes that have a relation with this node, in any order.
    pub(crate) fn of(&self, node: u64) -> Vec<Pid> {
        let index = self.0.lock();
        let related = index.get(&node);
        related.map_or_else(Vec::new, |related| related.iter().copied().collect())
    }

    fn add(&self, node: u64, pid: Pid) {
        self.0.lock().entry(node).or_default().insert(pid);
    }

    fn remove(&self, node: u64, pid: Pid) {
        let mut index = self.0.lock();
        let Some(related) = index.get_mut(&node) else {
            return;
        };
        related.remove(&pid);
        shrink::set(related);
        if related.is_empty() {
            index.remove(&node);
        }
    }

    /// Returns the number of entries.
    #[cfg(any(test, feature = "test"))]
    pub(crate) fn len(&self) -> usize {
        self.0.lock().values().map(Pids::len).sum()
    }
}

/// The number of relations of one process with each other node. While there is one, the process is in the index.
pub(crate) struct NodeRelations {
    pid: Pid,
    index: Arc<RelationsByNode>,
    counts: BTreeMap<u64, usize>,
}

impl NodeRelations {
    pub(crate) fn new(pid: Pid, index: Arc<RelationsByNode>) -> Self {
        Self {
            pid,
            index,
            counts: BTreeMap::new(),
        }
    }

    /// Adds a relation with a node.
    pub(crate) fn add(&mut self, node: u64) {
        let count = self.counts.entry(node).or_default();
        *count += 1;
        if *count == 1 {
            self.index.add(node, self.pid);
        }
    }

    /// Removes a relation with a node. A node without a relation is ignored.
    pub(crate) fn remove(&mut self, node: u64) {
        let Entry::Occupied(mut count) = self.counts.entry(node) else {
            return;
        };
        *count.get_mut() -= 1;
        if *count.get() == 0 {
            count.remove();
            self.index.remove(node, self.pid);
        }
    }
}

/// Removes the ended process from the index.
impl Drop for NodeRelations {
    fn drop(&mut self) {
        for node in self.counts.keys() {
            self.index.remove(*node, self.pid);
        }
    }
}
