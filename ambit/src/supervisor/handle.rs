//! The handle of a supervisor of ordered children.

use std::fmt;
use std::hash::Hash;
use std::ops::Deref;

use crate::error::{CallError, ChildError};
use crate::handle::child_ref::ChildRef;
use crate::handle::process::Process;
use crate::handle::subject::Subject;
use crate::handle::target::Target;
use crate::pid::Pid;
use crate::process::cell::ProcessCell;
use crate::process::resolved::Resolved;
use crate::server::startable::Startable;
use crate::supervisor::admin::{Admin, AdminRequest, Request, SupervisorItem, change, look};
use crate::supervisor::child_cell::CurrentChild;
use crate::supervisor::child_factory::ChildFactory;
use crate::supervisor::child_of::child_of;
use crate::supervisor::core::ChildSelector;
use crate::supervisor::policy::{ChildCounts, ChildInfo};
use crate::supervisor::spec::ChildSpec;

/// A supervisor: starts its children in order, restarts crashed ones, and stops all in reverse order.
/// (Erlang: `supervisor`.)
///
/// It allows three restarts in five seconds by default. After more it gives up: it stops its children and ends with a
/// `ShutdownWith` that names the child, the restarts and the last error, and its own supervisor decides.
/// `#[supervisor]` on an impl block generates a typed supervisor.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::supervisor::{Strategy, Supervisor};
/// use std::time::Duration;
/// #[derive(Clone)]
/// struct Cache;
/// #[gen_server]
/// impl Cache {
///     #[call] fn get(&self) -> u8 { 7 }
///     #[cast] fn spoil(&mut self) { panic!("spoilt") }
/// }
/// #[ambit::main]
/// async fn main() {
///     let supervisor = Supervisor::builder()
///         .strategy(Strategy::OneForAll)
///         .restarts(3, Duration::from_secs(5))
///         .start()
///         .await
///         .unwrap();
///     let cache = supervisor.start_child(Cache::child_spec(|| Cache).id("cache")).await.unwrap();
///     let end = cache.monitor();
///     cache.spoil().await.unwrap();
///     end.await;
///     assert_eq!(cache.when_available().get().await, Ok(7), "by the next cache");
/// }
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Supervisor {
    pub(crate) subject: Subject<Admin>,
}

impl Supervisor {
    /// Returns a handle that follows a local name: each use resolves the name anew. While no supervisor is registered
    /// under it, requests return `NoProcess`.
    pub fn named(name: &str) -> Self {
        Self {
            subject: Subject::<Admin>::named(name),
        }
    }

    /// Returns the children, in start order. (Erlang: `supervisor:which_children/1`.) This sends a request, because
    /// only the supervisor has the list; the reply waits for a start or stop that is in progress.
    ///
    /// # Errors
    /// - `NoProcess` if there is no such supervisor.
    /// - `Exited` if the supervisor ended before it replied.
    /// - `Timeout` if a timeout was set and has passed.
    /// - `CallsItself` or `Cycle` if the supervisor waits for the calling process.
    pub fn which_children(&self) -> AdminRequest<Result<Vec<ChildInfo>, CallError>> {
        look(&self.subject, Request::Which)
    }

    /// Returns the numbers of children, by state and by kind. (Erlang: `supervisor:count_children/1`.)
    ///
    /// # Errors
    /// Like [`which_children`](Self::which_children).
    pub fn count_children(&self) -> AdminRequest<Result<ChildCounts, CallError>> {
        look(&self.subject, Request::Count)
    }

    /// Stops a child with the shutdown of its spec, whatever the strategy; a stopped child stays as it is. Its spec
    /// stays, unless it is temporary. A restart that waits for its backoff or its next attempt is cancelled; a start
    /// that is in progress finishes first. (Erlang: `supervisor:terminate_child/2`.)
    ///
    /// # Errors
    /// - `NotFound` if no child has this id.
    /// - `Stuck` if the child has not ended after it was killed. It is not restarted when it ends.
    /// - `NoProcess` if there is no such supervisor, or it ended before it replied; the request may have run.
    /// - `Timeout` if a timeout was set and has passed; the request may still run.
    /// - `CallsItself` if the supervisor waits for the calling process; nothing is done.
    pub fn terminate_child(&self, id: &str) -> AdminRequest<Result<(), ChildError>> {
        let whom = ChildSelector::Id(id.to_owned());
        change(&self.subject, |port| Request::Terminate(whom, port), |_| ())
    }

    /// Starts a stopped child, and returns its new pid. This does not count as a restart. (Erlang:
    /// `supervisor:restart_child/2`.)
    ///
    /// # Errors
    /// - `NotFound` if no child has this id.
    /// - `Running` if the child is running.
    /// - `Restarting` if the child is down and waits for its restart.
    /// - `Stuck` if the child was killed and has not ended.
    /// - `Start` if the start fails; the child stays stopped.
    /// - `NoProcess` if there is no such supervisor, or it ended before it replied; the request may have run.
    /// - `Timeout` if a timeout was set and has passed; the request may still run.
    /// - `CallsItself` if the supervisor waits for the calling process; nothing is done.
    pub fn restart_child(&self, id: &str) -> AdminRequest<Result<Pid, ChildError>> {
        let id = id.to_owned();
        let pid = |pid: Option<Pid>| pid.unwrap_or(Pid::NOBODY);
        change(&self.subject, |port| Request::Restart(id, port), pid)
    }

    /// Removes a stopped child, with its spec. (Erlang: `supervisor:delete_child/2`.)
    ///
    /// # Errors
    /// - `NotFound` if no child has this id.
    /// - `Running` if the child is running; terminate it first.
    /// - `Restarting` if the child is down and waits for its restart; terminate it first.
    /// - `Stuck` if the child was killed and has not ended.
    /// - `NoProcess` if there is no such supervisor, or it ended before it replied; the request may have run.
    /// - `Timeout` if a timeout was set and has passed; the request may still run.
    /// - `CallsItself` if the supervisor waits for the calling process; nothing is done.
    pub fn delete_child(&self, id: &str) -> AdminRequest<Result<(), ChildError>> {
        let id = id.to_owned();
        change(&self.subject, |port| Request::Delete(id, port), |_| ())
    }

    /// Adds a child after the others and starts it. The returned handle follows the child through its restarts.
    /// (Erlang: `supervisor:start_child/2`.)
    ///
    /// # Errors
    /// - `Running` if a child with this id is running.
    /// - `AlreadyPresent` if a child with this id is stopped or waits for its restart.
    /// - `BadSpec` if the spec is invalid. Nothing is started.
    /// - `Start` if the start fails. The child is not added, except one that returned `Ignored` and is not temporary:
    ///   it is added as a stopped child.
    /// - `NoProcess` if there is no such supervisor, or it ended before it replied; its children are stopped in any
    ///   case.
    /// - `Timeout` if a timeout was set and has passed; the child may still be started.
    /// - `CallsItself` if the supervisor waits for the calling process; nothing is done.
    pub fn start_child<C: Startable>(
        &self,
        spec: ChildSpec<C>,
    ) -> AdminRequest<Result<C::Handle, ChildError>> {
        let id = spec.own_id();
        let child = child_of(&self.subject, id.clone());
        let factory: Box<dyn ChildFactory> = Box::new(spec);
        let request = |port| Request::Start(factory, CurrentChild::new(id), port);
        change(&self.subject, request, move |_| C::__follow(child))
    }
}

impl From<Subject<Admin>> for Supervisor {
    fn from(subject: Subject<Admin>) -> Self {
        Self { subject }
    }
}

impl Deref for Supervisor {
    type Target = Process;

    fn deref(&self) -> &Process {
        &self.subject
    }
}

impl Target for Supervisor {
    fn __resolve(&self) -> Resolved {
        self.subject.resolve()
    }
}

impl fmt::Debug for Supervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.subject.fmt(f)
    }
}

/// Returns a handle of the supervisor that is this child, through its restarts.
pub(crate) fn follow(child: ChildRef) -> Subject<Admin> {
    child.follow::<Admin, ProcessCell<SupervisorItem>>()
}
