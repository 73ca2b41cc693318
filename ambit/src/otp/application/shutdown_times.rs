//! The shutdown times of the applications, for the stop of the system.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use crate::otp::application::core::GRACE;
use crate::otp::application::graph::Key;
use crate::otp::application::spec::Application;
use crate::process::header::ProcessRef;
use crate::process::relation::{EndTime, EndTimes, Introspect};

/// The times of the applications that are starting, running or closing.
#[derive(Default)]
pub(super) struct ShutdownTimes(Mutex<BTreeMap<Key, Time>>);

/// The time that one application needs.
#[derive(Clone)]
struct Time {
    patience: Option<Duration>,
    top: Option<ProcessRef>,
}

impl ShutdownTimes {
    pub(super) fn set(&self, key: Key, spec: &Application, top: Option<ProcessRef>) {
        let patience = spec.declared.patience;
        self.0.lock().insert(key, Time { patience, top });
    }

    pub(super) fn remove(&self, key: Key) {
        let removed = self.0.lock().remove(&key);
        drop(removed);
    }
}

impl Introspect for ShutdownTimes {
    fn end_times(&self, given: Duration) -> Option<EndTimes> {
        let all: Vec<_> = self.0.lock().values().cloned().collect();
        let parts = all.into_iter().map(|time| {
            // Once for the tree, and once for `on_stop`.
            let (fixed, introspection) = match (time.patience, time.top) {
                (Some(patience), _) => (patience.saturating_mul(2), None),
                (None, Some(top)) => {
                    let tree = top.core().relations.lock().end_time(given);
                    (tree.fixed.saturating_add(given), tree.introspection)
                }
                (None, None) => (given, None),
            };
            let fixed = fixed.saturating_add(3 * GRACE);
            EndTime {
                fixed,
                introspection,
            }
        });
        Some(EndTimes {
            parts: parts.collect(),
            at_once: false,
            extra: Duration::ZERO,
        })
    }

    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}
