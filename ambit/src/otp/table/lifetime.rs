//! The relation of a table to processes: it follows its owner, passes to an heir, and ends.

use std::any::type_name;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use parking_lot::{Mutex, RwLock};

use super::error::TableError;
use super::layout::{Hashed, Layout};
use super::nested;
use super::ownership::{Access, OwnerEnd, Ownership, Refused, Right};
use super::store::{ContentDrops, Store};
use super::tables::{AnyTable, TableInfo, Tables};
use crate::handle::protocol::Message;
use crate::handle::recipient::Recipient;
use crate::handle::target::Target;
use crate::panics;
use crate::pid::Pid;
use crate::process::exit_hook::ExitHook;
use crate::process::header::ProcessRef;

/// A concurrent key-value store with an owner process. (Erlang: an `ets` table of type `set`.)
///
/// A server handles requests for its state one at a time; a table can be read from anywhere, concurrently and without
/// involving its owner. A table ends with its owner, unless it has an [heir](crate::table::TableBuilder::heir) or
/// [survives](crate::table::TableBuilder::survives). Each operation on a key is atomic. Clones share the same table. The
/// drop of the last one drops the content at once; at the end of the owner, the content of a table with other handles is
/// dropped in batches, between which other tasks run.
///
/// Closures that are passed to a table, and the `Clone` of a value, run on the caller's thread under the lock of one
/// value: keep them short. Any use of a table inside them returns [`TableError::Nested`]. A panic in a closure
/// propagates to the caller, and the value stays as the closure left it. The `Hash`, `Eq` and `Drop` code of keys and
/// values runs without a lock and may use any table. The `Ord` and `Clone` code of the keys of an
/// [`OrderedTable`](crate::table::OrderedTable) runs under the lock of the table, and may not use a table either.
///
/// ```
/// use ambit::table::Table;
/// #[ambit::main]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let scores: Table<String, u32> = Table::new();
///     scores.insert("ada".into(), 3)?;
///     scores.add("ada".into(), 4)?;
///     // Any process may read; only the process that created the table may write.
///     let reader = scores.clone();
///     let seen = tokio::spawn(async move { (reader.get("ada"), reader.insert("joe".into(), 1).is_err()) });
///     assert_eq!(seen.await?, (Ok(Some(7)), true));
///     Ok(())
/// }
/// ```
pub struct Table<K: 'static, V: Send + Sync + 'static, L: Layout<K> = Hashed> {
    pub(super) inner: Arc<TableInner<K, V, L>>,
}

/// The message that informs a process that it now owns a table, through [`Table::give_away`] or as the heir of the
/// table. (Erlang: `'ETS-TRANSFER'`.)
///
/// ```
/// use ambit::prelude::*;
/// use ambit::table::{Table, TableTransfer};
/// #[ambit::main]
/// async fn main(mut inbox: Inbox<TableTransfer<u64, u64>>) {
///     let heir = inbox.subject().recipient();
///     let loader = Task::spawn(async move {
///         let stock = Table::new();
///         stock.insert(1, 3).unwrap();
///         stock.give_away(&heir).unwrap();
///     });
///     let transfer = inbox.recv().await.unwrap();
///     assert_eq!(transfer.table.get(&1), Ok(Some(3)));
///     assert_eq!((transfer.from, transfer.table.owner()), (loader.pid(), inbox.pid()));
/// }
/// ```
pub struct TableTransfer<K: 'static, V: Send + Sync + 'static, L: Layout<K> = Hashed> {
    /// The table that the process now owns.
    pub table: Table<K, V, L>,
    /// The previous owner.
    pub from: Pid,
}

/// The state under the table's lock: content and ownership.
pub(super) struct TableState<K: 'static, V: Send + Sync + 'static, L: Layout<K>> {
    pub(super) store: Store<K, V, L>,
    pub(super) ownership: Ownership,
}

/// The properties of a table that are readable at any time.
struct TableFacts {
    owner: Mutex<Pid>,
    access: Access,
    entries: AtomicUsize,
}

pub(super) struct TableInner<K: 'static, V: Send + Sync + 'static, L: Layout<K>> {
    pub(super) name: Option<String>,
    pub(super) hasher: L::Hasher,
    pub(super) state: RwLock<TableState<K, V, L>>,
    /// Readable without the table's lock, under which code of an ordered key may run.
    seen: TableFacts,
    pub(super) heir: Option<Recipient<TableTransfer<K, V, L>>>,
    /// The tables of its system, and its number among them; `None` without a runtime.
    pub(super) listed: Option<(Weak<Tables>, u64)>,
    /// The hook on the exit of the owner. Locked while the owner changes, so that it always belongs to the owner.
    owner_ends: Mutex<Option<ExitHook>>,
    /// A reference to itself, while it has an owner and an heir: there may be no other handle when the heir is to
    /// receive one.
    kept: Mutex<Option<Arc<Self>>>,
}

impl<K, V, L> TableInner<K, V, L>
where
    K: Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
    L: Layout<K>,
{
    pub(super) fn new(
        name: Option<String>,
        ownership: Ownership,
        heir: Option<Recipient<TableTransfer<K, V, L>>>,
        listed: Option<(Weak<Tables>, u64)>,
    ) -> Arc<Self> {
        let store = Store::default();
        let seen = TableFacts {
            owner: Mutex::new(ownership.owner()),
            access: ownership.access(),
            entries: AtomicUsize::new(0),
        };
        Arc::new(Self {
            name,
            hasher: L::Hasher::default(),
            state: RwLock::new(TableState { store, ownership }),
            seen,
            heir,
            listed,
            owner_ends: Mutex::default(),
            kept: Mutex::default(),
        })
    }

    /// Changes the content or the ownership.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut TableState<K, V, L>) -> T) -> T {
        let mut state = self.state.write();
        let changed = change(&mut state);
        *self.seen.owner.lock() = state.ownership.owner();
        let entries = state.store.len();
        self.seen.entries.store(entries, Ordering::Relaxed);
        changed
    }

    /// Changes the ownership.
    pub(super) fn own<T>(&self, change: impl FnOnce(&mut Ownership) -> T) -> T {
        self.change(|state| change(&mut state.ownership))
    }

    /// Registers the table in its system, with its name.
    ///
    /// # Errors
    /// The owner of the table that has the name.
    pub(super) fn enlist(self: &Arc<Self>) -> Result<(), Pid> {
        let Some((tables, number)) = &self.listed else {
            return Ok(());
        };
        let any: Arc<dyn AnyTable> = self.clone();
        let tables = tables.upgrade();
        tables.map_or(Ok(()), |tables| {
            tables.add(*number, self.name.as_deref(), &any)
        })
    }

    /// Makes a process the owner and hooks its exit; returns false if it is exiting, or `from` does not own the table.
    pub(super) fn hand(self: &Arc<Self>, from: Pid, to: &ProcessRef) -> bool {
        let pid = to.core().pid;
        let mut owner_ends = self.owner_ends.lock();
        if !self.own(|ownership| ownership.give(from, pid)) {
            return false;
        }
        let (inner, mut content) = (Arc::downgrade(self), None::<ContentDrops>);
        let hook = move |pid, limit| {
            if let Some(inner) = inner.upgrade().filter(|_| content.is_none()) {
                content = inner.owner_ended(pid);
            }
            let content = content.as_mut();
            content.map_or(0, |content| content.take(limit).count())
        };
        let hook = ExitHook::in_batches(to, Box::new(hook));
        let is_heard = hook.is_some();
        if is_heard {
            let before = std::mem::replace(&mut *owner_ends, hook);
            drop(owner_ends);
            drop(before);
            self.keep();
        } else {
            self.own(|ownership| ownership.give(pid, from));
        }
        is_heard
    }

    /// Keeps itself alive for its heir, unless its owner has ended already: ending the table takes the same lock before
    /// it clears the reference.
    fn keep(self: &Arc<Self>) {
        let state = self.state.read();
        if self.heir.is_some() && state.ownership.is_owned() {
            *self.kept.lock() = Some(self.clone());
        }
    }

    /// Passes the table to its heir, or ends it. Returns its content, which may be large: the exit of the owner drops it
    /// in batches.
    fn owner_ended(self: &Arc<Self>, owner: Pid) -> Option<ContentDrops> {
        if self.owner() != owner {
            return None;
        }
        let heir = self.heir.as_ref().filter(|heir| heir.pid() != owner);
        if heir.is_some_and(|heir| self.pass(owner, heir)) {
            return None;
        }
        let (fate, hook) = {
            let mut owner_ends = self.owner_ends.lock();
            let fate = self.own(|ownership| ownership.left(owner));
            let is_over = fate != OwnerEnd::Unchanged;
            (fate, is_over.then(|| owner_ends.take()))
        };
        drop(hook);
        match fate {
            OwnerEnd::Unchanged => {}
            OwnerEnd::Survives => drop(self.kept.lock().take()),
            OwnerEnd::Ends => return Some(self.take_content().into_drops()),
        }
        None
    }

    /// Makes the process behind `to` the owner and notifies it; returns false if there is no process, or `from` is not
    /// the owner.
    pub(super) fn pass(
        self: &Arc<Self>,
        from: Pid,
        to: &Recipient<TableTransfer<K, V, L>>,
    ) -> bool {
        // If it follows a name, the new owner must be the process that receives the message.
        let Some(to) = to.fixed() else {
            return false;
        };
        let process = to.__resolve().process;
        let Some(process) = process.filter(|process| process.core().is_alive()) else {
            return false;
        };
        if !self.hand(from, &process) {
            return false;
        }
        let table = Table {
            inner: self.clone(),
        };
        // If the process ends at this moment, its exit hook passes the table on.
        panics::deliver(|| to.item(TableTransfer { table, from }));
        true
    }

    /// Ends the table, if it has not ended yet.
    pub(super) fn end(&self) {
        if self.own(Ownership::end) {
            drop(self.take_content());
        }
    }

    /// Releases the name, and returns the content, to be dropped without a lock: drops are user code.
    fn take_content(&self) -> Store<K, V, L> {
        drop(self.kept.lock().take());
        let hook = self.owner_ends.lock().take();
        drop(hook);
        if let (Some((tables, number)), Some(name)) = (&self.listed, &self.name)
            && let Some(tables) = tables.upgrade()
        {
            tables.release(name, *number);
        }
        self.change(|state| std::mem::take(&mut state.store))
    }

    pub(super) fn check(&self, right: Right, who: Pid) -> Result<(), TableError> {
        nested::refuse()?;
        let state = self.state.read();
        Ok(state.ownership.check(right, who)?)
    }
}

impl<K: 'static, V: Send + Sync + 'static, L: Layout<K>> TableInner<K, V, L> {
    /// Returns the owner; `Pid::NOBODY` if there is none.
    pub(super) fn owner(&self) -> Pid {
        *self.seen.owner.lock()
    }

    /// Returns the number of keys after the last change.
    pub(super) fn entries(&self) -> usize {
        self.seen.entries.load(Ordering::Relaxed)
    }
}

impl<K: 'static, V: Send + Sync + 'static, L: Layout<K>> Drop for TableInner<K, V, L> {
    fn drop(&mut self) {
        if let Some((tables, number)) = &self.listed
            && let Some(tables) = tables.upgrade()
        {
            tables.forget(*number);
        }
    }
}

impl<K, V, L> AnyTable for TableInner<K, V, L>
where
    K: Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
    L: Layout<K>,
{
    fn info(&self) -> TableInfo {
        TableInfo {
            name: self.name.clone(),
            owner: self.owner(),
            access: self.seen.access,
            entries: self.entries(),
            key_type: type_name::<K>(),
            value_type: type_name::<V>(),
        }
    }

    fn owner(&self) -> Pid {
        self.owner()
    }

    fn as_any(self: Arc<Self>) -> Arc<dyn std::any::Any + Send + Sync> {
        self
    }
}

impl From<Refused> for TableError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NotOwner(owner) => Self::NotOwner { owner },
            Refused::Gone => Self::Gone,
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

impl<K, V, L> Message for TableTransfer<K, V, L>
where
    K: Send + Sync + 'static,
    V: Send + Sync + 'static,
    L: Layout<K>,
{
}
