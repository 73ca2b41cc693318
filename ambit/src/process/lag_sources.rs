//! Lagging subscribers: publishing modules register a source, and introspection queries all of them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::panics;
use crate::pid::Pid;
use crate::process::system_inner::SystemInner;

/// A subscriber that lags behind its publisher, as reported by a lag source.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::inspect::{self, Lag};
/// #[ambit::main]
/// async fn main(inbox: Inbox<u8>) {
///     let lag = Lag { source: "prices".into(), pid: inbox.pid(), behind: 2_000 };
///     let _guard = inspect::add_lag_source(move || vec![lag.clone()]).unwrap();
///     assert_eq!(inspect::snapshot().lints[0].pids, [inbox.pid()]);
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
pub struct Lag {
    /// The source of the subscriber's messages: a topic, a stage, a queue.
    pub source: String,
    /// The subscriber.
    pub pid: Pid,
    /// The number of messages that the subscriber has not received yet.
    pub behind: u64,
}

type Source = Arc<dyn Fn() -> Vec<Lag> + Send + Sync>;

/// The registered sources, in registration order.
#[derive(Default)]
pub(crate) struct Lags {
    sources: Mutex<(u64, BTreeMap<u64, Source>)>,
}

impl Lags {
    /// Queries all sources. A source that panics is skipped.
    pub(crate) fn ask(&self) -> Vec<Lag> {
        let sources: Vec<_> = self.sources.lock().1.values().cloned().collect();
        let mut all = Vec::new();
        for source in sources {
            match panics::catch(|| source()) {
                Ok(lags) => all.extend(lags),
                Err(report) => tracing::error!(%report, "a source of lags panicked"),
            }
        }
        all
    }
}

/// The registration of a lag source, from [`add_lag_source`](crate::inspect::add_lag_source). Dropping it removes the
/// source.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::inspect::{self, Lag};
/// #[ambit::main]
/// async fn main(inbox: Inbox<u8>) {
///     let pid = inbox.pid();
///     let source = move || vec![Lag { source: "prices".into(), pid, behind: 2_000 }];
///     let guard = inspect::add_lag_source(source).unwrap();
///     assert_eq!(inspect::snapshot().lints.len(), 1);
///     drop(guard);
///     assert!(inspect::snapshot().lints.is_empty());
/// }
/// ```
#[must_use = "the source is asked until the guard is dropped"]
pub struct LagGuard {
    lags: Arc<Lags>,
    key: u64,
}

/// Registers `source` for all inspections of `system`, until the guard is dropped.
pub(crate) fn add(
    system: &SystemInner,
    source: impl Fn() -> Vec<Lag> + Send + Sync + 'static,
) -> LagGuard {
    let lags = system.extension::<Lags>();
    let key = {
        let mut sources = lags.sources.lock();
        sources.0 += 1;
        let key = sources.0;
        sources.1.insert(key, Arc::new(source));
        key
    };
    LagGuard { lags, key }
}

impl Drop for LagGuard {
    fn drop(&mut self) {
        let removed = self.lags.sources.lock().1.remove(&self.key);
        // A source holds user values: it is dropped without the lock.
        drop(removed);
    }
}

impl fmt::Debug for LagGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LagGuard").finish_non_exhaustive()
    }
}
