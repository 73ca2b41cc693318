//! The subscriptions of all topics, behind their lock.

use std::any::{Any, TypeId};
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};

use super::store::{Entry, Origin, Row, Store};
use crate::pid::Pid;
use crate::process::exit_hook::ExitHooks;
use crate::process::header::ProcessRef;

/// The key of a topic: its name, and the types of messages and metadata.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) name: Arc<str>,
    pub(super) of: TypeId,
}

/// A `SubscriptionSink`; its topic knows the type.
pub(super) type Holder = Arc<dyn Any + Send + Sync>;

/// The subscriptions to all topics.
#[derive(Default)]
pub(super) struct Hub {
    pub(super) store: RwLock<Store<Key, Holder>>,
    /// The exit hooks of the processes in the store; locked inside the store's lock.
    pub(super) hooks: Mutex<ExitHooks>,
}

impl Hub {
    pub(super) fn row(&self, topic: &Key) -> Option<Row<Holder>> {
        self.store.read().subscribers(topic)
    }

    pub(super) fn entries_of(&self, topic: &Key, pid: Pid) -> Vec<Entry<Holder>> {
        self.store.read().of_process(topic, pid)
    }

    /// Subscribes a process until it ends; returns false if it has ended.
    pub(super) fn subscribe(
        self: &Arc<Self>,
        topic: &Key,
        process: &ProcessRef,
        sink: Holder,
    ) -> bool {
        let pid = process.core().pid;
        let mut store = self.store.write();
        // Checked under the lock that the exit hook takes, so the hook finds what is stored here.
        let lives = self.will_see_the_end_of(process);
        if lives {
            store.subscribe(topic, Origin::HERE, Some(pid), sink);
        }
        lives
    }

    pub(super) fn will_see_the_end_of(self: &Arc<Self>, process: &ProcessRef) -> bool {
        let hub = Arc::downgrade(self);
        self.hooks.lock().add(process, move |pid, limit| {
            hub.upgrade().map_or(0, |hub| hub.ended(pid, limit))
        })
    }

    /// Removes up to `limit` subscriptions of a process that has ended, and returns their number.
    pub(super) fn ended(&self, pid: Pid, limit: usize) -> usize {
        let removed = {
            let mut store = self.store.write();
            self.hooks.lock().remove(pid);
            store.end(pid, limit)
        };
        removed.entries.len()
    }

    /// Subscribes a listener, which is no process.
    pub(super) fn listen(&self, topic: &Key, sink: Holder) -> u64 {
        let mut store = self.store.write();
        store.subscribe(topic, Origin::HERE, None, sink)
    }

    pub(super) fn unsubscribe(&self, topic: &Key, pid: Pid) -> usize {
        let removed = self.store.write().unsubscribe(topic, pid, Origin::HERE);
        removed.entries.len()
    }

    /// Ends one subscription. Returns false if it has already ended.
    pub(super) fn remove(&self, topic: &Key, number: u64) -> bool {
        let removed = self.store.write().remove(topic, number);
        !removed.entries.is_empty()
    }
}
