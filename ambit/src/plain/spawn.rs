//! Starting plain processes: an async function with an inbox.

use std::any::TypeId;
use std::future::Future;
use std::sync::Arc;

use crate::engine::mailbox::{DEFAULT_CAPACITY, Overflow};
use crate::error::NotAProcess;
use crate::exit_reason::ExitReason;
use crate::handle::protocol::Message;
use crate::handle::sink::PlainMessage;
use crate::handle::subject::Subject;
use crate::pid::Pid;
use crate::plain::inbox::Inbox;
use crate::plain::into_exit::IntoExit;
use crate::process::cell::{MailboxItem, ProcessCell, RunnerState};
use crate::process::current_system;
use crate::process::header::{ProcessHeader, ProcessKind, ProcessRef, TypeName};
use crate::process::process_task::{self, plain};
use crate::process::resolved::Resolved;
use crate::process::system_inner::SystemInner;
use crate::process::{current, exit_path, link, monitor, panics};
use crate::rt;
use crate::signal::MonitorRef;

/// Starts a process that runs `body` with an inbox of its own. Its mailbox holds 1024 messages. (Erlang: `spawn/1`.)
///
/// Where there is no tokio runtime, the subject is that of a process that has already ended, for the reason
/// `no tokio runtime`.
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let adder: Subject<(u64, ReplyTo<u64>)> = ambit::spawn(|mut inbox: Inbox<(u64, ReplyTo<u64>)>| async move {
///         let mut sum = 0;
///         while let Some((by, reply)) = inbox.recv().await {
///             sum += by;
///             reply.send(sum);
///         }
///     });
///     assert!(adder.is_alive());
/// }
/// ```
pub fn spawn<M, F, Fut>(body: F) -> Subject<M>
where
    M: Message,
    F: FnOnce(Inbox<M>) -> Fut + Send + 'static,
    Fut: Future<Output: IntoExit> + Send + 'static,
{
    launch(current::current().as_ref(), |_| (), body).0
}

/// As [`spawn`], linked to the calling process from the first moment. (Erlang: `spawn_link/1`.)
///
/// # Errors
/// [`NotAProcess`] outside a process: nothing is started.
pub fn spawn_link<M, F, Fut>(body: F) -> Result<Subject<M>, NotAProcess>
where
    M: Message,
    F: FnOnce(Inbox<M>) -> Fut + Send + 'static,
    Fut: Future<Output: IntoExit> + Send + 'static,
{
    linked(&current::current().ok_or(NotAProcess)?, body)
}

/// As [`spawn`], monitored by the calling process from the first moment. (Erlang: `spawn_monitor/1`.)
///
/// # Errors
/// [`NotAProcess`] outside a process: nothing is started.
pub fn spawn_monitor<M, F, Fut>(body: F) -> Result<(Subject<M>, MonitorRef), NotAProcess>
where
    M: Message,
    F: FnOnce(Inbox<M>) -> Fut + Send + 'static,
    Fut: Future<Output: IntoExit> + Send + 'static,
{
    monitored(&current::current().ok_or(NotAProcess)?, body)
}

#[allow(
    clippy::unnecessary_wraps,
    reason = "one shape with the free functions"
)]
pub(crate) fn linked<M, F, Fut>(parent: &ProcessRef, body: F) -> Result<Subject<M>, NotAProcess>
where
    M: Message,
    F: FnOnce(Inbox<M>) -> Fut + Send + 'static,
    Fut: Future<Output: IntoExit> + Send + 'static,
{
    Ok(launch(
        Some(parent),
        |child| link::link_child(&**parent, &**child),
        body,
    )
    .0)
}

/// As [`linked`], for who needs the process itself.
pub(crate) fn linked_process<M, F, Fut>(parent: &ProcessRef, body: F) -> ProcessRef
where
    M: Message,
    F: FnOnce(Inbox<M>) -> Fut + Send + 'static,
    Fut: Future<Output: IntoExit> + Send + 'static,
{
    let relate = |child: &Arc<ProcessCell<PlainMessage<M>>>| -> ProcessRef {
        link::link_child(&**parent, &**child);
        child.clone()
    };
    launch(Some(parent), relate, body).1
}

#[allow(
    clippy::unnecessary_wraps,
    reason = "one shape with the free functions"
)]
pub(crate) fn monitored<M, F, Fut>(
    parent: &ProcessRef,
    body: F,
) -> Result<(Subject<M>, MonitorRef), NotAProcess>
where
    M: Message,
    F: FnOnce(Inbox<M>) -> Fut + Send + 'static,
    Fut: Future<Output: IntoExit> + Send + 'static,
{
    let watch = |child: &Arc<ProcessCell<PlainMessage<M>>>| {
        monitor::monitor(&**parent, &Resolved::process(child.clone()))
    };
    Ok(launch(Some(parent), watch, body))
}

fn launch<M, F, Fut, R>(
    parent: Option<&ProcessRef>,
    relate: impl FnOnce(&Arc<ProcessCell<PlainMessage<M>>>) -> R,
    body: F,
) -> (Subject<M>, R)
where
    M: Message,
    F: FnOnce(Inbox<M>) -> Fut + Send + 'static,
    Fut: Future<Output: IntoExit> + Send + 'static,
{
    let child = make_plain::<M>(parent, short_name::<M>);
    let related = relate(&child);
    let inbox = Inbox::new(child.clone());
    begin(&child, async move { body(inbox).await.into_exit() });
    (Subject::fixed(child), related)
}

/// Starts a process that runs `future` and takes no messages; `relate` ties it to others before it can run.
pub(crate) fn run<F>(type_name: TypeName, relate: impl FnOnce(&ProcessRef), future: F) -> ProcessRef
where
    F: Future<Output = ExitReason> + Send + 'static,
{
    let child = make_plain::<NoMessage>(current::current().as_ref(), type_name);
    let process: ProcessRef = child.clone();
    relate(&process);
    begin(&child, future);
    process
}

/// A plain process that has a pid and a mailbox, but no task yet.
fn make_plain<M: Message>(
    parent: Option<&ProcessRef>,
    type_name: TypeName,
) -> Arc<ProcessCell<PlainMessage<M>>> {
    panics::install();
    // What `System::within` says goes before where the parent lives.
    let of_parent = || parent.map(|parent| parent.core().system.clone());
    let system = current_system::said().or_else(of_parent);
    let system = system.or_else(current_system::current_or_new);
    let system = system.unwrap_or_else(SystemInner::nowhere);
    let ancestor = parent.map_or(Pid::NOBODY, |parent| parent.core().pid);
    let pid = system.table.reserve();
    make(ProcessHeader::new(
        pid,
        system,
        type_name,
        ProcessKind::Plain,
        ancestor,
    ))
}

/// Lets a plain process run; where there is no runtime, it ends at once.
fn begin<M: Message, F>(child: &Arc<ProcessCell<PlainMessage<M>>>, future: F)
where
    F: Future<Output = ExitReason> + Send + 'static,
{
    let life = plain(child.clone(), rt::whole(future));
    match child.core.system.handle() {
        Some(handle) => process_task::launch(handle, child.clone(), life, None),
        None => {
            drop(life);
            discard(child, ExitReason::error("no tokio runtime"));
        }
    }
}

/// The message type of a `main` or test without an inbox: there is none.
#[derive(Debug)]
pub enum NoMessage {}

impl Message for NoMessage {}

/// The process that `main` or a test is.
pub(crate) fn make_main<M: Message>(system: Arc<SystemInner>) -> Arc<ProcessCell<PlainMessage<M>>> {
    let pid = system.table.reserve();
    let kind = if TypeId::of::<M>() == TypeId::of::<NoMessage>() {
        ProcessKind::DeafMain
    } else {
        ProcessKind::Main
    };
    make(ProcessHeader::new(
        pid,
        system,
        || "main",
        kind,
        Pid::NOBODY,
    ))
}

/// A process without a task: it is played by whoever reads its inbox.
pub(crate) fn make_side<M: Message>(
    system: Arc<SystemInner>,
    type_name: Option<TypeName>,
) -> Arc<ProcessCell<PlainMessage<M>>> {
    let pid = system.table.reserve();
    let type_name = type_name.unwrap_or(short_name::<M>);
    make(ProcessHeader::new(
        pid,
        system,
        type_name,
        ProcessKind::Plain,
        current::pid(),
    ))
}

fn make<M: Message>(core: ProcessHeader) -> Arc<ProcessCell<PlainMessage<M>>> {
    let pid = core.pid;
    let child = Arc::new(ProcessCell::new(core, DEFAULT_CAPACITY, Overflow::Wait));
    child.core.system.table.fill(pid, child.clone());
    child
}

/// What listings call a process whose messages are `M`: the last part of the type's path.
pub(crate) fn short_name<M>() -> &'static str {
    let full = std::any::type_name::<M>();
    let head = full.split('<').next().unwrap_or(full);
    head.rsplit("::").next().unwrap_or(head)
}

/// Takes back a process that never ran.
pub(crate) fn discard<M: MailboxItem, L: RunnerState<M>>(
    child: &Arc<ProcessCell<M, L>>,
    reason: ExitReason,
) {
    let process: ProcessRef = child.clone();
    exit_path::finish(&process, reason);
}
