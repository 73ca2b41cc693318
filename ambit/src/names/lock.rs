//! Locks by key: held by whoever has the guard, freed however that ends.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::OwnedMutexGuard;

type Turn = Arc<tokio::sync::Mutex<()>>;

/// The locks that are held or waited for.
pub(crate) struct Locks<K> {
    held: Mutex<HashMap<K, Turn>>,
}

impl<K> Default for Locks<K> {
    fn default() -> Self {
        Self {
            held: Mutex::new(HashMap::new()),
        }
    }
}

/// The lock of one key of a registry, held until this is dropped.
#[must_use = "the lock is free again when its guard is dropped"]
pub struct Lock<K: Eq + Hash> {
    locks: Arc<Locks<K>>,
    key: K,
    turn: Option<OwnedMutexGuard<()>>,
}

impl<K: Clone + Eq + Hash> Lock<K> {
    pub(crate) async fn take(locks: Arc<Locks<K>>, key: K) -> Self {
        let turn = locks.held.lock().entry(key.clone()).or_default().clone();
        // Made before the wait, so that one who gives up the wait leaves nothing behind.
        let mut lock = Self {
            locks,
            key,
            turn: None,
        };
        lock.turn = Some(turn.lock_owned().await);
        lock
    }
}

impl<K: Eq + Hash> Drop for Lock<K> {
    fn drop(&mut self) {
        self.turn = None;
        let mut held = self.locks.held.lock();
        if held
            .get(&self.key)
            .is_some_and(|turn| Arc::strong_count(turn) == 1)
        {
            held.remove(&self.key);
        }
    }
}

impl<K: Eq + Hash> fmt::Debug for Lock<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lock").finish_non_exhaustive()
    }
}
