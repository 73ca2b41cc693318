//! Both parties in one system.

use std::future::Future;
use std::time::Duration;

use ambit::error::StartError;
use ambit::system::System;

use super::fickle::{Fickle, FickleSubject, How};
use super::handles::Carried;
use super::threads;

/// The sides of a test. The test itself and the processes it spawns are local; the other party is remote.
#[derive(Clone)]
pub(crate) struct Stage {
    system: System,
}

/// Runs a case, without printing its crashes.
pub(crate) fn play<Fut: Future<Output = ()>>(case: impl Fn(Stage) -> Fut) {
    threads::on_one(on_stage(case));
}

/// Like [`play`], for a case with a race.
pub(crate) fn race<Fut: Future<Output = ()>>(case: impl Fn(Stage) -> Fut) {
    threads::on_several(on_stage(case));
}

async fn on_stage<Fut: Future<Output = ()>>(case: impl Fn(Stage) -> Fut) {
    let (system, _here) = super::process_support::quiet();
    case(Stage { system }).await;
}

/// Yields to others before the test checks their effects.
pub(crate) async fn pause() {
    tokio::task::yield_now().await;
}

impl Stage {
    /// Runs `what` on the other side: processes that it spawns live there.
    pub(crate) fn there<T>(&self, what: impl FnOnce() -> T) -> T {
        self.system.within(what)
    }

    /// Returns the number of processes.
    pub(crate) fn count(&self) -> usize {
        self.system.process_count()
    }

    /// Starts a server on the other side, and returns its local handle.
    pub(crate) async fn start(
        &self,
        how: How,
        linked: bool,
        patience: Option<Duration>,
    ) -> Result<FickleSubject, StartError> {
        let mut start = Fickle::start(how);
        if linked {
            start = start.link();
        }
        if let Some(patience) = patience {
            start = start.timeout(patience);
        }
        start.await
    }

    /// Converts a handle from the other side to its local form.
    pub(crate) async fn bring<H: Carried>(&self, handle: H) -> H {
        H::from_handle(handle.into_handle())
    }

    /// Converts a local handle to its form on the other side.
    pub(crate) async fn take<H: Carried>(&self, handle: H) -> H {
        H::from_handle(handle.into_handle())
    }

    /// Returns when everything sent before has arrived, with its consequences.
    pub(crate) async fn settle(&self) {}

    /// Returns how often a race is repeated.
    pub(crate) fn rounds(&self, all: usize) -> usize {
        all
    }
}
