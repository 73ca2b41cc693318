//! The functions of users.

use std::panic::{AssertUnwindSafe, catch_unwind};

use parking_lot::Mutex;

use crate::presence::data::{PresenceDiff, PresenceEntry};

/// Adds data to the presences of a topic.
pub(super) type Fetch<M> = Box<dyn Fn(&str, &mut [PresenceEntry<M>]) + Send + Sync>;

/// Receives each diff with the presences of its topic after it.
pub(super) type OnMetas<M> = Box<dyn FnMut(&PresenceDiff<M>, &[PresenceEntry<M>]) + Send>;

/// The hooks of a tracker.
pub(super) struct Hooks<M> {
    pub(super) fetch: Option<Fetch<M>>,
    /// The task takes it.
    pub(super) metas: Mutex<Option<OnMetas<M>>>,
}

impl<M> Default for Hooks<M> {
    fn default() -> Self {
        Self {
            fetch: None,
            metas: Mutex::new(None),
        }
    }
}

impl<M> Hooks<M> {
    /// Returns whether any hook is set.
    pub(super) fn is_empty(&self) -> bool {
        self.fetch.is_none() && self.metas.lock().is_none()
    }

    /// Passes the presences of a topic to the fetch hook. Must not be called under a lock.
    pub(super) fn fetch(&self, topic: &str, entries: &mut [PresenceEntry<M>]) {
        if let Some(fetch) = &self.fetch
            && !entries.is_empty()
        {
            fetch(topic, entries);
        }
    }
}

/// Calls a hook in the task of a tracker. Returns `false` if it panicked; the panic is logged.
pub(super) fn call(hook: &str, topic: &str, call: impl FnOnce()) -> bool {
    let called = catch_unwind(AssertUnwindSafe(call));
    if called.is_err() {
        tracing::error!(topic, "the {hook} hook of a presence tracker panicked");
    }
    called.is_ok()
}
