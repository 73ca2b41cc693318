//! The start of a task under a task supervisor.

use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use parking_lot::Mutex;

use crate::error::ChildError;
use crate::exit_reason::ExitReason;
use crate::handle::process::Process;
use crate::otp::task::child::{Run, TaskBody};
use crate::otp::task::handle::{Task, Value, deliver};
use crate::otp::task::owner_link::{self, OwnerLink};
use crate::pid::Pid;
use crate::process::header::ProcessRef;
use crate::process::signal;
use crate::rt::BoxFuture;
use crate::server::start::Start;
use crate::supervisor::admin::AdminRequest;
use crate::supervisor::dynamic::DynamicSupervisor;
use crate::supervisor::policy::{Restart, Shutdown};
use crate::supervisor::spec::ChildSpec;

/// The future of [`TaskSupervisor::spawn`](crate::TaskSupervisor::spawn) and
/// [`spawn_unlinked`](crate::TaskSupervisor::spawn_unlinked): requests the start of the task on the first poll, and
/// returns its [`Task`]. The process that polls first becomes the owner of the task.
///
/// # Errors
/// Returns a [`ChildError`]:
/// - `MaxChildren` if the supervisor has reached its limit of tasks. The task has not run.
/// - `NoProcess` if there is no such supervisor, or it ended before it replied. A task that it had started is ended.
///
/// # Cancel safety
/// Dropping the future before the first poll starts nothing. Dropping it later withdraws the start, or ends the task
/// if it has been started.
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let jobs = TaskSupervisor::builder().start().await.unwrap();
///     let start = jobs.spawn_unlinked(std::future::pending::<u8>()).shutdown(Shutdown::Brutal);
///     let job = start.await.unwrap();
///     assert_eq!(jobs.children().await, Ok(vec![job.pid()]));
/// }
/// ```
#[must_use = "a task is not started until this is awaited"]
pub struct SpawnTask<T> {
    supervisor: DynamicSupervisor,
    linked: bool,
    shutdown: Option<Shutdown>,
    value: Value<T>,
    work: Option<BoxFuture<'static, ExitReason>>,
    asked: Option<SpawnRequest>,
}

/// The request to the supervisor is sent.
struct SpawnRequest {
    ask: AdminRequest<Result<Process, ChildError>>,
    owner: Option<Pid>,
    spawn_slot: SpawnSlot,
}

impl<T: Send + 'static> SpawnTask<T> {
    pub(super) fn new<F>(supervisor: DynamicSupervisor, linked: bool, future: F) -> Self
    where
        F: Future<Output = T> + Send + 'static,
    {
        let value = Value::default();
        Self {
            supervisor,
            linked,
            shutdown: None,
            work: Some(Box::pin(deliver(future, value.clone()))),
            value,
            asked: None,
        }
    }

    /// Sets how the supervisor ends the task, when the supervisor stops or `terminate_child` is called. By default the
    /// task is asked to end, and killed after 5 s.
    pub fn shutdown(mut self, shutdown: impl Into<Shutdown>) -> Self {
        self.shutdown = Some(shutdown.into());
        self
    }
}

impl<T> SpawnTask<T> {
    fn ask(&self, work: BoxFuture<'static, ExitReason>) -> SpawnRequest {
        let (owner_link, spawn_slot) = (OwnerLink::here(self.linked), SpawnSlot::default());
        let (owner, place) = (owner_link.owner(), spawn_slot.0.clone());
        let on_init = move |task| lay(&place, task, owner_link);
        let start = Start::new(TaskBody {
            run: Run::AtOnce(Box::new(move || work)),
            on_init: Some(Box::new(on_init)),
        });
        let spec = ChildSpec::<Task<()>>::once(start).restart(Restart::Temporary);
        let spec = match self.shutdown {
            Some(shutdown) => spec.shutdown(shutdown),
            None => spec,
        };
        SpawnRequest {
            ask: self.supervisor.start_child(spec),
            owner,
            spawn_slot,
        }
    }
}

impl<T> Future for SpawnTask<T> {
    type Output = Result<Task<T>, ChildError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let Some(work) = this.work.take() {
            this.asked = Some(this.ask(work));
        }
        let Some(asked) = &mut this.asked else {
            return Poll::Pending;
        };
        let started = ready!(Pin::new(&mut asked.ask).poll(cx));
        let asked = this.asked.take();
        // If not, a task that was created all the same is ended by the drop of its `SpawnSlot`.
        started?;
        let taken = asked.and_then(|asked| Some((asked.spawn_slot.take()?, asked.owner)));
        // A started process has been stored.
        let (task, owner) = taken.ok_or(ChildError::NoProcess)?;
        Poll::Ready(Ok(Task::of(task, owner, this.value.clone())))
    }
}

impl<T> fmt::Debug for SpawnTask<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpawnTask")
            .field("supervisor", &self.supervisor)
            .field("linked", &self.linked)
            .finish_non_exhaustive()
    }
}

/// The slot in which the supervisor stores the process for its owner. After the drop of the slot the process is ended.
#[derive(Default)]
struct SpawnSlot(Arc<Mutex<SpawnSlotState>>);

#[derive(Default)]
enum SpawnSlotState {
    #[default]
    Empty,
    Taken(ProcessRef, Option<Pid>),
    Left,
}

fn lay(place: &Mutex<SpawnSlotState>, task: ProcessRef, owner_link: OwnerLink) {
    // Links and signals are delivered without the lock.
    let is_left = || matches!(*place.lock(), SpawnSlotState::Left);
    if is_left() {
        // It has no owner yet, and has not run.
        return signal::dismiss(&*task);
    }
    let owner = owner_link.owner();
    owner_link.tie(&task);
    let mut place = place.lock();
    if let SpawnSlotState::Left = *place {
        drop(place);
        owner_link::part(&task, owner);
        return signal::dismiss(&*task);
    }
    *place = SpawnSlotState::Taken(task, owner);
}

impl SpawnSlot {
    fn take(&self) -> Option<ProcessRef> {
        match mem::replace(&mut *self.0.lock(), SpawnSlotState::Left) {
            SpawnSlotState::Taken(task, _) => Some(task),
            SpawnSlotState::Empty | SpawnSlotState::Left => None,
        }
    }
}

impl Drop for SpawnSlot {
    fn drop(&mut self) {
        let place = mem::replace(&mut *self.0.lock(), SpawnSlotState::Left);
        if let SpawnSlotState::Taken(task, owner) = place {
            owner_link::part(&task, owner);
            signal::dismiss(&*task);
        }
    }
}
