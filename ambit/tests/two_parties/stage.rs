//! Both parties in one system.

use std::future::Future;
use std::time::Duration;

use ambit::{StartError, System};

use super::fickle::{Fickle, FickleSubject, How};
use super::handles::Carried;
use super::threads;

/// Where the two parties of a test live. The test itself, and whatever it spawns, is here; the other party is there.
#[derive(Clone)]
pub(crate) struct Stage {
    system: System,
}

/// Plays a case, whose crashes print nothing.
pub(crate) fn play<Fut: Future<Output = ()>>(case: impl Fn(Stage) -> Fut) {
    threads::on_one(on_stage(case));
}

/// As [`play`], for a case about who is first.
pub(crate) fn race<Fut: Future<Output = ()>>(case: impl Fn(Stage) -> Fut) {
    threads::on_several(on_stage(case));
}

async fn on_stage<Fut: Future<Output = ()>>(case: impl Fn(Stage) -> Fut) {
    let (system, _here) = super::process_support::quiet();
    case(Stage { system }).await;
}

/// Lets others go on, before a look at what they do.
pub(crate) async fn pause() {
    tokio::task::yield_now().await;
}

impl Stage {
    /// Does `what` there: what it spawns lives there.
    pub(crate) fn there<T>(&self, what: impl FnOnce() -> T) -> T {
        self.system.within(what)
    }

    /// How many processes there are.
    pub(crate) fn count(&self) -> usize {
        self.system.process_count()
    }

    /// Starts a server there, and knows it here.
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

    /// A handle that was made there, as it is known here.
    pub(crate) async fn bring<H: Carried>(&self, handle: H) -> H {
        H::from_handle(handle.into_handle())
    }

    /// A handle that was made here, as it is known there.
    pub(crate) async fn take<H: Carried>(&self, handle: H) -> H {
        H::from_handle(handle.into_handle())
    }

    /// Returns when what was sent before has arrived, and what that caused.
    pub(crate) async fn settle(&self) {}

    /// How often a race is repeated.
    pub(crate) fn rounds(&self, all: usize) -> usize {
        all
    }
}
