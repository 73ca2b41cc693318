//! Helpers for waiting.

use std::fmt::Debug;
use std::future::Future;
use std::time::Duration;

/// Fails the test if the future takes more than a minute.
#[track_caller]
pub(crate) fn soon<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let place = std::panic::Location::caller();
    async move {
        let minute = Duration::from_secs(60);
        match tokio::time::timeout(minute, future).await {
            Ok(value) => value,
            Err(_) => panic!("nothing for a minute at {place}"),
        }
    }
}

/// Waits until the condition holds. It is tested every millisecond, for a minute.
pub(crate) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    until_some(what, || std::future::ready(holds().then_some(()))).await;
}

/// Waits until the function returns a value. It is called every millisecond, for a minute.
pub(crate) async fn until_some<T, Fut>(what: &str, mut get: impl FnMut() -> Fut) -> T
where
    Fut: Future<Output = Option<T>>,
{
    for _ in 0..60_000 {
        if let Some(value) = get().await {
            return value;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("not within a minute: {what}");
}

/// Runs the body in a process of the test's node.
pub(crate) async fn in_process<T, F, Fut>(body: F) -> T
where
    T: Send + Debug + 'static,
    F: FnOnce(ambit::process::Inbox<u8>) -> Fut + Send + 'static,
    Fut: Future<Output = T> + Send + 'static,
{
    let (tell, told) = tokio::sync::oneshot::channel();
    let process = ambit::spawn(|inbox| async move {
        tell.send(body(inbox).await).ok();
    });
    match told.await {
        Ok(value) => value,
        Err(_) => panic!("the process of the test ended: {}", process.closed().await),
    }
}
