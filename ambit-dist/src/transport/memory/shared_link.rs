//! A link behind its lock, which is released before a task is woken.

use parking_lot::Mutex;

use super::link::Link;
use super::link::released::Released;

#[derive(Debug, Default)]
pub(super) struct SharedLink(Mutex<Link>);

impl SharedLink {
    /// Reads or changes the link, and wakes the tasks that wait for the change. The caller holds no lock.
    pub(super) fn with<T>(&self, change: impl FnOnce(&mut Link) -> T) -> T {
        self.collect(change).0
    }

    /// Like `with`, for a caller that holds a lock: the tasks are woken when `Released` is dropped.
    pub(super) fn collect<T>(&self, change: impl FnOnce(&mut Link) -> T) -> (T, Released) {
        let mut link = self.0.lock();
        let result = change(&mut link);
        (result, link.take_released())
    }
}
