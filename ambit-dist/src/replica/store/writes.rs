//! Writes the entries of this node.

use bytes::Bytes;

use crate::replica::change::EntryId;
use crate::replica::error::PutError;
use crate::replica::frame::{Op, OpKind};
use crate::replica::log::fits::Excess;
use crate::replica::store::Store;
use crate::replica::transfer;

impl Store {
    /// Adds an entry of this node. Views receive it immediately, other nodes after [`flush`](Self::flush).
    ///
    /// # Errors
    /// Fails with the limit that the entry exceeds.
    pub(crate) fn insert(&mut self, table: &str, body: Bytes) -> Result<EntryId, PutError> {
        let (length, limit) = (table.len(), self.limits.table_name);
        if !(1..=limit).contains(&length) {
            return Err(PutError::TableName {
                length,
                limit,
                body,
            });
        }
        let id = EntryId(self.next_id + 1);
        self.put(id, table, body)?;
        self.next_id = id.0;
        Ok(id)
    }

    /// Replaces the body of an entry of this node.
    ///
    /// # Errors
    /// Fails if this node has no such entry, or with the limit that the entry exceeds.
    pub(crate) fn update(&mut self, id: EntryId, body: Bytes) -> Result<(), PutError> {
        match self.log.get(id) {
            Some(entry) => self.put(id, &entry.table.clone(), body),
            None => Err(PutError::NoEntry { id, body }),
        }
    }

    /// Removes an entry of this node. Returns false if this node has no such entry.
    pub(crate) fn remove(&mut self, id: EntryId) -> bool {
        let exists = self.log.get(id).is_some();
        if exists {
            self.write(id, OpKind::Remove);
            self.forget_if_alone();
        }
        exists
    }

    /// Returns the version of the last change of this node.
    pub(crate) fn version(&self) -> u64 {
        self.log.version()
    }

    fn put(&mut self, id: EntryId, table: &str, body: Bytes) -> Result<(), PutError> {
        let (length, limit) = (body.len(), self.limits.body);
        if length > limit {
            return Err(PutError::BodyTooLong {
                length,
                limit,
                body,
            });
        }
        match self.log.fits(id, table, &body, &self.limits) {
            Ok(()) => {
                let table = table.into();
                self.write(id, OpKind::Put { table, body });
                Ok(())
            }
            Err(Excess::Entries) => {
                let limit = self.limits.own_entries;
                Err(PutError::TooManyEntries { limit, body })
            }
            Err(Excess::Bytes) => {
                let limit = self.limits.bytes;
                Err(PutError::TooManyBytes { limit, body })
            }
            Err(Excess::Tables) => {
                let limit = self.limits.tables;
                Err(PutError::TooManyTables { limit, body })
            }
        }
    }

    fn write(&mut self, id: EntryId, kind: OpKind) {
        let version = self.log.version() + 1;
        let op = Op { version, id, kind };
        let changes = transfer::apply(&mut self.log, &self.own.id, op);
        self.changes.extend(changes);
    }

    /// Drops all tombstones if no other node is known, because no replica needs them.
    pub(super) fn forget_if_alone(&mut self) {
        if self.members.all.is_empty() && self.peers.is_empty() {
            self.log.forget_tombstones();
        }
    }

    /// Forgets removals, as many later ones would.
    #[cfg(test)]
    pub(in crate::replica) fn forget_removals(&mut self) {
        self.log.forget_tombstones();
    }
}
