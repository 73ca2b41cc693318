//! Tables: shared state that is owned by a process and read without sending it a message. (Erlang: `ets`.)

mod batch;
mod builder;
mod error;
mod layout;
mod lifetime;
mod nested;
mod ordered;
mod ownership;
mod store;
mod tables;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

pub use builder::TableBuilder;
pub use error::{CreateTableError, TableError};
pub use layout::{Finds, Hashed, Layout, Ordered};
pub use lifetime::{Table, TableTransfer};
pub use nested::Number;
pub use ownership::Access;
pub use tables::{TableInfo, tables};

use crate::handle::recipient::Recipient;
use crate::pid::Pid;
use crate::process::current;
use lifetime::TableState;
use ownership::Right;
use store::{Cell, filled};

/// The key that was found and its cell, if there is one.
type Found<F, V> = Option<(F, Cell<V>)>;

/// A [`Table`] with ordered keys, which supports range queries. (Erlang: an `ets` table of type `ordered_set`.)
pub type OrderedTable<K, V> = Table<K, V, Ordered>;

impl<K, V, L> Table<K, V, L>
where
    K: Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
    L: Layout<K>,
{
    /// Reads the table if the caller has the right.
    fn look<T>(
        &self,
        right: Right,
        look: impl FnOnce(&TableState<K, V, L>) -> T,
    ) -> Result<T, TableError> {
        nested::refuse()?;
        let state = self.inner.state.read();
        state.ownership.check(right, current::pid())?;
        Ok(look(&state))
    }

    /// Changes the table if the caller may write.
    fn change<T>(
        &self,
        change: impl FnOnce(&mut TableState<K, V, L>) -> T,
    ) -> Result<T, TableError> {
        nested::refuse()?;
        let own = current::pid();
        self.inner.change(|state| {
            state.ownership.check(Right::Write, own)?;
            Ok(change(state))
        })
    }

    fn cell<Q: ?Sized>(&self, right: Right, key: &Q) -> Result<Option<Cell<V>>, TableError>
    where
        L: Finds<K, Q>,
    {
        Ok(self.find(right, key)?.map(|(_, cell)| cell))
    }

    /// Returns the key that equals this one, and its cell.
    fn find<Q: ?Sized>(&self, right: Right, key: &Q) -> Result<Found<L::Found, V>, TableError>
    where
        L: Finds<K, Q>,
    {
        let hash = L::hash(&self.inner.hasher, key);
        let seen = self.look(right, |state| state.store.see(hash, key))?;
        let found = L::choose(seen, key);
        Ok(found.map(|(found, slot)| (found, slot.cell().clone())))
    }

    /// Changes the table for a key to insert, once it is compared with the existing keys.
    fn enter<T>(
        &self,
        key: &mut L::Entering,
        mut enter: impl FnMut(&mut TableState<K, V, L>, &mut L::Entering) -> T,
    ) -> Result<T, TableError> {
        loop {
            let entered = self.change(|state| {
                let is_unsettled = state.store.is_unsettled(key);
                (!is_unsettled).then(|| enter(state, key))
            })?;
            if let Some(entered) = entered {
                return Ok(entered);
            }
            L::settle(key);
        }
    }

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
                old.into_iter().for_each(|cell| {
                    let value = cell.write().take();
                    drop(value);
                });
                return Ok(());
            }
            pairs.iter_mut().for_each(|(key, _)| L::settle(key));
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
                    let new = filled(nested::run(&mut first));
                    let mut key = L::entering(&self.inner.hasher, key.clone());
                    self.enter(&mut key, |state, key| state.store.find_or_put(key, &new))?
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
        let all = self.look(Right::Read, |state| state.store.all())?;
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
    fn current_value(&self, key: &L::Listed, mut cell: Cell<V>) -> Result<Option<V>, TableError>
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
        let all = self.look(Right::Read, |state| state.store.all())?;
        Ok(all.into_iter().map(|(key, _)| L::into_key(key)).collect())
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
        let all = self.look(Right::Read, |state| state.store.all())?;
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
                removed += usize::from(taken.is_some());
                drop((taken, unwanted));
            }
        }
        Ok(removed)
    }

    /// Transfers the ownership of the table to the process behind `to`, which receives a [`TableTransfer`], even in a
    /// full mailbox. (Erlang: `ets:give_away/3`.)
    ///
    /// # Errors
    /// - `NotOwner` if the calling process does not own the table, even if the table is public.
    /// - `NoProcess` if the receiving process has ended, or is on another node. The table keeps its owner.
    /// - `Gone` if the table has ended.
    /// - `Nested` if called from a function that a table runs, such as the closure of [`with`](Self::with).
    ///
    /// ```
    /// use ambit::prelude::*;
    /// use ambit::table::{Table, TableTransfer};
    /// #[ambit::main]
    /// async fn main() {
    ///     let heir = ambit::spawn(|mut inbox: Inbox<TableTransfer<u64, u64>>| async move {
    ///         let transfer = inbox.recv().await.unwrap();
    ///         assert_eq!(transfer.table.get(&1), Ok(Some(3)));
    ///     });
    ///     let stock = Table::new();
    ///     stock.insert(1, 3).unwrap();
    ///     stock.give_away(&heir.recipient()).unwrap();
    ///     assert_eq!(stock.owner(), heir.pid());
    ///     heir.closed().await;
    /// }
    /// ```
    pub fn give_away(&self, to: &Recipient<TableTransfer<K, V, L>>) -> Result<(), TableError> {
        nested::refuse()?;
        let own = current::pid();
        self.inner.state.read().ownership.check_owner(own)?;
        if !self.inner.pass(own, to) {
            return Err(TableError::NoProcess);
        }
        Ok(())
    }

    /// Makes the calling process the owner of a table without an owner: one that has survived its owner, or was created
    /// outside a process. From then on the table ends with the calling process, unless it has an heir or survives. The
    /// access does not change.
    ///
    /// # Errors
    /// - `NotOwner` if another process owns the table.
    /// - `NoProcess` if called outside a process, or in a process that is ending.
    /// - `Gone` if the table has ended.
    /// - `Nested` if called from a function that a table runs, such as the closure of [`with`](Self::with).
    ///
    /// ```
    /// use ambit::prelude::*;
    /// use ambit::table::Table;
    /// #[ambit::main]
    /// async fn main() {
    ///     let stock: Table<&str, u64> = std::thread::spawn(Table::new).join().unwrap();
    ///     assert_eq!(stock.owner(), Pid::NOBODY);
    ///     stock.claim().unwrap();
    ///     assert_eq!(stock.owner(), ambit::self_pid().unwrap());
    /// }
    /// ```
    pub fn claim(&self) -> Result<(), TableError> {
        let process = current::current().ok_or(TableError::NoProcess)?;
        nested::refuse()?;
        let own = process.core().pid;
        self.inner.own(|ownership| ownership.claim(own))?;
        if !self.inner.hand(own, &process) {
            self.inner.own(|ownership| ownership.give(own, Pid::NOBODY));
            return Err(TableError::NoProcess);
        }
        Ok(())
    }

    /// Ends the table before its owner ends: releases its name and drops its content. A public table can be ended from
    /// anywhere. (Erlang: `ets:delete/1`.)
    ///
    /// # Errors
    /// The errors of [`remove`](Self::remove).
    ///
    /// ```
    /// use ambit::table::Table;
    /// let stock: Table<&str, u64> = Table::new();
    /// stock.end().unwrap();
    /// assert!(stock.get("pen").is_err());
    /// ```
    pub fn end(&self) -> Result<(), TableError> {
        self.inner.check(Right::Write, current::pid())?;
        self.inner.end();
        Ok(())
    }

    /// Returns the pid of the owner; `Pid::NOBODY` if there is none. After [`end`](Self::end) this is still the last
    /// owner. (Erlang: `ets:info(Table, owner)`.)
    ///
    /// ```
    /// use ambit::table::Table;
    /// #[ambit::main]
    /// async fn main() {
    ///     let stock: Table<&str, u64> = Table::new();
    ///     assert_eq!(ambit::self_pid(), Ok(stock.owner()));
    /// }
    /// ```
    #[must_use]
    pub fn owner(&self) -> Pid {
        self.inner.owner()
    }

    /// Returns the name of the table; `None` if it was created without one. (Erlang: `ets:info(Table, name)`.)
    ///
    /// ```
    /// use ambit::table::Table;
    /// #[ambit::main]
    /// async fn main() {
    ///     let stock: Table<&str, u64> = Table::builder().name("stock").create().unwrap();
    ///     assert_eq!(stock.name(), Some("stock"));
    /// }
    /// ```
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.inner.name.as_deref()
    }
}

impl<K: 'static, V: Send + Sync + 'static, L: Layout<K>> Clone for Table<K, V, L> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
        }
    }
}

/// Compares the identity of the tables, not their content.
impl<K: 'static, V: Send + Sync + 'static, L: Layout<K>> PartialEq for Table<K, V, L> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }
}

impl<K: 'static, V: Send + Sync + 'static, L: Layout<K>> Eq for Table<K, V, L> {}

impl<K: 'static, V: Send + Sync + 'static, L: Layout<K>> fmt::Debug for Table<K, V, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table")
            .field("name", &self.inner.name)
            .field("owner", &self.inner.owner())
            .field("entries", &self.inner.entries())
            .finish_non_exhaustive()
    }
}
