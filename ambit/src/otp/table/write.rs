//! Changing a table: inserting, removing and updating pairs.

use std::sync::Arc;

use super::layout::{Finds, Layout};
use super::ownership::Right;
use super::store::filled;
use super::{Number, Table, TableError, batch, nested};
use crate::panics;
use crate::process::current;

impl<K, V, L> Table<K, V, L>
where
    K: Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
    L: Layout<K>,
{
    /// Sets the value of `key` and returns the previous value; `None` if the key was missing. (Erlang: `ets:insert/2`.)
    ///
    /// # Errors
    /// - `NotOwner` if the table is not public and the calling process does not own it.
    /// - `Gone` if the table has ended.
    /// - `Nested` if called from a function that a table runs, such as the closure of [`with`](Self::with).
    ///
    /// After an error the key and the value are dropped, and the table is unchanged.
    ///
    /// ```
    /// use ambit::table::Table;
    /// let stock = Table::new();
    /// assert_eq!(stock.insert("pen", 3).unwrap(), None);
    /// assert_eq!(stock.insert("pen", 5).unwrap(), Some(3));
    /// ```
    pub fn insert(&self, key: K, value: V) -> Result<Option<V>, TableError>
    where
        L: Finds<K, K>,
    {
        let (mut key, cell) = (L::entering(&self.inner.hasher, key), filled(value));
        let old = self.enter(&mut key, |state, key| state.store.put(key, cell.clone()))?;
        Ok(old.and_then(|cell| cell.write().take()))
    }

    /// Inserts many pairs in one step: a reader that finds one of the new values finds all of them. If a key appears
    /// several times, its last value is stored. (Erlang: `ets:insert/2` with a list.)
    ///
    /// # Errors
    /// The errors of [`insert`](Self::insert). After an error all pairs are dropped, and the table is unchanged.
    ///
    /// ```
    /// use ambit::table::Table;
    /// let stock = Table::new();
    /// stock.insert_all([("pen", 3), ("ink", 1)]).unwrap();
    /// assert_eq!(stock.len().unwrap(), 2);
    /// ```
    pub fn insert_all(&self, pairs: impl IntoIterator<Item = (K, V)>) -> Result<(), TableError>
    where
        L: Finds<K, K>,
    {
        let mut pairs = batch::unique::<K, V, L>(&self.inner.hasher, pairs);
        loop {
            let old = self.change(|state| batch::put(&mut state.store, &mut pairs))?;
            if let Some(old) = old {
                // Concurrent operations on one of the cells find it empty, and look it up again.
                panics::drop_each_quietly(old.into_iter().map(|cell| cell.write().take()));
                return Ok(());
            }
            pairs.0.iter_mut().for_each(|(key, _)| L::settle(key));
        }
    }

    /// Inserts `key` with `value` and returns `None` if the key is missing. If the key exists, returns `value` and
    /// leaves the table unchanged. (Erlang: `ets:insert_new/2`.)
    ///
    /// # Errors
    /// The errors of [`insert`](Self::insert).
    ///
    /// ```
    /// use ambit::table::Table;
    /// let stock = Table::new();
    /// assert_eq!(stock.insert_new("pen", 3).unwrap(), None);
    /// assert_eq!(stock.insert_new("pen", 5).unwrap(), Some(5));
    /// assert_eq!(stock.get("pen").unwrap(), Some(3));
    /// ```
    pub fn insert_new(&self, key: K, value: V) -> Result<Option<V>, TableError>
    where
        L: Finds<K, K>,
    {
        let (mut key, cell) = (L::entering(&self.inner.hasher, key), filled(value));
        let is_taken = self.enter(&mut key, |state, key| {
            let is_taken = state.store.contains(key);
            if !is_taken {
                state.store.put(key, cell.clone());
            }
            is_taken
        })?;
        Ok(if is_taken { cell.write().take() } else { None })
    }

    /// Removes `key` and returns its value; `None` if the key is missing. (Erlang: `ets:take/2`.)
    ///
    /// # Errors
    /// - `NotOwner` if the table is not public and the calling process does not own it.
    /// - `Gone` if the table has ended.
    /// - `Nested` if called from a function that a table runs, such as the closure of [`with`](Self::with).
    ///
    /// ```
    /// use ambit::table::Table;
    /// let stock = Table::new();
    /// stock.insert("pen", 3).unwrap();
    /// assert_eq!(stock.remove("pen").unwrap(), Some(3));
    /// assert_eq!(stock.remove("pen").unwrap(), None);
    /// ```
    pub fn remove<Q: ?Sized>(&self, key: &Q) -> Result<Option<V>, TableError>
    where
        L: Finds<K, Q>,
    {
        let Some((found, _)) = self.find(Right::Write, key)? else {
            return Ok(None);
        };
        let taken = self.change(|state| state.store.take(&found, key))?;
        Ok(taken.and_then(|(_, cell)| cell.write().take()))
    }

    /// Removes all keys. (Erlang: `ets:delete_all_objects/1`.)
    ///
    /// # Errors
    /// The errors of [`remove`](Self::remove).
    ///
    /// ```
    /// use ambit::table::Table;
    /// let stock = Table::new();
    /// stock.insert("pen", 3).unwrap();
    /// stock.clear().unwrap();
    /// assert!(stock.is_empty().unwrap());
    /// ```
    pub fn clear(&self) -> Result<(), TableError> {
        let store = self.change(|state| std::mem::take(&mut state.store))?;
        drop(store);
        Ok(())
    }

    /// Changes the value of `key` in place with `change`, and returns the result of `change`. Returns `None` without
    /// calling `change` if the key is missing.
    ///
    /// # Errors
    /// The errors of [`remove`](Self::remove). After an error `change` has not been called.
    ///
    /// # Panics
    /// Panics if `change` panics. The value stays as `change` left it.
    ///
    /// ```
    /// use ambit::table::Table;
    /// let stock = Table::new();
    /// stock.insert("pen", 3).unwrap();
    /// let left = stock.update("pen", |count| { *count -= 1; *count });
    /// assert_eq!(left.unwrap(), Some(2));
    /// ```
    pub fn update<Q: ?Sized, R>(
        &self,
        key: &Q,
        change: impl FnOnce(&mut V) -> R,
    ) -> Result<Option<R>, TableError>
    where
        L: Finds<K, Q>,
    {
        while let Some(cell) = self.cell(Right::Write, key)? {
            let mut value = cell.write();
            if let Some(value) = &mut *value {
                return Ok(Some(nested::run(|| change(value))));
            }
        }
        Ok(None)
    }

    /// Changes the value of `key` like [`update`](Self::update), after inserting the result of `first` if the key is
    /// missing. If other code inserts or removes the key concurrently, `first` may be called several times, and its
    /// result may be discarded.
    ///
    /// # Errors
    /// The errors of [`update`](Self::update). `first` may have been called before an error is returned.
    ///
    /// # Panics
    /// Panics if `first` or `change` panics.
    ///
    /// ```
    /// use ambit::table::Table;
    /// let tags = Table::new();
    /// tags.upsert("pen", Vec::new, |tags| tags.push("blue")).unwrap();
    /// assert_eq!(tags.get("pen").unwrap(), Some(vec!["blue"]));
    /// ```
    pub fn upsert<R>(
        &self,
        key: K,
        mut first: impl FnMut() -> V,
        change: impl FnOnce(&mut V) -> R,
    ) -> Result<R, TableError>
    where
        L: Finds<K, K>,
    {
        loop {
            let cell = match self.cell(Right::Write, &key)? {
                Some(cell) => cell,
                None => {
                    // Dropped after the lock of the value is released, because it may hold keys that others removed.
                    let mut key = L::entering(&self.inner.hasher, key.clone());
                    let new = filled(nested::run(&mut first));
                    // Locked before it is visible, so that other threads see the changed value only.
                    let mut value = new.write();
                    let cell =
                        self.enter(&mut key, |state, key| state.store.find_or_put(key, &new))?;
                    if Arc::ptr_eq(&cell, &new)
                        && let Some(value) = &mut *value
                    {
                        return Ok(nested::run(|| change(value)));
                    }
                    cell
                }
            };
            let mut value = cell.write();
            if let Some(value) = &mut *value {
                return Ok(nested::run(|| change(value)));
            }
        }
    }

    /// Adds `by` to the number stored under `key`, and returns the sum. A missing key counts as zero. The sum saturates
    /// at the bounds of its type. (Erlang: `ets:update_counter/4`.)
    ///
    /// # Errors
    /// The errors of [`update`](Self::update).
    ///
    /// ```
    /// use ambit::table::Table;
    /// let hits = Table::new();
    /// assert_eq!(hits.add("/", 1_u64).unwrap(), 1);
    /// assert_eq!(hits.add("/", 2).unwrap(), 3);
    /// ```
    pub fn add(&self, key: K, by: V) -> Result<V, TableError>
    where
        L: Finds<K, K>,
        V: Number,
    {
        self.upsert(key, V::zero, |value| {
            *value = value.plus(by);
            *value
        })
    }

    /// Removes all pairs for which `wanted` returns false, and returns their number. `wanted` is called with one pair
    /// at a time, in the order of [`entries`](Self::entries), and may change the value. Pairs that are inserted
    /// concurrently, including those that overwrite a value, are kept without calling `wanted`. (Erlang:
    /// `ets:select_delete/2`.)
    ///
    /// # Errors
    /// The errors of [`remove`](Self::remove). If the calling process loses the ownership or the table ends while
    /// `retain` runs, earlier removals and changes remain in effect.
    ///
    /// # Panics
    /// Panics if `wanted` panics. Earlier removals and changes remain in effect.
    ///
    /// ```
    /// use ambit::table::Table;
    /// let stock = Table::new();
    /// stock.insert_all([("pen", 3), ("ink", 0)]).unwrap();
    /// assert_eq!(stock.retain(|_, count| *count > 0).unwrap(), 1);
    /// assert_eq!(stock.keys().unwrap(), ["pen"]);
    /// ```
    pub fn retain(&self, mut wanted: impl FnMut(&K, &mut V) -> bool) -> Result<usize, TableError>
    where
        L: Finds<K, K>,
    {
        self.inner.check(Right::Write, current::pid())?;
        let all = self.look(Right::Read, |state| state.store.all())?.sorted();
        let mut removed = 0;
        for (key, cell) in all {
            let mut value = cell.write();
            let is_wanted = match &mut *value {
                Some(value) => nested::run(|| wanted(L::key(&key), value)),
                None => true,
            };
            if !is_wanted {
                // A thread with the table's lock waits for no cell, so this cannot deadlock.
                let taken = self.change(|state| state.store.take_cell(&key, &cell))?;
                let unwanted = value.take();
                drop(value);
                // The pair is removed here even if its key has been overwritten: then that operation finds no value.
                removed += usize::from(unwanted.is_some());
                drop((taken, unwanted));
            }
        }
        Ok(removed)
    }
}
