//! Waiting for a name: a notification per key, so that a registration wakes only the waiters for its key.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::error::LookupError;
use crate::handle::call_request::DEFAULT_TIMEOUT;
use crate::names::keyed::AsIs;
use crate::process::clock::Clock;
use crate::process::current_system;
use crate::process::system_inner::SystemInner;
use crate::rt::{self, BoxFuture};
use crate::shrink;

/// Notifies all waiters of a change.
#[derive(Clone, Debug, Default)]
pub(crate) struct NotifyAll(Arc<Notify>);

impl NotifyAll {
    pub(crate) fn notify(&self) {
        self.0.notify_waiters();
    }

    /// Ready at the next notification after this call, even if it is polled later.
    pub(crate) fn notified(&self) -> BoxFuture<'static, ()> {
        Box::pin(self.0.clone().notified_owned())
    }
}

/// The notifications of keys with waiters, by the hash of the key. Keys with the same hash share one, so a woken waiter
/// checks again.
#[derive(Clone, Debug, Default)]
pub(crate) struct NotifyByKey(Arc<Mutex<Notifications>>);

type Notifications = HashMap<u64, SharedNotify, AsIs>;

/// A notification, and the number of its waiters.
#[derive(Debug, Default)]
struct SharedNotify {
    notify: NotifyAll,
    waiting: usize,
}

impl NotifyByKey {
    /// Returns the notification of a key.
    pub(crate) fn of(&self, hash: u64) -> KeyNotify {
        KeyNotify {
            notifications: self.clone(),
            hash,
        }
    }

    /// Wakes the waiters for a key.
    pub(crate) fn notify(&self, hash: u64) {
        let notified = remove(&mut self.0.lock(), hash);
        // Their wakers run without the lock.
        if let Some(shared) = notified {
            shared.notify.notify();
        }
    }

    fn leave(&self, hash: u64, own: &NotifyAll) {
        let mut notifications = self.0.lock();
        let Some(shared) = notifications.get_mut(&hash) else {
            return;
        };
        // A different one, if its own has been notified.
        if Arc::ptr_eq(&shared.notify.0, &own.0) {
            shared.waiting -= 1;
            if shared.waiting == 0 {
                remove(&mut notifications, hash);
            }
        }
    }
}

fn remove(notifications: &mut Notifications, hash: u64) -> Option<SharedNotify> {
    let removed = notifications.remove(&hash);
    shrink::map(notifications);
    removed
}

/// The notification of one key.
#[derive(Clone, Debug)]
pub(crate) struct KeyNotify {
    notifications: NotifyByKey,
    hash: u64,
}

impl KeyNotify {
    /// Ready at the next notification after this call, even if it is polled later.
    pub(crate) fn notified(&self) -> Notified {
        let mut notifications = self.notifications.0.lock();
        let shared = notifications.entry(self.hash).or_default();
        shared.waiting += 1;
        // Begins under the lock: `notify` would remove the entry in between, and the next one would not find this wait.
        Notified {
            notified: shared.notify.notified(),
            of: self.clone(),
            notify: shared.notify.clone(),
        }
    }
}

/// The wait for one notification. Its drop leaves nothing behind.
pub(crate) struct Notified {
    notified: BoxFuture<'static, ()>,
    of: KeyNotify,
    notify: NotifyAll,
}

impl Future for Notified {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.notified.as_mut().poll(cx)
    }
}

impl Drop for Notified {
    fn drop(&mut self) {
        self.of.notifications.leave(self.of.hash, &self.notify);
    }
}

/// A future that waits until a process is registered under a name or key, and resolves to its handle. The timeout is
/// 5 s by default; [`timeout`](Self::timeout) changes it. Without a system there is no clock, and the timeout does not
/// apply; this happens only outside a tokio runtime.
///
/// # Errors
/// - [`LookupError::Timeout`] if no matching process was registered before the timeout.
///
/// # Cancel safety
/// Dropping the future changes nothing.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::error::LookupError;
/// use std::time::Duration;
/// #[ambit::main]
/// async fn main() {
///     let missing = ambit::wait_for::<u8>("missing").timeout(Duration::from_micros(100));
///     assert_eq!(missing.await, Err(LookupError::Timeout));
/// }
/// ```
#[must_use = "a wait does nothing until it is awaited"]
pub struct WaitFor<T> {
    /// `None` until the first poll of a wait that was created outside a runtime.
    target: Option<WaitTarget<T>>,
    find: Option<FindTarget<T>>,
    system: Option<Arc<SystemInner>>,
    timeout: Duration,
    notified: Option<Notified>,
    late: Option<Clock>,
}

/// Finds the target in the current system.
type FindTarget<T> = Box<dyn FnOnce(&SystemInner) -> WaitTarget<T> + Send + Sync>;

/// The key that is waited for.
pub(crate) struct WaitTarget<T> {
    look: Box<dyn Fn() -> Option<T> + Send + Sync>,
    notify: KeyNotify,
}

impl<T> WaitTarget<T> {
    pub(crate) fn new(
        look: impl Fn() -> Option<T> + Send + Sync + 'static,
        notify: KeyNotify,
    ) -> Self {
        Self {
            look: Box::new(look),
            notify,
        }
    }
}

impl<T> WaitFor<T> {
    pub(crate) fn new(target: WaitTarget<T>, system: Option<Arc<SystemInner>>) -> Self {
        Self {
            target: Some(target),
            find: None,
            system,
            timeout: DEFAULT_TIMEOUT,
            notified: None,
            late: None,
        }
    }

    /// Waits for a target of the current system: the one at its creation, or else at its first poll.
    pub(crate) fn in_current_system(
        find: impl FnOnce(&SystemInner) -> WaitTarget<T> + Send + Sync + 'static,
    ) -> Self {
        let mut wait = Self {
            target: None,
            find: Some(Box::new(find)),
            system: None,
            timeout: DEFAULT_TIMEOUT,
            notified: None,
            late: None,
        };
        wait.enter();
        wait
    }

    /// Finds the current system and the target in it, unless they are known.
    fn enter(&mut self) {
        if self.system.is_none() {
            self.system = current_system::current_or_new();
        }
        if let Some(system) = &self.system
            && let Some(find) = self.find.take()
        {
            self.target = Some(find(system));
        }
    }

    /// Sets the timeout, counted from the first poll; 5 s by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    fn poll_late(&mut self, cx: &Context<'_>) -> Poll<()> {
        // A wait that was created outside a runtime is polled inside one.
        self.enter();
        let Some(system) = &self.system else {
            return Poll::Pending;
        };
        let start = || Clock::start(system, self.timeout);
        self.late.get_or_insert_with(start).poll(cx)
    }

    fn poll_found(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, LookupError>> {
        if self.target.is_none() {
            self.enter();
        }
        loop {
            let Some(target) = &self.target else {
                return Poll::Pending;
            };
            // The notification is registered before the look-up, so that no registration in between is missed.
            let notified = self
                .notified
                .get_or_insert_with(|| target.notify.notified());
            if let Some(found) = (target.look)() {
                return Poll::Ready(Ok(found));
            }
            if Pin::new(notified).poll(cx).is_pending() {
                return self.poll_late(cx).map(|()| Err(LookupError::Timeout));
            }
            self.notified = None;
        }
    }
}

impl<T> Future for WaitFor<T> {
    type Output = Result<T, LookupError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        rt::poll_cooperatively(cx, |cx| self.poll_found(cx))
    }
}

impl<T> fmt::Debug for WaitFor<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitFor")
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
    use std::task::Waker;

    use super::*;

    const HASH: u64 = 7;

    fn is_pending(wait: &mut Notified) -> bool {
        let mut cx = Context::from_waker(Waker::noop());
        Pin::new(wait).poll(&mut cx).is_pending()
    }

    #[test]
    fn a_key_is_kept_until_its_last_wait_is_dropped() {
        let notifications = NotifyByKey::default();
        let keys = || notifications.0.lock().len();
        let [first, second] = [(), ()].map(|()| notifications.of(HASH).notified());
        drop(first);
        assert_eq!(keys(), 1);
        drop(second);
        assert_eq!(keys(), 0);
    }

    /// A wait that begins during one notification is woken by the next.
    #[test]
    fn a_wait_misses_no_notification_after_its_call() {
        let notifications = NotifyByKey::default();
        let done = AtomicBool::new(false);
        let mut waits = std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Relaxed) {
                    notifications.notify(HASH);
                }
            });
            let waits = (0..200_000).filter_map(|_| {
                let mut wait = notifications.of(HASH).notified();
                notifications.notify(HASH);
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
