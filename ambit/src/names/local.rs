//! The local names of a system: text, any protocol, one process per name. (Erlang: `register/2`.)

use std::any::Any;
use std::sync::Arc;

use parking_lot::RwLock;

use crate::error::{LookupError, RegisterError};
use crate::handle::following::Resolve;
use crate::handle::protocol::Protocol;
use crate::handle::subject::Subject;
use crate::handle::target::Target;
use crate::names::keyed::{self, KeyHasher, Keyed};
use crate::names::registered::{self, Found, Registered, StartedAs};
use crate::names::store::{KeyEntries, Keys, Store, StoreEntry};
use crate::names::wait::{NotifyByKey, WaitFor, WaitTarget};
use crate::pid::Pid;
use crate::process::crash::REPORTED;
use crate::process::current_system;
use crate::process::header::ProcessRef;
use crate::process::resolved::Resolved;
use crate::process::system_inner::{InSystem, SystemInner};
use crate::rt::BoxFuture;
use crate::signal::Watched;

/// The names of one system.
struct LocalNames {
    hasher: KeyHasher,
    store: RwLock<Store<String, NameEntry, ()>>,
    waiting: NotifyByKey,
}

struct NameEntry {
    process: ProcessRef,
    subject: Arc<dyn Any + Send + Sync>,
}

impl Default for LocalNames {
    fn default() -> Self {
        Self {
            hasher: KeyHasher::default(),
            store: RwLock::new(Store::new(Keys::Unique)),
            waiting: NotifyByKey::default(),
        }
    }
}

/// Returns the number of registered names.
#[cfg(feature = "test")]
pub(crate) fn count(system: &SystemInner) -> usize {
    local_of(system).map_or(0, |local| local.store.read().len())
}

/// Registers the process behind `subject` under `name` in the system of that process. (Erlang: `register/2`.)
///
/// The process keeps the name while `#[terminate]` runs, and releases it before any link, monitor or `closed()` is
/// notified of the exit. A process may have several names.
///
/// # Errors
/// - `AlreadyRegistered` if a process is registered under the name, even if it is the same process or is terminating.
/// - `InvalidName` if the name is empty.
/// - `NoProcess` if the process is ending or has ended, or if `subject` follows a name under which no process is
///   registered.
/// - `Elsewhere` if the process runs on another node.
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let sink = ambit::spawn(|mut inbox: Inbox<u8>| async move { inbox.recv().await; });
///     ambit::register("sink", &sink).unwrap();
///     assert_eq!(ambit::whereis::<u8>("sink").unwrap(), sink);
///     assert!(ambit::whereis::<String>("sink").is_err(), "of another type");
///     ambit::unregister("sink").unwrap();
/// }
/// ```
pub fn register<P: Protocol + ?Sized>(
    name: &str,
    subject: &impl AsRef<Subject<P>>,
) -> Result<(), RegisterError> {
    register_as(name, subject.as_ref(), None)
}

/// Like [`register`], with the type that the process was started as.
pub(crate) fn register_as<P: Protocol + ?Sized>(
    name: &str,
    subject: &Subject<P>,
    started: Option<StartedAs>,
) -> Result<(), RegisterError> {
    let process = subject.current().ok_or(RegisterError::NoProcess)?;
    register_process(name, &process, registered::keep(subject.clone(), started))
}

/// Registers a process with its [kept](registered::keep) subject. Compiled once, and not for each protocol.
fn register_process(
    name: &str,
    process: &ProcessRef,
    subject: Arc<dyn Any + Send + Sync>,
) -> Result<(), RegisterError> {
    if name.is_empty() {
        return Err(RegisterError::InvalidName);
    }
    if process.core().is_remote() {
        return Err(RegisterError::Elsewhere);
    }
    if !process.core().is_alive() {
        return Err(RegisterError::NoProcess);
    }
    let local = process.core().system.names_arc::<LocalNames>();
    let (pid, holder) = (
        process.core().pid,
        NameEntry {
            process: process.clone(),
            subject,
        },
    );
    let entry = StoreEntry {
        pid,
        holder,
        value: (),
    };
    // It is exiting at this moment: its entry was added after its clean-up and is about to be removed.
    let gone = |holder: &NameEntry| holder.process.core().has_exited();
    let hash = local.hasher.hash(name);
    let added = keyed::enter(&local.store, hash, name.to_owned(), |store, name| {
        store.insert(name, entry, gone)
    });
    let added = added.map_err(|refused| RegisterError::AlreadyRegistered {
        holder: refused.holder,
    })?;
    let watched = local.clone();
    let clean_up = Box::new(move |pid, limit| watched.remove(pid, limit));
    let refused = {
        let mut relations = process.core().relations.lock();
        let rare = relations.make_rare();
        rare.names.insert(added.number, name.to_owned());
        added.is_new && relations.on_exit(clean_up).is_err()
    };
    if refused {
        local.remove(pid, usize::MAX);
        return Err(RegisterError::NoProcess);
    }
    if !local.store.read().has_entry(hash, name, added.number) {
        // It was released in between, before the process had its name.
        forget_name(process, added.number);
    }
    local.waiting.notify(hash);
    Ok(())
}

impl LocalNames {
    /// Removes up to `limit` names of a process, and returns their number. They hold the process, which is dropped
    /// without the lock.
    fn remove(&self, pid: Pid, limit: usize) -> usize {
        let removed = self.store.write().remove_pid(pid, limit);
        if let Some((_, entry)) = removed.first() {
            forget_last(&entry.holder.process, removed.len());
        }
        removed.len()
    }
}

/// Releases `name` in the current system, whichever process holds it. (Erlang: `unregister/1`.)
///
/// # Errors
/// [`LookupError::NotFound`] if no process is registered under the name, or there is no current system.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::error::LookupError;
/// #[ambit::main]
/// async fn main() {
///     let idle = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
///     ambit::register("idle", &idle).unwrap();
///     assert_eq!(ambit::unregister("idle"), Ok(()));
///     assert_eq!(ambit::unregister("idle"), Err(LookupError::NotFound));
/// }
/// ```
pub fn unregister(name: &str) -> Result<(), LookupError> {
    let system = current_system::current().ok_or(LookupError::NotFound)?;
    let local = local_of(&system).ok_or(LookupError::NotFound)?;
    let key = keyed::find(&local.store, local.hasher.hash(name), name);
    let key = key.ok_or(LookupError::NotFound)?;
    let (numbers, removed) = {
        let mut store = local.store.write();
        let first = store.map().get(&key).and_then(KeyEntries::first);
        let pid = first.map(|entry| entry.pid).ok_or(LookupError::NotFound)?;
        let owned = store.owned(&key, pid).map(|(number, _)| number);
        let numbers: Vec<u64> = owned.collect();
        (numbers, store.remove(&key, pid, |_| true))
    };
    for (number, entry) in numbers.iter().zip(removed) {
        forget_name(&entry.holder.process, *number);
    }
    Ok(())
}

/// Removes up to `count` of the newest names from those that a process shows after its end.
fn forget_last(process: &ProcessRef, count: usize) {
    let mut relations = process.core().relations.lock();
    if let Some(rare) = relations.rare() {
        for _ in 0..count.min(rare.names.len().saturating_sub(REPORTED)) {
            rare.names.pop_last();
        }
    }
}

/// Removes a name from those that a process shows.
fn forget_name(process: &ProcessRef, number: u64) {
    let mut relations = process.core().relations.lock();
    if let Some(rare) = relations.rare() {
        rare.names.remove(&number);
    }
}

/// Returns a handle of type `P` to the process registered under `name` in the current system. (Erlang: `whereis/1`,
/// typed.)
///
/// A terminating process is still found, but it handles no more messages, so a call returns `NoProcess`.
///
/// # Errors
/// - `NotFound` if no process is registered under the name, or there is no current system.
/// - `WrongType` if the process neither implements the protocol `P` nor is a supervisor of the kind `P`.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::error::LookupError;
/// use ambit::supervisor::DynamicSupervisor;
/// #[ambit::main]
/// async fn main() {
///     let sessions = DynamicSupervisor::builder().start().name("sessions").await.unwrap();
///     assert_eq!(ambit::whereis::<DynamicSupervisor>("sessions").unwrap(), sessions);
///     assert_eq!(ambit::whereis::<Supervisor>("sessions"), Err(LookupError::WrongType));
/// }
/// ```
pub fn whereis<P: Registered + ?Sized>(name: &str) -> Result<P::Handle, LookupError> {
    let holder = current_system::with(|system| local_of(system)?.holder(name));
    let holder = holder.flatten().ok_or(LookupError::NotFound)?;
    P::__found(&holder).ok_or(LookupError::WrongType)
}

/// Waits until a process of type `P` is registered under `name` in the current system and is not ending. The timeout is
/// 5 s by default; [`timeout`](WaitFor::timeout) changes it.
///
/// `P` is a protocol or a kind of supervisor, as for [`whereis`]. A process of another type under the name does not end
/// the wait.
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let waiting = Task::spawn(async { ambit::wait_for::<u8>("idle").await });
///     let idle = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
///     ambit::register("idle", &idle).unwrap();
///     assert_eq!(waiting.await.unwrap(), Ok(idle));
/// }
/// ```
pub fn wait_for<P: Registered + ?Sized>(name: &str) -> WaitFor<P::Handle> {
    let name = name.to_owned();
    WaitFor::in_current_system(move |system| {
        let local = system.names_arc::<LocalNames>();
        let changed = local.waiting.of(local.hasher.hash(&name));
        let look = move || {
            let holder = local.holder(&name);
            P::__found(&holder.filter(|holder| holder.process.core().is_alive())?)
        };
        WaitTarget::new(look, changed)
    })
}

fn local_of(system: &SystemInner) -> Option<&LocalNames> {
    system.names()
}

fn find<P: Protocol + ?Sized>(system: &SystemInner, name: &str) -> Option<Subject<P>> {
    let local = local_of(system)?;
    local.look(name, |holder| registered::subject(&*holder.subject))?
}

impl LocalNames {
    /// Runs `look` on the holder of a name under the lock.
    #[inline]
    fn look<R>(&self, name: &str, look: impl FnOnce(&NameEntry) -> R) -> Option<R> {
        let hash = self.hasher.hash(name);
        let store = self.store.read();
        let entry = store
            .first_of_text(hash, name)
            .filter(|entry| !entry.holder.process.core().has_exited())?;
        Some(look(&entry.holder))
    }

    fn holder(&self, name: &str) -> Option<Found> {
        self.look(name, |holder| Found {
            process: holder.process.clone(),
            subject: holder.subject.clone(),
        })
    }
}

impl Target for str {
    fn __resolve(&self) -> Resolved {
        resolve(self)
    }
}

impl Target for String {
    fn __resolve(&self) -> Resolved {
        resolve(self)
    }
}

/// Resolves a name to its current process, of any protocol.
pub(crate) fn resolve(name: &str) -> Resolved {
    match current_system::current() {
        Some(system) => resolve_in(&system, name),
        None => Resolved::nobody(Watched::Name(name.to_owned())),
    }
}

pub(crate) fn resolve_in(system: &SystemInner, name: &str) -> Resolved {
    let watched = Watched::Name(name.to_owned());
    let Some(local) = local_of(system) else {
        return Resolved::nobody(watched);
    };
    match local.look(name, |holder| holder.process.clone()) {
        Some(process) => Resolved {
            watched,
            ..Resolved::process(process)
        },
        None => Resolved::nobody(watched),
    }
}

impl<P: Protocol + ?Sized> Subject<P> {
    /// Returns a handle that looks up `name` among the local names at each use. While no process of this protocol is
    /// registered under the name, calls and casts return `NoProcess`. (Erlang: a registered name.)
    pub fn named(name: &str) -> P::Subject {
        Self::following_key(Names::here(), name.to_owned()).into()
    }
}

/// The resolver behind `named`: the system it was created in, or else the current one.
#[derive(Clone)]
pub(crate) struct Names(Option<Arc<SystemInner>>);

impl Names {
    pub(crate) fn here() -> Self {
        // Creates the system if necessary, so that the name is the same as one created later.
        Self(current_system::current_or_new())
    }

    fn with<T>(&self, look: impl FnOnce(&SystemInner) -> T) -> Option<T> {
        match &self.0 {
            Some(system) => Some(look(system)),
            None => current_system::with(look),
        }
    }
}

impl<P: Protocol + ?Sized> Resolve<P> for Names {
    type Key = String;

    fn resolve(&self, name: &String) -> Option<Subject<P>> {
        self.with(|system| find(system, name))?
    }

    fn identity(&self) -> usize {
        self.0.as_ref().map_or(0, |system| system.node() as usize)
    }

    fn __changed(&self, name: &String) -> Option<BoxFuture<'static, ()>> {
        self.with(|system| {
            let local = local_of(system)?;
            let notified = local.waiting.of(local.hasher.hash(name)).notified();
            Some(Box::pin(notified) as BoxFuture<'static, ()>)
        })?
    }

    fn __system(&self) -> Option<InSystem> {
        let system = self.0.clone()?;
        Some(InSystem(system))
    }

    fn __describe(name: &String) -> Option<String> {
        Some(format!("{name:?}"))
    }

    fn __watched(name: &String, _holder: Pid) -> Watched {
        Watched::Name(name.clone())
    }
}
