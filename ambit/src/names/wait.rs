//! Waiting for a name: a bell that rings at every registration.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::sync::Notify;

use crate::error::LookupError;
use crate::handle::call::DEFAULT_TIMEOUT;
use crate::process::clock::Clock;
use crate::process::world::World;
use crate::rt::BoxFuture;

/// Rings whenever a name is taken.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bell(Arc<Notify>);

impl Bell {
    pub(crate) fn ring(&self) {
        self.0.notify_waiters();
    }

    /// Done at the next ring after this call, whenever it is polled.
    pub(crate) fn next(&self) -> BoxFuture<'static, ()> {
        Box::pin(self.0.clone().notified_owned())
    }
}

/// Waits until somebody holds a name: at most 5 s unless [`timeout`](Self::timeout) says otherwise.
///
/// # Errors
/// [`LookupError::Timeout`].
///
/// # Cancel safety
/// Dropping it changes nothing.
#[must_use = "a wait does nothing until it is awaited"]
pub struct WaitFor<T> {
    look: Box<dyn Fn() -> Option<T> + Send + Sync>,
    bell: Bell,
    world: Option<Arc<World>>,
    timeout: Duration,
    ring: Option<BoxFuture<'static, ()>>,
    late: Option<Clock>,
}

impl<T> WaitFor<T> {
    pub(crate) fn new(
        look: impl Fn() -> Option<T> + Send + Sync + 'static,
        bell: Bell,
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

    /// How long to wait, counted from the first poll; 5 s by default.
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
            // First the bell, then the look: what is taken between the two is not missed.
            let ring = this.ring.get_or_insert_with(|| this.bell.next());
            if let Some(found) = (this.look)() {
                return Poll::Ready(Ok(found));
            }
            if ring.as_mut().poll(cx).is_pending() {
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
