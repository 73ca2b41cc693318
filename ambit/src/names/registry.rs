//! Typed registries: key to process, with a value per entry.

use std::borrow::Borrow;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Weak};

use parking_lot::{Mutex, RwLock};

use crate::error::{NotAProcess, RegisterError, UpdateError};
use crate::handle::following::Resolve;
use crate::handle::protocol::Protocol;
use crate::handle::recipient::Recipient;
use crate::handle::subject::Subject;
use crate::names::lock::{Lock, Locks};
use crate::names::store::{Entry, Keys, Store};
use crate::names::wait::{Bell, WaitFor};
use crate::pid::Pid;
use crate::process::core::ProcRef;
use crate::process::current;
use crate::process::world::{InWorld, World};
use crate::process::worlds;
use crate::retry::Retry;
use crate::rt::BoxFuture;

/// Names of processes, typed by key, protocol and the value of an entry. (Elixir: `Registry`.)
///
/// Cloning gives another handle on the same registry. An entry follows the process that is registered: it is gone
/// before anybody sees that process's `Down`, and an ending owner never blocks a key.
///
/// ```
/// use ambit::prelude::*;
/// struct Room { name: String }
/// #[gen_server]
/// impl Room {
///     #[init] fn init(name: String) -> Self { Self { name } }
///     #[call] fn name(&self) -> String { self.name.clone() }
/// }
/// #[ambit::main]
/// async fn main() {
///     let rooms: Registry<String, Room> = Registry::unique();
///     Room::start("lobby".into()).via(&rooms, "lobby").await.unwrap();
///     let lobby = rooms.lookup("lobby").unwrap();
///     assert_eq!(lobby.name().await.unwrap(), "lobby");
///     assert_eq!(rooms.via("lobby").name().await.unwrap(), "lobby");
/// }
/// ```
pub struct Registry<K, P: Protocol + ?Sized, V = ()> {
    inner: Arc<Inner<K, P, V>>,
}

struct Inner<K, P: Protocol + ?Sized, V> {
    store: RwLock<Store<K, Holder<P>, V>>,
    kind: Keys,
    bell: Bell,
    listeners: RwLock<Vec<Recipient<RegistryEvent<K, V>>>>,
    locks: Arc<Locks<K>>,
    /// The system of the last registration, whose clock counts where the caller has none.
    clock: Mutex<Weak<World>>,
}

struct Holder<P: Protocol + ?Sized> {
    process: ProcRef,
    subject: Subject<P>,
}

impl<P: Protocol + ?Sized> Holder<P> {
    fn is_gone(&self) -> bool {
        !self.process.core().is_alive()
    }
}

/// What listeners of a registry are told. The end of a process is not reported as `Unregistered`: monitor it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistryEvent<K, V = ()> {
    /// A process has taken a key.
    Registered(K, Pid, V),
    /// A process has given a key back.
    Unregistered(K, Pid),
}

impl<K, P, V> Registry<K, P, V>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    P: Protocol + ?Sized,
    V: Clone + Send + Sync + 'static,
{
    /// One process per key.
    pub fn unique() -> Self {
        Self::new(Keys::Unique)
    }

    /// Any number of processes per key, each as often as it likes.
    pub fn duplicate() -> Self {
        Self::new(Keys::Duplicate)
    }

    fn new(kind: Keys) -> Self {
        let inner = Inner {
            store: RwLock::new(Store::new(kind)),
            kind,
            bell: Bell::default(),
            listeners: RwLock::default(),
            locks: Arc::new(Locks::default()),
            clock: Mutex::default(),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    pub(crate) fn kind(&self) -> Keys {
        self.inner.kind
    }

    /// The process of a key; in a duplicate registry the oldest entry.
    pub fn lookup<Q>(&self, key: &Q) -> Option<P::Subject>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.find(key).map(Into::into)
    }

    fn find<Q>(&self, key: &Q) -> Option<Subject<P>>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let store = self.inner.store.read();
        let mut living = store.entries(key).filter(|entry| !entry.holder.is_gone());
        living.next().map(|entry| entry.holder.subject.clone())
    }

    /// All entries of a key, oldest first.
    pub fn entries<Q>(&self, key: &Q) -> Vec<(P::Subject, V)>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let found = self.living(key);
        found
            .into_iter()
            .map(|(subject, value)| (subject.into(), value))
            .collect()
    }

    fn living<Q>(&self, key: &Q) -> Vec<(Subject<P>, V)>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let store = self.inner.store.read();
        let living = store.entries(key).filter(|entry| !entry.holder.is_gone());
        living
            .map(|entry| (entry.holder.subject.clone(), entry.value.clone()))
            .collect()
    }

    /// The entries of a key whose values `wanted` accepts, oldest first.
    pub fn entries_match<Q>(
        &self,
        key: &Q,
        mut wanted: impl FnMut(&V) -> bool,
    ) -> Vec<(P::Subject, V)>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let mut found = self.entries(key);
        found.retain(|(_, value)| wanted(value));
        found
    }

    /// The values of a key, oldest first.
    pub fn values<Q>(&self, key: &Q) -> Vec<V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.living(key)
            .into_iter()
            .map(|(_, value)| value)
            .collect()
    }

    /// Whoever holds `key`, at each send.
    pub fn via(&self, key: impl Into<K>) -> P::Subject {
        Subject::<P>::following_key(self.clone(), key.into()).into()
    }

    /// Waits until somebody holds `key`.
    pub fn wait_for(&self, key: impl Into<K>) -> WaitFor<P::Subject> {
        let (registry, key) = (self.clone(), key.into());
        let bell = self.inner.bell.clone();
        WaitFor::new(move || registry.lookup(&key), bell, self.clock())
    }

    fn clock(&self) -> Option<Arc<World>> {
        worlds::current_or_new().or_else(|| self.inner.clock.lock().upgrade())
    }

    /// Gives `key` to the process behind `subject`, until it ends.
    ///
    /// # Errors
    /// [`RegisterError`]: the key is held by a living process, or the process has ended.
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

    /// As [`register`](Self::register), with a value for the entry.
    ///
    /// # Errors
    /// As [`register`](Self::register).
    pub fn register_with(
        &self,
        key: impl Into<K>,
        subject: &impl AsRef<Subject<P>>,
        value: V,
    ) -> Result<(), RegisterError> {
        let (key, subject) = (key.into(), subject.as_ref().clone());
        let process = subject.current().ok_or(RegisterError::NoProcess)?;
        if !process.core().is_alive() {
            return Err(RegisterError::NoProcess);
        }
        let pid = process.core().pid;
        let holder = Holder {
            process: process.clone(),
            subject,
        };
        let entry = Entry {
            pid,
            holder,
            value: value.clone(),
        };
        let inserted = self
            .inner
            .store
            .write()
            .insert(key.clone(), entry, Holder::is_gone);
        let added = inserted.map_err(|refused| RegisterError::AlreadyRegistered {
            holder: refused.holder,
        })?;
        if added.is_new && !self.follow(&process) {
            return Err(RegisterError::NoProcess);
        }
        *self.inner.clock.lock() = Arc::downgrade(&process.core().world);
        self.inner.bell.ring();
        self.tell(&RegistryEvent::Registered(key, pid, value));
        Ok(())
    }

    /// Removes the entries of a process when it ends; false, with nothing left, if it already has.
    fn follow(&self, process: &ProcRef) -> bool {
        let inner = Arc::downgrade(&self.inner);
        let clean_up = Box::new(move |pid| {
            if let Some(inner) = inner.upgrade() {
                let removed = inner.store.write().remove_pid(pid);
                drop(removed);
            }
        });
        let followed = process.core().relations.lock().on_exit(clean_up);
        if followed.is_err() {
            let removed = self.inner.store.write().remove_pid(process.core().pid);
            drop(removed);
        }
        followed.is_ok()
    }

    /// As [`register`](Self::register), trying again while another process holds the key.
    ///
    /// # Errors
    /// Those of the last attempt.
    ///
    /// # Cancel safety
    /// Dropped between two attempts, nothing is registered.
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
        let mut attempt = 1;
        loop {
            let outcome = self.register(key.clone(), &subject);
            let held = matches!(outcome, Err(RegisterError::AlreadyRegistered { .. }));
            match retry.pause(attempt).filter(|_| held) {
                Some(pause) => crate::retry::rest(self.clock(), pause).await,
                None => return outcome,
            }
            attempt += 1;
        }
    }

    /// Gives the calling process's own entries of a key back; returns how many there were.
    ///
    /// # Errors
    /// [`NotAProcess`] outside a process.
    pub fn unregister<Q>(&self, key: &Q) -> Result<usize, NotAProcess>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.unregister_match(key, |_| true)
    }

    /// Gives those of the calling process's own entries of a key back whose values `unwanted` accepts.
    ///
    /// # Errors
    /// [`NotAProcess`] outside a process.
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
        // The function is the user's and runs without the lock; only this process changes these entries meanwhile.
        let own: Vec<(u64, V)> = {
            let store = self.inner.store.read();
            let own = store.numbered(key).filter(|(_, entry)| entry.pid == pid);
            own.map(|(number, entry)| (number, entry.value.clone()))
                .collect()
        };
        let meant: Vec<u64> = own
            .into_iter()
            .filter(|(_, value)| unwanted(value))
            .map(|(number, _)| number)
            .collect();
        Ok(self.remove(key, pid, |number, _| meant.contains(&number)))
    }

    /// Gives all entries of a key back that are those of `subject`, from anywhere; returns how many there were.
    pub fn unregister_subject<Q>(&self, key: &Q, subject: &impl AsRef<Subject<P>>) -> usize
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.remove(key, subject.as_ref().pid(), |_, _| true)
    }

    fn remove<Q>(
        &self,
        key: &Q,
        pid: Pid,
        meant: impl Fn(u64, &Entry<Holder<P>, V>) -> bool,
    ) -> usize
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let removed = self.inner.store.write().remove(key, pid, meant);
        for (key, _) in &removed {
            self.tell(&RegistryEvent::Unregistered(key.clone(), pid));
        }
        removed.len()
    }

    /// Changes the value of a key that the calling process owns; returns the new value and the old one.
    ///
    /// # Errors
    /// [`UpdateError`]; `update` is not called then.
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
        let old = {
            let store = self.inner.store.read();
            let entry = store.first(key).filter(|entry| !entry.holder.is_gone());
            let entry = entry.ok_or(UpdateError::NotFound)?;
            if entry.pid != pid {
                return Err(UpdateError::NotOwner);
            }
            entry.value.clone()
        };
        // The function is the user's and runs without the lock; only the owner changes the value, and that is us.
        let new = update(&old);
        let stored = new.clone();
        let replaced = {
            let mut store = self.inner.store.write();
            let entry = store.first_mut(key).filter(|entry| entry.pid == pid);
            std::mem::replace(&mut entry.ok_or(UpdateError::NotFound)?.value, stored)
        };
        drop(replaced);
        Ok((new, old))
    }

    /// The keys of a process, one per entry, oldest first.
    pub fn keys(&self, pid: Pid) -> Vec<K> {
        self.inner.store.read().keys_of(pid)
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.inner.store.read().len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Calls `each` with the handle of every entry of a key, in the caller; not at all for a key without entries.
    pub fn dispatch<Q>(&self, key: &Q, mut each: impl FnMut(&P::Subject))
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        for (subject, _) in self.entries(key) {
            each(&subject);
        }
    }

    /// Tells `listener` of every registration and unregistration from now on.
    pub fn subscribe(&self, listener: Recipient<RegistryEvent<K, V>>) {
        self.inner.listeners.write().push(listener);
    }

    fn tell(&self, event: &RegistryEvent<K, V>) {
        if self.inner.listeners.read().is_empty() {
            return;
        }
        let listeners = self.inner.listeners.read().clone();
        let mut gone = Vec::new();
        for listener in listeners {
            if !listener.deliver_or_bury(event.clone()) {
                gone.push(listener.pid());
            }
        }
        if !gone.is_empty() {
            self.inner
                .listeners
                .write()
                .retain(|listener| !gone.contains(&listener.pid()));
        }
    }

    /// Waits for the lock of a key, which any code may take, registered or not. It is free again when the guard is
    /// dropped, however its holder ends. Waiters come first in, first out.
    pub async fn lock(&self, key: impl Into<K>) -> Lock<K> {
        Lock::take(self.inner.locks.clone(), key.into()).await
    }
}

impl<K, P, V> Resolve<P> for Registry<K, P, V>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    P: Protocol + ?Sized,
    V: Clone + Send + Sync + 'static,
{
    type Key = K;

    fn resolve(&self, key: &K) -> Option<Subject<P>> {
        if self.inner.kind == Keys::Duplicate {
            tracing::warn!("a key of a duplicate registry names no single process: use `dispatch`");
            return None;
        }
        self.find(key)
    }

    fn identity(&self) -> usize {
        Arc::as_ptr(&self.inner).addr()
    }

    fn __changed(&self) -> Option<BoxFuture<'static, ()>> {
        Some(self.inner.bell.next())
    }

    fn __system(&self) -> Option<InWorld> {
        self.clock().map(InWorld)
    }
}

impl<K, P: Protocol + ?Sized, V> Clone for Registry<K, P, V> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
        }
    }
}

impl<K, P: Protocol + ?Sized, V> fmt::Debug for Registry<K, P, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("protocol", &P::NAME)
            .finish_non_exhaustive()
    }
}
