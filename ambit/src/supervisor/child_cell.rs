//! The current process of each child, readable by handles without asking the supervisor.

use std::any::Any;
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use parking_lot::RwLock;

use crate::handle::child::{ChildCell, ChildRef};
use crate::handle::subject::Subject;
use crate::names::wait::NotifyAll;
use crate::process::header::ProcessRef;
use crate::process::relation::Introspect;
use crate::process::system_inner::InSystem;
use crate::rt::BoxFuture;
use crate::supervisor::admin::Admin;
use crate::supervisor::core::Key;
use crate::supervisor::policy::Shutdown;
use crate::supervisor::window::Window;

/// The time a child may take to end after a kill; a stopping supervisor waits for stuck children as long again.
pub(crate) const GRACE: Duration = Duration::from_secs(1);

/// The child cell of one child.
pub(crate) struct CurrentChild {
    id: Arc<str>,
    now: RwLock<CellState>,
}

struct CellState {
    holder: Option<ProcessRef>,
    shutdown: Shutdown,
    /// Created for the first waiter.
    notify: Option<NotifyAll>,
}

impl CurrentChild {
    pub(crate) fn new(id: Arc<str>) -> Arc<Self> {
        let now = CellState {
            holder: None,
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
        let before = now.holder.replace(process);
        drop(now);
        drop(before);
        self.ring();
    }

    /// Wakes all waiters for a holder.
    fn ring(&self) {
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

    /// Returns how long its process may take to end.
    fn patience(&self, given: Duration) -> Duration {
        let shutdown = self.now.read().shutdown;
        let Some(process) = self.holder() else {
            return Duration::ZERO;
        };
        shutdown
            .time()
            .unwrap_or_else(|| process.core().patience(given))
    }
}

impl ChildCell for CurrentChild {
    fn holder(&self) -> Option<ProcessRef> {
        // While it ends it is still the holder: a waiter for its end must not be notified before its supervisor.
        self.process()
            .filter(|process| process.core().is_alive() || !process.core().relations.lock().told)
    }

    fn changed(&self) -> Option<BoxFuture<'static, ()>> {
        let notify = self.now.write().notify.get_or_insert_default().clone();
        Some(notify.notified())
    }

    fn system(&self) -> Option<InSystem> {
        let process = self.process()?;
        Some(InSystem(process.core().system.clone()))
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
    pub(crate) window: Window,
}

#[derive(Default)]
struct ChildList {
    slots: BTreeMap<Key, Arc<CurrentChild>>,
    /// Only where ids are unique.
    ids: BTreeMap<Arc<str>, Key>,
    /// Notified when a slot is added. Created for the first waiter.
    notify: Option<NotifyAll>,
}

impl CurrentChildren {
    pub(crate) fn new(at_once: bool, partitions: usize, window: Window) -> Arc<Self> {
        Arc::new(Self {
            all: RwLock::default(),
            at_once,
            partitions: AtomicUsize::new(partitions),
            window,
        })
    }

    pub(crate) fn add(&self, key: Key, slot: Arc<CurrentChild>) {
        let notify = {
            let mut all = self.all.write();
            if !self.at_once {
                all.ids.insert(slot.id.clone(), key);
            }
            all.slots.insert(key, slot);
            all.notify.clone()
        };
        if let Some(notify) = notify {
            notify.notify();
        }
    }

    /// Removes and returns a slot. It may hold the last handle of a process with user messages, so the caller drops it
    /// without the lock. Waiters for its holder check again: another slot may get its id.
    pub(crate) fn remove(&self, key: Key) -> Option<Arc<CurrentChild>> {
        let mut all = self.all.write();
        let slot = all.slots.remove(&key)?;
        if all.ids.get(&slot.id) == Some(&key) {
            all.ids.remove(&slot.id);
        }
        drop(all);
        slot.ring();
        Some(slot)
    }

    /// Ready when a slot is added.
    fn added(&self) -> BoxFuture<'static, ()> {
        let notify = self.all.write().notify.get_or_insert_default().clone();
        notify.notified()
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
    fn patience(&self, given: Duration) -> Duration {
        let slots: Vec<_> = self.all.read().slots.values().cloned().collect();
        let times = slots.iter().map(|slot| slot.patience(given));
        let needed = if self.at_once {
            times.max().unwrap_or_default()
        } else {
            times.fold(Duration::ZERO, Duration::saturating_add)
        };
        given.max(needed.saturating_add(2 * GRACE))
    }

    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

/// The child with this id, of the current process of that supervisor.
pub(crate) struct ChildOf {
    pub(crate) supervisor: Subject<Admin>,
    pub(crate) id: Arc<str>,
}

impl ChildOf {
    fn slot(&self) -> Option<Arc<CurrentChild>> {
        slots_of(&self.supervisor)?.by_id(&self.id)
    }
}

/// Returns the children of the supervisor behind a handle, if it is running.
fn slots_of(supervisor: &Subject<Admin>) -> Option<Arc<CurrentChildren>> {
    let process = supervisor.current()?;
    let shown = process.core().relations.lock().shown.clone()?;
    shown.as_any().downcast().ok()
}

impl ChildCell for ChildOf {
    fn holder(&self) -> Option<ProcessRef> {
        self.slot()?.holder()
    }

    /// Ready when the supervisor, the slot of this id, or the holder of the slot changes.
    fn changed(&self) -> Option<BoxFuture<'static, ()>> {
        // Each notification is registered before the state that it covers is read.
        let supervisor = self.supervisor.followed().map(|(changed, _)| changed);
        let slots = slots_of(&self.supervisor);
        let added = slots.as_ref().map(|slots| slots.added());
        let slot = slots.and_then(|slots| slots.by_id(&self.id)?.changed());
        let mut bells: Vec<_> = [supervisor, added, slot].into_iter().flatten().collect();
        let is_any = !bells.is_empty();
        is_any.then(|| {
            let first = poll_fn(move |cx| {
                let is_rung = bells
                    .iter_mut()
                    .any(|notify| notify.as_mut().poll(cx).is_ready());
                if is_rung {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            });
            Box::pin(first) as BoxFuture<'static, ()>
        })
    }

    fn system(&self) -> Option<InSystem> {
        let process = self.supervisor.current()?;
        Some(InSystem(process.core().system.clone()))
    }

    fn describe(&self) -> String {
        format!("child {:?} of {:?}", self.id, self.supervisor)
    }

    fn same(&self, other: &dyn ChildCell) -> bool {
        let other = other.as_any().downcast_ref::<Self>();
        other.is_some_and(|other| self.id == other.id && self.supervisor == other.supervisor)
    }

    fn digest(&self) -> u64 {
        use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
        BuildHasherDefault::<DefaultHasher>::default().hash_one(&self.id)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Returns a reference to a child by its id.
pub(crate) fn child_of(supervisor: &Subject<Admin>, id: impl Into<Arc<str>>) -> ChildRef {
    ChildRef(Arc::new(ChildOf {
        supervisor: supervisor.clone(),
        id: id.into(),
    }))
}

/// Returns the children of a partitioned supervisor, and how many are in use; `None` without such a supervisor.
pub(crate) fn partitions_of(supervisor: &Subject<Admin>) -> Option<(Arc<CurrentChildren>, usize)> {
    let slots = slots_of(supervisor).filter(|_| supervisor.is_alive())?;
    let partitions = slots.partitions.load(Ordering::Acquire);
    Some((slots, partitions))
}
