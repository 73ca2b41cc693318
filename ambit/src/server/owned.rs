//! Handles that own their process: dropping them stops it.

use std::fmt;
use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::error::StartError;
use crate::exit_reason::ExitReason;
use crate::handle::protocol::Protocol;
use crate::names::registry::Registry;
use crate::process::header::{Notice, ProcessRef};
use crate::process::queued_signals::QueuedSignal;
use crate::server::gen_server::GenServer;
use crate::server::start::Start;
use crate::server::startable::{Startable, Started};

/// A handle that owns its process: dropping it stops the process with the reason `Normal`, like `stop()`, but does not
/// wait for the end. Dropping any other handle has no effect on its process.
///
/// ```
/// use ambit::prelude::*;
/// struct Cache;
/// #[gen_server]
/// impl Cache {}
/// #[ambit::main]
/// async fn main() {
///     let owned = Cache.start().owned().await.unwrap();
///     let watch = owned.monitor();
///     drop(owned);
///     assert_eq!(watch.await.reason, ExitReason::Normal);
/// }
/// ```
#[must_use = "dropping an owned handle stops its process"]
pub struct Owned<H> {
    handle: H,
    process: ProcessRef,
}

impl<H: Clone + Send + Sync + 'static> Owned<H> {
    pub(super) fn new<C: Startable<Handle = H>>(started: Started<C>) -> Self {
        Self {
            handle: started.handle,
            process: started.process,
        }
    }
}

impl<H> Deref for Owned<H> {
    type Target = H;

    fn deref(&self) -> &H {
        &self.handle
    }
}

impl<H> Drop for Owned<H> {
    fn drop(&mut self) {
        let (_refused, wake) = self
            .process
            .notify(Notice::Stop(QueuedSignal::uncounted(ExitReason::Normal)));
        self.process.wake(wake);
    }
}

impl<H: fmt::Debug> fmt::Debug for Owned<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Owned").field(&self.handle).finish()
    }
}

/// Like [`Start`], but the output is an [`Owned`] handle.
///
/// # Cancel safety
/// Like [`Start`]: dropping the future before the first poll starts nothing; dropping it later, before it has returned
/// its result, kills the process.
///
/// ```
/// use ambit::prelude::*;
/// struct Counter(u64);
/// #[gen_server]
/// impl Counter { #[call] fn add(&mut self, by: u64) -> u64 { self.0 += by; self.0 } }
/// #[ambit::main]
/// async fn main() {
///     let counter = Counter(1).start().owned().name("counter").await.unwrap();
///     assert_eq!(counter.add(1).await, Ok(2));
///     let end = counter.monitor();
///     drop(counter);
///     end.await;
///     assert!(ambit::whereis::<Counter>("counter").is_err());
/// }
/// ```
#[must_use = "a start does nothing until it is awaited"]
pub struct StartOwned<C: Startable> {
    pub(super) start: Start<C>,
}

impl<C: Startable> Start<C> {
    /// Returns the same start with an [`Owned`](crate::Owned) handle as its output: dropping that handle stops the
    /// server.
    pub fn owned(self) -> StartOwned<C> {
        StartOwned::new(self)
    }
}

impl<C: Startable> StartOwned<C> {
    pub(crate) fn new(start: Start<C>) -> Self {
        Self { start }
    }

    /// Registers the server under a local name, like [`Start::name`].
    pub fn name(self, name: impl Into<String>) -> Self {
        Self {
            start: self.start.name(name),
        }
    }

    /// Links the server to the calling process, like [`Start::link`].
    pub fn link(self) -> Self {
        Self {
            start: self.start.link(),
        }
    }

    /// Sets how many user messages the mailbox holds, like [`Start::mailbox`].
    pub fn mailbox(self, messages: usize) -> Self {
        Self {
            start: self.start.mailbox(messages),
        }
    }

    /// Limits the time of `#[init]`, like [`Start::timeout`].
    pub fn timeout(self, timeout: Duration) -> Self {
        Self {
            start: self.start.timeout(timeout),
        }
    }
}

impl<C: GenServer> StartOwned<C> {
    /// Registers the server under a key in a unique registry, like [`Start::via`].
    pub fn via<K, V>(self, registry: &Registry<K, C::Protocol, V>, key: impl Into<K>) -> Self
    where
        C::Protocol: Protocol,
        K: Clone + Eq + std::hash::Hash + Send + Sync + 'static,
        V: Clone + Default + Send + Sync + 'static,
    {
        Self {
            start: self.start.via(registry, key),
        }
    }

    /// Registers the server under a key with a value, like [`Start::via_with`].
    pub fn via_with<K, V>(
        self,
        registry: &Registry<K, C::Protocol, V>,
        key: impl Into<K>,
        value: V,
    ) -> Self
    where
        C::Protocol: Protocol,
        K: Clone + Eq + std::hash::Hash + Send + Sync + 'static,
        V: Clone + Send + Sync + 'static,
    {
        Self {
            start: self.start.via_with(registry, key, value),
        }
    }
}

impl<C: Startable> Future for StartOwned<C> {
    type Output = Result<Owned<C::Handle>, StartError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let start = &mut self.start;
        start.poll_started(cx).map_ok(Owned::new)
    }
}

impl<C: Startable> fmt::Debug for StartOwned<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StartOwned").field(&self.start).finish()
    }
}
