//! What a pool says about itself.

use crate::pid::Pid;

/// The numbers of a [`Pool`](crate::Pool) at one moment. (poolboy: `status/1`.)
///
/// Those of a pool that is not there are all zero, and its state is `Full`.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::PoolState;
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
    /// Whether it has a worker for the next client.
    pub state: PoolState,
    /// How many workers it is meant to have.
    pub size: usize,
    /// How many of its workers are with nobody.
    pub free: usize,
    /// How many are with a client, or on the way to or from one.
    pub busy: usize,
    /// How many clients wait for one.
    pub waiting: usize,
    /// How many are being started, or will be started again after a delay.
    pub starting: usize,
    /// How many have been told to end and are still there.
    pub stopping: usize,
    /// How many there are beyond `size`.
    pub overflow: usize,
}

/// A worker of a [`Pool`](crate::Pool) at one moment, from [`Pool::workers`](crate::Pool::workers).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolWorker<H> {
    /// Its process; `None` while it starts, and once it has ended.
    pub pid: Option<Pid>,
    /// The handle of this one worker, not of its replacement. Calling a worker that is checked out bypasses its client.
    pub handle: H,
    /// What it does.
    pub state: PoolWorkerState,
}

/// What a worker of a pool does. The numbers in [`PoolStatus`] count these states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PoolWorkerState {
    /// It is being started, or will be started again after a delay.
    Starting,
    /// No client has it.
    Free,
    /// A client has it, or it is on the way to or from one.
    Busy,
    /// It has been told to end and is still there.
    Stopping,
}

/// Whether a pool has a worker for the next client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PoolState {
    /// It has, or makes one of those it is meant to have.
    Ready,
    /// All it is meant to have are busy; it makes one more for the load of the moment.
    Overflow,
    /// The next client waits.
    #[default]
    Full,
}
