//! Checks the limits of a log before a change.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;

use crate::replica::change::EntryId;
use crate::replica::frame::{Op, OpKind};
use crate::replica::limits::ReplicaLimits;
use crate::replica::log::{Log, cost};

/// The limit that a change would exceed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::replica) enum Excess {
    Entries,
    Bytes,
    Tables,
}

impl Log {
    /// Checks a put of this node.
    pub(in crate::replica) fn fits(
        &self,
        id: EntryId,
        table: &str,
        body: &Bytes,
        limits: &ReplicaLimits,
    ) -> Result<(), Excess> {
        let before = self.entries.get(&id);
        if before.is_none() && self.entries.len() >= limits.own_entries {
            return Err(Excess::Entries);
        }
        let bytes = self.bytes - before.map_or(0, |entry| entry.cost());
        if bytes.saturating_add(cost(body)) > limits.bytes {
            return Err(Excess::Bytes);
        }
        if !self.tables.contains_key(table) && self.tables.len() >= limits.tables {
            return Err(Excess::Tables);
        }
        Ok(())
    }

    /// Checks all changes of a delta of another node together; their ids differ. While a replica catches up, it has
    /// earlier bodies of some entries and later bodies of others, so its entries may have twice the bytes.
    pub(in crate::replica) fn fit_all(
        &self,
        ops: &[Op],
        limits: &ReplicaLimits,
    ) -> Result<(), Excess> {
        let (mut entries, mut bytes) = (self.entries.len(), self.bytes);
        let mut tables: BTreeMap<&str, usize> = BTreeMap::new();
        for op in ops {
            if let Some(entry) = self.entries.get(&op.id) {
                entries -= 1;
                bytes -= entry.cost();
                *self.users(&entry.table, &mut tables) -= 1;
            }
            if let OpKind::Put { table, body } = &op.kind {
                entries += 1;
                bytes = bytes.saturating_add(cost(body));
                *self.users(table, &mut tables) += 1;
            }
        }
        let is_known = |table: &&str| self.tables.contains_key(*table);
        let emptied = tables
            .iter()
            .filter(|(table, users)| is_known(table) && **users == 0);
        // The ids differ, so a new table keeps the entry that it came with.
        let added = tables.keys().filter(|table| !is_known(table));
        let tables = self.tables.len() + added.count() - emptied.count();
        if entries > limits.entries {
            Err(Excess::Entries)
        } else if bytes > limits.bytes.saturating_mul(2) {
            Err(Excess::Bytes)
        } else if tables > limits.tables {
            Err(Excess::Tables)
        } else {
            Ok(())
        }
    }

    /// Returns the number of entries of a table after the operations so far.
    fn users<'a, 'b>(
        &self,
        table: &'a str,
        tables: &'b mut BTreeMap<&'a str, usize>,
    ) -> &'b mut usize {
        tables
            .entry(table)
            .or_insert_with(|| self.tables.get(table).map_or(0, BTreeSet::len))
    }
}
