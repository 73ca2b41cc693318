//! The errors of tables.

use crate::pid::Pid;

/// The reason why a table operation failed. Nothing was changed, except by a [`Table::retain`](crate::Table::retain)
/// whose table ended or changed its owner meanwhile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The calling process does not own the table, whose access reserves this operation for the owner. Tasks spawned by
    /// a process are other processes. Ask the owner, or create the table with another [`Access`](crate::table::Access).
    #[error("only the table's owner, {owner}, may do this: ask it, or choose another `Access`")]
    NotOwner {
        /// The owner; `Pid::NOBODY` if there is none, and the table can be claimed.
        owner: Pid,
    },
    /// The table has ended, with its owner or by [`Table::end`](crate::table::Table::end). It does not come back.
    #[error("the table has ended: create a new one")]
    Gone,
    /// The process that is to own the table has ended, or [`Table::claim`](crate::Table::claim) was called outside a
    /// process. The table keeps its owner.
    #[error(
        "there is no process to give the table to: it has ended, or `claim` was called outside a process"
    )]
    NoProcess,
    /// A table was used inside a closure that a table runs on a value, or in a comparison of ordered keys, where it
    /// would deadlock. Use it before or after.
    #[error("a table was used inside a function that a table runs: use it before or after")]
    Nested,
}

/// The reason why a table was not created.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CreateTableError {
    /// Another table has the name. Find it with [`Table::named`](crate::table::Table::named).
    #[error("a table of {owner} has the name: find it with `Table::named`, or choose another")]
    NameTaken {
        /// The owner of that table; `Pid::NOBODY` for one without an owner.
        owner: Pid,
    },
    /// The name is empty.
    #[error("a name cannot be empty: choose one, or leave it out")]
    InvalidName,
    /// Outside a process only a public table can be created, because it has no owner. Choose
    /// [`Access::Public`](crate::table::Access::Public).
    #[error("outside a process a table must be public: choose `Access::Public`")]
    NotAProcess,
    /// Names belong to a system, and there is no runtime with one.
    #[error(
        "there is no tokio runtime here, and so no system for the name: create the table inside one"
    )]
    NoRuntime,
}
