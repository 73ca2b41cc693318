//! Typed registries: key to process, with a value per entry.

mod change;
mod listeners;

use std::borrow::Borrow;
use std::fmt;
use std::hash::Hash;
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};

use self::listeners::Listeners;
pub use self::listeners::RegistryEvent;
use crate::handle::following::Resolve;
use crate::handle::protocol::Protocol;
use crate::handle::subject::Subject;
use crate::names::keyed::{self, KeyHasher};
use crate::names::lock::{KeyLocks, Lock};
use crate::names::store::{KeyEntries, Keys, Store, StoreEntry};
use crate::names::wait::{NotifyByKey, WaitFor, WaitTarget};
use crate::opaque_arc::OpaqueWeak;
use crate::panics;
use crate::pid::Pid;
use crate::process::current_system;
use crate::process::exit_hook::ExitHooks;
use crate::process::header::ProcessRef;
use crate::process::system_inner::{InSystem, SystemInner};
use crate::rt::BoxFuture;

/// A registry that maps keys of type `K` to processes of protocol `P`, with a value of type `V` per entry. (Elixir:
/// `Registry`.)
///
/// The `Hash`, `Eq`, `Clone` and `Drop` impls of keys and values run without a lock, so they may use the registry
/// itself.
///
/// Cloning returns another handle to the same registry. While `#[terminate]` of a process runs, its entries remain: the
/// process is still found, and a unique key is still taken. They are removed before any link, monitor or `closed()` is
/// notified of the exit.
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
    inner: Arc<RegistryInner<K, P, V>>,
}

struct RegistryInner<K, P: Protocol + ?Sized, V> {
    hasher: KeyHasher,
    /// Values are shared, so that no user-defined clone runs under the lock.
    store: RwLock<Members<K, P, V>>,
    kind: Keys,
    /// The exit hooks of the processes in the store.
    hooks: Mutex<ExitHooks>,
    waiting: NotifyByKey,
    news: Listeners<K, V>,
    locks: Arc<KeyLocks<K>>,
    /// The system of the last registration, whose clock counts if the caller has no system.
    clock: Mutex<Option<OpaqueWeak<SystemInner>>>,
}

impl<K, P: Protocol + ?Sized, V> RegistryInner<K, P, V> {
    /// Removes up to `limit` entries of a process, and returns their number.
    fn forget(&self, pid: Pid, limit: usize) -> usize {
        let removed = self.store.write().remove_pid(pid, limit);
        let count = removed.len();
        let (keys, entries): (Vec<_>, Vec<_>) = removed.into_iter().unzip();
        panics::drop_each_quietly(keys);
        panics::drop_each_quietly(entries);
        count
    }
}

type Members<K, P, V> = Store<K, EntryHolder<P>, Arc<V>>;

struct EntryHolder<P: Protocol + ?Sized> {
    process: ProcessRef,
    subject: Subject<P>,
}

impl<P: Protocol + ?Sized> EntryHolder<P> {
    /// Returns true if the process is exiting at this moment: its entry was added after its clean-up and is about to be
    /// removed.
    fn is_gone(&self) -> bool {
        self.process.core().has_exited()
    }
}

impl<K, P, V> Registry<K, P, V>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    P: Protocol + ?Sized,
    V: Clone + Send + Sync + 'static,
{
    /// Creates a registry with one process per key. (Elixir: `keys: :unique`.)
    pub fn unique() -> Self {
        Self::new(Keys::Unique)
    }

    /// Creates a registry with any number of processes per key. A process may have several entries, even under the same
    /// key. (Elixir: `keys: :duplicate`.)
    pub fn duplicate() -> Self {
        Self::new(Keys::Duplicate)
    }

    fn new(kind: Keys) -> Self {
        let inner = RegistryInner {
            hasher: KeyHasher::default(),
            store: RwLock::new(Store::new(kind)),
            kind,
            hooks: Mutex::default(),
            waiting: NotifyByKey::default(),
            news: Listeners::default(),
            locks: Arc::new(KeyLocks::default()),
            clock: Mutex::default(),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    pub(crate) fn kind(&self) -> Keys {
        self.inner.kind
    }

    /// Returns a handle to the process registered under `key`, or `None` if there is none. A duplicate registry returns
    /// the process of the oldest entry. (Elixir: `Registry.lookup/2`.)
    #[must_use]
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
        self.find_where(key, |holder| !holder.is_gone())
    }

    /// Returns the oldest entry of a key whose holder is `wanted`.
    fn find_where<Q>(&self, key: &Q, wanted: impl Fn(&EntryHolder<P>) -> bool) -> Option<Subject<P>>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let first = |of_key: &KeyEntries<EntryHolder<P>, Arc<V>>| {
            let mut found = of_key.iter().filter(|entry| wanted(&entry.holder));
            found.next().map(|entry| entry.holder.subject.clone())
        };
        keyed::look(&self.inner.store, self.hash(key), key, first)?.1
    }

    /// Returns the handle and the value of every entry under `key`, oldest first.
    #[must_use]
    pub fn entries<Q>(&self, key: &Q) -> Vec<(P::Subject, V)>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.entries_match(key, |_| true)
    }

    fn hash<Q: Hash + ?Sized>(&self, key: &Q) -> u64 {
        self.inner.hasher.hash(key)
    }

    fn living<Q>(&self, key: &Q) -> Vec<(Subject<P>, Arc<V>)>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let living = |of_key: &KeyEntries<EntryHolder<P>, Arc<V>>| -> Vec<_> {
            let living = of_key.iter().filter(|entry| !entry.holder.is_gone());
            let pair = |entry: &StoreEntry<EntryHolder<P>, Arc<V>>| {
                (entry.holder.subject.clone(), entry.value.clone())
            };
            living.map(pair).collect()
        };
        let found = keyed::look(&self.inner.store, self.hash(key), key, living);
        found.map(|(_, living)| living).unwrap_or_default()
    }

    /// Returns the handle and the value of every entry under `key` whose value `wanted` accepts, oldest first.
    #[must_use]
    pub fn entries_match<Q>(
        &self,
        key: &Q,
        mut wanted: impl FnMut(&V) -> bool,
    ) -> Vec<(P::Subject, V)>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let mut found = self.living(key);
        found.retain(|(_, value)| wanted(value));
        found
            .into_iter()
            .map(|(subject, value)| (subject.into(), V::clone(&value)))
            .collect()
    }

    /// Returns the values of all entries under `key`, oldest first.
    #[must_use]
    pub fn values<Q>(&self, key: &Q) -> Vec<V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.living(key)
            .into_iter()
            .map(|(_, value)| V::clone(&value))
            .collect()
    }

    /// Returns a handle that looks up `key` at each use. While no process is registered under the key, calls and casts
    /// return `NoProcess`. In a duplicate registry a key does not identify a single process, so they always return
    /// `NoProcess`. (Elixir: a via tuple.)
    pub fn via(&self, key: impl Into<K>) -> P::Subject {
        Subject::<P>::following_key(self.clone(), key.into()).into()
    }

    /// Waits until a process that is not ending is registered under `key`. The timeout is 5 s by default;
    /// [`timeout`](WaitFor::timeout) changes it.
    pub fn wait_for(&self, key: impl Into<K>) -> WaitFor<P::Subject> {
        let (registry, key) = (self.clone(), key.into());
        let notified = self.inner.waiting.of(self.hash(&key));
        let look = move || {
            let found = registry.find_where(&key, |holder| holder.process.core().is_alive());
            found.map(Into::into)
        };
        WaitFor::new(WaitTarget::new(look, notified), self.clock())
    }

    fn clock(&self) -> Option<Arc<SystemInner>> {
        current_system::current_or_new().or_else(|| self.inner.clock.lock().as_ref()?.upgrade())
    }

    /// Returns the keys under which the process `pid` is registered, one per entry, oldest first. (Elixir:
    /// `Registry.keys/2`.)
    #[must_use]
    pub fn keys(&self, pid: Pid) -> Vec<K> {
        let keys = self.inner.store.read().keys_of(pid);
        keys.iter().map(|key| key.key().clone()).collect()
    }

    /// Returns the number of entries. (Elixir: `Registry.count/1`.)
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.store.read().len()
    }

    /// Returns true if the registry has no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Calls `each` on the caller's thread with the handle to every entry under `key`, oldest first. Does nothing for a
    /// key without entries. (Elixir: `Registry.dispatch/3`.)
    pub fn dispatch<Q>(&self, key: &Q, mut each: impl FnMut(&P::Subject))
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        for (subject, _) in self.living(key) {
            each(&subject.into());
        }
    }

    /// Acquires the lock of `key`, and waits for it without a time limit. (Elixir: `Registry.lock/3`.)
    ///
    /// The caller need not be a process, and the key need not be registered. Dropping the guard releases the lock, also
    /// when the holder panics or is killed. Waiters acquire the lock in FIFO order.
    ///
    /// # Cancel safety
    /// Dropping the future before the first poll changes nothing. Dropping it later removes the caller from the queue
    /// of waiters; a lock that was already granted passes to the next waiter.
    pub async fn lock(&self, key: impl Into<K>) -> Lock<K> {
        let key = key.into();
        let hash = self.hash(&key);
        Lock::take(self.inner.locks.clone(), hash, key).await
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

    fn __changed(&self, key: &K) -> Option<BoxFuture<'static, ()>> {
        Some(Box::pin(self.inner.waiting.of(self.hash(key)).notified()))
    }

    fn __system(&self) -> Option<InSystem> {
        self.clock().map(InSystem)
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
