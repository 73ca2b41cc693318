//! A supervisor for tasks.

use std::fmt;
use std::future::Future;
use std::ops::Deref;
use std::task::Context;
use std::time::Duration;

use crate::error::{CallError, ChildError};
use crate::handle::child_ref::{ChildKind, ChildRef};
use crate::handle::process::Process;
use crate::handle::target::Target;
use crate::names::registered::{Found, Registered};
use crate::otp::task::handle::Task;
use crate::otp::task::spawn::SpawnTask;
use crate::pid::Pid;
use crate::plain::into_exit::IntoExit;
use crate::process::resolved::Resolved;
use crate::server::start::Start;
use crate::server::startable::{Launch, Settings, Startable};
use crate::supervisor::admin::AdminRequest;
use crate::supervisor::by_name::found_as;
use crate::supervisor::dynamic::{DynamicSupervisor, DynamicSupervisorBuilder};
use crate::supervisor::handle::follow;
use crate::supervisor::policy::{ChildCounts, ChildInfo, ChildState};
use crate::supervisor::spec::ChildSpec;

/// A supervisor whose children are tasks. The tasks belong to the supervision tree, can be counted and limited, and are
/// shut down when the supervisor stops. (Elixir: `Task.Supervisor`.)
///
/// Tasks are started on demand, as the children of a [`DynamicSupervisor`]. Tasks started with [`spawn`](Self::spawn),
/// [`spawn_unlinked`](Self::spawn_unlinked) or [`start_task`](Self::start_task) are never restarted.
///
/// When the supervisor stops, it asks all tasks to shut down, and each task ends at its next suspension. A task that
/// traps exits is killed after 5 s, unless another shutdown is set for it.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::task::TaskSupervisor;
/// #[ambit::main]
/// async fn main() {
///     let mails = TaskSupervisor::builder().max_children(100).start().await.unwrap();
///     let task = mails.spawn_unlinked(async { "sent" }).await.unwrap();
///     assert_eq!(task.await, Ok("sent"));
///     mails.stop().await.unwrap();
/// }
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TaskSupervisor {
    inner: DynamicSupervisor,
}

impl TaskSupervisor {
    /// Returns a builder with the defaults: no limit on the number of tasks, and up to 3 restarts in 5 s.
    pub fn builder() -> TaskSupervisorBuilder {
        TaskSupervisorBuilder::default()
    }

    /// Returns a child spec for a task supervisor with the defaults of [`builder`](Self::builder).
    pub fn child_spec() -> ChildSpec<Self> {
        Self::builder().child_spec()
    }

    /// Returns a handle that follows the local name `name`: each use resolves the name again.
    pub fn named(name: &str) -> Self {
        Self {
            inner: DynamicSupervisor::named(name),
        }
    }

    /// Runs `future` as a task under the supervisor, linked to the calling process. The output is the [`Task`], once
    /// the supervisor has started it. (Elixir: `Task.Supervisor.async/2`.)
    ///
    /// # Errors
    /// - `MaxChildren` if the supervisor has reached its limit of tasks. The task has not run.
    /// - `NoProcess` if there is no such supervisor, or it ended before it replied. A task that it had started is
    ///   ended.
    ///
    /// # Cancel safety
    /// Dropping the future before the first poll starts nothing. Dropping it later withdraws the start, or ends the
    /// task if it has been started.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// #[ambit::main]
    /// async fn main() {
    ///     let jobs = TaskSupervisor::builder().start().await.unwrap();
    ///     let sum = jobs.spawn(async { 40 + 2 }).await.unwrap();
    ///     assert_eq!(sum.await, Ok(42));
    /// }
    /// ```
    pub fn spawn<F>(&self, future: F) -> SpawnTask<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        SpawnTask::new(self.inner.clone(), true, future)
    }

    /// Runs `future` like [`spawn`](Self::spawn), without a link to the calling process. (Elixir:
    /// `Task.Supervisor.async_nolink/2`.)
    ///
    /// # Errors
    /// The same as for [`spawn`](Self::spawn).
    ///
    /// # Cancel safety
    /// The same as for [`spawn`](Self::spawn).
    pub fn spawn_unlinked<F>(&self, future: F) -> SpawnTask<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        SpawnTask::new(self.inner.clone(), false, future)
    }

    /// Runs `future` once, as a task without a value. The task counts towards `max_children`, and the supervisor ends
    /// it when it stops. The task is never restarted; a failure is reported as a crash. Move the resources that the
    /// task needs, such as a `TcpStream`, into the future. (Elixir: `Task.Supervisor.start_child/2`.)
    ///
    /// Use [`spawn`](Self::spawn) or [`spawn_unlinked`](Self::spawn_unlinked) for a task with a value, and
    /// [`start_child`](Self::start_child) for a task that is restarted.
    ///
    /// # Errors
    /// - `MaxChildren` if the supervisor has reached its limit of tasks. `future` has not run.
    /// - `NoProcess` if there is no such supervisor, or it ended before it replied; the task may have run until then.
    /// - `Timeout` if the time set with `.timeout(..)` has passed; the task may still be started.
    ///
    /// # Cancel safety
    /// Dropping the request before the first poll starts nothing. Dropping it while it waits for capacity in the
    /// supervisor's mailbox withdraws it. If it is dropped later, the task still runs.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// use ambit::task::TaskSupervisor;
    /// use tokio::io::{AsyncReadExt, AsyncWriteExt};
    /// use tokio::net::{TcpListener, TcpStream};
    /// #[ambit::main]
    /// async fn main() -> std::io::Result<()> {
    ///     let connections = TaskSupervisor::builder().max_children(1_000).start().await.unwrap();
    ///     let listener = TcpListener::bind("127.0.0.1:0").await?;
    ///     let mut client = TcpStream::connect(listener.local_addr()?).await?;
    ///     let (mut socket, _peer) = listener.accept().await?;
    ///     connections.start_task(async move { socket.write_all(b"hello").await }).await.unwrap();
    ///     let mut greeting = String::new();
    ///     client.read_to_string(&mut greeting).await?;
    ///     assert_eq!(greeting, "hello");
    ///     Ok(())
    /// }
    /// ```
    pub fn start_task<F>(&self, future: F) -> AdminRequest<Result<Process, ChildError>>
    where
        F: Future<Output: IntoExit> + Send + 'static,
    {
        self.inner.start_child(ChildSpec::once_of(future))
    }

    /// Starts a task whose value is not awaited. The spec determines how the task is restarted and shut down: by
    /// default it is always restarted, like any child. For a future that runs once, use
    /// [`start_task`](Self::start_task). (Elixir: `Task.Supervisor.start_child/2` with `:restart`.)
    ///
    /// # Errors
    /// - `MaxChildren` if the supervisor has reached its limit of tasks. Nothing was started.
    /// - `BadSpec` if the spec is invalid. Nothing was started.
    /// - `Start` if the start fails; the task is not added.
    /// - `NoProcess` if there is no such supervisor, or it ended before it replied; the task may have run until then.
    /// - `Timeout` if the time set with `.timeout(..)` has passed; the task may still be started.
    ///
    /// # Cancel safety
    /// Dropping the request before the first poll starts nothing. Dropping it while it waits for capacity in the
    /// supervisor's mailbox withdraws it. If it is dropped later, the task still runs.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// use ambit::task::TaskSupervisor;
    /// #[ambit::main]
    /// async fn main() {
    ///     let jobs = TaskSupervisor::builder().start().await.unwrap();
    ///     let (greetings, mut seen) = tokio::sync::mpsc::unbounded_channel();
    ///     let greet = move || {
    ///         let greetings = greetings.clone();
    ///         async move { drop(greetings.send("hello")) }
    ///     };
    ///     jobs.start_child(ChildSpec::task("greet", greet).restart(Restart::Temporary)).await.unwrap();
    ///     assert_eq!(seen.recv().await, Some("hello"));
    /// }
    /// ```
    pub fn start_child(
        &self,
        spec: ChildSpec<Task<()>>,
    ) -> AdminRequest<Result<Process, ChildError>> {
        self.inner.start_child(spec)
    }

    /// Ends the task with the pid `task` by the shutdown of its spec, and returns when the task has ended. (Elixir:
    /// `Task.Supervisor.terminate_child/2`.)
    ///
    /// # Errors
    /// - `NotFound` if `task` is not a child of this supervisor, for example because it has ended.
    /// - `Stuck` if the task was killed but does not end, because it never suspends.
    /// - `NoProcess` if there is no such supervisor, or it ended before it replied. A supervisor that ends also ends
    ///   its tasks.
    /// - `Timeout` if the time set with `.timeout(..)` has passed; the task may still be ended.
    ///
    /// # Cancel safety
    /// Dropping the request before the first poll sends nothing. Dropping it while it waits for capacity in the
    /// supervisor's mailbox withdraws it. If it is dropped later, the task is still ended.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// #[ambit::main]
    /// async fn main() {
    ///     let jobs = TaskSupervisor::builder().start().await.unwrap();
    ///     let job = jobs.start_task(std::future::pending::<()>()).await.unwrap();
    ///     assert_eq!(jobs.terminate_child(job.pid()).await, Ok(()));
    ///     assert_eq!(jobs.count_children().await.unwrap().active, 0);
    /// }
    /// ```
    pub fn terminate_child(&self, task: Pid) -> AdminRequest<Result<(), ChildError>> {
        self.inner.terminate_child(task)
    }

    /// Returns the pids of the running tasks, in start order. (Elixir: `Task.Supervisor.children/1`.)
    ///
    /// # Errors
    /// - `NoProcess` if there is no such supervisor.
    /// - `Exited` if the supervisor ended before it replied.
    /// - `Timeout` if the time set with `.timeout(..)` has passed.
    ///
    /// # Cancel safety
    /// Dropping the request changes nothing.
    pub fn children(&self) -> AdminRequest<Result<Vec<Pid>, CallError>> {
        let inner = self.inner.clone();
        let running = |child: ChildInfo| match child.state {
            ChildState::Running(pid) => Some(pid),
            ChildState::Restarting | ChildState::Stopped => None,
        };
        AdminRequest::new(
            move |timeout| {
                Box::pin(async move {
                    let asked = inner.which_children();
                    let children = match timeout {
                        Some(timeout) => asked.timeout(timeout).await?,
                        None => asked.await?,
                    };
                    Ok(children.into_iter().filter_map(running).collect())
                })
            },
            || Err(CallError::BlocksRuntime),
        )
    }

    /// Returns the total number of tasks, and the number of those that are running. (Elixir:
    /// `DynamicSupervisor.count_children/1`.)
    ///
    /// # Errors
    /// The errors of [`children`](Self::children).
    ///
    /// # Cancel safety
    /// The same as for [`children`](Self::children).
    pub fn count_children(&self) -> AdminRequest<Result<ChildCounts, CallError>> {
        self.inner.count_children()
    }
}

/// A builder for a [`TaskSupervisor`], from [`TaskSupervisor::builder`].
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let jobs = TaskSupervisor::builder().max_children(1).start().await.unwrap();
///     jobs.start_task(std::future::pending::<()>()).await.unwrap();
///     let second = jobs.start_task(std::future::pending::<()>()).await;
///     assert_eq!(second.err(), Some(ChildError::MaxChildren));
/// }
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[must_use = "a builder starts nothing by itself"]
pub struct TaskSupervisorBuilder {
    inner: DynamicSupervisorBuilder,
}

impl TaskSupervisorBuilder {
    /// Sets the maximum number of tasks; starts of further tasks fail with `MaxChildren`. No limit by default.
    pub fn max_children(mut self, max_children: usize) -> Self {
        self.inner = self.inner.max_children(max_children);
        self
    }

    /// Allows up to `restarts` restarts of all tasks together within a sliding window of `within`; one more, and the
    /// supervisor stops all tasks and exits with `ShutdownWith`. Default: 3 restarts in 5 s. Only tasks that were
    /// started with [`TaskSupervisor::start_child`] are restarted.
    pub fn restarts(mut self, restarts: u32, within: Duration) -> Self {
        self.inner = self.inner.restarts(restarts, within);
        self
    }

    /// Starts the supervisor.
    ///
    /// # Errors
    /// - `BadSpec` if the window of [`restarts`](Self::restarts) is zero or infinite.
    /// - The errors of every [`Start`], such as `AlreadyRegistered` if the name is taken.
    ///
    /// # Cancel safety
    /// Dropping the future before the first poll starts nothing. Dropping it before the start is done kills the
    /// supervisor.
    pub fn start(self) -> Start<TaskSupervisor> {
        Start::new(self)
    }

    /// Returns a child spec that starts this supervisor.
    pub fn child_spec(self) -> ChildSpec<TaskSupervisor> {
        ChildSpec::from_fn(move || self.start())
    }
}

impl Startable for TaskSupervisor {
    type Handle = Self;
    type Args = TaskSupervisorBuilder;

    const __KIND: ChildKind = ChildKind::Supervisor;

    fn __launch(
        args: TaskSupervisorBuilder,
        settings: Settings<Self>,
        _: Option<&mut Context<'_>>,
    ) -> Launch<Self> {
        let handle = |subject| Self {
            inner: DynamicSupervisor::from(subject),
        };
        args.inner.launch(settings, || "TaskSupervisor", handle)
    }

    fn __follow(child: ChildRef) -> Self {
        Self {
            inner: follow(child).into(),
        }
    }
}

impl Registered for TaskSupervisor {
    type Handle = Self;

    fn __found(holder: &Found) -> Option<Self> {
        let inner = found_as::<Self>(holder)?.subject.into();
        Some(Self { inner })
    }
}

impl Deref for TaskSupervisor {
    type Target = Process;

    fn deref(&self) -> &Process {
        &self.inner
    }
}

impl Target for TaskSupervisor {
    fn __resolve(&self) -> Resolved {
        self.inner.__resolve()
    }
}

impl fmt::Debug for TaskSupervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
