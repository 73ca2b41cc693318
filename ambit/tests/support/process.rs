//! Helpers for tests in processes: a quiet system, code that runs as a process, and futures polled by hand.

use std::future::Future;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use ambit::prelude::*;
use ambit::system::{System, SystemGuard};
use tokio::sync::oneshot;

/// A timeout longer than any test here.
const PATIENCE: Duration = Duration::from_secs(60);

/// Awaits `future` with a timeout, so that a test that hangs fails under its own name.
pub(crate) async fn soon<F: Future>(future: F) -> F::Output {
    within(PATIENCE, future).await
}

/// Like [`soon`], with a timeout of its own.
pub(crate) async fn within<F: Future>(limit: Duration, future: F) -> F::Output {
    match tokio::time::timeout(limit, future).await {
        Ok(value) => value,
        Err(_) => panic!("still waiting after {limit:?}"),
    }
}

/// Runs `body` as a process and returns its value; a panic in it fails the test.
pub(crate) async fn in_process<M, F, Fut>(body: F) -> Fut::Output
where
    M: Message,
    F: FnOnce(Inbox<M>) -> Fut + Send + 'static,
    Fut: Future<Output: Send + 'static> + Send + 'static,
{
    soon(in_process_for_long(body)).await
}

/// Like [`in_process`], but without a timeout: the body sets its own.
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

/// Creates a system that prints no crashes, current until the guard is dropped.
pub(crate) fn quiet() -> (System, SystemGuard) {
    let system = System::builder().quiet_panics(true).build().unwrap();
    let entered = system.enter();
    (system, entered)
}

/// Polls a future once, in the task of the test.
pub(crate) async fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    std::future::poll_fn(|cx| Poll::Ready(Pin::new(&mut *future).poll(cx))).await
}
