//! Routing: chooses the slot for a message.

use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::Shared;
use crate::handle::child_ref::ChildRef;
use crate::otp::pool::policy::Route;
use crate::otp::pool::slot::{PoolSlot, PoolSlots};
use crate::pid::Pid;
use crate::process::current;
use crate::server::startable::Startable;
use crate::supervisor::partition_key::digest;

impl<C: Startable> Shared<C> {
    /// Returns the slot that the route chooses.
    pub(in crate::otp::pool) fn pick(&self) -> Option<ChildRef> {
        let places = self.places();
        let places = places.in_use();
        let count = places.len();
        let turn = || self.next.fetch_add(1, Ordering::Relaxed) % count.max(1);
        let from = |start| places.iter().cycle().skip(start).take(count);
        let usable = |start| from(start).find(|place| self.is_usable(place));
        let (start, found) = match self.route {
            Route::ByKey => match current::pid() {
                Pid::NOBODY => (0, None),
                pid => (index(digest(&pid), count), None),
            },
            Route::RoundRobin => {
                let start = turn();
                (start, usable(start))
            }
            Route::LeastBusy => {
                let start = turn();
                (start, from(start).min_by_key(|place| self.load(place)))
            }
            Route::Random => {
                let random = usize::try_from(self.system.random() >> 33).unwrap_or_default();
                let start = random % count.max(1);
                (start, usable(start))
            }
        };
        let place = found.or_else(|| places.get(start))?.clone();
        Some(self.wanted(place))
    }

    fn places(&self) -> Arc<PoolSlots> {
        self.places.read().clone()
    }

    /// Returns true if a message to the slot can be handled now, or after the start of its worker.
    fn is_usable(&self, place: &PoolSlot) -> bool {
        (self.is_lazy && place.is_new()) || place.is_alive()
    }

    /// Returns the load of a slot. A lazy pool prefers unused slots, so that all of them are used in the end.
    fn load(&self, place: &PoolSlot) -> usize {
        if self.is_lazy && place.is_new() {
            return 0;
        }
        place.load()
    }

    /// Returns the slot of a key.
    pub(in crate::otp::pool) fn by_key<K: Hash + ?Sized>(&self, key: &K) -> Option<ChildRef> {
        let (key, places) = (digest(key), self.places());
        let places = places.in_use();
        let place = places.get(index(key, places.len()))?.clone();
        Some(self.wanted(place))
    }

    /// Prepares a slot for a message: a lazy pool may have to start its worker first.
    fn wanted(&self, place: Arc<PoolSlot>) -> ChildRef {
        if self.is_lazy && place.is_new() {
            let index = place.index();
            self.step(|core, at, out| core.want(index, at, out));
        }
        ChildRef(place)
    }
}

fn index(digest: u64, places: usize) -> usize {
    usize::try_from(digest % places.max(1) as u64).unwrap_or_default()
}
