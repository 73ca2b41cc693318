//! The tables of a system: their names, and a list of all.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use super::ownership::Access;
use crate::pid::Pid;
use crate::process::current_system;

/// The properties of one table at the time of a call of [`tables`]. (Erlang: `ets:info/1`.)
///
/// ```
/// use ambit::table::{Access, Table, tables};
/// #[ambit::main]
/// async fn main() {
///     let stock: Table<u64, u32> = Table::new();
///     stock.insert(1, 3).unwrap();
///     let info = &tables()[0];
///     assert_eq!((info.owner, info.access, info.entries), (stock.owner(), Access::Protected, 1));
///     assert_eq!((info.key_type, info.value_type), ("u64", "u32"));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TableInfo {
    /// The name; `None` for a table without one.
    pub name: Option<String>,
    /// The pid of the owner; `Pid::NOBODY` for a table without one.
    pub owner: Pid,
    /// The access of code other than the owner.
    pub access: Access,
    /// The number of keys.
    pub entries: usize,
    /// The name of the key type, as [`std::any::type_name`] returns it.
    pub key_type: &'static str,
    /// The name of the value type, as [`std::any::type_name`] returns it.
    pub value_type: &'static str,
}

/// A table without its types.
pub(super) trait AnyTable: Send + Sync {
    fn info(&self) -> TableInfo;
    fn owner(&self) -> Pid;
    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

#[derive(Default)]
pub(super) struct Tables {
    lists: Mutex<Lists>,
}

#[derive(Default)]
struct Lists {
    /// A name keeps its table alive; the number distinguishes it from a later table of that name.
    names: BTreeMap<String, (u64, Arc<dyn AnyTable>)>,
    all: BTreeMap<u64, Weak<dyn AnyTable>>,
    next: u64,
}

impl Tables {
    /// Returns the number of the next table.
    pub(super) fn number(&self) -> u64 {
        let mut lists = self.lists.lock();
        lists.next += 1;
        lists.next
    }

    /// Lists a table, under its name if it has one.
    ///
    /// # Errors
    /// The owner of the table that has the name.
    pub(super) fn add(
        &self,
        number: u64,
        name: Option<&str>,
        table: &Arc<dyn AnyTable>,
    ) -> Result<(), Pid> {
        let mut lists = self.lists.lock();
        if let Some(name) = name {
            if let Some((_, holder)) = lists.names.get(name) {
                let holder = holder.clone();
                drop(lists);
                return Err(holder.owner());
            }
            lists.names.insert(name.to_owned(), (number, table.clone()));
        }
        lists.all.insert(number, Arc::downgrade(table));
        Ok(())
    }

    pub(super) fn find(&self, name: &str) -> Option<Arc<dyn AnyTable>> {
        let lists = self.lists.lock();
        lists.names.get(name).map(|(_, table)| table.clone())
    }

    /// Releases a name, if the table of this number still has it.
    pub(super) fn release(&self, name: &str, number: u64) {
        let mut lists = self.lists.lock();
        let is_its = lists.names.get(name).is_some_and(|(own, _)| *own == number);
        let released = if is_its {
            lists.names.remove(name)
        } else {
            None
        };
        drop(lists);
        drop(released);
    }

    pub(super) fn forget(&self, number: u64) {
        self.lists.lock().all.remove(&number);
    }

    fn all(&self) -> Vec<Arc<dyn AnyTable>> {
        let lists = self.lists.lock();
        lists.all.values().filter_map(Weak::upgrade).collect()
    }
}

/// Returns the properties of all tables of the current system, in creation order and regardless of their access. The
/// result is empty outside a system. A table that has ended is listed, without keys, as long as a handle to it exists.
/// (Erlang: `ets:all/0`.)
///
/// ```
/// use ambit::table::Table;
/// #[ambit::main]
/// async fn main() {
///     let _scores: Table<String, u32> = Table::builder().name("scores").create().unwrap();
///     assert_eq!(ambit::table::tables()[0].name.as_deref(), Some("scores"));
/// }
/// ```
pub fn tables() -> Vec<TableInfo> {
    let Some(system) = current_system::current() else {
        return Vec::new();
    };
    let all = system.extension::<Tables>().all();
    all.iter().map(|table| table.info()).collect()
}
