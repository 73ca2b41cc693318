//! What listeners are told, in the order in which it happened.
//!
//! An event is queued under the store's lock and told without it, because telling clones keys and values, which is the
//! user's code. Whoever has changed something tells what is queued, one at a time.

use std::collections::VecDeque;

use parking_lot::{Mutex, ReentrantMutex, RwLock};

use super::RegistryEvent;
use crate::handle::recipient::Recipient;

pub(super) struct News<K, V> {
    listeners: RwLock<Vec<Recipient<RegistryEvent<K, V>>>>,
    queue: Mutex<VecDeque<RegistryEvent<K, V>>>,
    /// Held while telling. A clone of the user's that changes the registry itself must not wait for its own thread.
    telling: ReentrantMutex<()>,
}

impl<K, V> Default for News<K, V> {
    fn default() -> Self {
        Self {
            listeners: RwLock::default(),
            queue: Mutex::default(),
            telling: ReentrantMutex::new(()),
        }
    }
}

impl<K, V> News<K, V>
where
    K: Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(super) fn subscribe(&self, listener: Recipient<RegistryEvent<K, V>>) {
        self.listeners.write().push(listener);
    }

    /// Whether anybody listens; if not, no event needs to be made.
    pub(super) fn is_heard(&self) -> bool {
        !self.listeners.read().is_empty()
    }

    /// Takes events, in the order of the changes: the caller holds the store's lock.
    pub(super) fn add(&self, events: impl IntoIterator<Item = RegistryEvent<K, V>>) {
        self.queue.lock().extend(events);
    }

    /// Tells everybody everything that is queued; the caller holds no lock. Afterwards what it added has been told.
    pub(super) fn tell(&self) {
        let _telling = self.telling.lock();
        loop {
            let Some(event) = self.queue.lock().pop_front() else {
                return;
            };
            self.tell_one(&event);
        }
    }

    fn tell_one(&self, event: &RegistryEvent<K, V>) {
        let listeners = self.listeners.read().clone();
        let mut gone = Vec::new();
        for listener in listeners {
            if !listener.deliver_or_bury(event.clone()) {
                gone.push(listener.pid());
            }
        }
        if !gone.is_empty() {
            let mut listeners = self.listeners.write();
            listeners.retain(|listener| !gone.contains(&listener.pid()));
        }
    }
}
