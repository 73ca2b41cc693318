//! What is in a table: keys, and a lock of its own for each value. It knows no process.
//!
//! The map is locked for a moment only; whatever the user's code does with a value happens under the lock of that value. A
//! value that is taken out leaves an empty cell to those who still hold it: they look again.

use std::sync::Arc;

use parking_lot::RwLock;

use super::layout::{Finds, Layout};

/// The place of a value; empty once it was taken out.
pub(crate) type Cell<V> = Arc<RwLock<Option<V>>>;

/// A cell, and when its key came.
#[derive(Debug)]
pub(crate) struct Slot<V> {
    number: u64,
    cell: Cell<V>,
}

pub(crate) struct Store<K: 'static, V: Send + Sync + 'static, L: Layout<K>> {
    map: L::Map<Slot<V>>,
    /// How many keys have come.
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

    pub(crate) fn find<Q: ?Sized>(&self, key: &Q) -> Option<&Cell<V>>
    where
        L: Finds<K, Q>,
    {
        L::find(&self.map, key).map(|slot| &slot.cell)
    }

    /// Puts a cell in; a key that is there keeps its place, and its old cell comes back.
    pub(crate) fn put(&mut self, key: K, cell: Cell<V>) -> Option<Cell<V>>
    where
        L: Finds<K, K>,
    {
        let known = L::find(&self.map, &key).map(|slot| slot.number);
        let number = known.unwrap_or(self.next);
        self.next += u64::from(known.is_none());
        let old = L::put(&mut self.map, key, Slot { number, cell });
        old.map(|slot| slot.cell)
    }

    /// The cell of a key; `new` becomes it if there is none.
    pub(crate) fn find_or_put(&mut self, key: K, new: Cell<V>) -> Cell<V>
    where
        L: Finds<K, K>,
    {
        if let Some(cell) = self.find(&key) {
            return cell.clone();
        }
        self.put(key, new.clone());
        new
    }

    pub(crate) fn take<Q: ?Sized>(&mut self, key: &Q) -> Option<Cell<V>>
    where
        L: Finds<K, Q>,
    {
        L::take(&mut self.map, key).map(|slot| slot.cell)
    }

    /// Takes a key out if its cell is still this one.
    pub(crate) fn take_cell<Q: ?Sized>(&mut self, key: &Q, cell: &Cell<V>) -> bool
    where
        L: Finds<K, Q>,
    {
        let is_same = self.find(key).is_some_and(|own| Arc::ptr_eq(own, cell));
        is_same && self.take(key).is_some()
    }

    /// All keys with their cells: in the order of the keys, or in the order in which they came.
    pub(crate) fn all(&self) -> Vec<(K, Cell<V>)>
    where
        K: Clone,
    {
        let mut all: Vec<_> = L::each(&self.map).collect();
        if !L::IN_ORDER {
            all.sort_unstable_by_key(|(_, slot)| slot.number);
        }
        all.into_iter()
            .map(|(key, slot)| (key.clone(), slot.cell.clone()))
            .collect()
    }

    /// What was in it, without an order.
    pub(crate) fn into_pairs(self) -> impl Iterator<Item = (K, Cell<V>)> {
        L::into_each(self.map).map(|(key, slot)| (key, slot.cell))
    }

    /// The map itself, for what only one layout can do.
    pub(crate) fn map(&self) -> &L::Map<Slot<V>> {
        &self.map
    }
}

impl<V> Slot<V> {
    pub(crate) fn cell(&self) -> &Cell<V> {
        &self.cell
    }
}

/// A cell with a value.
pub(crate) fn filled<V>(value: V) -> Cell<V> {
    Arc::new(RwLock::new(Some(value)))
}

#[cfg(test)]
mod tests;
