//! The policies of a pool.

/// The policy by which [`Pool::worker`](crate::Pool::worker) chooses a worker, without sending a message to any
/// process.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::pool::Route;
/// #[derive(Clone)]
/// struct Shard;
/// #[gen_server]
/// impl Shard {}
/// #[ambit::main]
/// async fn main() {
///     let pool = Pool::builder(Shard::child_spec(|| Shard)).size(2).route(Route::ByKey).start();
///     let pool = pool.await.unwrap();
///     assert_eq!(pool.worker(), pool.worker(), "this process keeps its worker");
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Route {
    /// Each worker in turn.
    #[default]
    RoundRobin,
    /// The worker with the fewest messages that are queued or being handled; round robin among equals. Looks at every
    /// worker for each choice.
    LeastBusy,
    /// A worker that is chosen by the pid of the calling process: each process always gets the same worker, so its
    /// messages keep their order. Outside a process, the first worker. A worker that is down is not skipped. For other
    /// keys use [`Pool::worker_for`](crate::Pool::worker_for).
    ByKey,
    /// A random worker.
    Random,
}

/// The order in which [`Pool::checkout`](crate::Pool::checkout) hands out free workers.
/// (poolboy: `strategy`.)
///
/// ```
/// use ambit::prelude::*;
/// use ambit::pool::CheckoutOrder;
/// #[derive(Clone)]
/// struct Line;
/// #[gen_server]
/// impl Line {}
/// #[ambit::main]
/// async fn main() {
///     let builder = Pool::builder(Line::child_spec(|| Line)).size(2).hand_out(CheckoutOrder::Fifo);
///     let lines = builder.start().await.unwrap();
///     let first = lines.checkout().await.unwrap().pid();
///     let second = lines.checkout().await.unwrap().pid();
///     assert_ne!(first, second, "the other worker has been free longer");
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CheckoutOrder {
    /// The most recently returned worker is next: few workers do most of the work, and stay warm.
    #[default]
    Lifo,
    /// The worker that has been free longest is next: the work is spread over all workers.
    Fifo,
}

/// The policy for a worker whose client has failed: the client panicked during the lease, its process ended with an
/// abnormal reason, or a job of [`Pool::with`](crate::Pool::with) was dropped before its end.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::pool::ClientFailure;
/// #[derive(Clone)]
/// struct Line;
/// #[gen_server]
/// impl Line {}
/// #[ambit::main]
/// async fn main() {
///     let builder = Pool::builder(Line::child_spec(|| Line)).size(1).on_client_failure(ClientFailure::Replace);
///     let lines = builder.start().await.unwrap();
///     let old = lines.checkout().await.unwrap().pid();
///     let clients = lines.clone();
///     let client = Task::<()>::spawn_unlinked(async move {
///         let _line = clients.checkout().await.unwrap();
///         panic!("the client fails during its lease");
///     });
///     client.await.unwrap_err();
///     assert_ne!(lines.checkout().await.unwrap().pid(), old);
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ClientFailure {
    /// The worker returns to the pool. Its state is consistent, because it handles each call completely. (poolboy.)
    #[default]
    Return,
    /// The worker ends with a `ShutdownWith` and is replaced, because the client may have left it in an intermediate
    /// state. This does not count as a restart. (NimblePool.)
    Replace,
}

/// The maximum number of workers of one pool: the default process limit of an Erlang node.
const MAX_WORKERS: usize = 1 << 20;

/// Checks the number of workers.
pub(super) fn check_size(workers: usize) -> Result<(), String> {
    match workers {
        0 => Err("a pool needs at least one worker".into()),
        1..=MAX_WORKERS => Ok(()),
        _ => Err(format!(
            "a pool has at most {MAX_WORKERS} workers, and {workers} were asked for: use a smaller size"
        )),
    }
}
