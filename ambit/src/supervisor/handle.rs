//! The handle to a supervisor of ordered children.

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
use crate::supervisor::admin::{
    Admin, AdminRequest, Request, StartRequest, SupervisorItem, change, look,
};
use crate::supervisor::child_cell::CurrentChild;
use crate::supervisor::child_factory::ChildFactory;
use crate::supervisor::child_of::child_of;
use crate::supervisor::core::ChildSelector;
use crate::supervisor::policy::{ChildCounts, ChildInfo};
use crate::supervisor::spec::ChildSpec;

/// A supervisor: it starts its children in order, restarts crashed children, and stops all children in reverse order.
/// (Erlang: `supervisor`.)
///
/// The default restart limit is 3 restarts in 5 s. If it is exceeded, the supervisor stops its children and ends with a
/// `ShutdownWith` that names the child, the limit and the last error; its own supervisor then decides about a restart.
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
    /// under the name, requests return `NoProcess`.
    pub fn named(name: &str) -> Self {
        Self {
            subject: Subject::<Admin>::named(name),
        }
    }

    /// Returns the children in start order. This sends a request, because only the supervisor has the list; the
    /// supervisor replies after a start or stop that is in progress. (Erlang: `supervisor:which_children/1`.)
    ///
    /// # Errors
    /// - `NoProcess` if there is no such supervisor.
    /// - `Exited` if the supervisor ended before it replied.
    /// - `Timeout` if the timeout of the request has passed.
    /// - `CallsItself` or `Cycle` if the supervisor is waiting for the calling process.
    pub fn which_children(&self) -> AdminRequest<Result<Vec<ChildInfo>, CallError>> {
        look(&self.subject, Request::Which)
    }

    /// Returns the numbers of children, by state and by kind. (Erlang: `supervisor:count_children/1`.)
    ///
    /// # Errors
    /// The errors of [`which_children`](Self::which_children).
    pub fn count_children(&self) -> AdminRequest<Result<ChildCounts, CallError>> {
        look(&self.subject, Request::Count)
    }

    /// Stops the child `id` according to the shutdown policy of its spec, whatever the strategy. A child that is
    /// already stopped is unchanged. The spec is kept, unless the child is temporary. A restart that is waiting for its
    /// backoff or its next attempt is cancelled; a start that is in progress finishes first. (Erlang:
    /// `supervisor:terminate_child/2`.)
    ///
    /// # Errors
    /// - `NotFound` if no child has this id.
    /// - `Stuck` if the child has not ended after it was killed. The child is not restarted when it ends.
    /// - `NoProcess` if there is no such supervisor, or it ended before it replied; the request may have been executed.
    /// - `Timeout` if the timeout of the request has passed; the request may still be executed.
    /// - `CallsItself` if the supervisor is waiting for the calling process; the child is not stopped. A child that stops
    ///   itself in this way, and traps exits or has a `#[terminate]`, gets this error too, and ends after its handler.
    pub fn terminate_child(&self, id: &str) -> AdminRequest<Result<(), ChildError>> {
        let whom = ChildSelector::Id(id.to_owned());
        change(&self.subject, |port| Request::Terminate(whom, port), |_| ())
    }

    /// Starts the stopped child `id` and returns its new pid. This does not count towards the restart limit. (Erlang:
    /// `supervisor:restart_child/2`.)
    ///
    /// # Errors
    /// - `NotFound` if no child has this id.
    /// - `Running` if the child is running.
    /// - `Restarting` if the child is down and is waiting for its restart.
    /// - `Stuck` if the child was killed and has not ended.
    /// - `Start` if the start fails; the child stays stopped.
    /// - `NoProcess` if there is no such supervisor, or it ended before it replied; the request may have been executed.
    /// - `Timeout` if the timeout of the request has passed; the request may still be executed.
    /// - `CallsItself` if the supervisor is waiting for the calling process; the child is not started.
    pub fn restart_child(&self, id: &str) -> AdminRequest<Result<Pid, ChildError>> {
        let id = id.to_owned();
        let pid = |pid: Option<Pid>| pid.unwrap_or(Pid::NOBODY);
        change(&self.subject, |port| Request::Restart(id, port), pid)
    }

    /// Removes the stopped child `id` and its spec. (Erlang: `supervisor:delete_child/2`.)
    ///
    /// # Errors
    /// - `NotFound` if no child has this id.
    /// - `Running` if the child is running; terminate it first.
    /// - `Restarting` if the child is down and is waiting for its restart; terminate it first.
    /// - `Stuck` if the child was killed and has not ended.
    /// - `NoProcess` if there is no such supervisor, or it ended before it replied; the request may have been executed.
    /// - `Timeout` if the timeout of the request has passed; the request may still be executed.
    /// - `CallsItself` if the supervisor is waiting for the calling process; the child is not removed.
    pub fn delete_child(&self, id: &str) -> AdminRequest<Result<(), ChildError>> {
        let id = id.to_owned();
        change(&self.subject, |port| Request::Delete(id, port), |_| ())
    }

    /// Adds a child after the existing ones and starts it. The returned handle follows the child through its restarts.
    /// (Erlang: `supervisor:start_child/2`.)
    ///
    /// # Errors
    /// - `Running` if a child with this id is running.
    /// - `AlreadyPresent` if a child with this id is stopped or is waiting for its restart.
    /// - `BadSpec` if the spec is invalid, or if the process behind a name is a dynamic supervisor. Nothing is started.
    /// - `Start` if the start fails. The child is not added, with one exception: if its `#[init]` returns `Ignore` and
    ///   it is not temporary, it is added as a stopped child.
    /// - `NoProcess` if there is no such supervisor, or it ended before it replied; a supervisor that ends stops its
    ///   children.
    /// - `Timeout` if the timeout of the request has passed; the child may still be started.
    /// - `CallsItself` if the supervisor is waiting for the calling process; no child is started.
    pub fn start_child<C: Startable>(
        &self,
        spec: ChildSpec<C>,
    ) -> AdminRequest<Result<C::Handle, ChildError>> {
        let id = spec.own_id();
        let child = child_of(&self.subject, id.clone());
        let factory: Box<dyn ChildFactory> = Box::new(spec);
        let start = StartRequest {
            factory,
            slot: CurrentChild::new(id),
            by_slot: false,
            starters: Vec::new(),
        };
        let request = |port| Request::Start(start, port);
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

/// Returns a handle to the supervisor that is this child, through its restarts.
pub(crate) fn follow(child: ChildRef) -> Subject<Admin> {
    child.follow::<Admin, ProcessCell<SupervisorItem>>()
}
