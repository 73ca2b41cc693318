//! Locks by key, which are released when their guard is dropped.

use std::fmt;
use std::sync::Arc;

use parking_lot::RwLock;
use tokio::sync::OwnedMutexGuard;

use crate::names::keyed::{self, KeyMap, KeyRef};

type Turn = Arc<tokio::sync::Mutex<()>>;

/// The locks that are held or waited for.
pub(crate) struct KeyLocks<K> {
    held: RwLock<KeyMap<K, Turn>>,
}

impl<K> Default for KeyLocks<K> {
    fn default() -> Self {
        Self {
            held: RwLock::default(),
        }
    }
}

/// The guard of a key's lock, from [`Registry::lock`](crate::registry::Registry::lock). Dropping the guard releases the
/// lock.
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let rooms: Registry<String, u8> = Registry::unique();
///     let first = rooms.lock("lobby").await;
///     let others = rooms.clone();
///     let waiting = Task::spawn(async move {
///         let _second = others.lock("lobby").await;
///         "second"
///     });
///     drop(first);
///     assert_eq!(waiting.await, Ok("second"));
/// }
/// ```
#[must_use = "the lock is free again when its guard is dropped"]
pub struct Lock<K> {
    locks: Arc<KeyLocks<K>>,
    key: KeyRef<K>,
    turn: Option<OwnedMutexGuard<()>>,
}

impl<K: Eq> Lock<K> {
    pub(crate) async fn take(locks: Arc<KeyLocks<K>>, hash: u64, key: K) -> Self {
        let (key, turn) = keyed::enter(&locks.held, hash, key, |held, key| {
            if held.get(key).is_none() {
                held.insert(key, Turn::default());
            }
            (key.clone(), held.get(key).cloned().unwrap_or_default())
        });
        // Created before the wait, so that a cancelled wait leaves nothing behind.
        let mut lock = Self {
            locks,
            key,
            turn: None,
        };
        lock.turn = Some(turn.lock_owned().await);
        lock
    }
}

impl<K> Drop for Lock<K> {
    fn drop(&mut self) {
        self.turn = None;
        let mut held = self.locks.held.write();
        let turn = held.get(&self.key);
        if turn.is_some_and(|turn| Arc::strong_count(turn) == 1) {
            // The key itself is dropped with this guard, without the lock.
            held.remove(&self.key);
        }
    }
}

impl<K> fmt::Debug for Lock<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lock").finish_non_exhaustive()
    }
}
