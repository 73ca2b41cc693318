//! The slots of a pool: its handles lead to a slot, which one worker after the other occupies.

use std::any::Any;
use std::sync::Arc;

use parking_lot::RwLock;

use crate::handle::child_ref::ChildCell;
use crate::names::wait::NotifyAll;
use crate::process::header::ProcessRef;
use crate::process::system_inner::{InSystem, SystemInner};
use crate::rt::BoxFuture;
use crate::supervisor::child_cell::CurrentChild;

/// A slot of a pool. Its worker is replaced, the slot stays.
pub(super) struct PoolSlot {
    index: usize,
    system: Arc<SystemInner>,
    worker: RwLock<Option<Arc<CurrentChild>>>,
    /// Notified when a worker occupies the slot.
    notify: NotifyAll,
}

impl PoolSlot {
    pub(super) fn new(index: usize, system: &Arc<SystemInner>) -> Arc<Self> {
        Arc::new(Self {
            index,
            system: system.clone(),
            worker: RwLock::default(),
            notify: NotifyAll::default(),
        })
    }

    pub(super) fn index(&self) -> usize {
        self.index
    }

    /// Assigns a worker, or none, and returns the previous one.
    fn fill(&self, worker: Option<Arc<CurrentChild>>) -> Option<Arc<CurrentChild>> {
        std::mem::replace(&mut *self.worker.write(), worker)
    }

    pub(super) fn notify_waiters(&self) {
        self.notify.notify();
    }

    /// Returns true if the slot has never had a worker.
    pub(super) fn is_new(&self) -> bool {
        self.worker.read().is_none()
    }

    /// Returns the load of its worker; without a worker the maximum.
    pub(super) fn load(&self) -> usize {
        let Some(process) = self.alive() else {
            return usize::MAX;
        };
        process.queued() + usize::from(!process.is_idle())
    }

    /// Returns true if it has a worker that is not ending.
    pub(super) fn is_alive(&self) -> bool {
        self.alive().is_some()
    }

    /// Returns its worker, unless that is ending.
    fn alive(&self) -> Option<ProcessRef> {
        self.holder().filter(|process| process.core().is_alive())
    }
}

/// The slots of a pool. After a resize to a smaller size unused slots are kept: their handles work again when the pool
/// grows.
#[derive(Default)]
pub(super) struct PoolSlots {
    all: Vec<Arc<PoolSlot>>,
    in_use: usize,
}

impl PoolSlots {
    /// Returns the same slots, with this number in use.
    pub(super) fn resized(&self, in_use: usize, system: &Arc<SystemInner>) -> Self {
        let new = (self.all.len()..in_use).map(|index| PoolSlot::new(index, system));
        Self {
            all: self.all.iter().cloned().chain(new).collect(),
            in_use,
        }
    }

    pub(super) fn in_use(&self) -> &[Arc<PoolSlot>] {
        &self.all[..self.in_use]
    }

    /// Assigns a worker, or none, to a slot. The caller drops the result and notifies the slot without a lock.
    pub(super) fn fill(
        &self,
        place: usize,
        worker: Option<Arc<CurrentChild>>,
    ) -> Option<(Arc<PoolSlot>, Option<Arc<CurrentChild>>)> {
        let place = self.all.get(place)?;
        Some((place.clone(), place.fill(worker)))
    }
}

impl ChildCell for PoolSlot {
    fn holder(&self) -> Option<ProcessRef> {
        let worker = self.worker.read().clone();
        worker?.holder()
    }

    fn changed(&self) -> Option<BoxFuture<'static, ()>> {
        Some(self.notify.notified())
    }

    fn system(&self) -> Option<InSystem> {
        Some(InSystem(self.system.clone()))
    }

    fn describe(&self) -> String {
        format!("worker {} of a pool", self.index)
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
