//! The handle to a task.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use parking_lot::Mutex;

use crate::exit_reason::ExitReason;
use crate::handle::exits::ExitWait;
use crate::otp::task::error::TaskError;
use crate::otp::task::owner_link::{self, OwnerLink};
use crate::pid::Pid;
use crate::plain::spawn;
use crate::process::clock::{Clock, within};
use crate::process::current;
use crate::process::header::ProcessRef;
use crate::process::signal;
use crate::rt;

/// The memory in which a task stores its value before it ends.
pub(super) type Value<T> = Arc<Mutex<Option<T>>>;

/// A future that runs as a process, and whose value its owner awaits. (Elixir: `Task`.)
///
/// A task starts at once, whether or not it is awaited. The process that spawned a task is its owner, and only the
/// owner may await it. A task that was spawned outside any process may be awaited anywhere.
///
/// [`spawn`](Self::spawn) links the task and its owner: if one of them ends with a reason other than `Normal`,
/// the other one ends too, so that a server does not continue after a part of its work has failed. A task keeps running when its owner ends with `Normal`. An owner that
/// traps exits survives a crash of its task, and awaiting the task returns the exit reason. For a task from
/// [`spawn_unlinked`](Self::spawn_unlinked), this is true of every owner. A task never sends anything to its owner's
/// mailbox: no message, no [`Exit`](crate::Exit) and no [`Down`](crate::Down).
///
/// Dropping the handle does not affect the task: the task keeps running, with its link, and its value is dropped. To
/// end the task, use [`shutdown`](Self::shutdown).
///
/// To run a task without a value as the child of a supervisor, use [`ChildSpec::task`](crate::ChildSpec::task).
///
/// # Errors
/// Awaiting a task returns a [`TaskError`]:
/// - `Exited` if the task ended without a value; with the reason `NoProcess` if its value was already returned.
/// - `Timeout` if the time set with `.timeout(..)` has passed. The task keeps running.
/// - `NotOwner` if a process other than the owner polls it. The task keeps running.
///
/// Once the await has returned a value or `Exited`, the process of the task has ended.
///
/// # Cancel safety
/// Polling the handle by reference, as in `select!`, loses no value. Dropping the handle does not end the task; its
/// value is dropped.
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let rows = Task::spawn(async { 40 });
///     let more = Task::spawn(async { 2 });
///     assert_eq!(rows.await.unwrap() + more.await.unwrap(), 42);
/// }
/// ```
pub struct Task<T = ()> {
    pid: Pid,
    owner: Option<Pid>,
    value: Value<T>,
    /// `None` once its end has been seen, and for a task without a process.
    running: Option<Running>,
    timeout: Option<Duration>,
    clock: Option<Clock>,
}

struct Running {
    process: ProcessRef,
    end: ExitWait,
}

impl<T: Send + 'static> Task<T> {
    /// Runs `future` as a new process, linked to the calling process. Outside a process there is no link. (Elixir:
    /// `Task.async/1`.)
    ///
    /// Outside a tokio runtime, the future does not run: the returned task has already ended, with the error
    /// `no tokio runtime` as its exit reason.
    pub fn spawn<F>(future: F) -> Self
    where
        F: Future<Output = T> + Send + 'static,
    {
        Self::spawn_with(OwnerLink::here(true), future)
    }

    /// Runs `future` like [`spawn`](Self::spawn), without a link to the calling process: if the task or the calling
    /// process ends, the other one continues. (Elixir: `Task.Supervisor.async_nolink/2`, without the supervisor.)
    ///
    /// ```
    /// use ambit::prelude::*;
    /// use ambit::task::TaskError;
    /// #[ambit::main]
    /// async fn main() {
    ///     let task = Task::<u8>::spawn_unlinked(async { panic!("out of range") });
    ///     assert!(matches!(task.await, Err(TaskError::Exited(ExitReason::Panic(_)))));
    /// }
    /// ```
    pub fn spawn_unlinked<F>(future: F) -> Self
    where
        F: Future<Output = T> + Send + 'static,
    {
        Self::spawn_with(OwnerLink::here(false), future)
    }

    pub(super) fn spawn_with<F>(owner_link: OwnerLink, future: F) -> Self
    where
        F: Future<Output = T> + Send + 'static,
    {
        let (owner, value) = (owner_link.owner(), Value::default());
        let work = deliver(future, value.clone());
        let process = spawn::run(|| "Task", |task| owner_link.tie(task), work);
        Self::of(process, owner, value)
    }

    /// Returns a task that already has the value `value` and needs no process, for an API that must return a task when
    /// the value is known. Its pid is [`Pid::NOBODY`]. (Elixir: `Task.completed/1`.)
    ///
    /// ```
    /// use ambit::prelude::*;
    /// #[ambit::main]
    /// async fn main() {
    ///     let known = Task::completed(7);
    ///     assert_eq!(known.await, Ok(7));
    /// }
    /// ```
    pub fn completed(value: T) -> Self {
        Self {
            pid: Pid::NOBODY,
            owner: current::current().map(|own| own.core().pid),
            value: Arc::new(Mutex::new(Some(value))),
            running: None,
            timeout: None,
            clock: None,
        }
    }

    /// Waits up to `time` for the value. Returns `None` if the task is still running; the method can then be called
    /// again. Once it has returned the value or the failure, further calls return `None` at once. A time set with
    /// `.timeout(..)` does not apply. (Elixir: `Task.yield/2`.)
    ///
    /// # Errors
    /// - `Exited` if the task ended without a value.
    /// - `NotOwner` if the calling process is not the owner.
    ///
    /// # Cancel safety
    /// Dropping the future changes nothing: the task keeps running, and its value is not lost.
    ///
    /// ```
    /// use std::time::Duration;
    /// use ambit::prelude::*;
    /// #[ambit::main]
    /// async fn main() {
    ///     let mut task = Task::spawn(std::future::pending::<u8>());
    ///     assert_eq!(task.yield_for(Duration::from_millis(5)).await, Ok(None));
    ///     assert_eq!(task.shutdown(Duration::from_secs(1)).await, Ok(None));
    /// }
    /// ```
    pub async fn yield_for(&mut self, time: Duration) -> Result<Option<T>, TaskError> {
        // A loop over a task that is done lets other tasks run.
        rt::consume_budget().await;
        self.check_owner()?;
        let Some(running) = &self.running else {
            return Ok(self.value.lock().take());
        };
        let system = running.process.core().system.clone();
        let outcome = within(&system, time, |cx| self.poll_end(cx)).await;
        outcome.transpose()
    }

    /// Detaches the task from its owner: removes the link, and discards a later value or failure. Returns the value if
    /// it is already available. Otherwise returns `None`: the task keeps running, or
    /// [`yield_for`](Self::yield_for) has already returned its outcome. (Elixir: `Task.ignore/1`.)
    ///
    /// # Errors
    /// - `Exited` if the task has ended without a value, and `yield_for` has not returned that.
    /// - `NotOwner` if the calling process is not the owner. The task keeps running, with its link.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// #[ambit::main]
    /// async fn main() {
    ///     let task = Task::spawn(std::future::pending::<()>());
    ///     assert_eq!(task.ignore(), Ok(None));
    /// }
    /// ```
    pub fn ignore(mut self) -> Result<Option<T>, TaskError> {
        self.check_owner()?;
        self.let_go()
    }

    pub(super) fn let_go(&mut self) -> Result<Option<T>, TaskError> {
        // The link first: a later failure no longer affects the owner.
        self.part();
        if self.is_over() {
            return Ok(self.value.lock().take());
        }
        match self.poll_end(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(outcome) => outcome.map(Some),
            Poll::Pending => Ok(None),
        }
    }
}

impl<T> Task<T> {
    /// Returns the handle to a task that runs, or has run, as `process`.
    pub(super) fn of(process: ProcessRef, owner: Option<Pid>, value: Value<T>) -> Self {
        Self {
            pid: process.core().pid,
            owner,
            value,
            running: Some(Running {
                end: ExitWait::watch(&process),
                process,
            }),
            timeout: None,
            clock: None,
        }
    }

    /// Returns the pid of the task's process; [`Pid::NOBODY`] for a [`completed`](Self::completed) task.
    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// Sets how long to wait for the value, from the first poll; no limit by default. After `Timeout` the task keeps
    /// running. A handle that was awaited by reference can be awaited again, for the same time; otherwise the value is
    /// dropped with the handle. (Elixir: `Task.await/2`, whose default is 5 s.)
    ///
    /// ```
    /// use std::time::Duration;
    /// use ambit::prelude::*;
    /// use ambit::task::TaskError;
    /// #[ambit::main]
    /// async fn main() {
    ///     let task = Task::spawn_unlinked(std::future::pending::<u8>());
    ///     assert_eq!(task.timeout(Duration::from_millis(5)).await, Err(TaskError::Timeout));
    /// }
    /// ```
    #[must_use = "a deadline counts when the task is awaited"]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// # Errors
    /// `NotOwner` in a process other than the one that spawned it.
    pub(super) fn check_owner(&self) -> Result<(), TaskError> {
        match self.owner {
            Some(owner) if current::pid() != owner => Err(TaskError::NotOwner),
            _ => Ok(()),
        }
    }

    /// Returns true if its outcome has been returned, or it has no process.
    pub(super) fn is_over(&self) -> bool {
        self.running.is_none()
    }

    /// Returns true if there is neither an end to wait for nor a value.
    pub(super) fn is_spent(&self) -> bool {
        self.is_over() && self.value.lock().is_none()
    }

    pub(super) fn process(&self) -> Option<&ProcessRef> {
        self.running.as_ref().map(|running| &running.process)
    }

    /// Polls for its outcome. The value is stored before the end is visible, so a value always wins.
    pub(super) fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, TaskError>> {
        let reason = match &mut self.running {
            Some(running) => ready!(Pin::new(&mut running.end).poll(cx)),
            None => ExitReason::NoProcess,
        };
        (self.running, self.clock) = (None, None);
        let value = self.value.lock().take();
        Poll::Ready(value.ok_or(TaskError::Exited(reason)))
    }

    /// Polls for its outcome, or its timeout, which starts with the first poll.
    pub(super) fn poll_in_time(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, TaskError>> {
        if let Poll::Ready(outcome) = self.poll_end(cx) {
            return Poll::Ready(outcome);
        }
        let (Some(timeout), Some(running)) = (self.timeout, &self.running) else {
            return Poll::Pending;
        };
        let start = || Clock::start(&running.process.core().system, timeout);
        ready!(self.clock.get_or_insert_with(start).poll(cx));
        self.clock = None;
        Poll::Ready(Err(TaskError::Timeout))
    }

    /// Like `poll_in_time`, for the owner.
    pub(super) fn poll_owned(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, TaskError>> {
        self.check_owner()?;
        self.poll_in_time(cx)
    }

    /// Removes the link to the owner.
    pub(super) fn part(&self) {
        if let Some(running) = &self.running {
            owner_link::part(&running.process, self.owner);
        }
    }

    /// Ends the task without a report.
    pub(super) fn dismiss(&self) {
        if let Some(running) = &self.running {
            self.part();
            signal::dismiss(&*running.process);
        }
    }
}

/// Runs a future and stores its value; the future is dropped before that.
pub(super) async fn deliver<F: Future>(future: F, value: Value<F::Output>) -> ExitReason {
    let outcome = future.await;
    *value.lock() = Some(outcome);
    ExitReason::Normal
}

impl<T> Future for Task<T> {
    type Output = Result<T, TaskError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // A loop over tasks that have ended lets other tasks run.
        rt::poll_cooperatively(cx, |cx| self.poll_owned(cx))
    }
}

impl<T> fmt::Debug for Task<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Task{}", self.pid)
    }
}
