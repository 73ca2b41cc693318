//! Waiting on a thread, for synchronous code.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use crate::process::panic_hook;
use crate::rt::Handle;

/// Returns true if this thread drives a runtime, which waiting here would stop. Threads of `spawn_blocking` have a
/// runtime too, but do not drive it.
fn drives_a_runtime() -> bool {
    match Handle::try_current() {
        // The runtime itself knows: entering it a second time on the thread that drives it panics.
        Ok(handle) => panic_hook::panics(|| handle.block_on(std::future::ready(()))),
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
