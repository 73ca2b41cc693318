//! Tables: shared state that is owned by a process and read without sending it a message. (Erlang: `ets`.)

mod batch;
mod builder;
mod error;
mod layout;
mod lifetime;
mod nested;
mod ordered;
mod ownership;
mod read;
mod store;
mod tables;
#[cfg(test)]
mod tests;
mod transfer;
mod write;

use std::fmt;
use std::sync::Arc;

pub use builder::TableBuilder;
pub use error::{CreateTableError, TableError};
pub use layout::{Finds, Hashed, Layout, Ordered};
pub use lifetime::{Table, TableTransfer};
pub use nested::Number;
pub use ownership::Access;
pub use tables::{TableInfo, tables};

use crate::pid::Pid;
use crate::process::current;
use lifetime::TableState;
use ownership::Right;
use store::Cell;

/// The key that was found and its cell, if there is one.
type Found<F, V> = Option<(F, Cell<V>)>;

/// A [`Table`] with ordered keys, which supports range queries. (Erlang: an `ets` table of type `ordered_set`.)
///
/// ```
/// use ambit::table::{OrderedTable, Table};
/// #[ambit::main]
/// async fn main() {
///     let readings: OrderedTable<u64, f32> = Table::ordered();
///     for (minute, degrees) in [(30, 21.5), (10, 20.0), (20, 20.5)] {
///         readings.insert(minute, degrees).unwrap();
///     }
///     assert_eq!(readings.range(15..), Ok(vec![(20, 20.5), (30, 21.5)]));
/// }
/// ```
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

impl<K: 'static, V: Send + Sync + 'static, L: Layout<K>> fmt::Debug for TableTransfer<K, V, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableTransfer")
            .field("table", &self.table)
            .field("from", &self.from)
            .finish()
    }
}

impl<K: 'static, V: Send + Sync + 'static, L: Layout<K>> fmt::Debug for Table<K, V, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table")
            .field("name", &self.inner.name)
            .field("owner", &self.inner.owner())
            .field("entries", &self.inner.entries())
            .finish_non_exhaustive()
    }
}
