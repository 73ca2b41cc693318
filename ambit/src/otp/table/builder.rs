//! Creating tables, and finding them by name.

use std::fmt;
use std::hash::Hash;
use std::sync::Arc;

use super::error::CreateTableError;
use super::layout::{Hashed, Layout, Ordered};
use super::lifetime::{Table, TableInner, TableTransfer};
use super::ownership::{Access, Ownership};
use super::tables::Tables;
use crate::error::LookupError;
use crate::handle::recipient::Recipient;
use crate::pid::Pid;
use crate::process::{current, current_system};

/// A builder for a [`Table`], from [`Table::builder`] or [`Table::ordered_builder`].
///
/// ```
/// use ambit::table::{Access, Table};
/// #[ambit::main]
/// async fn main() {
///     let stock: Table<String, u64> = Table::builder().name("stock").access(Access::Public).create().unwrap();
///     stock.insert("pen".to_owned(), 3).unwrap();
///     // Code without the handle finds the table by its name.
///     let found = Table::<String, u64>::named("stock").unwrap();
///     assert_eq!(found.get("pen"), Ok(Some(3)));
/// }
/// ```
#[must_use = "a builder makes nothing by itself"]
pub struct TableBuilder<K: 'static, V: Send + Sync + 'static, L: Layout<K> = Hashed> {
    name: Option<String>,
    access: Option<Access>,
    survives: bool,
    heir: Option<Recipient<TableTransfer<K, V, L>>>,
}

impl<K, V, L> Table<K, V, L>
where
    K: Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
    L: Layout<K>,
{
    /// Returns the table called `name` in the current system. (Erlang: `ets:whereis/1`.)
    ///
    /// # Errors
    /// - `NotFound` if no table has this name, or the caller is outside a system.
    /// - `WrongType` if the table of this name has other key or value types, or another layout.
    ///
    /// ```
    /// use ambit::table::Table;
    /// #[ambit::main]
    /// async fn main() {
    ///     let stock: Table<String, u64> = Table::builder().name("stock").create().unwrap();
    ///     let found = Table::<String, u64>::named("stock").unwrap();
    ///     stock.insert("pen".into(), 3).unwrap();
    ///     assert_eq!(found.get("pen").unwrap(), Some(3));
    /// }
    /// ```
    pub fn named(name: &str) -> Result<Self, LookupError> {
        let system = current_system::current().ok_or(LookupError::NotFound)?;
        let table = system.extension::<Tables>().find(name);
        let table = table.ok_or(LookupError::NotFound)?.as_any();
        let inner = table.downcast().map_err(|_| LookupError::WrongType)?;
        Ok(Self { inner })
    }

    /// Creates a table from the builder's settings, and lists it.
    ///
    /// # Errors
    /// The owner of the table that has the name.
    fn make(wanted: TableBuilder<K, V, L>) -> Result<Self, Pid> {
        let maker = current::current();
        let owner = maker.as_ref().map(|process| process.core().pid);
        let access = wanted.access.unwrap_or(match owner {
            Some(_) => Access::Protected,
            None => Access::Public,
        });
        let ownership = Ownership::new(owner.unwrap_or(Pid::NOBODY), access, wanted.survives);
        let tables = current_system::current_or_new().map(|system| system.extension::<Tables>());
        let listed = tables.map(|tables| (Arc::downgrade(&tables), tables.number()));
        let inner = TableInner::new(wanted.name, ownership, wanted.heir, listed);
        inner.enlist()?;
        if maker.is_some_and(|process| !inner.hand(process.core().pid, &process)) {
            inner.end();
        }
        Ok(Self { inner })
    }
}

impl<K, V> Table<K, V, Hashed>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// Creates a table without a name. A table that is created in a process belongs to that process: only the owner may
    /// write, and the table ends with the owner. A table that is created outside a process has no owner: it is public,
    /// and exists until its last handle is dropped. (Erlang: `ets:new/2`.)
    ///
    /// ```
    /// use ambit::table::Table;
    /// #[ambit::main]
    /// async fn main() {
    ///     let stock = Table::new();
    ///     stock.insert("pen", 3).unwrap();
    ///     assert_eq!(stock.get("pen").unwrap(), Some(3));
    /// }
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns a builder for a table with a name, with an access mode other than the default, or with a lifetime that
    /// is independent of its owner.
    ///
    /// ```
    /// use ambit::table::Table;
    /// #[ambit::main]
    /// async fn main() {
    ///     let stock: Table<u64, u64> = Table::builder().name("stock").create().unwrap();
    ///     assert_eq!(stock.name(), Some("stock"));
    /// }
    /// ```
    pub fn builder() -> TableBuilder<K, V, Hashed> {
        TableBuilder::default()
    }
}

impl<K, V> Table<K, V, Ordered>
where
    K: Clone + Ord + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// Creates a table like [`Table::new`], with ordered keys.
    ///
    /// ```
    /// use ambit::table::Table;
    /// let stock = Table::ordered();
    /// stock.insert_all([("pen", 3), ("ink", 1)]).unwrap();
    /// assert_eq!(stock.keys().unwrap(), ["ink", "pen"]);
    /// ```
    #[must_use]
    pub fn ordered() -> Self {
        Self::default()
    }

    /// Returns a builder like [`Table::builder`], for a table with ordered keys.
    ///
    /// ```
    /// use ambit::table::{Ordered, Table};
    /// #[ambit::main]
    /// async fn main() {
    ///     let stock: Table<&str, u64, Ordered> = Table::ordered_builder().name("stock").create().unwrap();
    ///     stock.insert_all([("pen", 3), ("ink", 1)]).unwrap();
    ///     assert_eq!(stock.first(), Ok(Some(("ink", 1))));
    /// }
    /// ```
    pub fn ordered_builder() -> TableBuilder<K, V, Ordered> {
        TableBuilder::default()
    }
}

impl<K: 'static, V: Send + Sync + 'static, L: Layout<K>> Default for TableBuilder<K, V, L> {
    fn default() -> Self {
        Self {
            name: None,
            access: None,
            survives: false,
            heir: None,
        }
    }
}

impl<K, V, L> Default for Table<K, V, L>
where
    K: Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
    L: Layout<K>,
{
    /// Creates a table without a name, like [`Table::new`].
    fn default() -> Self {
        match Self::make(TableBuilder::default()) {
            Ok(table) => table,
            Err(_) => unreachable!("a table without a name has no conflict"),
        }
    }
}

impl<K, V, L> TableBuilder<K, V, L>
where
    K: Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
    L: Layout<K>,
{
    /// Sets the name by which [`Table::named`] finds the table in its system; no name by default. A named table exists
    /// until it ends, even without a handle. (Erlang: `named_table`.)
    ///
    /// ```
    /// use ambit::table::Table;
    /// #[ambit::main]
    /// async fn main() {
    ///     let stock: Table<&str, u64> = Table::builder().name("stock").create().unwrap();
    ///     stock.insert("pen", 3).unwrap();
    ///     let found = Table::<&str, u64>::named("stock").unwrap();
    ///     assert_eq!(found.get("pen"), Ok(Some(3)));
    /// }
    /// ```
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the access of code other than the owner. Default: [`Access::Protected`] for a table that is created in a
    /// process, [`Access::Public`] for one that is created outside a process. (Erlang: `public`, `protected`,
    /// `private`.)
    ///
    /// ```
    /// use ambit::prelude::*;
    /// use ambit::table::{Access, Table};
    /// #[ambit::main]
    /// async fn main() {
    ///     let stock: Table<u64, u64> = Table::builder().access(Access::Public).create().unwrap();
    ///     let writer = stock.clone();
    ///     let written = Task::spawn(async move { writer.insert(1, 3) }).await.unwrap();
    ///     assert_eq!(written, Ok(None));
    /// }
    /// ```
    pub fn access(mut self, access: Access) -> Self {
        self.access = Some(access);
        self
    }

    /// Keeps the table when its owner ends without an heir; by default the table ends with its owner. The surviving
    /// table has no owner until a process [claims](Table::claim) it. Give the table a name, so that a restarted server
    /// can find it again; without a name, the content is lost with the last handle.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// use ambit::table::Table;
    /// #[ambit::main]
    /// async fn main() {
    ///     let make = || Table::<&str, u64>::builder().name("stock").survives().create();
    ///     let made = Task::spawn(async move { make().unwrap().insert("pen", 3) }).await.unwrap();
    ///     assert_eq!(made, Ok(None));
    ///     // Its owner, the task, has ended.
    ///     let stock = Table::<&str, u64>::named("stock").unwrap();
    ///     stock.claim().unwrap();
    ///     assert_eq!(stock.get("pen"), Ok(Some(3)));
    /// }
    /// ```
    pub fn survives(mut self) -> Self {
        self.survives = true;
        self
    }

    /// Sets the heir: the process that becomes the owner when the owner ends, and then receives a [`TableTransfer`].
    /// There is none by default. An heir is ignored if it has ended by then, or is on another node. (Erlang: `heir`.)
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
    ///     let stock = Table::builder().heir(&heir.recipient());
    ///     let made = Task::spawn(async move { stock.create().unwrap().insert(1, 3) }).await.unwrap();
    ///     assert_eq!(made, Ok(None));
    ///     assert_eq!(heir.closed().await, ExitReason::Normal);
    /// }
    /// ```
    pub fn heir(mut self, heir: &Recipient<TableTransfer<K, V, L>>) -> Self {
        self.heir = Some(heir.clone());
        self
    }

    /// Creates the table. The calling process owns it; a table created outside a process has no owner. (Erlang:
    /// `ets:new/2`.)
    ///
    /// # Errors
    /// After an error no table has been created.
    /// - `NotAProcess` if called outside a process with the access set to anything but [`Access::Public`].
    /// - `InvalidName` if the name is empty.
    /// - `NoRuntime` if a table with a name is created outside a tokio runtime.
    /// - `NameTaken` if another table of the system has the name.
    ///
    /// ```
    /// use ambit::table::Table;
    /// #[ambit::main]
    /// async fn main() {
    ///     let stock: Table<u64, u64> = Table::builder().name("stock").create().unwrap();
    ///     let second = Table::<u64, u64>::builder().name("stock").create();
    ///     assert!(second.is_err());
    ///     assert_eq!(stock.owner(), ambit::self_pid().unwrap());
    /// }
    /// ```
    pub fn create(self) -> Result<Table<K, V, L>, CreateTableError> {
        let is_free = matches!(self.access, None | Some(Access::Public));
        if !is_free && current::pid() == Pid::NOBODY {
            return Err(CreateTableError::NotAProcess);
        }
        if self.name.as_deref() == Some("") {
            return Err(CreateTableError::InvalidName);
        }
        if self.name.is_some() && current_system::current_or_new().is_none() {
            return Err(CreateTableError::NoRuntime);
        }
        Table::make(self).map_err(|owner| CreateTableError::NameTaken { owner })
    }
}

impl<K: 'static, V: Send + Sync + 'static, L: Layout<K>> fmt::Debug for TableBuilder<K, V, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableBuilder")
            .field("name", &self.name)
            .field("access", &self.access)
            .field("survives", &self.survives)
            .finish_non_exhaustive()
    }
}
