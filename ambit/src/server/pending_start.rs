//! A start that has been sent: the process exists, and its init runs concurrently with the starter.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::error::StartError;
use crate::process::current_system;
use crate::server::launch;
use crate::server::owned::{Owned, StartOwned};
use crate::server::start::Start;
use crate::server::startable::{Launch, Startable, Started};

/// A start in progress, created by [`Start::send`]. It is `'static`, so it can be used in `select!` or stored in a
/// collection. Its output is that of the start.
///
/// # Errors
/// [`StartError`], like [`Start`].
///
/// # Cancel safety
/// Polling by reference loses nothing. Dropping the future before it has returned its result kills the process, even if
/// `#[init]` has finished, because no handle to the process exists yet. A linked starter is not affected.
///
/// ```
/// use ambit::prelude::*;
/// struct Counter(u64);
/// #[gen_server]
/// impl Counter { #[call] fn add(&mut self, by: u64) -> u64 { self.0 += by; self.0 } }
/// #[ambit::main]
/// async fn main() {
///     let (first, second) = (Counter(1).start().send(), Counter(2).start().send());
///     let (first, second) = (first.await.unwrap(), second.await.unwrap());
///     assert_eq!(first.add(0).await.unwrap() + second.add(0).await.unwrap(), 3);
/// }
/// ```
#[must_use = "a start that is dropped is given up: its process is killed"]
pub struct PendingStart<C: Startable> {
    launch: Option<Launch<C>>,
}

impl<C: Startable> Start<C> {
    /// Starts the server now, without waiting for `#[init]`; the result is awaited later. When this method returns, the
    /// names are registered and the process is linked. Any number of `#[init]` methods run concurrently, so a server
    /// can start several others in parallel in its own `#[init]`. Outside a tokio runtime, the output is `NoRuntime`.
    /// (Erlang: `proc_lib:start_link` in many processes.)
    ///
    /// # Cancel safety
    /// Like [`PendingStart`]: dropping the returned future before it has returned its result kills the process.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// struct Shard(u8);
    /// #[gen_server]
    /// impl Shard {
    ///     #[init]
    ///     async fn load(part: u8) -> Self { Self(part) }
    ///     #[call] fn part(&self) -> u8 { self.0 }
    /// }
    /// #[ambit::main]
    /// async fn main() {
    ///     let starts: Vec<_> = (0..4).map(|part| Shard::start(part).send()).collect();
    ///     for (part, start) in starts.into_iter().enumerate() {
    ///         let shard = start.await.unwrap();
    ///         assert_eq!(shard.part().await, Ok(part as u8));
    ///     }
    /// }
    /// ```
    pub fn send(mut self) -> PendingStart<C> {
        let fresh = self.fresh.take().map(|(args, mut settings)| {
            settings.system = current_system::current_or_new();
            C::__launch(args, settings, None)
        });
        let under_way = || {
            self.running
                .take()
                .map(|(started, wait)| Launch::Waits(started, wait))
        };
        PendingStart {
            launch: fresh.or_else(under_way),
        }
    }
}

impl<C: Startable> StartOwned<C> {
    /// Starts the server now, without waiting for `#[init]`, like [`Start::send`].
    pub fn send(self) -> PendingStartOwned<C> {
        PendingStartOwned {
            start: self.start.send(),
        }
    }
}

impl<C: Startable> Unpin for PendingStart<C> {}

impl<C: Startable> Drop for PendingStart<C> {
    /// Kills the process if its `#[init]` was done before the send returned: no handle to the process exists. If the
    /// start still waits for `#[init]`, dropping that wait kills the process.
    fn drop(&mut self) {
        if let Some(Launch::Done(Ok(started))) = &self.launch {
            launch::give_up(&*started.process);
        }
    }
}

impl<C: Startable> PendingStart<C> {
    fn poll_started(&mut self, cx: &mut Context<'_>) -> Poll<Result<Started<C>, StartError>> {
        match self.launch.take() {
            Some(Launch::Done(outcome)) => Poll::Ready(outcome),
            Some(Launch::Waits(started, mut wait)) => match wait.as_mut().poll(cx) {
                Poll::Ready(begun) => Poll::Ready(begun.map(|()| started)),
                Poll::Pending => {
                    self.launch = Some(Launch::Waits(started, wait));
                    Poll::Pending
                }
            },
            None => Poll::Pending,
        }
    }
}

impl<C: Startable> Future for PendingStart<C> {
    type Output = Result<C::Handle, StartError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_started(cx).map_ok(|started| started.handle)
    }
}

impl<C: Startable> fmt::Debug for PendingStart<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = std::any::type_name::<C>();
        f.debug_struct("PendingStart")
            .field("server", &server)
            .finish_non_exhaustive()
    }
}

/// Like [`PendingStart`], but the output is an [`Owned`] handle; created by [`StartOwned::send`].
///
/// # Errors
/// [`StartError`], like [`Start`].
///
/// # Cancel safety
/// Like [`PendingStart`]: dropping the future before it has returned its result kills the process.
///
/// ```
/// use ambit::prelude::*;
/// struct Counter(u64);
/// #[gen_server]
/// impl Counter { #[call] fn add(&mut self, by: u64) -> u64 { self.0 += by; self.0 } }
/// #[ambit::main]
/// async fn main() {
///     let counter = Counter(1).start().owned().send().await.unwrap();
///     let end = counter.monitor();
///     drop(counter);
///     assert_eq!(end.await.reason, ExitReason::Normal);
/// }
/// ```
#[must_use = "a start that is dropped is given up: its process is killed"]
pub struct PendingStartOwned<C: Startable> {
    start: PendingStart<C>,
}

impl<C: Startable> Future for PendingStartOwned<C> {
    type Output = Result<Owned<C::Handle>, StartError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.start.poll_started(cx).map_ok(Owned::new)
    }
}

impl<C: Startable> fmt::Debug for PendingStartOwned<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PendingStartOwned")
            .field(&self.start)
            .finish()
    }
}
