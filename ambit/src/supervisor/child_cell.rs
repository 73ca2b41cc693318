//! The current process of each child, readable by handles without asking the supervisor.

use std::any::Any;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::RwLock;

use crate::handle::child_ref::ChildCell;
use crate::names::wait::{NotifyAll, NotifyByKey};
use crate::process::header::{AnyProcess, ProcessRef};
use crate::process::relation::{EndTime, EndTimes, Introspect};
use crate::process::system_inner::{InSystem, SystemInner};
use crate::rt::BoxFuture;
use crate::supervisor::core::Key;
use crate::supervisor::policy::Shutdown;
use crate::supervisor::restart_stats::{RestartStats, Restarts};

/// The time a child may take to end after a kill; a stopping supervisor waits for stuck children as long again.
pub(crate) const GRACE: Duration = Duration::from_secs(1);

/// The child cell of one child.
pub(crate) struct CurrentChild {
    id: Arc<str>,
    now: RwLock<CellState>,
}

struct CellState {
    holder: Option<ProcessRef>,
    /// The system of its last process.
    system: Weak<SystemInner>,
    shutdown: Shutdown,
    /// Created for the first waiter.
    notify: Option<NotifyAll>,
}

impl CurrentChild {
    pub(crate) fn new(id: Arc<str>) -> Arc<Self> {
        let now = CellState {
            holder: None,
            system: Weak::new(),
            shutdown: Shutdown::Infinity,
            notify: None,
        };
        Arc::new(Self {
            id,
            now: RwLock::new(now),
        })
    }

    pub(crate) fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// Returns the process that was stored last and not cleared.
    pub(crate) fn process(&self) -> Option<ProcessRef> {
        self.now.read().holder.clone()
    }

    pub(crate) fn fill(&self, process: ProcessRef, shutdown: Shutdown) {
        let mut now = self.now.write();
        now.shutdown = shutdown;
        now.system = Arc::downgrade(&process.core().system);
        let before = now.holder.replace(process);
        drop(now);
        drop(before);
        self.notify_waiters();
    }

    /// Wakes all waiters for a holder.
    fn notify_waiters(&self) {
        let notify = self.now.read().notify.clone();
        if let Some(notify) = notify {
            notify.notify();
        }
    }

    /// Clears the process of the child.
    pub(crate) fn clear(&self) {
        let holder = self.now.write().holder.take();
        drop(holder);
    }

    /// Returns how long its process may take to end, if there is one.
    fn end_time(&self, patience: Duration) -> Option<EndTime> {
        let shutdown = self.now.read().shutdown.time();
        let process = self.holder()?;
        Some(match shutdown {
            Some(fixed) => EndTime {
                fixed,
                introspection: None,
            },
            None => process.core().relations.lock().end_time(patience),
        })
    }
}

impl ChildCell for CurrentChild {
    fn holder(&self) -> Option<ProcessRef> {
        // While it ends it is still the holder: a waiter for its end must not be notified before its supervisor.
        self.process().filter(|process| {
            process.core().is_alive() || !process.core().relations.lock().notified
        })
    }

    fn changed(&self) -> Option<BoxFuture<'static, ()>> {
        let notify = self.now.write().notify.get_or_insert_default().clone();
        Some(notify.notified())
    }

    fn system(&self) -> Option<InSystem> {
        // Also while the child is down.
        self.now.read().system.upgrade().map(InSystem)
    }

    fn describe(&self) -> String {
        format!("child {:?}", self.id)
    }

    fn same(&self, other: &dyn ChildCell) -> bool {
        let other = other.as_any().downcast_ref::<Self>();
        other.is_some_and(|other| std::ptr::eq(self, other))
    }

    fn digest(&self) -> u64 {
        std::ptr::from_ref(self).addr() as u64
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The children of one supervisor.
pub(crate) struct CurrentChildren {
    all: RwLock<ChildList>,
    /// True if its children are stopped all at once, not one after the other.
    at_once: bool,
    /// The number of children of a partitioned supervisor that are in use.
    pub(crate) partitions: AtomicUsize,
    pub(crate) window: RestartStats,
}

#[derive(Default)]
struct ChildList {
    slots: BTreeMap<Key, Arc<CurrentChild>>,
    /// Only where ids are unique.
    ids: BTreeMap<Arc<str>, Key>,
    /// Notified when a slot is added, by its id. Created for the first waiter.
    added: Option<NotifyByKey>,
}

/// Returns the hash of an id, the same each time.
pub(super) fn digest(id: &str) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(id)
}

impl CurrentChildren {
    pub(crate) fn new(at_once: bool, partitions: usize, window: RestartStats) -> Arc<Self> {
        Arc::new(Self {
            all: RwLock::default(),
            at_once,
            partitions: AtomicUsize::new(partitions),
            window,
        })
    }

    pub(crate) fn add(&self, key: Key, slot: Arc<CurrentChild>) {
        let id = slot.id.clone();
        let added = {
            let mut all = self.all.write();
            if !self.at_once {
                all.ids.insert(id.clone(), key);
            }
            all.slots.insert(key, slot);
            all.added.clone()
        };
        if let Some(added) = added {
            added.notify(digest(&id));
        }
    }

    /// Removes and returns a slot. It may hold the last handle to a process with user messages, so the caller drops it
    /// without the lock. Waiters for its holder check again: another slot may get its id.
    pub(crate) fn remove(&self, key: Key) -> Option<Arc<CurrentChild>> {
        let mut all = self.all.write();
        let slot = all.slots.remove(&key)?;
        if all.ids.get(&slot.id) == Some(&key) {
            all.ids.remove(&slot.id);
        }
        drop(all);
        slot.notify_waiters();
        Some(slot)
    }

    /// Ready when a slot with this id is added.
    pub(super) fn added(&self, id: &str) -> BoxFuture<'static, ()> {
        let added = self.all.write().added.get_or_insert_default().clone();
        Box::pin(added.of(digest(id)).notified())
    }

    pub(crate) fn by_key(&self, key: Key) -> Option<Arc<CurrentChild>> {
        self.all.read().slots.get(&key).cloned()
    }

    pub(crate) fn by_id(&self, id: &str) -> Option<Arc<CurrentChild>> {
        let all = self.all.read();
        all.slots.get(all.ids.get(id)?).cloned()
    }
}

impl Introspect for CurrentChildren {
    fn end_times(&self, patience: Duration) -> Option<EndTimes> {
        let slots: Vec<_> = self.all.read().slots.values().cloned().collect();
        let parts = slots.iter().filter_map(|slot| slot.end_time(patience));
        Some(EndTimes {
            parts: parts.collect(),
            at_once: self.at_once,
            extra: 2 * GRACE,
        })
    }

    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

/// Returns the restarts of a process, if it is a supervisor.
pub(crate) fn restarts_of(process: &dyn AnyProcess) -> Option<Restarts> {
    let core = process.core();
    let introspection = core.relations.lock().introspection.clone()?;
    let slots = introspection.as_any().downcast::<CurrentChildren>().ok()?;
    Some(slots.window.restarts(core.system.now()))
}
