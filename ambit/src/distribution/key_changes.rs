//! Waits for changes of keys, for the tables of a cluster.

use std::future::Future;
use std::hash::Hash;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::names::keyed::KeyHasher;
use crate::names::wait::{Notified, NotifyByKey};

/// The waiters of each key. A change of a key wakes only its own waiters, and those of keys with the same hash.
#[derive(Debug, Default)]
pub struct KeyChanges {
    hasher: KeyHasher,
    notifications: NotifyByKey,
}

/// A future that waits for the next change of a key. A woken waiter must check the key again, because a change of
/// another key with the same hash also wakes it. Dropping the future cancels the wait.
#[must_use = "a wait does nothing until it is awaited"]
pub struct KeyChange(Notified);

impl KeyChanges {
    /// Returns a future that waits for the next change of `key` after this call, even if it is polled later.
    pub fn wait<Q: Hash + ?Sized>(&self, key: &Q) -> KeyChange {
        KeyChange(self.notifications.of(self.hasher.hash(key)).notified())
    }

    /// Wakes the waiters of `key`.
    pub fn notify<Q: Hash + ?Sized>(&self, key: &Q) {
        self.notifications.notify(self.hasher.hash(key));
    }
}

impl Future for KeyChange {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
    use std::task::Waker;

    use super::*;

    fn is_pending(wait: &mut KeyChange) -> bool {
        let mut cx = Context::from_waker(Waker::noop());
        Pin::new(wait).poll(&mut cx).is_pending()
    }

    #[test]
    fn a_change_wakes_the_waiters_of_its_key() {
        let changes = KeyChanges::default();
        let key: Arc<[u8]> = Arc::from([1, 2]);
        let (mut first, mut second) = (changes.wait(&key), changes.wait("other"));
        assert!(is_pending(&mut first) && is_pending(&mut second));
        // By a key that is equal, in another form.
        changes.notify::<[u8]>(&[1, 2]);
        assert!(!is_pending(&mut first) && is_pending(&mut second));
    }

    /// A wait that begins during one notification is woken by the next.
    #[test]
    fn a_wait_misses_no_notification_after_its_call() {
        let changes = KeyChanges::default();
        let done = AtomicBool::new(false);
        let mut waits = std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Relaxed) {
                    changes.notify(&7);
                }
            });
            let waits = (0..200_000).filter_map(|_| {
                let mut wait = changes.wait(&7);
                changes.notify(&7);
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
