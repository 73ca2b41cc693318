//! Notifies listeners of changes, in order.
//!
//! A change is queued under the store's lock and delivered without it, because a delivery clones keys and values, which
//! is user code.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};

use crate::handle::protocol::Message;
use crate::handle::recipient::Recipient;
use crate::names::keyed::KeyRef;
use crate::names::outbox::Outbox;
use crate::ordered_map::OrderedMap;
use crate::panics;
use crate::pid::Pid;
use crate::process::exit_hook::ExitHooks;

/// An event of a registry, sent to the listeners of [`Registry::subscribe`](crate::registry::Registry::subscribe). The
/// exit of a process is not reported as `Unregistered`: monitor the process instead. Changed values are not reported.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::registry::RegistryEvent;
/// #[ambit::main]
/// async fn main(mut inbox: Inbox<RegistryEvent<String>>) {
///     let rooms: Registry<String, u8> = Registry::unique();
///     rooms.subscribe(inbox.recipient());
///     let lobby = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
///     rooms.register("lobby", &lobby).unwrap();
///     let registered = RegistryEvent::Registered("lobby".into(), lobby.pid(), ());
///     assert_eq!(inbox.recv().await, Some(registered));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistryEvent<K, V = ()> {
    /// A process was registered: the key, its pid, and the value of the entry.
    Registered(K, Pid, V),
    /// An entry was removed by one of the `unregister` methods: the key, and the pid of its process.
    Unregistered(K, Pid),
}

impl<K: Send + 'static, V: Send + 'static> Message for RegistryEvent<K, V> {}

/// A change of a registry, before its key and value are cloned for a listener.
pub(super) enum RegistryChange<K, V> {
    Registered(KeyRef<K>, Pid, Arc<V>),
    Unregistered(KeyRef<K>, Pid),
}

pub(super) struct Listeners<K, V> {
    listeners: RwLock<ListenerTable<Recipient<RegistryEvent<K, V>>>>,
    /// The exit hooks of the listeners; locked inside the lock of the listeners.
    hooks: Mutex<ExitHooks>,
    outbox: Outbox<RegistryChange<K, V>>,
}

impl<K, V> Default for Listeners<K, V> {
    fn default() -> Self {
        Self {
            listeners: RwLock::default(),
            hooks: Mutex::default(),
            outbox: Outbox::default(),
        }
    }
}

/// The subscribed processes, by the number of their subscription: in the order in which they subscribed.
struct ListenerTable<R> {
    all: OrderedMap<u64, (Pid, R)>,
    by_pid: BTreeMap<Pid, BTreeSet<u64>>,
    /// The number of the next subscription.
    next: u64,
}

impl<R> Default for ListenerTable<R> {
    fn default() -> Self {
        Self {
            all: OrderedMap::default(),
            by_pid: BTreeMap::new(),
            next: 0,
        }
    }
}

impl<R> ListenerTable<R> {
    fn add(&mut self, process: Pid, recipient: R) {
        let number = self.next;
        self.next += 1;
        self.all.insert(number, (process, recipient));
        self.by_pid.entry(process).or_default().insert(number);
    }

    /// Removes up to `limit` subscriptions of a process. The caller drops them without a lock.
    fn remove_some(&mut self, process: Pid, limit: usize) -> Vec<R> {
        let mut removed = Vec::new();
        while removed.len() < limit {
            let number = self.by_pid.get_mut(&process).and_then(BTreeSet::pop_first);
            let Some(number) = number else {
                self.by_pid.remove(&process);
                break;
            };
            removed.extend(self.all.remove(&number).map(|(_, recipient)| recipient));
        }
        removed
    }

    /// Removes one subscription, if it still exists. The caller drops it without a lock.
    fn remove(&mut self, number: u64) -> Option<R> {
        let (process, recipient) = self.all.remove(&number)?;
        if let Some(of_process) = self.by_pid.get_mut(&process) {
            of_process.remove(&number);
            if of_process.is_empty() {
                self.by_pid.remove(&process);
            }
        }
        Some(recipient)
    }
}

impl<K: Clone, V: Clone> RegistryChange<K, V> {
    fn event(&self) -> RegistryEvent<K, V> {
        match self {
            Self::Registered(key, pid, value) => {
                RegistryEvent::Registered(key.key().clone(), *pid, V::clone(value))
            }
            Self::Unregistered(key, pid) => RegistryEvent::Unregistered(key.key().clone(), *pid),
        }
    }
}

impl<K, V> Listeners<K, V>
where
    K: Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Subscribes the current process of a recipient, if there is one and it has not ended. `ended` is called when it
    /// ends.
    pub(super) fn subscribe(
        &self,
        listener: &Recipient<RegistryEvent<K, V>>,
        ended: impl FnMut(Pid, usize) -> usize + Send + 'static,
    ) {
        let Some(recipient) = listener.fixed() else {
            return;
        };
        let Some(process) = recipient.process().current() else {
            return;
        };
        let mut listeners = self.listeners.write();
        // Checked under the lock that `ended` takes, so `ended` finds what is stored here.
        if self.hooks.lock().add(&process, ended) {
            listeners.add(process.core().pid, recipient);
        }
    }

    /// Removes up to `limit` subscriptions of a process that has ended, and returns their number.
    pub(super) fn ended(&self, process: Pid, limit: usize) -> usize {
        let (_hook, removed) = {
            let mut listeners = self.listeners.write();
            let hook = self.hooks.lock().remove(process);
            (hook, listeners.remove_some(process, limit))
        };
        removed.len()
    }

    /// Ends the subscriptions of a process; returns their number.
    pub(super) fn unsubscribe(&self, process: Pid) -> usize {
        let removed = self.listeners.write().remove_some(process, usize::MAX);
        removed.len()
    }

    /// Returns true if there is a listener; without one, no change needs to be queued.
    pub(super) fn is_heard(&self) -> bool {
        !self.listeners.read().all.is_empty()
    }

    /// Queues changes, in order: the caller holds the store's lock.
    pub(super) fn add(&self, changes: impl IntoIterator<Item = RegistryChange<K, V>>) {
        self.outbox.add(changes);
    }

    /// Delivers the caller's changes to all listeners, and later ones unless another thread waits for them; the caller
    /// holds no lock.
    pub(super) fn tell(&self) {
        self.outbox.tell(|change| self.notify_one(&change));
    }

    fn notify_one(&self, change: &RegistryChange<K, V>) {
        let listeners: Vec<_> = {
            let listeners = self.listeners.read();
            let all = listeners.all.iter();
            all.map(|(number, (_, recipient))| (*number, recipient.clone()))
                .collect()
        };
        for (number, recipient) in listeners {
            let event = change.event();
            let delivered = panics::deliver(|| recipient.deliver_or_dead_letter(event));
            if delivered == Some(false) {
                let gone = self.listeners.write().remove(number);
                drop(gone);
            }
        }
    }
}
