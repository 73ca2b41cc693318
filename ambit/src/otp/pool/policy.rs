//! The words for how a pool does things.

/// Which worker [`Pool::worker`](crate::Pool::worker) chooses. No process is asked for it.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::Route;
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
    /// One after the other.
    #[default]
    RoundRobin,
    /// The one with the fewest messages in its mailbox; among equals, one after the other.
    LeastBusy,
    /// The one that the pid of the calling process belongs to, so that a process keeps its worker and its messages
    /// their order. Outside a process it is the first. For keys of your own there is
    /// [`Pool::worker_for`](crate::Pool::worker_for).
    ByKey,
    /// Any.
    Random,
}

/// Which free worker the next client of [`Pool::checkout`](crate::Pool::checkout) gets.
/// (poolboy: `strategy`.)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum HandOut {
    /// The one that came back last: few workers do most of the work, and stay warm.
    #[default]
    Lifo,
    /// The one that has been free longest: all of them do their part.
    Fifo,
}

/// What becomes of a worker whose client has failed: it panicked or was killed while it held the worker, or a job
/// of [`Pool::with`](crate::Pool::with) was dropped half-way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ClientFailure {
    /// It goes back to the pool: each call to it was a whole. (poolboy.)
    #[default]
    Return,
    /// It ends, and another one comes in its place: what the client had begun with it is not handed on. (NimblePool.)
    Replace,
}
