//! A start that was sent: the process is there, and its init runs while the starter does other things.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::error::StartError;
use crate::process::worlds;
use crate::server::owned::{Owned, StartOwned};
use crate::server::start::{Launch, Start, Startable, Started};

/// A start under way, from [`Start::send`]: `'static`, so it goes into `select!`, a list or another future. Its output
/// is that of the start.
///
/// # Errors
/// [`StartError`], as for [`Start`].
///
/// # Cancel safety
/// Polling by reference loses nothing. Dropped before it has given its result, the process is killed, whether `#[init]`
/// is done or not: no handle to it exists.
#[must_use = "a start that is dropped is given up: its process is killed"]
pub struct PendingStart<C: Startable> {
    launch: Option<Launch<C>>,
}

impl<C: Startable> Start<C> {
    /// Starts now, without waiting for `#[init]`; the result is awaited later. The names are taken and the process is
    /// linked when this returns, and any number of `#[init]`s run at the same time: so an `#[init]` grows its servers in
    /// parallel. Where there is no runtime, the output says so. (Erlang: `proc_lib:start_link` in many processes.)
    ///
    /// # Cancel safety
    /// That of [`PendingStart`]: dropped before it has given its result, the process is killed.
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
            settings.world = worlds::current_or_new();
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
    /// See [`Start::send`].
    pub fn send(self) -> PendingStartOwned<C> {
        PendingStartOwned {
            start: self.start.send(),
        }
    }
}

impl<C: Startable> Unpin for PendingStart<C> {}

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

/// As [`PendingStart`], with an [`Owned`] handle as its output; from [`StartOwned::send`].
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
