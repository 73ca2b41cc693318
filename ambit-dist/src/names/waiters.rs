//! Waiting for a change of one name.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::names::index::Key;
use crate::transport::BoxFuture;

/// The notifications of names with waiters, so that a change wakes only the waiters for its name.
#[derive(Default)]
pub(super) struct Waiters(Mutex<HashMap<Key, Waiting>>);

struct Waiting {
    notify: Arc<Notify>,
    count: usize,
}

/// The wait for one change. Its drop leaves nothing behind.
pub(super) struct KeyChange {
    waiters: Arc<Waiters>,
    key: Key,
    notify: Arc<Notify>,
    notified: BoxFuture<'static, ()>,
}

impl Waiters {
    /// Starts to wait for the next change of a name.
    pub(super) fn wait(self: &Arc<Self>, key: &Key) -> KeyChange {
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

    /// Wakes the waiters for a name.
    pub(super) fn notify(&self, key: &Key) {
        let waiting = self.0.lock().remove(key);
        // Their wakers run without the lock.
        if let Some(waiting) = waiting {
            waiting.notify.notify_waiters();
        }
    }
}

impl KeyChange {
    /// Waits for the change. One that happened since [`Waiters::wait`] counts.
    ///
    /// # Cancel safety
    /// A dropped future ends the wait.
    pub(super) async fn changed(mut self) {
        self.notified.as_mut().await;
    }
}

impl Drop for KeyChange {
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
