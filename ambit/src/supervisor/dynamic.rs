//! Supervisors with dynamic children.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::task::Context;
use std::time::Duration;

use crate::error::{CallError, ChildError};
use crate::handle::child_ref::{ChildKind, ChildRef};
use crate::handle::process::Process;
use crate::handle::subject::Subject;
use crate::handle::target::Target;
use crate::pid::Pid;
use crate::process::current;
use crate::process::header::TypeName;
use crate::process::resolved::Resolved;
use crate::server::start::Start;
use crate::server::startable::{Launch, Settings, Startable};
use crate::supervisor::admin::{Admin, AdminRequest, Request, StartRequest, change, look};
use crate::supervisor::builder::launch_checked;
use crate::supervisor::child_cell::CurrentChild;
use crate::supervisor::child_factory::ChildFactory;
use crate::supervisor::core::{ChildSelector, Flags};
use crate::supervisor::handle::follow;
use crate::supervisor::policy::{ChildCounts, ChildInfo};
use crate::supervisor::shell::Plan;
use crate::supervisor::spec::ChildSpec;

/// A supervisor whose children are started on demand. Each child is restarted independently of the others, and removed
/// when it ends and is not restarted. Stopping the supervisor stops all children concurrently. (Elixir:
/// `DynamicSupervisor`; Erlang: `simple_one_for_one`.)
///
/// ```
/// use ambit::prelude::*;
/// use ambit::supervisor::DynamicSupervisor;
/// struct Session { user: String }
/// #[gen_server]
/// impl Session {
///     #[init] fn init(user: String) -> Self { Self { user } }
///     #[call] fn user(&self) -> String { self.user.clone() }
/// }
/// #[ambit::main]
/// async fn main() {
///     let sessions = DynamicSupervisor::builder().max_children(10_000).start().await.unwrap();
///     let ada = sessions.start_child(Session::child_spec("ada".into())).await.unwrap();
///     assert_eq!(ada.user().await.unwrap(), "ada");
///     sessions.terminate_child(ada.pid()).await.unwrap();
///     assert_eq!(sessions.count_children().await.unwrap().active, 0);
/// }
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct DynamicSupervisor {
    subject: Subject<Admin>,
}

impl DynamicSupervisor {
    /// Returns a builder with the default settings: no limit on the number of children, and up to 3 restarts in 5 s.
    pub fn builder() -> DynamicSupervisorBuilder {
        DynamicSupervisorBuilder::default()
    }

    /// Returns a child spec for a dynamic supervisor with the default settings of [`builder`](Self::builder).
    pub fn child_spec() -> ChildSpec<Self> {
        Self::builder().child_spec()
    }

    /// Returns a handle that follows a local name: each use resolves the name anew. While no supervisor is registered
    /// under the name, requests return `NoProcess`.
    pub fn named(name: &str) -> Self {
        Self {
            subject: Subject::<Admin>::named(name),
        }
    }

    /// Starts a child and returns its handle, which follows the child through its restarts. While 16 starts are in
    /// progress, further start requests wait in the mailbox; restarts, all other requests, and starts that the `#[init]`
    /// of a child requests are still handled. Only requests of that `#[init]` itself, and of ambit tasks that it has
    /// spawned, are exempt from the limit: an `#[init]` that waits for its own supervisor through another task or
    /// server may block other starts. So may 16 `#[init]`s that request something of their supervisor while its mailbox
    /// is full of start requests (1,024). The id of the spec is only a label in listings. (Elixir:
    /// `DynamicSupervisor.start_child/2`.)
    ///
    /// # Errors
    /// - `MaxChildren` if the supervisor has reached its `max_children`. Nothing is started.
    /// - `BadSpec` if the spec is invalid: its id is empty, it is significant, its mailbox holds 0 messages, or it can
    ///   be started only once and is not `Temporary`. Also if the process behind a name is no dynamic supervisor.
    ///   Nothing is started.
    /// - `Start` if the child fails to start. The child is not added.
    /// - `NoProcess` if there is no such supervisor, or it ended before it replied. In the second case, a child that
    ///   was being started is stopped.
    /// - `Timeout` if the timeout of the request has passed; the child may still be started.
    /// - `CallsItself` if the supervisor is waiting for the calling process. No child is started, unless the request
    ///   was sent with [`send`](AdminRequest::send) before that wait began; then it may still be executed.
    pub fn start_child<C: Startable>(
        &self,
        spec: ChildSpec<C>,
    ) -> AdminRequest<Result<C::Handle, ChildError>> {
        let slot = CurrentChild::new(spec.own_id());
        let child = ChildRef(slot.clone());
        let factory: Box<dyn ChildFactory> = Box::new(spec);
        let start = StartRequest {
            factory,
            slot,
            by_slot: true,
            starters: current::starters(),
        };
        let request = |port| Request::Start(start, port);
        change(&self.subject, request, move |_| C::__follow(child))
    }

    /// Starts a child in a slot that the caller has created.
    pub(crate) fn start_in(
        &self,
        factory: Box<dyn ChildFactory>,
        current: Arc<CurrentChild>,
    ) -> AdminRequest<Result<Pid, ChildError>> {
        let start = StartRequest {
            factory,
            slot: current,
            by_slot: true,
            starters: current::starters(),
        };
        let request = |port| Request::Start(start, port);
        let pid = |pid: Option<Pid>| pid.unwrap_or(Pid::NOBODY);
        change(&self.subject, request, pid)
    }

    /// Stops the child with the pid `child` according to the shutdown policy of its spec, and removes it. To stop a
    /// child that is being restarted, pass its last pid; the restart is cancelled. (Elixir:
    /// `DynamicSupervisor.terminate_child/2`.)
    ///
    /// # Errors
    /// - `NotFound` if `child` is not a child of this supervisor.
    /// - `Stuck` if the child has not ended after it was killed. The child stays in the list until it ends.
    /// - `NoProcess` if there is no such supervisor, or it ended before it replied; a supervisor that ends stops its
    ///   children.
    /// - `Timeout` if the timeout of the request has passed; the child may still be stopped.
    /// - `CallsItself` if the supervisor is waiting for the calling process. The child is not stopped, unless the
    ///   request was sent with [`send`](AdminRequest::send) before that wait began; then it may still be executed.
    pub fn terminate_child(&self, child: Pid) -> AdminRequest<Result<(), ChildError>> {
        let whom = ChildSelector::Pid(child);
        change(&self.subject, |port| Request::Terminate(whom, port), |_| ())
    }

    /// Returns the children in the order in which they were added. A child is listed after its first successful start.
    /// The supervisor replies after the restarts that are in progress, but at once to a child that calls it from its
    /// `#[init]`. (Elixir: `DynamicSupervisor.which_children/1`.)
    ///
    /// # Errors
    /// - `NoProcess` if there is no such supervisor.
    /// - `Exited` if the supervisor ended before it replied.
    /// - `Timeout` if the timeout of the request has passed.
    /// - `CallsItself` or `Cycle` if the supervisor is waiting for the calling process.
    pub fn which_children(&self) -> AdminRequest<Result<Vec<ChildInfo>, CallError>> {
        look(&self.subject, Request::Which)
    }

    /// Returns the numbers of children, by state and by kind. (Elixir: `DynamicSupervisor.count_children/1`.)
    ///
    /// # Errors
    /// The errors of [`which_children`](Self::which_children).
    pub fn count_children(&self) -> AdminRequest<Result<ChildCounts, CallError>> {
        look(&self.subject, Request::Count)
    }
}

/// A builder for a [`DynamicSupervisor`].
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let jobs = DynamicSupervisor::builder().max_children(1).start().await.unwrap();
///     let idle = || ChildSpec::task("idle", || std::future::pending::<()>());
///     jobs.start_child(idle()).await.unwrap();
///     assert_eq!(jobs.start_child(idle()).await.err(), Some(ChildError::MaxChildren));
/// }
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use = "a builder starts nothing by itself"]
pub struct DynamicSupervisorBuilder {
    flags: Flags,
    max_children: usize,
}

impl Default for DynamicSupervisorBuilder {
    fn default() -> Self {
        Self {
            flags: Flags::default(),
            max_children: usize::MAX,
        }
    }
}

impl DynamicSupervisorBuilder {
    /// Sets the maximum number of children; children that are being started or restarted, and stuck children, count
    /// too. No limit by default. With 0, every start fails with `MaxChildren`.
    pub fn max_children(mut self, max_children: usize) -> Self {
        self.max_children = max_children;
        self
    }

    /// Sets the restart limit: up to `restarts` restarts of all children together within a sliding window of length
    /// `within`. If it is exceeded, the supervisor stops all children and exits with `ShutdownWith`. Default: 3
    /// restarts in 5 s.
    pub fn restarts(mut self, restarts: u32, within: Duration) -> Self {
        (self.flags.restarts, self.flags.within) = (restarts, within);
        self
    }

    /// Starts the supervisor.
    ///
    /// # Errors
    /// - `BadSpec` if the window of [`restarts`](Self::restarts) is zero or infinite.
    /// - The errors of every [`Start`], such as `AlreadyRegistered` for a name that is taken.
    ///
    /// # Cancel safety
    /// Dropping the future before the first poll starts nothing. Dropping it later, before it has returned its result,
    /// kills the supervisor.
    pub fn start(self) -> Start<DynamicSupervisor> {
        Start::new(self)
    }

    /// Starts such a supervisor with another type name.
    pub(crate) fn launch<C: Startable>(
        self,
        settings: Settings<C>,
        type_name: TypeName,
        handle: fn(Subject<Admin>) -> C::Handle,
    ) -> Launch<C> {
        let plan = Plan {
            flags: self.flags,
            dynamic: Some(self.max_children),
            children: Vec::new(),
        };
        launch_checked(settings, type_name, plan, handle)
    }

    /// Returns a child spec that starts this supervisor.
    pub fn child_spec(self) -> ChildSpec<DynamicSupervisor> {
        ChildSpec::from_fn(move || self.start())
    }
}

impl Startable for DynamicSupervisor {
    type Handle = Self;
    type Args = DynamicSupervisorBuilder;

    const __KIND: ChildKind = ChildKind::Supervisor;

    fn __launch(
        args: DynamicSupervisorBuilder,
        settings: Settings<Self>,
        _: Option<&mut Context<'_>>,
    ) -> Launch<Self> {
        args.launch(settings, || "DynamicSupervisor", Self::from)
    }

    fn __follow(child: ChildRef) -> Self {
        follow(child).into()
    }
}

impl From<Subject<Admin>> for DynamicSupervisor {
    fn from(subject: Subject<Admin>) -> Self {
        Self { subject }
    }
}

impl Deref for DynamicSupervisor {
    type Target = Process;

    fn deref(&self) -> &Process {
        &self.subject
    }
}

impl Target for DynamicSupervisor {
    fn __resolve(&self) -> Resolved {
        self.subject.resolve()
    }
}

impl fmt::Debug for DynamicSupervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.subject.fmt(f)
    }
}
