//! The errors of tables.

use crate::pid::Pid;

/// The reason why a table operation failed. The table is unchanged, except by a [`Table::retain`](crate::Table::retain)
/// during which the table ended or changed its owner.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::table::{Table, TableError};
/// #[ambit::main]
/// async fn main() {
///     let stock: Table<u64, u64> = Table::new();
///     let writer = stock.clone();
///     let written = Task::spawn(async move { writer.insert(1, 3) }).await.unwrap();
///     assert_eq!(written, Err(TableError::NotOwner { owner: stock.owner() }), "the task is another process");
///     stock.end().unwrap();
///     assert_eq!(stock.get(&1), Err(TableError::Gone));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The operation is reserved for the owner, and the calling process is not the owner. A task is a process of its
    /// own and does not own the tables of the process that spawned it. Send a request to the owner, or create the table
    /// with another [`Access`](crate::table::Access).
    #[error("only the table's owner, {owner}, may do this: ask it, or choose another `Access`")]
    NotOwner {
        /// The owner; `Pid::NOBODY` if the table has none and can be claimed.
        owner: Pid,
    },
    /// The table has ended, with its owner or through [`Table::end`](crate::table::Table::end). Create a new one.
    #[error("the table has ended: create a new one")]
    Gone,
    /// The process that was to become the owner has ended or is on another node, or
    /// [`Table::claim`](crate::Table::claim) was called outside a process. The table keeps its owner.
    #[error(
        "there is no process to give the table to: it has ended, or `claim` was called outside a process"
    )]
    NoProcess,
    /// A table was used inside a closure or a `Clone` that a table runs under a lock, or in a comparison of ordered
    /// keys, where it could deadlock. Use it before or after that code.
    #[error("a table was used inside a function that a table runs: use it before or after")]
    Nested,
}

/// The reason why a table was not created.
///
/// ```
/// use ambit::table::{CreateTableError, Table};
/// #[ambit::main]
/// async fn main() {
///     let create = |name: &str| Table::<u64, u64>::builder().name(name).create();
///     let stock = create("stock").unwrap();
///     assert_eq!(create("stock"), Err(CreateTableError::NameTaken { owner: stock.owner() }));
///     assert_eq!(create(""), Err(CreateTableError::InvalidName));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CreateTableError {
    /// Another table has the name. Find it with [`Table::named`](crate::table::Table::named).
    #[error("a table of {owner} has the name: find it with `Table::named`, or choose another")]
    NameTaken {
        /// The owner of the table that has the name; `Pid::NOBODY` if it has none.
        owner: Pid,
    },
    /// The name is empty.
    #[error("a name cannot be empty: choose one, or leave it out")]
    InvalidName,
    /// Outside a process, only a public table can be created, because the table has no owner. Choose
    /// [`Access::Public`](crate::table::Access::Public).
    #[error("outside a process a table must be public: choose `Access::Public`")]
    NotAProcess,
    /// A table with a name can be created only inside a tokio runtime, because its name belongs to a system.
    #[error(
        "there is no tokio runtime here, and so no system for the name: create the table inside one"
    )]
    NoRuntime,
}
