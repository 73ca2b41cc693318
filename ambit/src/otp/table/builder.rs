//! Making tables, and finding them by name.

use std::fmt;
use std::hash::Hash;
use std::sync::Arc;

use super::keeping::Inner;
use super::layout::{Hashed, Layout, Ordered};
use super::ownership::{Access, Ownership};
use super::tables::Tables;
use super::{CreateTableError, Table, TableGiven};
use crate::error::LookupError;
use crate::handle::recipient::Recipient;
use crate::pid::Pid;
use crate::process::{current, worlds};

/// Makes a [`Table`].
#[must_use = "a builder makes nothing by itself"]
pub struct TableBuilder<K: 'static, V: Send + Sync + 'static, L: Layout<K> = Hashed> {
    name: Option<String>,
    access: Option<Access>,
    survives: bool,
    heir: Option<Recipient<TableGiven<K, V, L>>>,
}

impl<K, V, L> Table<K, V, L>
where
    K: Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
    L: Layout<K>,
{
    /// The table of this name in the current system. (Erlang: `ets:whereis/1`.)
    ///
    /// # Errors
    /// `NotFound`; `WrongType` if the table has keys or values of other types, or keeps its keys in another way.
    pub fn named(name: &str) -> Result<Self, LookupError> {
        let world = worlds::current().ok_or(LookupError::NotFound)?;
        let table = world.extension::<Tables>().find(name);
        let table = table.ok_or(LookupError::NotFound)?.as_any();
        let inner = table.downcast().map_err(|_| LookupError::WrongType)?;
        Ok(Self { inner })
    }

    /// Makes a table as `wanted`, and lists it.
    ///
    /// # Errors
    /// Who has the name.
    fn make(wanted: TableBuilder<K, V, L>) -> Result<Self, Pid> {
        let maker = current::current();
        let owner = maker.as_ref().map(|process| process.core().pid);
        let access = wanted.access.unwrap_or(match owner {
            Some(_) => Access::Protected,
            None => Access::Public,
        });
        let ownership = Ownership::new(owner.unwrap_or(Pid::NOBODY), access, wanted.survives);
        let tables = worlds::current_or_new().map(|world| world.extension::<Tables>());
        let listed = tables.map(|tables| (Arc::downgrade(&tables), tables.number()));
        let inner = Inner::new(wanted.name, ownership, wanted.heir, listed);
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
    /// A table without a name. Made in a process it is that process's, which alone may write, and ends with it; made
    /// elsewhere it is everybody's.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A table with a name, other access, or another life than its owner's.
    pub fn builder() -> TableBuilder<K, V, Hashed> {
        TableBuilder::default()
    }
}

impl<K, V> Table<K, V, Ordered>
where
    K: Clone + Ord + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// As [`Table::new`], with its keys in their order.
    #[must_use]
    pub fn ordered() -> Self {
        Self::default()
    }

    /// As [`Table::builder`], with its keys in their order.
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
    /// As [`Table::new`].
    fn default() -> Self {
        match Self::make(TableBuilder::default()) {
            Ok(table) => table,
            Err(_) => unreachable!("without a name there is nobody who has it"),
        }
    }
}

impl<K, V, L> TableBuilder<K, V, L>
where
    K: Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
    L: Layout<K>,
{
    /// What it can be found by in its system. (Erlang: `named_table`.)
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Who may read and write besides the owner: [`Access::Protected`] unless this says otherwise.
    pub fn access(mut self, access: Access) -> Self {
        self.access = Some(access);
        self
    }

    /// Keeps it when its owner ends without an heir: then nobody owns it, until somebody [claims](Table::claim) it. A
    /// server that finds its table by name when it is started again loses nothing.
    pub fn survives(mut self) -> Self {
        self.survives = true;
        self
    }

    /// Who owns it when its owner has ended, and is told by a [`TableGiven`]. If there is nobody by then, it is as if no
    /// heir had been named. (Erlang: `heir`.)
    pub fn heir(mut self, heir: &Recipient<TableGiven<K, V, L>>) -> Self {
        self.heir = Some(heir.clone());
        self
    }

    /// Makes it, with the calling process as its owner.
    ///
    /// # Errors
    /// [`CreateTableError`]; nothing is made then.
    pub fn create(self) -> Result<Table<K, V, L>, CreateTableError> {
        let is_free = matches!(self.access, None | Some(Access::Public));
        if !is_free && current::pid() == Pid::NOBODY {
            return Err(CreateTableError::NotAProcess);
        }
        if self.name.as_deref() == Some("") {
            return Err(CreateTableError::InvalidName);
        }
        if self.name.is_some() && worlds::current_or_new().is_none() {
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
