//! Waits for a change of one key.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::transport::BoxFuture;

/// The notifications of keys with waiters, so that a change wakes only the waiters for its key.
pub(crate) struct Waiters<K>(Mutex<HashMap<K, Waiting>>);

struct Waiting {
    notify: Arc<Notify>,
    count: usize,
}

/// The wait for one change of a key. Dropping it unregisters the wait.
pub(crate) struct KeyChange<K: Eq + Hash> {
    waiters: Arc<Waiters<K>>,
    key: K,
    notify: Arc<Notify>,
    notified: BoxFuture<'static, ()>,
}

impl<K> Default for Waiters<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash + Clone> Waiters<K> {
    /// Starts to wait for the next change of a key.
    pub(crate) fn wait(self: &Arc<Self>, key: &K) -> KeyChange<K> {
        let notify = {
            let mut waiting = self.0.lock();
            let waiting = waiting.entry(key.clone()).or_insert_with(|| Waiting {
                notify: Arc::default(),
                count: 0,
            });
            waiting.count += 1;
            waiting.notify.clone()
        };
        KeyChange {
            waiters: self.clone(),
            key: key.clone(),
            notified: Box::pin(notify.clone().notified_owned()),
            notify,
        }
    }

    /// Wakes the waiters for a key.
    pub(crate) fn notify<Q: Eq + Hash + ?Sized>(&self, key: &Q)
    where
        K: Borrow<Q>,
    {
        let waiting = self.0.lock().remove(key);
        // Their wakers run without the lock.
        if let Some(waiting) = waiting {
            waiting.notify.notify_waiters();
        }
    }
}

impl<K: Eq + Hash> KeyChange<K> {
    /// Waits for the change. A change since [`Waiters::wait`] completes the wait at once.
    ///
    /// # Cancel safety
    /// Dropping the future ends the wait.
    pub(crate) async fn changed(mut self) {
        self.notified.as_mut().await;
    }
}

impl<K: Eq + Hash> Drop for KeyChange<K> {
    fn drop(&mut self) {
        let mut waiting = self.waiters.0.lock();
        let Some(own) = waiting.get_mut(&self.key) else {
            return;
        };
        // Another one, if its own has been notified.
        if Arc::ptr_eq(&own.notify, &self.notify) {
            own.count -= 1;
            if own.count == 0 {
                waiting.remove(&self.key);
            }
        }
    }
}
