//! A pool whose workers run on several members.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ambit::message::ArgsOf;
use ambit::server::{Protocol, Start};
use ambit::supervisor::{ChildSpec, Supervisor};

use crate::placement::handle::PlacedServers;
use crate::remote_processes::start::Startable;

/// Builds a supervisor with all workers.
type StartWorkers = Arc<dyn Fn((u32, Duration)) -> Start<Supervisor> + Send + Sync>;

/// A pool of identical servers on several members, from [`PlacedServers::pool`]. Each worker is placed individually:
/// when a member is lost, its workers are started on other members, which does not count as a restart. Several clients
/// can use a worker at the same time; to reserve workers for one client at a time, use a [`Pool`](ambit::pool::Pool) on
/// one node. (Erlang: `worker_pool` over `global`; Akka: a cluster-aware router.)
///
/// This node chooses a worker from a local table, without sending a message. The pool exists on this node only; other
/// nodes reach the workers through handles that you send them, or through names.
///
/// ```
/// use ambit::prelude::*;
/// use ambit_dist::transport::Memory;
/// use ambit_dist::{Node, PlacedServers, Placement};
///
/// struct Resizer { quality: u8 }
/// #[gen_server(remote = "shop.resizer")]
/// impl Resizer {
///     #[init] fn new(quality: u8) -> Self { Self { quality } }
///     #[call] fn resize(&self, image: String) -> String { format!("{image} at {}", self.quality) }
/// }
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// node.expose::<Resizer>();
/// let resizers = PlacedServers::<Resizer>::new(&node, Placement::least_loaded());
/// let pool = resizers.pool(6, (80,));
/// let supervisor = pool.start().await?;
/// assert_eq!(pool.worker().resize("cat".into()).await?, "cat at 80");
/// assert_eq!(pool.worker_for("dog").resize("dog".into()).await?, "dog at 80");
/// # supervisor.stop().await?;
/// # Ok(())
/// # }
/// ```
pub struct PlacedPool<S: Startable> {
    workers: PlacedServers<S>,
    size: usize,
    restarts: (u32, Duration),
    start: StartWorkers,
    next: Arc<AtomicUsize>,
}

impl<S: Startable> PlacedServers<S> {
    /// Returns a pool of this many servers, with the ids `0`, `1` and so on. The pool is not started yet. `args` is a
    /// tuple with the arguments of the server's `#[init]`, and is cloned for each start.
    ///
    /// # Panics
    /// Panics if `workers` is 0.
    #[must_use]
    pub fn pool<A>(&self, workers: usize, args: A) -> PlacedPool<S>
    where
        A: ArgsOf<S, S::Args> + Clone + Send + Sync + 'static,
    {
        assert!(workers > 0, "a pool without workers: pass at least 1");
        let servers = self.clone();
        let start: StartWorkers = Arc::new(move |(restarts, within)| {
            let supervisor = Supervisor::builder().restarts(restarts, within);
            let add = |supervisor: ambit::supervisor::SupervisorBuilder, id: usize| {
                supervisor.child(servers.child_spec(id.to_string(), args.clone()))
            };
            (0..workers).fold(supervisor, add).start()
        });
        PlacedPool {
            workers: self.clone(),
            size: workers,
            restarts: (3, Duration::from_secs(5)),
            start,
            next: Arc::new(AtomicUsize::new(0)),
        }
    }
}

impl<S: Startable> PlacedPool<S> {
    /// Sets the restart limit of the pool's supervisor: the pool ends after more than `restarts` restarts in the time
    /// `within`; 3 in 5 s by default. Starts after the loss of a member do not count as restarts.
    #[must_use]
    pub fn restarts(mut self, restarts: u32, within: Duration) -> Self {
        self.restarts = (restarts, within);
        self
    }

    /// Starts the workers, one after the other, under a new supervisor, and returns the supervisor. Stop the supervisor
    /// to end the pool.
    ///
    /// # Errors
    /// Fails like [`SupervisorBuilder::start`](ambit::supervisor::SupervisorBuilder::start) if a worker does not start.
    /// The cause is a [`PlaceError`](crate::PlaceError): no member started the worker, or the pool is already running,
    /// so its ids are in use.
    ///
    /// # Cancel safety
    /// Dropping the future before it completes kills the supervisor and its workers.
    pub fn start(&self) -> Start<Supervisor> {
        (self.start)(self.restarts)
    }

    /// Returns the spec of the pool's supervisor as a child of another supervisor. The id of the child is `pool`.
    pub fn child_spec(&self) -> ChildSpec<Supervisor> {
        let (start, restarts) = (self.start.clone(), self.restarts);
        ChildSpec::from_fn(move || start(restarts)).id("pool")
    }

    /// Returns a handle to the next running worker, in round-robin order, or to the next worker if none is running.
    /// Call this for each message to spread the load; the handle itself follows one worker through restarts and to
    /// other members.
    ///
    /// The cost grows with the number of workers that are not running.
    #[must_use]
    pub fn worker(&self) -> <S::Protocol as Protocol>::Subject {
        let first = self.next.fetch_add(1, Ordering::Relaxed);
        let id = |offset: usize| (first.wrapping_add(offset) % self.size).to_string();
        let runs = |id: &String| self.workers.node_of(id).is_some();
        let running = (0..self.size).map(id).find(runs);
        self.workers.via(running.unwrap_or_else(|| id(0)))
    }

    /// Returns a handle to the worker that a hash of `key` selects; equal keys select the same worker. The handle
    /// follows the worker through restarts and to other members, but the state of the worker does not move with it.
    #[must_use]
    pub fn worker_for<K: Hash + ?Sized>(&self, key: &K) -> <S::Protocol as Protocol>::Subject {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let worker = hasher.finish() % self.size as u64;
        self.workers.via(worker.to_string())
    }

    /// Returns the number of workers, running or not.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }
}

impl<S: Startable> Clone for PlacedPool<S> {
    fn clone(&self) -> Self {
        Self {
            workers: self.workers.clone(),
            size: self.size,
            restarts: self.restarts,
            start: self.start.clone(),
            next: self.next.clone(),
        }
    }
}

impl<S: Startable> fmt::Debug for PlacedPool<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlacedPool")
            .field("workers", &self.workers)
            .finish_non_exhaustive()
    }
}
