//! Reading a table: pairs, keys and their number.

use std::sync::Arc;

use super::layout::{Finds, Layout};
use super::ownership::Right;
use super::store::Cell;
use super::{Table, TableError, nested};

impl<K, V, L> Table<K, V, L>
where
    K: Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
    L: Layout<K>,
{
    /// Returns a clone of the value of `key`; `None` if the key is missing. (Erlang: `ets:lookup/2`.)
    ///
    /// # Errors
    /// - `NotOwner` if the table is private and the calling process does not own it.
    /// - `Gone` if the table has ended.
    /// - `Nested` if called from a function that a table runs, such as the closure of [`with`](Self::with).
    ///
    /// ```
    /// use ambit::table::Table;
    /// let stock = Table::new();
    /// stock.insert("pen", 3).unwrap();
    /// assert_eq!(stock.get("pen").unwrap(), Some(3));
    /// assert_eq!(stock.get("ink").unwrap(), None);
    /// ```
    pub fn get<Q: ?Sized>(&self, key: &Q) -> Result<Option<V>, TableError>
    where
        L: Finds<K, Q>,
        V: Clone,
    {
        self.with(key, V::clone)
    }

    /// Calls `read` with the value of `key` and returns its result, without cloning the value. Returns `None` without
    /// calling `read` if the key is missing.
    ///
    /// # Errors
    /// The errors of [`get`](Self::get). After an error `read` has not been called.
    ///
    /// # Panics
    /// Panics if `read` panics.
    ///
    /// ```
    /// use ambit::table::Table;
    /// let notes = Table::new();
    /// notes.insert(1, String::from("a long note")).unwrap();
    /// assert_eq!(notes.with(&1, |note| note.len()).unwrap(), Some(11));
    /// ```
    pub fn with<Q: ?Sized, R>(
        &self,
        key: &Q,
        read: impl FnOnce(&V) -> R,
    ) -> Result<Option<R>, TableError>
    where
        L: Finds<K, Q>,
    {
        while let Some(cell) = self.cell(Right::Read, key)? {
            let value = cell.read();
            if let Some(value) = &*value {
                return Ok(Some(nested::run(|| read(value))));
            }
            // The value was removed between the two locks.
        }
        Ok(None)
    }

    /// Returns true if the table contains `key`. (Erlang: `ets:member/2`.)
    ///
    /// # Errors
    /// The errors of [`get`](Self::get).
    ///
    /// ```
    /// use ambit::table::Table;
    /// let stock = Table::new();
    /// stock.insert("pen", 3).unwrap();
    /// assert!(stock.contains("pen").unwrap());
    /// ```
    pub fn contains<Q: ?Sized>(&self, key: &Q) -> Result<bool, TableError>
    where
        L: Finds<K, Q>,
    {
        Ok(self.cell(Right::Read, key)?.is_some())
    }

    /// Returns the number of keys. (Erlang: `ets:info(Table, size)`.)
    ///
    /// # Errors
    /// The errors of [`get`](Self::get).
    ///
    /// ```
    /// use ambit::table::Table;
    /// let stock = Table::new();
    /// stock.insert("pen", 3).unwrap();
    /// assert_eq!(stock.len().unwrap(), 1);
    /// ```
    pub fn len(&self) -> Result<usize, TableError> {
        self.look(Right::Read, |state| state.store.len())
    }

    /// Returns true if the table is empty.
    ///
    /// # Errors
    /// The errors of [`get`](Self::get).
    ///
    /// ```
    /// use ambit::table::Table;
    /// let stock: Table<u64, u64> = Table::new();
    /// assert!(stock.is_empty().unwrap());
    /// ```
    pub fn is_empty(&self) -> Result<bool, TableError> {
        Ok(self.len()? == 0)
    }

    /// Returns all pairs: ordered keys in key order, hashed keys in insertion order. Overwriting a value does not
    /// change the position of its key. (Erlang: `ets:tab2list/1`.)
    ///
    /// The pairs are not a snapshot: concurrent changes may be included. A key that is in the table during the whole
    /// call is always included, even if its value is overwritten meanwhile.
    ///
    /// # Errors
    /// The errors of [`get`](Self::get).
    ///
    /// ```
    /// use ambit::table::Table;
    /// let stock = Table::new();
    /// stock.insert_all([("pen", 3), ("ink", 1)]).unwrap();
    /// assert_eq!(stock.entries().unwrap(), [("pen", 3), ("ink", 1)]);
    /// ```
    pub fn entries(&self) -> Result<Vec<(K, V)>, TableError>
    where
        V: Clone,
    {
        let all = self.look(Right::Read, |state| state.store.all())?.sorted();
        let mut entries = Vec::with_capacity(all.len());
        for (key, cell) in all {
            if let Some(value) = self.current_value(&key, cell)? {
                entries.push((L::into_key(key), value));
            }
        }
        Ok(entries)
    }

    /// Returns the value of a key that was listed with this cell; that of its current cell if it was overwritten
    /// meanwhile, and `None` if it was removed.
    pub(super) fn current_value(
        &self,
        key: &L::Listed,
        mut cell: Cell<V>,
    ) -> Result<Option<V>, TableError>
    where
        V: Clone,
    {
        loop {
            let value = cell.read();
            let copy = nested::run(|| value.clone());
            drop(value);
            if copy.is_some() {
                return Ok(copy);
            }
            match self.look(Right::Read, |state| state.store.cell(key))? {
                Some(current) if !Arc::ptr_eq(&current, &cell) => cell = current,
                _ => return Ok(None),
            }
        }
    }

    /// Returns a snapshot of all keys, in the order of [`entries`](Self::entries).
    ///
    /// # Errors
    /// The errors of [`get`](Self::get).
    ///
    /// ```
    /// use ambit::table::Table;
    /// let stock = Table::new();
    /// stock.insert_all([("pen", 3), ("ink", 1)]).unwrap();
    /// assert_eq!(stock.keys().unwrap(), ["pen", "ink"]);
    /// ```
    pub fn keys(&self) -> Result<Vec<K>, TableError> {
        let all = self.look(Right::Read, |state| state.store.all())?.sorted();
        Ok(all.into_iter().map(|(key, _)| L::into_key(key)).collect())
    }
}
