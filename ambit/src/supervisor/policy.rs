//! The policies of supervision: how children are restarted, stopped and listed.

use std::time::Duration;

use crate::handle::child_ref::ChildKind;
use crate::pid::Pid;

/// The restart strategy: which children are restarted together when one of them ends. (Erlang: `strategy` of
/// `supervisor`.)
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let supervisor = Supervisor::builder().strategy(Strategy::OneForAll).start().await.unwrap();
///     let idle = |id: &str| ChildSpec::task(id, || std::future::pending::<()>());
///     let cache = supervisor.start_child(idle("cache")).await.unwrap();
///     let workers = supervisor.start_child(idle("workers")).await.unwrap();
///     let end = workers.monitor();
///     ambit::exit(&cache, ExitReason::Kill);
///     assert_eq!(end.await.reason, ExitReason::Shutdown, "it is restarted with the cache");
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Strategy {
    /// Restarts only the child that ended.
    #[default]
    OneForOne,
    /// Restarts all children: the others are stopped in reverse order, then all are started in order, including
    /// children that were stopped with `terminate_child`.
    OneForAll,
    /// Restarts the child that ended and the children after it, which may depend on it. They are stopped in reverse
    /// order and started in order, including children that were stopped with `terminate_child`.
    RestForOne,
}

/// The restart policy of a child: after which exit reasons it is restarted. (Erlang: `restart` of a child spec.)
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let supervisor = Supervisor::builder().start().await.unwrap();
///     let idle = |id: &str| ChildSpec::task(id, || std::future::pending::<()>());
///     supervisor.start_child(idle("once").restart(Restart::Temporary)).await.unwrap();
///     supervisor.start_child(idle("always")).await.unwrap();
///     supervisor.terminate_child("once").await.unwrap();
///     supervisor.terminate_child("always").await.unwrap();
///     let left = supervisor.which_children().await.unwrap();
///     assert_eq!((left.len(), left[0].restart), (1, Restart::Permanent), "the spec of `once` is removed");
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Restart {
    /// The child is always restarted, whatever its exit reason.
    #[default]
    Permanent,
    /// The child is restarted after an abnormal end: any reason except `Normal`, `Shutdown` and `ShutdownWith`.
    Transient,
    /// The child is never restarted. Its spec is removed when it ends, even if the restart of a sibling stops it.
    Temporary,
}

/// The shutdown policy of a child: how its supervisor stops it. (Erlang: `shutdown` of a child spec.)
///
/// While a child is starting, the policy applies to a supervisor, which stops the children that it has started so far;
/// a worker that is starting is killed.
///
/// ```
/// use ambit::prelude::*;
/// use std::time::Duration;
/// #[ambit::main]
/// async fn main() {
///     let idle = ChildSpec::task("idle", || std::future::pending::<()>()).shutdown(Shutdown::Brutal);
///     let supervisor = Supervisor::builder().child(idle).start().await.unwrap();
///     assert_eq!(supervisor.which_children().await.unwrap()[0].shutdown, Shutdown::Brutal);
///     assert_eq!(Shutdown::from(Duration::from_secs(1)), Shutdown::After(Duration::from_secs(1)));
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shutdown {
    /// The child is killed at once: no `#[terminate]` runs.
    Brutal,
    /// The child is asked to stop with the reason `Shutdown`, and is killed if it has not ended within this time.
    After(Duration),
    /// The child is asked to stop with the reason `Shutdown`; the supervisor waits without a time limit.
    Infinity,
}

impl Shutdown {
    /// Returns how long a child has to end, from the moment it is asked; `None` for no limit.
    pub(crate) fn time(self) -> Option<Duration> {
        match self {
            Self::Brutal => Some(Duration::ZERO),
            Self::After(time) => Some(time),
            Self::Infinity => None,
        }
    }
}

impl From<Duration> for Shutdown {
    fn from(time: Duration) -> Self {
        Self::After(time)
    }
}

/// The auto-shutdown policy: whether a supervisor stops when significant children end. (Erlang: `auto_shutdown`.)
///
/// ```
/// use ambit::prelude::*;
/// use ambit::supervisor::AutoShutdown;
/// #[ambit::main]
/// async fn main() {
///     let job = ChildSpec::task("job", || async {}).restart(Restart::Temporary).significant(true);
///     let supervisor = Supervisor::builder().auto_shutdown(AutoShutdown::Any).child(job);
///     let supervisor = supervisor.start().await.unwrap();
///     assert_eq!(supervisor.closed().await, ExitReason::Shutdown);
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AutoShutdown {
    /// The supervisor keeps running. It then cannot have significant children.
    #[default]
    Never,
    /// The supervisor stops when any significant child has ended by itself and is not restarted.
    Any,
    /// The supervisor stops when the last running significant child has ended by itself and is not restarted.
    All,
}

/// The state of a child.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::supervisor::ChildState;
/// #[ambit::main]
/// async fn main() {
///     let idle = ChildSpec::task("idle", || std::future::pending::<()>());
///     let supervisor = Supervisor::builder().child(idle).start().await.unwrap();
///     supervisor.terminate_child("idle").await.unwrap();
///     assert_eq!(supervisor.which_children().await.unwrap()[0].state, ChildState::Stopped);
///     let pid = supervisor.restart_child("idle").await.unwrap();
///     assert_eq!(supervisor.which_children().await.unwrap()[0].state, ChildState::Running(pid));
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChildState {
    /// The child is running, with this pid. Includes a stuck child, which was asked to stop and has not ended.
    Running(Pid),
    /// The child is down and will be restarted: its restart is in progress, has failed and will be retried, or is
    /// waiting for its backoff.
    Restarting,
    /// The child is stopped. It is started again only on request, or together with a sibling, as the strategy defines.
    Stopped,
}

/// A child of a supervisor. (Erlang: an element of `supervisor:which_children/1`, with the data of `get_childspec/2`.)
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let idle = ChildSpec::task("idle", || std::future::pending::<()>()).restart(Restart::Transient);
///     let supervisor = Supervisor::builder().child(idle).start().await.unwrap();
///     let child = &supervisor.which_children().await.unwrap()[0];
///     assert_eq!((&*child.id, child.restart, child.significant), ("idle", Restart::Transient, false));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChildInfo {
    /// The id of the child's spec; by default the type name. Several children of a dynamic supervisor may share an id.
    pub id: String,
    /// The state of the child.
    pub state: ChildState,
    /// The kind of the child's process.
    pub kind: ChildKind,
    /// The restart policy of the child.
    pub restart: Restart,
    /// The shutdown policy of the child.
    pub shutdown: Shutdown,
    /// Whether the child is significant: its end may stop the supervisor, see [`AutoShutdown`].
    pub significant: bool,
}

/// The numbers of children of a supervisor, by state and by kind. (Erlang: `supervisor:count_children/1`.)
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let idle = |id: &str| ChildSpec::task(id, || std::future::pending::<()>());
///     let supervisor = Supervisor::builder().child(idle("a")).child(idle("b")).start().await.unwrap();
///     supervisor.terminate_child("b").await.unwrap();
///     let counts = supervisor.count_children().await.unwrap();
///     assert_eq!((counts.specs, counts.active, counts.workers), (2, 1, 2));
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChildCounts {
    /// The number of all children, running or not.
    pub specs: usize,
    /// The number of running children.
    pub active: usize,
    /// The number of workers, running or not.
    pub workers: usize,
    /// The number of supervisors, running or not.
    pub supervisors: usize,
}

impl ChildCounts {
    /// Counts a child.
    pub(crate) fn add(&mut self, kind: ChildKind, is_active: bool) {
        self.specs += 1;
        self.active += usize::from(is_active);
        match kind {
            ChildKind::Worker => self.workers += 1,
            ChildKind::Supervisor => self.supervisors += 1,
        }
    }
}

/// A child's position in start order. It stays the same through restarts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key(pub(crate) u64);
