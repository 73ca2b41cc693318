//! What listeners are told, in the order in which it happened.
//!
//! An event is queued under the store's lock and told without it, because telling clones keys and values, which is the
//! user's code. Whoever has changed something tells what is queued, one at a time.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::{Mutex, ReentrantMutex, RwLock};

use super::RegistryEvent;
use crate::handle::recipient::Recipient;
use crate::pid::Pid;

pub(super) struct News<K, V> {
    listeners: RwLock<Vec<Listener<K, V>>>,
    /// How many listeners there have been.
    numbers: AtomicU64,
    queue: Mutex<VecDeque<RegistryEvent<K, V>>>,
    /// Held while telling. A clone of the user's that changes the registry itself must not wait for its own thread.
    telling: ReentrantMutex<()>,
}

/// A process that is told. Its number names this one subscription.
struct Listener<K, V> {
    number: u64,
    recipient: Recipient<RegistryEvent<K, V>>,
}

impl<K, V> Clone for Listener<K, V> {
    fn clone(&self) -> Self {
        Self {
            number: self.number,
            recipient: self.recipient.clone(),
        }
    }
}

impl<K, V> Default for News<K, V> {
    fn default() -> Self {
        Self {
            listeners: RwLock::default(),
            numbers: AtomicU64::new(0),
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
        let listener = Listener {
            number: self.numbers.fetch_add(1, Ordering::Relaxed),
            recipient: listener,
        };
        self.listeners.write().push(listener);
    }

    /// Ends the subscriptions of a process; gives how many there were.
    pub(super) fn unsubscribe(&self, process: Pid) -> usize {
        // Found without the lock: a listener may follow a name, which is looked up under another one.
        let listeners = self.listeners.read().clone();
        let own = |listener: &&Listener<K, V>| listener.recipient.pid() == process;
        let own: Vec<u64> = listeners.iter().filter(own).map(|own| own.number).collect();
        self.remove(&own)
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
            if !listener.recipient.deliver_or_bury(event.clone()) {
                gone.push(listener.number);
            }
        }
        if !gone.is_empty() {
            self.remove(&gone);
        }
    }

    /// Removes the listeners with these numbers, which are sorted; gives how many were there.
    fn remove(&self, numbers: &[u64]) -> usize {
        let gone: Vec<_> = {
            let mut listeners = self.listeners.write();
            let is_one =
                |listener: &mut Listener<K, V>| numbers.binary_search(&listener.number).is_ok();
            listeners.extract_if(.., is_one).collect()
        };
        gone.len()
    }
}
