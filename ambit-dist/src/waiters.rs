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
        let own = key.clone();
        let mut waiting = self.0.lock();
        let shared = waiting.entry(key.clone()).or_insert_with(|| Waiting {
            notify: Arc::default(),
            count: 0,
        });
        shared.count += 1;
        // Begins under the lock: `notify` would remove the entry in between, and the next one would not find this wait.
        KeyChange {
            waiters: self.clone(),
            key: own,
            notified: Box::pin(shared.notify.clone().notified_owned()),
            notify: shared.notify.clone(),
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
    use std::task::{Context, Waker};

    use super::*;

    fn is_pending(wait: &mut KeyChange<u8>) -> bool {
        let mut cx = Context::from_waker(Waker::noop());
        wait.notified.as_mut().poll(&mut cx).is_pending()
    }

    /// A wait that begins during one notification is woken by the next.
    #[test]
    fn a_wait_misses_no_notification_after_its_call() {
        let waiters = Arc::new(Waiters::<u8>::default());
        let done = AtomicBool::new(false);
        let mut waits = std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Relaxed) {
                    waiters.notify(&7);
                }
            });
            let waits = (0..200_000).filter_map(|_| {
                let mut wait = waiters.wait(&7);
                waiters.notify(&7);
                is_pending(&mut wait).then_some(wait)
            });
            let waits: Vec<_> = waits.collect();
            done.store(true, Relaxed);
            waits
        });
        // The other thread may have taken a wait and not woken it at once; now it has ended.
        let missed = waits
            .iter_mut()
            .filter_map(|wait| is_pending(wait).then_some(()));
        assert_eq!(missed.count(), 0);
    }
}
