//! The compared libraries, and the operations that the rows require of each.
//!
//! Each workload is written once, over these traits; a peer implements the operations for which its own documentation
//! has a solution.

#[cfg(feature = "rivals")]
mod actix;
mod ambit;
#[cfg(feature = "rivals")]
mod kameo;
#[cfg(feature = "rivals")]
mod ractor;
mod raw;
#[cfg(feature = "rivals")]
mod spawned;
#[cfg(feature = "rivals")]
mod xtra;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

#[cfg(feature = "rivals")]
pub(crate) use self::actix::Actix;
pub(crate) use self::ambit::{Ambit, AmbitQueued, plain, queued};
#[cfg(feature = "rivals")]
pub(crate) use self::kameo::{Kameo, KameoBounded};
#[cfg(feature = "rivals")]
pub(crate) use self::ractor::Ractor;
pub(crate) use self::raw::{Raw, RawBounded};
#[cfg(feature = "rivals")]
pub(crate) use self::spawned::Spawned;
#[cfg(feature = "rivals")]
pub(crate) use self::xtra::{Xtra, XtraBounded};
use crate::latch::{Hit, Latch};
use crate::runtime;

/// A server with one number in it.
pub(crate) trait Peer: Sized + Send + Sync + 'static {
    /// Its handle.
    type Counter: Clone + Send + Sync + 'static;

    /// Runs a workload on a fresh runtime.
    fn run<F>(work: F) -> F::Output
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        runtime::run(work)
    }

    /// Spawns another task on it: a caller.
    fn spawn<F>(work: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        tokio::spawn(work)
    }

    /// Starts a server; `gone` is dropped with its state.
    fn start(gone: Option<Hit>) -> impl Future<Output = Self::Counter> + Send;
    /// Asks it to end; `gone` is dropped with its state.
    fn stop(counter: Self::Counter) -> impl Future<Output = ()> + Send;
    /// A call.
    fn get(counter: &Self::Counter) -> impl Future<Output = u64> + Send;
    /// A cast; with a bounded mailbox it waits for capacity.
    fn add(counter: &Self::Counter, by: u64) -> impl Future<Output = ()> + Send;
    /// A call that returns its argument.
    fn echo(counter: &Self::Counter, bytes: Vec<u8>) -> impl Future<Output = Vec<u8>> + Send;
    /// A call whose handler computes `steps` steps.
    fn crunch(counter: &Self::Counter, steps: u64) -> impl Future<Output = u64> + Send;

    /// Starts the server for `crunch`; peers with a special kind of server for such work override this.
    fn start_for_computing() -> impl Future<Output = Self::Counter> + Send {
        Self::start(None)
    }
}

/// Servers that pass on a token with casts.
pub(crate) trait Ring: Peer {
    type Node: Clone + Send + Sync + 'static;
    /// Starts a node, which hits `done` when the token has completed its way.
    fn node(done: Arc<Latch>) -> impl Future<Output = Self::Node> + Send;
    fn join(node: &Self::Node, next: Self::Node) -> impl Future<Output = ()> + Send;
    fn token(node: &Self::Node, hops: u64) -> impl Future<Output = ()> + Send;
}

/// A tree of actors with ten children each; the numbers of the leaves are added up on the way back.
pub(crate) trait Skynet: Peer {
    fn skynet(leaves: u64) -> impl Future<Output = u64> + Send;
}

/// A global registry of names.
pub(crate) trait Named: Peer {
    fn start_as(name: &str) -> impl Future<Output = Self::Counter> + Send;
    fn look_up(name: &str) -> Option<Self::Counter>;
}

/// Handles that refer to a name instead of a process.
pub(crate) trait Via: Peer {
    type Followers: Send + Sync + 'static;
    /// Starts a server for each name, and returns handles that follow the names.
    fn followers(names: &[String]) -> impl Future<Output = Self::Followers> + Send;
    fn get_via(followers: &Self::Followers, index: usize) -> impl Future<Output = u64> + Send;
}

/// A server that is restarted when it panics.
pub(crate) trait Supervised: Peer {
    type Tree: Send + Sync + 'static;
    fn tree() -> impl Future<Output = Self::Tree> + Send;
    /// Makes the server panic, and waits for the first reply of its replacement.
    fn crash(tree: &Self::Tree) -> impl Future<Output = ()> + Send;
}

/// One message to many subscribers.
pub(crate) trait FanOut: Peer {
    type Topic: Send + Sync + 'static;
    /// Creates subscribers that hit the latch with each message.
    fn topic(subscribers: usize, heard: &Arc<Latch>) -> impl Future<Output = Self::Topic> + Send;
    fn publish(topic: &Self::Topic) -> impl Future<Output = ()> + Send;
}

/// Delayed messages.
pub(crate) trait Timers: Peer {
    /// Sets this number of timers, then cancels all; when it returns none of them is left.
    fn arm_and_cancel(timers: u64, after: Duration) -> impl Future<Output = ()> + Send;
}

/// A server whose handler waits for the other end of a stream.
pub(crate) trait Waiting: Peer {
    type Proxy: Send + Sync + 'static;
    fn proxy() -> impl Future<Output = Self::Proxy> + Send;
    /// A call whose handler sends sixteen bytes through the stream and awaits the echo.
    fn ask(proxy: &Self::Proxy) -> impl Future<Output = usize> + Send;
}
