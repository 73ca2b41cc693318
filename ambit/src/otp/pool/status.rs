//! The status of a pool.

use crate::pid::Pid;

/// A snapshot of the counts of a [`Pool`](crate::Pool), from [`Pool::status`](crate::Pool::status). (poolboy:
/// `status/1`.)
///
/// For a pool that does not exist all counts are zero, and the state is `Full`.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::pool::PoolState;
/// #[derive(Clone)]
/// struct Line;
/// #[gen_server]
/// impl Line {}
/// #[ambit::main]
/// async fn main() {
///     let lines = Pool::builder(Line::child_spec(|| Line)).size(1).start().await.unwrap();
///     let line = lines.checkout().await.unwrap();
///     let status = lines.status();
///     assert_eq!((status.free, status.busy, status.state), (0, 1, PoolState::Full));
///     drop(line);
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolStatus {
    /// Whether the next client gets a worker without waiting.
    pub state: PoolState,
    /// The configured number of workers.
    pub size: usize,
    /// The number of workers without a client, including those that are being pinged.
    pub free: usize,
    /// The number of workers that are leased to a client, or run a hook before or after a lease.
    pub busy: usize,
    /// The number of waiting clients.
    pub waiting: usize,
    /// The number of workers that are starting, or will be restarted after a delay.
    pub starting: usize,
    /// The number of workers that are stopping.
    pub stopping: usize,
    /// The number of workers beyond the configured number, `size`.
    pub overflow: usize,
}

/// A snapshot of one worker of a [`Pool`](crate::Pool), from [`Pool::workers`](crate::Pool::workers).
///
/// ```
/// use ambit::prelude::*;
/// #[derive(Clone)]
/// struct Line;
/// #[gen_server]
/// impl Line {}
/// #[ambit::main]
/// async fn main() {
///     let lines = Pool::builder(Line::child_spec(|| Line)).size(1).start().await.unwrap();
///     let line = lines.checkout().await.unwrap();
///     let worker = &lines.workers()[0];
///     assert_eq!(worker.pid, Some(line.pid()));
///     assert_eq!(worker.handle.pid(), line.pid());
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolWorker<H> {
    /// The pid of the worker; `None` while it is starting, and after it has ended.
    pub pid: Option<Pid>,
    /// A handle to this worker, which does not follow its replacement. Calls through the handle reach the worker even
    /// while it is leased to a client.
    pub handle: H,
    /// The state of the worker.
    pub state: PoolWorkerState,
}

/// The state of a pool's worker. [`PoolStatus`] counts the workers in these states.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::pool::PoolWorkerState;
/// #[derive(Clone)]
/// struct Line;
/// #[gen_server]
/// impl Line {}
/// #[ambit::main]
/// async fn main() {
///     let lines = Pool::builder(Line::child_spec(|| Line)).size(1).start().await.unwrap();
///     let _line = lines.checkout().await.unwrap();
///     assert_eq!(lines.workers()[0].state, PoolWorkerState::Busy);
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PoolWorkerState {
    /// The worker is starting, or will be restarted after a delay.
    Starting,
    /// The worker has no client; it may be running a ping.
    Free,
    /// The worker is leased to a client, or runs a hook before or after a lease.
    Busy,
    /// The worker was asked to end and has not ended yet.
    Stopping,
}

/// Whether the next client of a pool gets a worker without waiting.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::pool::PoolState;
/// #[derive(Clone)]
/// struct Line;
/// #[gen_server]
/// impl Line {}
/// #[ambit::main]
/// async fn main() {
///     let builder = Pool::builder(Line::child_spec(|| Line)).size(1).max_overflow(1);
///     let lines = builder.start().await.unwrap();
///     assert_eq!(lines.status().state, PoolState::Ready);
///     let _first = lines.checkout().await.unwrap();
///     assert_eq!(lines.status().state, PoolState::Overflow);
///     let _second = lines.checkout().await.unwrap();
///     assert_eq!(lines.status().state, PoolState::Full);
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PoolState {
    /// A worker is free, or one of the configured number of workers can be started.
    Ready,
    /// All configured workers are busy; the pool can start an overflow worker.
    Overflow,
    /// The next client has to wait.
    #[default]
    Full,
}
