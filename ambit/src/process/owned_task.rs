//! A future that a process runs in a task of its own, and that ends with the process.

use std::future::poll_fn;
use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll};

use parking_lot::Mutex;

use crate::panics;
use crate::rt::{AbortHandle, BoxFuture};

/// The future, shared by its task and its process: the process drops it when it ends, whatever its task is doing.
pub(crate) struct OwnedFuture(Mutex<FutureSlot>);

enum FutureSlot {
    Idle(BoxFuture<'static, ()>),
    /// Its task is polling it, without the lock.
    Polled,
    Ended,
}

impl OwnedFuture {
    pub(crate) fn new(future: BoxFuture<'static, ()>) -> Arc<Self> {
        Arc::new(Self(Mutex::new(FutureSlot::Idle(future))))
    }

    /// Runs it to its end, or until the process ends.
    pub(crate) async fn run(&self) {
        poll_fn(|cx| self.poll(cx)).await;
    }

    fn poll(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut future = {
            let mut slot = self.0.lock();
            match mem::replace(&mut *slot, FutureSlot::Polled) {
                FutureSlot::Idle(future) => future,
                FutureSlot::Polled | FutureSlot::Ended => {
                    *slot = FutureSlot::Ended;
                    return Poll::Ready(());
                }
            }
        };
        let polled = future.as_mut().poll(cx);
        let mut slot = self.0.lock();
        if polled.is_pending() && matches!(*slot, FutureSlot::Polled) {
            *slot = FutureSlot::Idle(future);
            return Poll::Pending;
        }
        *slot = FutureSlot::Ended;
        drop(slot);
        panics::drop_quietly(future);
        Poll::Ready(())
    }

    /// Drops the future now, or as soon as the current poll of it returns.
    fn end(&self) {
        let slot = mem::replace(&mut *self.0.lock(), FutureSlot::Ended);
        panics::drop_quietly(slot);
    }
}

/// A task of a process, as its relations know it.
pub(crate) struct OwnedTask {
    pub(crate) future: Arc<OwnedFuture>,
    pub(crate) task: AbortHandle,
}

impl OwnedTask {
    /// Drops the future, unless it is being polled, and ends its task.
    pub(crate) fn end(self) {
        self.future.end();
        self.task.abort();
    }
}
