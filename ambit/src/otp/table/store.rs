//! The content of a table: keys, and a separate lock for each value. It does not depend on processes.
//!
//! The map is locked only briefly; user code on a value runs under the lock of that value. A removed value leaves an
//! empty cell to concurrent operations, which look it up again. The [`Layout`] defines where keys are compared.

use std::sync::Arc;

use parking_lot::RwLock;

use super::layout::{Finds, Layout};
use crate::panics;

/// The cell of a value; empty once the value was removed.
pub(crate) type Cell<V> = Arc<RwLock<Option<V>>>;

/// A cell, and the insertion number of its key.
#[derive(Debug)]
pub(crate) struct StoredCell<V> {
    number: u64,
    cell: Cell<V>,
}

/// A removed cell, and perhaps its key, to be dropped without the lock.
pub(crate) type Taken<K, V> = (Option<K>, Cell<V>);

/// The content of a table that has ended: each item drops one key with its value.
pub(crate) type ContentDrops = Box<dyn Iterator<Item = ()> + Send>;

pub(crate) struct Store<K: 'static, V: Send + Sync + 'static, L: Layout<K>> {
    map: L::Map<StoredCell<V>>,
    /// The number of keys inserted so far.
    next: u64,
}

impl<K: 'static, V: Send + Sync + 'static, L: Layout<K>> Default for Store<K, V, L> {
    fn default() -> Self {
        Self {
            map: L::Map::default(),
            next: 0,
        }
    }
}

impl<K: 'static, V: Send + Sync + 'static, L: Layout<K>> Store<K, V, L> {
    pub(crate) fn len(&self) -> usize {
        L::len(&self.map)
    }

    /// Returns the cells that a key may match.
    pub(crate) fn see<Q: ?Sized>(&self, hash: u64, key: &Q) -> L::Seen<StoredCell<V>>
    where
        L: Finds<K, Q>,
    {
        L::see(&self.map, hash, key)
    }

    /// Returns true if a key must be compared with others, without the lock, before it can be inserted.
    pub(crate) fn is_unsettled(&self, key: &mut L::Entering) -> bool {
        L::is_unsettled(&self.map, key)
    }

    pub(crate) fn contains(&self, key: &L::Entering) -> bool {
        L::get(&self.map, key).is_some()
    }

    /// Inserts a cell; an existing key keeps its position, and its old cell is returned.
    pub(crate) fn put(&mut self, key: &mut L::Entering, cell: Cell<V>) -> Option<Cell<V>> {
        let known = L::get(&self.map, key).map(|slot| slot.number);
        let number = known.unwrap_or(self.next);
        self.next += u64::from(known.is_none());
        let old = L::put(&mut self.map, key, StoredCell { number, cell });
        old.map(|slot| slot.cell)
    }

    /// Returns the cell of a key, after inserting `new` for a missing key.
    pub(crate) fn find_or_put(&mut self, key: &mut L::Entering, new: &Cell<V>) -> Cell<V> {
        if let Some(slot) = L::get(&self.map, key) {
            return slot.cell.clone();
        }
        self.put(key, new.clone());
        new.clone()
    }

    /// Removes a key that was found.
    pub(crate) fn take<Q: ?Sized>(&mut self, found: &L::Found, key: &Q) -> Option<Taken<K, V>>
    where
        L: Finds<K, Q>,
    {
        let (key, slot) = L::take(&mut self.map, found, key)?;
        Some((key, slot.cell))
    }

    /// Returns the current cell of a key that was listed.
    pub(crate) fn cell(&self, key: &L::Listed) -> Option<Cell<V>> {
        L::get_listed(&self.map, key).map(|slot| slot.cell.clone())
    }

    /// Removes a key that was listed, if its cell is still this one.
    pub(crate) fn take_cell(&mut self, key: &L::Listed, cell: &Cell<V>) -> Option<Taken<K, V>> {
        let is_same = |slot: &StoredCell<V>| Arc::ptr_eq(&slot.cell, cell);
        let (key, slot) = L::take_listed(&mut self.map, key, is_same)?;
        Some((key, slot.cell))
    }

    /// Returns all keys with their cells, to be sorted outside the lock of the table.
    pub(crate) fn all(&self) -> Unsorted<K, V, L>
    where
        K: Clone,
    {
        let all = L::list(&self.map).into_iter();
        let all = all.map(|(key, slot)| (slot.number, key, slot.cell.clone()));
        Unsorted(all.collect())
    }

    /// Returns an iterator that drops the content, one key with its value at a time. Their `Drop` code may panic.
    pub(crate) fn into_drops(mut self) -> ContentDrops {
        Box::new(drops::<K, V, L>(std::mem::take(&mut self.map)))
    }

    /// Returns the map, for operations of one layout only.
    pub(crate) fn map(&self) -> &L::Map<StoredCell<V>> {
        &self.map
    }
}

/// Keys with their cells, in the order of the map.
pub(crate) struct Unsorted<K: 'static, V, L: Layout<K>>(Vec<(u64, L::Listed, Cell<V>)>);

impl<K: 'static, V, L: Layout<K>> Unsorted<K, V, L> {
    /// Returns them in key order, or in insertion order for hashed keys.
    pub(crate) fn sorted(mut self) -> Vec<(L::Listed, Cell<V>)> {
        if !L::IN_ORDER {
            self.0.sort_unstable_by_key(|(number, ..)| *number);
        }
        let all = self.0.into_iter();
        all.map(|(_, key, cell)| (key, cell)).collect()
    }
}

impl<K: 'static, V: Send + Sync + 'static, L: Layout<K>> Drop for Store<K, V, L> {
    fn drop(&mut self) {
        drops::<K, V, L>(std::mem::take(&mut self.map)).for_each(drop);
    }
}

fn drops<K: 'static, V: Send + Sync + 'static, L: Layout<K>>(
    map: L::Map<StoredCell<V>>,
) -> impl Iterator<Item = ()> + Send + 'static {
    L::into_each(map).map(|(key, slot)| {
        panics::drop_quietly(key);
        panics::drop_quietly(slot);
    })
}

impl<V> StoredCell<V> {
    pub(crate) fn cell(&self) -> &Cell<V> {
        &self.cell
    }
}

impl<V> Clone for StoredCell<V> {
    fn clone(&self) -> Self {
        Self {
            number: self.number,
            cell: self.cell.clone(),
        }
    }
}

/// Returns a cell with a value.
pub(crate) fn filled<V>(value: V) -> Cell<V> {
    Arc::new(RwLock::new(Some(value)))
}

#[cfg(test)]
mod tests;
