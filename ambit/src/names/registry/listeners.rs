//! Notifies listeners of changes, in order.
//!
//! A change is queued under the store's lock and delivered without it, because a delivery clones keys and values, which
//! is user code.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::{Mutex, RwLock};

use crate::handle::protocol::Message;
use crate::handle::recipient::Recipient;
use crate::names::keyed::KeyRef;
use crate::names::outbox::Outbox;
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
///     rooms.subscribe(inbox.subject().recipient());
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
    listeners: RwLock<Vec<Listener<K, V>>>,
    /// The exit hooks of the listeners; locked inside the lock of the listeners.
    hooks: Mutex<ExitHooks>,
    /// The number of listeners so far.
    numbers: AtomicU64,
    outbox: Outbox<RegistryChange<K, V>>,
}

/// A subscribed process. Its number identifies this one subscription.
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

impl<K, V> Default for Listeners<K, V> {
    fn default() -> Self {
        Self {
            listeners: RwLock::default(),
            hooks: Mutex::default(),
            numbers: AtomicU64::new(0),
            outbox: Outbox::default(),
        }
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
        ended: impl FnOnce(Pid) + Send + 'static,
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
            let number = self.numbers.fetch_add(1, Ordering::Relaxed);
            listeners.push(Listener { number, recipient });
        }
    }

    /// Removes a process that has ended.
    pub(super) fn ended(&self, process: Pid) {
        let removed = {
            let mut listeners = self.listeners.write();
            let hook = self.hooks.lock().remove(process);
            let is_own = |listener: &mut Listener<K, V>| listener.recipient.pid() == process;
            let own: Vec<_> = listeners.extract_if(.., is_own).collect();
            (hook, own)
        };
        drop(removed);
    }

    /// Ends the subscriptions of a process; returns their number.
    pub(super) fn unsubscribe(&self, process: Pid) -> usize {
        self.remove(|listener| listener.recipient.pid() == process)
    }

    /// Returns true if there is a listener; without one, no change needs to be queued.
    pub(super) fn is_heard(&self) -> bool {
        !self.listeners.read().is_empty()
    }

    /// Queues changes, in order: the caller holds the store's lock.
    pub(super) fn add(&self, changes: impl IntoIterator<Item = RegistryChange<K, V>>) {
        self.outbox.add(changes);
    }

    /// Delivers all queued changes to all listeners; the caller holds no lock.
    pub(super) fn tell(&self) {
        self.outbox.tell(|change| self.notify_one(&change));
    }

    fn notify_one(&self, change: &RegistryChange<K, V>) {
        let listeners = self.listeners.read().clone();
        let mut gone = Vec::new();
        for listener in listeners {
            if !listener.recipient.deliver_or_dead_letter(change.event()) {
                gone.push(listener.number);
            }
        }
        if !gone.is_empty() {
            // The numbers are sorted.
            self.remove(|listener| gone.binary_search(&listener.number).is_ok());
        }
    }

    /// Removes some of the listeners; returns their number.
    fn remove(&self, is_gone: impl Fn(&Listener<K, V>) -> bool) -> usize {
        // A listener may lead to user code: it is dropped without the lock.
        let gone: Vec<_> = {
            let mut listeners = self.listeners.write();
            listeners
                .extract_if(.., |listener| is_gone(listener))
                .collect()
        };
        gone.len()
    }
}
