//! The log of one origin: its entries by id, its changes by version, and their hash.

pub(super) mod fits;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Bound;
use std::sync::Arc;

use bytes::Bytes;

use crate::replica::change::EntryId;
use crate::replica::frame::{Op, OpKind};
use crate::replica::hash;
use crate::replica::limits::ENTRY_COST;

/// An upper bound on the encoded length of an operation without its body and table.
const OP_COST: usize = 32;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The version of its last put.
    pub(super) version: u64,
    pub(super) table: Arc<str>,
    pub(super) body: Bytes,
}

impl Entry {
    fn cost(&self) -> usize {
        cost(&self.body)
    }

    fn hash(&self, id: EntryId) -> u64 {
        hash::entry(id, self.version, &self.table, &self.body)
    }
}

fn cost(body: &Bytes) -> usize {
    body.len().saturating_add(ENTRY_COST)
}

/// The last change of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Logged {
    Put(EntryId),
    Removed(EntryId),
}

/// A part of a log.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chunk {
    pub(super) ops: Vec<Op>,
    pub(super) to: u64,
    /// True if the log has changes after `to`.
    pub(super) more: bool,
}

/// The entries of one origin. Every operation on one entry takes logarithmic time.
#[derive(Debug, Default)]
pub(super) struct Log {
    entries: BTreeMap<EntryId, Entry>,
    tables: BTreeMap<Arc<str>, BTreeSet<EntryId>>,
    versions: BTreeMap<u64, Logged>,
    /// The versions of tombstones in ascending order. One that was replaced has no entry in `versions` any more.
    tombstones: VecDeque<u64>,
    /// The version of the last tombstone of each removed entry. Each id is at most once in a transfer.
    removed: BTreeMap<EntryId, u64>,
    /// The maximum number of tombstones.
    capacity: usize,
    version: u64,
    /// The version of the last forgotten tombstone. Changes are complete only after it.
    floor: u64,
    hash: u64,
    bytes: usize,
    /// The number of visited items.
    #[cfg(test)]
    visited: std::cell::Cell<usize>,
}

impl Log {
    /// Creates an empty log that keeps this number of tombstones.
    pub(super) fn new(tombstones: usize) -> Self {
        Self {
            capacity: tombstones,
            ..Self::default()
        }
    }

    pub(super) fn version(&self) -> u64 {
        self.version
    }

    /// Returns the first version from which changes are complete.
    pub(super) fn floor(&self) -> u64 {
        self.floor
    }

    pub(super) fn hash(&self) -> u64 {
        self.hash
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn tombstones(&self) -> usize {
        self.tombstones.len()
    }

    pub(super) fn get(&self, id: EntryId) -> Option<&Entry> {
        self.entries.get(&id)
    }

    /// Applies a change with a version above all earlier ones. Returns the table of the entry before it, if there was
    /// one.
    pub(super) fn apply(&mut self, op: Op) -> Option<Arc<str>> {
        let Op { version, id, kind } = op;
        self.visit();
        self.version = version;
        let before = self.take(id);
        // An honest node uses each id once.
        if let Some(earlier) = self.removed.remove(&id) {
            self.versions.remove(&earlier);
        }
        match kind {
            OpKind::Put { table, body } => self.put(id, version, &table, body),
            OpKind::Remove => {
                self.versions.insert(version, Logged::Removed(id));
                self.removed.insert(id, version);
                self.tombstones.push_back(version);
                self.forget_beyond(self.capacity);
            }
        }
        before
    }

    /// Removes an entry without a trace.
    fn take(&mut self, id: EntryId) -> Option<Arc<str>> {
        let entry = self.entries.remove(&id)?;
        self.versions.remove(&entry.version);
        self.hash = self.hash.wrapping_sub(entry.hash(id));
        self.bytes -= entry.cost();
        if let Some(ids) = self.tables.get_mut(&entry.table) {
            ids.remove(&id);
            if ids.is_empty() {
                self.tables.remove(&entry.table);
            }
        }
        Some(entry.table)
    }

    fn put(&mut self, id: EntryId, version: u64, table: &Arc<str>, body: Bytes) {
        // All entries of a table share its text.
        let known = self.tables.get_key_value(table);
        let table = known.map_or(table, |(table, _)| table).clone();
        let entry = Entry {
            version,
            table,
            body,
        };
        self.hash = self.hash.wrapping_add(entry.hash(id));
        self.bytes += entry.cost();
        let ids = self.tables.entry(entry.table.clone()).or_default();
        ids.insert(id);
        self.versions.insert(version, Logged::Put(id));
        self.entries.insert(id, entry);
    }

    /// Records that there are no further changes up to this version.
    pub(super) fn advance(&mut self, version: u64) {
        self.version = self.version.max(version);
    }

    fn forget_beyond(&mut self, capacity: usize) {
        while self.tombstones.len() > capacity {
            self.visit();
            let Some(version) = self.tombstones.pop_front() else {
                return;
            };
            if let Some(Logged::Removed(id)) = self.versions.remove(&version) {
                self.removed.remove(&id);
            }
            self.floor = version;
        }
    }

    /// Forgets all removals: every replica that is behind needs a full transfer.
    pub(super) fn forget_tombstones(&mut self) {
        self.forget_beyond(0);
    }

    /// Makes a staging area the log: it keeps tombstones from now on.
    pub(super) fn complete(&mut self, tombstones: usize) {
        self.capacity = tombstones;
        self.floor = self.version;
    }

    /// Returns the changes after `from`, as many as fit in `budget` bytes, and at least one.
    pub(super) fn chunk(&self, from: u64, budget: usize) -> Chunk {
        let mut ops = Vec::new();
        let mut tables = BTreeSet::new();
        let mut length = 0;
        for op in self.after(from) {
            length += OP_COST;
            if let OpKind::Put { table, body } = &op.kind {
                length += body.len();
                if tables.insert(table.clone()) {
                    length += table.len();
                }
            }
            if length > budget && !ops.is_empty() {
                return Chunk {
                    to: ops.last().map_or(from, |op: &Op| op.version),
                    ops,
                    more: true,
                };
            }
            ops.push(op);
        }
        Chunk {
            ops,
            to: self.version.max(from),
            more: false,
        }
    }

    /// Iterates over the changes after a version, in order.
    pub(super) fn after(&self, version: u64) -> impl DoubleEndedIterator<Item = Op> {
        let range = (Bound::Excluded(version), Bound::Unbounded);
        self.versions.range(range).filter_map(|(version, logged)| {
            self.visit();
            let (id, kind) = match *logged {
                Logged::Removed(id) => (id, OpKind::Remove),
                Logged::Put(id) => {
                    let entry = self.entries.get(&id)?;
                    let (table, body) = (entry.table.clone(), entry.body.clone());
                    (id, OpKind::Put { table, body })
                }
            };
            let version = *version;
            Some(Op { version, id, kind })
        })
    }

    /// Iterates over the entries of a table in the order of their ids.
    pub(super) fn table(&self, table: &str) -> impl Iterator<Item = (EntryId, &Entry)> {
        let ids = self.tables.get(table).into_iter().flatten();
        ids.filter_map(|id| {
            self.visit();
            Some((*id, self.entries.get(id)?))
        })
    }

    #[cfg(test)]
    pub(super) fn visits(&self) -> usize {
        self.visited.get()
    }

    #[cfg(test)]
    fn visit(&self) {
        self.visited.set(self.visited.get() + 1);
    }

    #[cfg(not(test))]
    #[expect(clippy::unused_self, reason = "tests count")]
    fn visit(&self) {}
}
