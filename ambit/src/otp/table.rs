//! Tables: shared state that is owned by a process and read without asking it. (Erlang: `ets`.)

mod batch;
mod builder;
mod keeping;
mod layout;
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
pub use layout::{Finds, Hashed, Layout, Ordered};
pub use nested::Number;
pub use ownership::Access;
pub use tables::{TableInfo, tables};

use crate::handle::protocol::Message;
use crate::handle::recipient::Recipient;
use crate::pid::Pid;
use crate::process::current;
use keeping::{Inner, Room};
use ownership::Right;
use store::{Cell, filled};

/// Keys and values that many processes read at once, and one owns. (Erlang: `ets`, a `set`.)
///
/// A server is asked for its state, one question after the other; a table is looked at, from anywhere, without its owner. It
/// ends with its owner, unless it has an [heir](TableBuilder::heir) or [survives](TableBuilder::survives). Each operation on a
/// key happens at once, as far as others can see. Cloning the handle is cheap.
///
/// Functions that are given to a table, and the `Clone` of a value, run under the lock of one value, on the caller's
/// thread: they should be short, and a table that is used inside of one answers [`TableError::Nested`]. A panic in one is
/// the caller's, and the value stays as it was left. Other code of keys and values (`Hash`, `Eq`, `Drop`) runs without a
/// lock and may use any table; only the `Ord` and the `Clone` of the keys of an [`OrderedTable`] run under the lock of
/// the table, and answer as those functions do.
///
/// ```
/// use ambit::Table;
/// #[ambit::main]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let scores: Table<String, u32> = Table::new();
///     scores.insert("ada".into(), 3)?;
///     scores.add("ada".into(), 4)?;
///     // Everybody may read; only the process that made it may write.
///     let reader = scores.clone();
///     let seen = tokio::spawn(async move { (reader.get("ada"), reader.insert("joe".into(), 1).is_err()) });
///     assert_eq!(seen.await?, (Ok(Some(7)), true));
///     Ok(())
/// }
/// ```
pub struct Table<K: 'static, V: Send + Sync + 'static, L: Layout<K> = Hashed> {
    inner: Arc<Inner<K, V, L>>,
}

/// A key that was found, if there is one, and its cell.
type Found<F, V> = Option<(F, Cell<V>)>;

/// A [`Table`] whose keys have an order, and can be asked for by ranges. (Erlang: `ets`, an `ordered_set`.)
pub type OrderedTable<K, V> = Table<K, V, Ordered>;

/// Tells a process that a table is its own from now on. (Erlang: `'ETS-TRANSFER'`.)
#[derive(Debug)]
pub struct TableGiven<K: 'static, V: Send + Sync + 'static, L: Layout<K> = Hashed> {
    /// The table.
    pub table: Table<K, V, L>,
    /// Who owned it before.
    pub from: Pid,
}

/// Why a table did not do what it was asked to. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The calling process does not own the table, whose access leaves this to its owner. Tasks that a process has spawned
    /// are not that process. Ask the owner, or make the table with another [`Access`].
    #[error("only the table's owner, {owner}, may do this: ask it, or choose another `Access`")]
    NotOwner {
        /// Who owns it; `Pid::NOBODY` if nobody does, and it can be claimed.
        owner: Pid,
    },
    /// The table has ended, with its owner or by [`Table::end`]. It does not come back.
    #[error("the table has ended: make another one")]
    Gone,
    /// There is no such process to give it to. The table still belongs to its owner.
    #[error("there is no process to give the table to: it has ended")]
    NoProcess,
    /// A table was used inside a function that a table runs on a value, or while it compares ordered keys, where waiting
    /// for a lock could never end. Use it before or after.
    #[error("a table was used inside a function that a table runs: use it before or after")]
    Nested,
}

/// Why a table was not made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CreateTableError {
    /// Another table has the name, until it ends. Find it with [`Table::named`].
    #[error("a table of {owner} has the name: find it with `Table::named`, or choose another")]
    NameTaken {
        /// Whose it is; `Pid::NOBODY` for one that survives its owner.
        owner: Pid,
    },
    /// The name is empty.
    #[error("a name cannot be empty: choose one, or leave it out")]
    InvalidName,
    /// Outside a process there is nobody to own a table that is not public. Choose [`Access::Public`].
    #[error("outside a process a table must be public: choose `Access::Public`")]
    NotAProcess,
    /// Names belong to a system, and there is no runtime that has one.
    #[error(
        "there is no tokio runtime here, and so no system for the name: make the table inside one"
    )]
    NoRuntime,
}

impl<K, V, L> Table<K, V, L>
where
    K: Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
    L: Layout<K>,
{
    /// Looks into the room if the caller has the right.
    fn look<T>(
        &self,
        right: Right,
        look: impl FnOnce(&Room<K, V, L>) -> T,
    ) -> Result<T, TableError> {
        nested::refuse()?;
        let room = self.inner.room.read();
        room.ownership.check(right, current::pid())?;
        Ok(look(&room))
    }

    /// Changes the room if the caller may write.
    fn change<T>(&self, change: impl FnOnce(&mut Room<K, V, L>) -> T) -> Result<T, TableError> {
        nested::refuse()?;
        let own = current::pid();
        self.inner.change(|room| {
            room.ownership.check(Right::Write, own)?;
            Ok(change(room))
        })
    }

    fn cell<Q: ?Sized>(&self, right: Right, key: &Q) -> Result<Option<Cell<V>>, TableError>
    where
        L: Finds<K, Q>,
    {
        Ok(self.find(right, key)?.map(|(_, cell)| cell))
    }

    /// The key that equals this one, and its cell.
    fn find<Q: ?Sized>(&self, right: Right, key: &Q) -> Result<Found<L::Found, V>, TableError>
    where
        L: Finds<K, Q>,
    {
        let hash = L::hash(&self.inner.hasher, key);
        let seen = self.look(right, |room| room.store.see(hash, key))?;
        let found = L::choose(seen, key);
        Ok(found.map(|(found, slot)| (found, slot.cell().clone())))
    }

    /// Changes the room where a key is to go in, once it is known which key it is.
    fn enter<T>(
        &self,
        key: &mut L::Entering,
        mut enter: impl FnMut(&mut Room<K, V, L>, &mut L::Entering) -> T,
    ) -> Result<T, TableError> {
        loop {
            let entered = self.change(|room| {
                let is_unsettled = room.store.is_unsettled(key);
                (!is_unsettled).then(|| enter(room, key))
            })?;
            if let Some(entered) = entered {
                return Ok(entered);
            }
            L::settle(key);
        }
    }

    /// The value of a key. (Erlang: `ets:lookup/2`.)
    ///
    /// # Errors
    /// `NotOwner` if it is private, `Gone`, `Nested`.
    pub fn get<Q: ?Sized>(&self, key: &Q) -> Result<Option<V>, TableError>
    where
        L: Finds<K, Q>,
        V: Clone,
    {
        self.with(key, V::clone)
    }

    /// What `read` makes of the value of a key, where a clone would cost too much; it is not called if there is none.
    ///
    /// # Errors
    /// As [`get`](Self::get).
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
            // It was taken out between the two locks.
        }
        Ok(None)
    }

    /// Whether a key is there. (Erlang: `ets:member/2`.)
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn contains<Q: ?Sized>(&self, key: &Q) -> Result<bool, TableError>
    where
        L: Finds<K, Q>,
    {
        Ok(self.cell(Right::Read, key)?.is_some())
    }

    /// How many keys there are.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn len(&self) -> Result<usize, TableError> {
        self.look(Right::Read, |room| room.store.len())
    }

    /// Whether there is no key.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn is_empty(&self) -> Result<bool, TableError> {
        Ok(self.len()? == 0)
    }

    /// Sets the value of a key; the one before comes back. (Erlang: `ets:insert/2`.)
    ///
    /// # Errors
    /// `NotOwner`, `Gone`, `Nested`; the pair is dropped then.
    pub fn insert(&self, key: K, value: V) -> Result<Option<V>, TableError>
    where
        L: Finds<K, K>,
    {
        let (mut key, cell) = (L::entering(&self.inner.hasher, key), filled(value));
        let old = self.enter(&mut key, |room, key| room.store.put(key, cell.clone()))?;
        Ok(old.and_then(|cell| cell.write().take()))
    }

    /// Sets the values of many keys at once: whoever sees one of them sees all.
    ///
    /// # Errors
    /// As [`insert`](Self::insert).
    pub fn insert_all(&self, pairs: impl IntoIterator<Item = (K, V)>) -> Result<(), TableError>
    where
        L: Finds<K, K>,
    {
        let mut pairs = batch::unique::<K, V, L>(&self.inner.hasher, pairs);
        loop {
            let old = self.change(|room| batch::put(&mut room.store, &mut pairs))?;
            if let Some(old) = old {
                // Others who still work on one of them find it gone, and look again.
                old.into_iter().for_each(|cell| {
                    let value = cell.write().take();
                    drop(value);
                });
                return Ok(());
            }
            pairs.iter_mut().for_each(|(key, _)| L::settle(key));
        }
    }

    /// Sets the value of a key that is not there; if it is, nothing changes and the value is handed back. (Erlang:
    /// `ets:insert_new/2`.)
    ///
    /// # Errors
    /// As [`insert`](Self::insert).
    pub fn insert_new(&self, key: K, value: V) -> Result<Option<V>, TableError>
    where
        L: Finds<K, K>,
    {
        let (mut key, cell) = (L::entering(&self.inner.hasher, key), filled(value));
        let is_taken = self.enter(&mut key, |room, key| {
            let is_taken = room.store.contains(key);
            if !is_taken {
                room.store.put(key, cell.clone());
            }
            is_taken
        })?;
        Ok(if is_taken { cell.write().take() } else { None })
    }

    /// Takes a key out, with its value. (Erlang: `ets:take/2`.)
    ///
    /// # Errors
    /// As [`insert`](Self::insert).
    pub fn remove<Q: ?Sized>(&self, key: &Q) -> Result<Option<V>, TableError>
    where
        L: Finds<K, Q>,
    {
        let Some((found, _)) = self.find(Right::Write, key)? else {
            return Ok(None);
        };
        let taken = self.change(|room| room.store.take(&found, key))?;
        Ok(taken.and_then(|(_, cell)| cell.write().take()))
    }

    /// Takes everything out. (Erlang: `ets:delete_all_objects/1`.)
    ///
    /// # Errors
    /// As [`insert`](Self::insert).
    pub fn clear(&self) -> Result<(), TableError> {
        let store = self.change(|room| std::mem::take(&mut room.store))?;
        drop(store);
        Ok(())
    }

    /// Changes the value of a key in its place; `change` is not called if there is none.
    ///
    /// # Errors
    /// `NotOwner`, `Gone`, `Nested`; `change` is not called then.
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

    /// As [`update`](Self::update); a key that is not there begins with what `first` gives. It is called more than once if
    /// somebody else takes the key out meanwhile.
    ///
    /// # Errors
    /// As [`update`](Self::update).
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
                    self.enter(&mut key, |room, key| room.store.find_or_put(key, &new))?
                }
            };
            let mut value = cell.write();
            if let Some(value) = &mut *value {
                return Ok(nested::run(|| change(value)));
            }
        }
    }

    /// Adds to a number; a key that is not there begins at zero. It stops at the bounds of its type. (Erlang:
    /// `ets:update_counter/4`.)
    ///
    /// # Errors
    /// As [`update`](Self::update).
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

    /// All pairs: in the order of the keys, or in the order in which the keys came. Each pair is as it was at one moment;
    /// what is written meanwhile may be among them. (Erlang: `ets:tab2list/1`.)
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn entries(&self) -> Result<Vec<(K, V)>, TableError>
    where
        V: Clone,
    {
        let all = self.look(Right::Read, |room| room.store.all())?;
        let value = |(key, cell): (L::Listed, Cell<V>)| {
            let value = cell.read();
            let value = nested::run(|| value.clone())?;
            Some((L::into_key(key), value))
        };
        Ok(all.into_iter().filter_map(value).collect())
    }

    /// All keys, in the order of [`entries`](Self::entries).
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn keys(&self) -> Result<Vec<K>, TableError> {
        let all = self.look(Right::Read, |room| room.store.all())?;
        Ok(all.into_iter().map(|(key, _)| L::into_key(key)).collect())
    }

    /// Takes out what `wanted` does not want, and says how many that were. Each value is looked at, and may be changed, in
    /// its turn. (Erlang: `ets:select_delete/2`.)
    ///
    /// # Errors
    /// As [`update`](Self::update).
    pub fn retain(&self, mut wanted: impl FnMut(&K, &mut V) -> bool) -> Result<usize, TableError>
    where
        L: Finds<K, K>,
    {
        self.inner.check(Right::Write, current::pid())?;
        let all = self.look(Right::Read, |room| room.store.all())?;
        let mut removed = 0;
        for (key, cell) in all {
            let mut value = cell.write();
            let is_wanted = match &mut *value {
                Some(value) => nested::run(|| wanted(L::key(&key), value)),
                None => true,
            };
            if !is_wanted {
                // Whoever has the lock of the room waits for no cell, so this waits for nobody who waits for us.
                let taken = self.change(|room| room.store.take_cell(&key, &cell))?;
                let unwanted = value.take();
                drop(value);
                removed += usize::from(taken.is_some());
                drop((taken, unwanted));
            }
        }
        Ok(removed)
    }

    /// Gives the table to another process, which is told by a [`TableGiven`]. (Erlang: `ets:give_away/3`.)
    ///
    /// # Errors
    /// `NotOwner` if it is not the calling process's, `NoProcess`, `Gone`.
    pub fn give_away(&self, to: &Recipient<TableGiven<K, V, L>>) -> Result<(), TableError> {
        nested::refuse()?;
        let own = current::pid();
        self.inner.room.read().ownership.check_owner(own)?;
        if !self.inner.pass(own, to) {
            return Err(TableError::NoProcess);
        }
        Ok(())
    }

    /// Takes a table that nobody owns: one that has survived its owner, or was made outside a process.
    ///
    /// # Errors
    /// `NotOwner` if another process owns it; `NoProcess` outside a process; `Gone`.
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

    /// Ends the table before its owner does: its name is free, its content is dropped. (Erlang: `ets:delete/1`.)
    ///
    /// # Errors
    /// `NotOwner` if the calling process may not write, `Gone`.
    pub fn end(&self) -> Result<(), TableError> {
        self.inner.check(Right::Write, current::pid())?;
        self.inner.end();
        Ok(())
    }

    /// Who owns it; `Pid::NOBODY` if nobody does.
    #[must_use]
    pub fn owner(&self) -> Pid {
        self.inner.owner()
    }

    /// What it is called.
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

impl<K, V, L> Message for Table<K, V, L>
where
    K: Send + Sync + 'static,
    V: Send + Sync + 'static,
    L: Layout<K>,
{
}

impl<K, V, L> Message for TableGiven<K, V, L>
where
    K: Send + Sync + 'static,
    V: Send + Sync + 'static,
    L: Layout<K>,
{
}

/// The same table, not the same content.
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
