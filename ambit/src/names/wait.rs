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
use crate::handle::call::DEFAULT_TIMEOUT;
use crate::names::keyed::AsIs;
use crate::process::clock::Clock;
use crate::process::world::World;
use crate::rt::BoxFuture;

/// Notifies all waiters of a change.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bell(Arc<Notify>);

impl Bell {
    pub(crate) fn ring(&self) {
        self.0.notify_waiters();
    }

    /// Ready at the next ring after this call, even if it is polled later.
    pub(crate) fn next(&self) -> BoxFuture<'static, ()> {
        Box::pin(self.0.clone().notified_owned())
    }
}

/// The notifications of keys with waiters, by the hash of the key. Keys with the same hash share one, so a woken waiter
/// checks again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bells(Arc<Mutex<HashMap<u64, Shared, AsIs>>>);

/// A notification, and the number of its waiters.
#[derive(Debug, Default)]
struct Shared {
    bell: Bell,
    waiting: usize,
}

impl Bells {
    /// Returns the notification of a key.
    pub(crate) fn of(&self, hash: u64) -> BellOf {
        BellOf {
            bells: self.clone(),
            hash,
        }
    }

    /// Wakes the waiters for a key.
    pub(crate) fn ring(&self, hash: u64) {
        let rung = self.0.lock().remove(&hash);
        // Their wakers run without the lock.
        if let Some(shared) = rung {
            shared.bell.ring();
        }
    }

    fn leave(&self, hash: u64, own: &Bell) {
        let mut bells = self.0.lock();
        let Some(shared) = bells.get_mut(&hash) else {
            return;
        };
        // A different one, if its own has rung.
        if Arc::ptr_eq(&shared.bell.0, &own.0) {
            shared.waiting -= 1;
            if shared.waiting == 0 {
                bells.remove(&hash);
            }
        }
    }
}

/// The notification of one key.
#[derive(Clone, Debug)]
pub(crate) struct BellOf {
    bells: Bells,
    hash: u64,
}

impl BellOf {
    /// Ready at the next ring after this call, even if it is polled later.
    pub(crate) fn next(&self) -> Ring {
        let bell = {
            let mut bells = self.bells.0.lock();
            let shared = bells.entry(self.hash).or_default();
            shared.waiting += 1;
            shared.bell.clone()
        };
        Ring {
            rung: bell.next(),
            of: self.clone(),
            bell,
        }
    }
}

/// The wait for one ring. Its drop leaves nothing behind.
pub(crate) struct Ring {
    rung: BoxFuture<'static, ()>,
    of: BellOf,
    bell: Bell,
}

impl Future for Ring {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.rung.as_mut().poll(cx)
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        self.of.bells.leave(self.of.hash, &self.bell);
    }
}

/// Waits until a process is registered under a name: up to 5 s by default; see [`timeout`](Self::timeout).
///
/// # Errors
/// [`LookupError::Timeout`].
///
/// # Cancel safety
/// Dropping it changes nothing.
#[must_use = "a wait does nothing until it is awaited"]
pub struct WaitFor<T> {
    look: Box<dyn Fn() -> Option<T> + Send + Sync>,
    bell: BellOf,
    world: Option<Arc<World>>,
    timeout: Duration,
    ring: Option<Ring>,
    late: Option<Clock>,
}

impl<T> WaitFor<T> {
    pub(crate) fn new(
        look: impl Fn() -> Option<T> + Send + Sync + 'static,
        bell: BellOf,
        world: Option<Arc<World>>,
    ) -> Self {
        let timeout = DEFAULT_TIMEOUT;
        Self {
            look: Box::new(look),
            bell,
            world,
            timeout,
            ring: None,
            late: None,
        }
    }

    /// Sets how long to wait, counted from the first poll; 5 s by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    fn poll_late(&mut self, cx: &Context<'_>) -> Poll<()> {
        let Some(world) = &self.world else {
            return Poll::Pending;
        };
        let start = || Clock::start(world, self.timeout);
        self.late.get_or_insert_with(start).poll(cx)
    }
}

impl<T> Future for WaitFor<T> {
    type Output = Result<T, LookupError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        loop {
            // The notification is registered before the look-up, so that no registration in between is missed.
            let ring = this.ring.get_or_insert_with(|| this.bell.next());
            if let Some(found) = (this.look)() {
                return Poll::Ready(Ok(found));
            }
            if Pin::new(ring).poll(cx).is_pending() {
                return this.poll_late(cx).map(|()| Err(LookupError::Timeout));
            }
            this.ring = None;
        }
    }
}

impl<T> fmt::Debug for WaitFor<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitFor")
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
