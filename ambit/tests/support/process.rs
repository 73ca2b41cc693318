//! Tests in processes: a quiet system, code that runs as a process, and futures that are polled by hand.

use std::future::Future;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use ambit::prelude::*;
use ambit::{System, SystemGuard};
use tokio::sync::oneshot;

/// Longer than anything here lasts, shorter than a human's patience.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits for `future`, but not for ever: a test that hangs names itself.
pub(crate) async fn soon<F: Future>(future: F) -> F::Output {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("still waiting after {PATIENCE:?}"),
    }
}

/// Runs `body` as a process and hands out its value; a panic in it is the test's.
pub(crate) async fn in_process<M, F, Fut>(body: F) -> Fut::Output
where
    M: Message,
    F: FnOnce(Inbox<M>) -> Fut + Send + 'static,
    Fut: Future<Output: Send + 'static> + Send + 'static,
{
    soon(in_process_for_long(body)).await
}

/// As [`in_process`], for as long as it takes: the body says itself what must come soon.
pub(crate) async fn in_process_for_long<M, F, Fut>(body: F) -> Fut::Output
where
    M: Message,
    F: FnOnce(Inbox<M>) -> Fut + Send + 'static,
    Fut: Future<Output: Send + 'static> + Send + 'static,
{
    let (value, outcome) = oneshot::channel();
    let process = ambit::spawn(move |inbox: Inbox<M>| async move {
        drop(value.send(body(inbox).await));
    });
    match outcome.await {
        Ok(value) => value,
        Err(_) => panic!("the process of the test ended: {}", process.closed().await),
    }
}

/// A system of its own whose crashes print nothing, current until the guard is dropped.
pub(crate) fn quiet() -> (System, SystemGuard) {
    let system = System::builder().quiet_panics(true).build().unwrap();
    let entered = system.enter();
    (system, entered)
}

/// Polls a future once, in the task of the test.
pub(crate) async fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    std::future::poll_fn(|cx| Poll::Ready(Pin::new(&mut *future).poll(cx))).await
}
