//! Where the handles of a pool lead: places that one worker after the other takes.

use std::any::Any;
use std::sync::Arc;

use parking_lot::RwLock;

use crate::handle::child::ChildPlace;
use crate::names::wait::Bell;
use crate::process::core::ProcRef;
use crate::process::world::{InWorld, World};
use crate::rt::BoxFuture;
use crate::supervisor::slot::Slot;

/// A place of a pool. Its worker is replaced, the place stays.
pub(super) struct Place {
    index: usize,
    world: Arc<World>,
    worker: RwLock<Option<Arc<Slot>>>,
    /// Rings when somebody takes it.
    bell: Bell,
}

impl Place {
    pub(super) fn new(index: usize, world: &Arc<World>) -> Arc<Self> {
        Arc::new(Self {
            index,
            world: world.clone(),
            worker: RwLock::default(),
            bell: Bell::default(),
        })
    }

    pub(super) fn index(&self) -> usize {
        self.index
    }

    /// Gives it to a worker, or to none, and returns the one before.
    fn fill(&self, worker: Option<Arc<Slot>>) -> Option<Arc<Slot>> {
        std::mem::replace(&mut *self.worker.write(), worker)
    }

    pub(super) fn ring(&self) {
        self.bell.ring();
    }

    /// Nobody has ever had it.
    pub(super) fn is_new(&self) -> bool {
        self.worker.read().is_none()
    }

    /// How much its worker has to do; without a worker more than any other.
    pub(super) fn load(&self) -> usize {
        let Some(process) = self.alive() else {
            return usize::MAX;
        };
        process.glance().queued + usize::from(!process.is_idle())
    }

    /// Its worker, unless that is ending.
    fn alive(&self) -> Option<ProcRef> {
        self.holder().filter(|process| process.core().is_alive())
    }
}

/// The places of a pool. A smaller size keeps those that it does not use: their handles work again when the pool grows.
#[derive(Default)]
pub(super) struct Places {
    all: Vec<Arc<Place>>,
    in_use: usize,
}

impl Places {
    /// The same places, so many of them in use.
    pub(super) fn resized(&self, in_use: usize, world: &Arc<World>) -> Self {
        let new = (self.all.len()..in_use).map(|index| Place::new(index, world));
        Self {
            all: self.all.iter().cloned().chain(new).collect(),
            in_use,
        }
    }

    pub(super) fn in_use(&self) -> &[Arc<Place>] {
        &self.all[..self.in_use]
    }

    /// Gives a place to a worker, or to none. What this returns is dropped, and the place rung, under no lock.
    pub(super) fn fill(
        &self,
        place: usize,
        worker: Option<Arc<Slot>>,
    ) -> Option<(Arc<Place>, Option<Arc<Slot>>)> {
        let place = self.all.get(place)?;
        Some((place.clone(), place.fill(worker)))
    }
}

impl ChildPlace for Place {
    fn holder(&self) -> Option<ProcRef> {
        let worker = self.worker.read().clone();
        worker?.holder()
    }

    fn changed(&self) -> Option<BoxFuture<'static, ()>> {
        Some(self.bell.next())
    }

    fn system(&self) -> Option<InWorld> {
        Some(InWorld(self.world.clone()))
    }

    fn describe(&self) -> String {
        format!("worker {} of a pool", self.index)
    }

    fn same(&self, other: &dyn ChildPlace) -> bool {
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
