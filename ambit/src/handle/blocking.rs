//! Waiting on a thread, for code that is not async.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use crate::process::panics;
use crate::rt::Handle;

/// Whether this thread drives a runtime, so that waiting here would stop it. Threads of `spawn_blocking` know a
/// runtime too, but do not drive it.
fn drives_a_runtime() -> bool {
    match Handle::try_current() {
        // The runtime itself knows: entering it a second time on the thread that drives it is refused, by a panic.
        Ok(handle) => panics::panics(|| handle.block_on(std::future::ready(()))),
        Err(_) => false,
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Parks the thread until the future is done; `None`, without having polled it, on a thread that drives a runtime.
pub(crate) fn wait<F: Future>(future: F) -> Option<F::Output> {
    if drives_a_runtime() {
        return None;
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut cx = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut cx) {
            return Some(value);
        }
        thread::park();
    }
}
