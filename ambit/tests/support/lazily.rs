//! A future that is polled with a waker of its own, and only when that was woken, like those of a `FuturesUnordered`.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

/// A set of one future that is polled only when it was woken, as `FuturesUnordered` does.
pub(crate) struct Lazily<F> {
    future: F,
    woken: Arc<Woken>,
}

struct Woken(AtomicBool, Mutex<Option<Waker>>);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
        if let Some(waker) = self.1.lock().unwrap().take() {
            waker.wake();
        }
    }
}

/// Polls `future` only when it was woken.
pub(crate) fn lazily<F: Future + Unpin>(future: F) -> Lazily<F> {
    let woken = Arc::new(Woken(AtomicBool::new(true), Mutex::new(None)));
    Lazily { future, woken }
}

impl<F: Future + Unpin> Future for Lazily<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        *self.woken.1.lock().unwrap() = Some(cx.waker().clone());
        if !self.woken.0.swap(false, Ordering::SeqCst) {
            return Poll::Pending;
        }
        let waker = Waker::from(self.woken.clone());
        Pin::new(&mut self.future).poll(&mut Context::from_waker(&waker))
    }
}
