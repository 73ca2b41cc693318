//! Giving a table to another process.

use super::layout::Layout;
use super::{Table, TableError, TableTransfer, nested};
use crate::handle::recipient::Recipient;
use crate::pid::Pid;
use crate::process::current;

impl<K, V, L> Table<K, V, L>
where
    K: Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
    L: Layout<K>,
{
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
    ///         assert_eq!(transfer.table.owner(), ambit::self_pid().unwrap());
    ///         assert_eq!(transfer.table.get(&1), Ok(Some(3)));
    ///     });
    ///     let stock = Table::new();
    ///     stock.insert(1, 3).unwrap();
    ///     stock.give_away(&heir.recipient()).unwrap();
    ///     assert_eq!(heir.closed().await, ExitReason::Normal);
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
}
