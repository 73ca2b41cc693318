//! A `tracing` subscriber for one test, isolated from other tests of the same program.

use std::sync::LazyLock;

use tracing::subscriber::{DefaultGuard, NoSubscriber};
use tracing::{Dispatch, Subscriber};

/// A second dispatcher. With only one registered, `tracing` caches a callsite's interest from the thread that reaches
/// it first: a test without a subscriber would disable that callsite for all others.
static SECOND: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(NoSubscriber::new()));

/// Subscribes on this thread, until the guard is dropped.
pub(crate) fn listen(subscriber: impl Subscriber + Send + Sync + 'static) -> DefaultGuard {
    LazyLock::force(&SECOND);
    tracing::subscriber::set_default(subscriber)
}
