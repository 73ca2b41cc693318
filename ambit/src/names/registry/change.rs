//! Changes of a registry: registering, unregistering, new values, and subscriptions.

use std::borrow::Borrow;
use std::hash::Hash;
use std::sync::Arc;

use super::listeners::RegistryChange;
use super::{EntryHolder, Registry, RegistryEvent};
use crate::error::{NotAProcess, RegisterError, UpdateError};
use crate::handle::protocol::Protocol;
use crate::handle::recipient::Recipient;
use crate::handle::subject::Subject;
use crate::names::keyed::{self, KeyRef};
use crate::names::store::{KeyEntries, Keys, StoreEntry};
use crate::opaque_arc::OpaqueWeak;
use crate::panics;
use crate::pid::Pid;
use crate::process::current;
use crate::process::header::ProcessRef;
use crate::retry::policy::Retry;

impl<K, P, V> Registry<K, P, V>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    P: Protocol + ?Sized,
    V: Clone + Send + Sync + 'static,
{
    /// Registers the process behind `subject` under `key`; the entry is removed when the process exits. (Elixir:
    /// `Registry.register/3`, which registers the caller.)
    ///
    /// # Errors
    /// - `AlreadyRegistered` if the registry is unique and a process is registered under the key, even if it is the
    ///   same process or is terminating.
    /// - `NoProcess` if the process is ending or has ended, or if `subject` follows a name under which no process is
    ///   registered.
    /// - `Elsewhere` if the process runs on another node.
    pub fn register(
        &self,
        key: impl Into<K>,
        subject: &impl AsRef<Subject<P>>,
    ) -> Result<(), RegisterError>
    where
        V: Default,
    {
        self.register_with(key, subject, V::default())
    }

    /// Registers the process behind `subject` under `key` like [`register`](Self::register), and stores `value` in the
    /// entry.
    ///
    /// # Errors
    /// Like [`register`](Self::register).
    pub fn register_with(
        &self,
        key: impl Into<K>,
        subject: &impl AsRef<Subject<P>>,
        value: V,
    ) -> Result<(), RegisterError> {
        let (key, subject) = (key.into(), subject.as_ref().clone());
        let process = subject.current().ok_or(RegisterError::NoProcess)?;
        if process.core().is_remote() {
            return Err(RegisterError::Elsewhere);
        }
        if !process.core().is_alive() {
            return Err(RegisterError::NoProcess);
        }
        let pid = process.core().pid;
        let holder = EntryHolder {
            process: process.clone(),
            subject,
        };
        let inner = &*self.inner;
        let hash = self.hash(&key);
        let value = Arc::new(value);
        // A clone, so that it is not the last one that is dropped under the lock.
        let news = value.clone();
        let entry = StoreEntry { pid, holder, value };
        let mut heard = false;
        let inserted = keyed::enter(&inner.store, hash, key, |store, key| {
            let inserted = store.insert(key, entry, EntryHolder::is_gone);
            // Under the lock, so that a listener that finds no entry after its subscription receives the event.
            heard = inserted.is_ok() && inner.news.is_heard();
            if heard {
                let change = RegistryChange::Registered(key.clone(), pid, news.clone());
                inner.news.add([change]);
            }
            inserted
        });
        let added = inserted.map_err(|refused| RegisterError::AlreadyRegistered {
            holder: refused.holder,
        })?;
        let is_held = !added.is_new || self.follow(&process);
        if is_held {
            *inner.clock.lock() = Some(OpaqueWeak::new(&process.core().system));
            // Before the listeners are notified, which clones the key: its `Clone` may panic.
            inner.waiting.notify(hash);
        }
        if heard {
            inner.news.tell();
        }
        if is_held {
            Ok(())
        } else {
            Err(RegisterError::NoProcess)
        }
    }

    /// Adds an exit hook that removes the entries of the process; returns false, after removing them, if it has already
    /// ended.
    fn follow(&self, process: &ProcessRef) -> bool {
        let inner = Arc::downgrade(&self.inner);
        let is_followed = self.inner.hooks.lock().add(process, move |pid, limit| {
            inner.upgrade().map_or(0, |inner| {
                inner.hooks.lock().remove(pid);
                inner.forget(pid, limit)
            })
        });
        if !is_followed {
            self.inner.forget(process.core().pid, usize::MAX);
        }
        is_followed
    }

    /// Registers the process behind `subject` under `key` like [`register`](Self::register), and retries according to
    /// `retry` while the key is taken. Any other error ends the retries.
    ///
    /// # Errors
    /// Returns the error of the last attempt, as [`register`](Self::register) does.
    ///
    /// # Cancel safety
    /// Dropping the future before the first poll does nothing. Dropping it between two attempts ends the retries, and
    /// nothing is registered.
    pub async fn register_with_retry(
        &self,
        key: impl Into<K>,
        subject: &impl AsRef<Subject<P>>,
        retry: Retry,
    ) -> Result<(), RegisterError>
    where
        V: Default,
    {
        let (key, subject) = (key.into(), subject.as_ref().clone());
        let attempt = || std::future::ready(self.register(key.clone(), &subject));
        let outcome = retry
            .run(attempt)
            .when(|error| matches!(error, RegisterError::AlreadyRegistered { .. }))
            .on_clock_of(self.clock())
            .await;
        outcome.map_err(|failed| failed.error)
    }

    /// Removes the calling process's own entries under `key`, and returns their number. (Elixir:
    /// `Registry.unregister/2`.)
    ///
    /// # Errors
    /// [`NotAProcess`] if the caller is not a process.
    pub fn unregister<Q>(&self, key: &Q) -> Result<usize, NotAProcess>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.unregister_match(key, |_| true)
    }

    /// Removes the calling process's own entries under `key` whose values `unwanted` accepts, and returns their number.
    /// (Elixir: `Registry.unregister_match/4`.)
    ///
    /// # Errors
    /// [`NotAProcess`] if the caller is not a process.
    pub fn unregister_match<Q>(
        &self,
        key: &Q,
        mut unwanted: impl FnMut(&V) -> bool,
    ) -> Result<usize, NotAProcess>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let pid = current::current().ok_or(NotAProcess)?.core().pid;
        let Some(key) = self.key(key) else {
            return Ok(0);
        };
        // The closure is user code and runs without the lock; only this process changes these entries meanwhile.
        let own: Vec<(u64, Arc<V>)> = {
            let store = self.inner.store.read();
            let own = store.owned(&key, pid);
            own.map(|(number, entry)| (number, entry.value.clone()))
                .collect()
        };
        let meant: Vec<u64> = own
            .into_iter()
            .filter(|(_, value)| unwanted(value))
            .map(|(number, _)| number)
            .collect();
        // They are in ascending order.
        Ok(self.remove(&key, pid, |number| meant.binary_search(&number).is_ok()))
    }

    /// Removes all entries under `key` that belong to the process behind `subject`, and returns their number. Any code
    /// may call this method.
    pub fn unregister_subject<Q>(&self, key: &Q, subject: &impl AsRef<Subject<P>>) -> usize
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let key = self.key(key);
        let pid = subject.as_ref().pid();
        key.map_or(0, |key| self.remove(&key, pid, |_| true))
    }

    /// Returns the key in the store that equals this one.
    fn key<Q>(&self, key: &Q) -> Option<KeyRef<K>>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        keyed::find(&self.inner.store, self.hash(key), key)
    }

    fn remove(&self, key: &KeyRef<K>, pid: Pid, meant: impl Fn(u64) -> bool) -> usize {
        let inner = &*self.inner;
        let (heard, removed) = {
            let mut store = inner.store.write();
            let removed = store.remove(key, pid, meant);
            let heard = inner.news.is_heard();
            let notified = removed.iter().filter(|_| heard);
            let news = notified.map(|_| RegistryChange::Unregistered(key.clone(), pid));
            inner.news.add(news);
            (heard, removed)
        };
        if heard {
            inner.news.tell();
        }
        let count = removed.len();
        panics::drop_each_quietly(removed);
        count
    }

    /// Replaces the value of the calling process's entry under `key` with the result of `update`. Returns the new and
    /// the old value. (Elixir: `Registry.update_value/3`.)
    ///
    /// # Errors
    /// If one of these errors is detected in advance, `update` is not called:
    /// - `NotAProcess` if the caller is not a process.
    /// - `Duplicate` if the registry is not unique.
    /// - `NotFound` if no process is registered under the key, or if the entry is removed while `update` runs; in that
    ///   case the result of `update` is discarded.
    /// - `NotOwner` if the key belongs to another process.
    pub fn update_value<Q>(
        &self,
        key: &Q,
        update: impl FnOnce(&V) -> V,
    ) -> Result<(V, V), UpdateError>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let pid = current::current()
            .ok_or(UpdateError::NotAProcess)?
            .core()
            .pid;
        if self.inner.kind == Keys::Duplicate {
            return Err(UpdateError::Duplicate);
        }
        let first = |of_key: &KeyEntries<EntryHolder<P>, Arc<V>>| {
            let first = of_key.first().filter(|entry| !entry.holder.is_gone());
            first.map(|entry| (entry.pid, entry.value.clone()))
        };
        let found = keyed::look(&self.inner.store, self.hash(key), key, first);
        let Some((key, Some((owner, old)))) = found else {
            return Err(UpdateError::NotFound);
        };
        if owner != pid {
            return Err(UpdateError::NotOwner);
        }
        // The closure is user code and runs without the lock; only the owner changes the value, which is this process.
        let new = update(&old);
        let stored = Arc::new(new.clone());
        let replaced = {
            let mut store = self.inner.store.write();
            let entry = store.first_mut(&key).filter(|entry| entry.pid == pid);
            // The clone keeps the value alive, which must not be dropped here if there is no such entry.
            entry.map(|entry| std::mem::replace(&mut entry.value, stored.clone()))
        };
        if replaced.is_none() {
            return Err(UpdateError::NotFound);
        }
        drop(replaced);
        Ok((new, V::clone(&old)))
    }

    /// Subscribes `listener` to every future registration and unregistration, until its process ends or
    /// [`unsubscribe`](Self::unsubscribe) is called.
    ///
    /// A process that subscribes twice receives each event twice. If the mailbox of the listener is full, the event is
    /// not delayed but becomes a dead letter. For a listener that follows a name, the process currently registered
    /// under the name is subscribed. A process that has ended is not subscribed.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the same signature as the monitor of a group"
    )]
    pub fn subscribe(&self, listener: Recipient<RegistryEvent<K, V>>) {
        let inner = Arc::downgrade(&self.inner);
        self.inner.news.subscribe(&listener, move |pid, limit| {
            inner
                .upgrade()
                .map_or(0, |inner| inner.news.ended(pid, limit))
        });
    }

    /// Ends all subscriptions of `process` to this registry, and returns their number. Events that are already in its
    /// mailbox are still delivered.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// use ambit::registry::RegistryEvent;
    /// #[derive(Clone)]
    /// struct Room;
    /// #[gen_server]
    /// impl Room {}
    /// #[ambit::main]
    /// async fn main() {
    ///     let rooms: Registry<String, Room> = Registry::unique();
    ///     let log = ambit::spawn(|mut inbox: Inbox<RegistryEvent<String>>| async move {
    ///         inbox.recv().await;
    ///     });
    ///     rooms.subscribe(log.recipient());
    ///     assert_eq!(rooms.unsubscribe(log.pid()), 1);
    ///     assert_eq!(rooms.unsubscribe(log.pid()), 0);
    /// }
    /// ```
    pub fn unsubscribe(&self, process: Pid) -> usize {
        self.inner.news.unsubscribe(process)
    }
}
