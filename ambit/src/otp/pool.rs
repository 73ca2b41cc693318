//! Pools of identical workers behind one handle: route messages to them, or check one of them out.
//!
//! A pool is a supervisor over a supervisor of the workers and a manager. A pure core, shared by the clients and the
//! manager, decides which client gets which worker; the manager starts and stops workers as the core decides, and the
//! pool ends with the manager.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use crate::error::ChildError;
use crate::handle::child_ref::ChildRef;
use crate::handle::process::Process;
use crate::handle::subject::Subject;
use crate::handle::target::Target;
use crate::names::registered::{Found, Registered};
use crate::otp::pool::policy::check_size;
use crate::otp::pool::shared::Shared;
use crate::otp::pool::status::{PoolStatus, PoolWorker};
use crate::process::resolved::Resolved;
use crate::server::startable::Startable;
use crate::supervisor::admin::Admin;
use crate::supervisor::by_name::found_as;
use crate::supervisor::child_of::child_of;
use crate::supervisor::handle::Supervisor;

pub(crate) mod builder;
pub(crate) mod checkout;
mod core;
pub(crate) mod error;
mod hooks;
pub(crate) mod lease;
mod manager;
pub(crate) mod policy;
mod shared;
mod slot;
mod start;
pub(crate) mod status;
mod worker_factory;

const MANAGER: &str = "manager";

/// A pool of identical workers behind one handle. (Erlang: the libraries poolboy and `worker_pool`; Elixir:
/// NimblePool.)
///
/// A pool can be used in two ways. Use only one of them per pool:
///
/// - **Routed**: [`worker`](Self::worker) and [`worker_for`](Self::worker_for) choose a worker for a message, without
///   sending a message to any process. Many clients use the same worker at the same time.
/// - **Checked out**: [`checkout`](Self::checkout) and [`with`](Self::with) reserve a worker for one client at a time.
///   Use this for scarce resources, such as connections, licences or devices.
///
/// A worker that ends is replaced. After more replacements than the builder's `restarts` allows, 3 in 5 s by default,
/// the pool ends like a supervisor, with a `ShutdownWith` that names the cause; in a supervision tree it is then
/// restarted. When a pool stops, all waiting checkouts fail, and all workers are stopped at the same time.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::pool::Pool;
/// #[derive(Clone)]
/// struct Hasher;
/// #[gen_server]
/// impl Hasher { #[call] fn hash(&self, text: String) -> usize { text.len() } }
/// #[ambit::main]
/// async fn main() {
///     let pool = Pool::builder(Hasher::child_spec(|| Hasher)).size(4).start().await.unwrap();
///     assert_eq!(pool.worker().hash("spread".into()).await, Ok(6));
///     let alone = pool.checkout().await.unwrap();
///     assert_eq!(alone.hash("checked out".into()).await, Ok(11));
///     assert_eq!((pool.status().free, pool.status().busy), (3, 1));
/// }
/// ```
pub struct Pool<C> {
    supervisor: Supervisor,
    worker: PhantomData<fn() -> C>,
}

impl<C: Startable> Pool<C> {
    /// Returns a handle that follows the local name `name`: each use resolves the name again.
    pub fn named(name: &str) -> Self {
        Supervisor::named(name).into()
    }

    /// Returns a handle to a worker, which the builder's `route` chooses without sending a message to any process. The
    /// handle is bound to a slot of the pool, not to a process: it follows the replacements of the worker as long as
    /// the pool runs, even if the pool shrinks and grows again. All routes except
    /// [`Route::ByKey`](crate::pool::Route::ByKey) skip workers that are down if another worker is running. The choice
    /// ignores whether a worker is checked out.
    ///
    /// In a lazy pool the first handle to a slot may find no worker yet; `.when_available()` on the handle waits for
    /// it. If the pool does not exist, calls through the handle fail with `NoProcess`.
    #[must_use]
    pub fn worker(&self) -> C::Handle {
        self.follow(self.shared().and_then(|shared| shared.pick()))
    }

    /// Returns a handle to the worker for `key`, like that of [`worker`](Self::worker). A key is always mapped to the
    /// same worker, as long as the size of the pool does not change. An integer of up to 64 bits is mapped by the
    /// remainder of its absolute value, any other key by a stable hash. Workers that are down are not skipped.
    #[must_use]
    pub fn worker_for<K: Hash + ?Sized>(&self, key: &K) -> C::Handle {
        self.follow(self.shared().and_then(|shared| shared.by_key(key)))
    }

    fn follow(&self, place: Option<ChildRef>) -> C::Handle {
        C::__follow(place.unwrap_or_else(|| child_of(&self.supervisor.subject, "no worker")))
    }

    /// Returns the current counts, without sending a message to any process. All counts are zero if the pool does not
    /// exist. (poolboy: `status/1`.)
    #[must_use]
    pub fn status(&self) -> PoolStatus {
        self.shared()
            .map(|shared| shared.status())
            .unwrap_or_default()
    }

    /// Returns the workers, oldest first and including those that are starting or stopping, without sending a message
    /// to any process. The list is empty if the pool does not exist. (Erlang: `supervisor:which_children/1` of the
    /// pool's workers.)
    ///
    /// ```
    /// use ambit::prelude::*;
    /// use ambit::pool::PoolWorkerState;
    /// #[derive(Clone)]
    /// struct Printer;
    /// #[gen_server]
    /// impl Printer { #[call] fn pages(&self) -> u32 { 0 } }
    /// #[ambit::main]
    /// async fn main() {
    ///     let printers = Pool::builder(Printer::child_spec(|| Printer)).size(2).start().await.unwrap();
    ///     let printer = printers.checkout().await.unwrap();
    ///     for worker in printers.workers() {
    ///         let is_mine = worker.pid == Some(printer.pid());
    ///         assert_eq!(worker.state == PoolWorkerState::Busy, is_mine);
    ///         assert_eq!(worker.handle.pages().await, Ok(0));
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn workers(&self) -> Vec<PoolWorker<C::Handle>> {
        self.shared()
            .map(|shared| shared.workers())
            .unwrap_or_default()
    }

    /// Sets the number of workers, without waiting for the change. Missing workers are started at once, or on first use
    /// in a lazy pool; surplus workers end as soon as no client uses them. Keys are mapped to the new number of
    /// workers. Calls through a handle from [`worker`](Self::worker) whose slot is beyond the new size fail with
    /// `NoProcess` until the pool grows again. Each call copies the list of workers.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// use ambit::pool::Pool;
    /// #[derive(Clone)]
    /// struct Printer;
    /// #[gen_server]
    /// impl Printer { #[call] fn print(&self, page: u8) -> u8 { page } }
    /// #[ambit::main]
    /// async fn main() {
    ///     let printers = Pool::builder(Printer::child_spec(|| Printer)).size(2).start().await.unwrap();
    ///     let second = printers.worker_for(&1);
    ///     printers.resize(1).unwrap();
    ///     assert_eq!(second.print(7).await, Err(CallError::NoProcess));
    ///     printers.resize(2).unwrap();
    ///     assert_eq!(second.when_available().print(7).await, Ok(7));
    /// }
    /// ```
    ///
    /// # Errors
    /// - `BadSpec` if `workers` is 0 or above 1,048,576. The size stays the same.
    /// - `NoProcess` if the pool does not exist.
    pub fn resize(&self, workers: usize) -> Result<(), ChildError> {
        check_size(workers).map_err(ChildError::BadSpec)?;
        let shared = self.shared().ok_or(ChildError::NoProcess)?;
        shared.resize(workers);
        Ok(())
    }

    /// Returns the state that the handles to the running pool share.
    fn shared(&self) -> Option<Arc<Shared<C>>> {
        let manager = child_of(&self.supervisor.subject, MANAGER).0.holder()?;
        let introspection = manager.core().relations.lock().introspection.clone()?;
        introspection.as_any().downcast().ok()
    }
}

impl<C: Startable> Registered for Pool<C> {
    type Handle = Self;

    fn __found(holder: &Found) -> Option<Self> {
        found_as::<Self>(holder).map(Supervisor::into)
    }
}

impl<C> From<Supervisor> for Pool<C> {
    fn from(supervisor: Supervisor) -> Self {
        Self {
            supervisor,
            worker: PhantomData,
        }
    }
}

impl<C> From<Subject<Admin>> for Pool<C> {
    fn from(subject: Subject<Admin>) -> Self {
        Supervisor::from(subject).into()
    }
}

impl<C> Deref for Pool<C> {
    type Target = Process;

    fn deref(&self) -> &Process {
        &self.supervisor
    }
}

impl<C> Target for Pool<C> {
    fn __resolve(&self) -> Resolved {
        self.supervisor.__resolve()
    }
}

impl<C> Clone for Pool<C> {
    fn clone(&self) -> Self {
        self.supervisor.clone().into()
    }
}

impl<C> PartialEq for Pool<C> {
    fn eq(&self, other: &Self) -> bool {
        self.supervisor == other.supervisor
    }
}

impl<C> Eq for Pool<C> {}

impl<C> Hash for Pool<C> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.supervisor.hash(state);
    }
}

impl<C> fmt::Debug for Pool<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.supervisor.fmt(f)
    }
}
