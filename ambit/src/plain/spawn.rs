//! Starting plain processes: an async function with an inbox.

use std::future::Future;
use std::sync::Arc;

use crate::error::NotAProcess;
use crate::exit_reason::ExitReason;
use crate::handle::protocol::Message;
use crate::handle::sink::PlainMessage;
use crate::handle::subject::Subject;
use crate::plain::create::{NoMessage, make_plain, short_name};
use crate::plain::inbox::Inbox;
use crate::plain::into_exit::IntoExit;
use crate::process::cell::{ProcessCell, RunnerState};
use crate::process::header::{ProcessRef, TypeName};
use crate::process::mailbox_item::MailboxItem;
use crate::process::process_task::{self, plain};
use crate::process::resolved::Resolved;
use crate::process::{current, exit_path, link, monitor};
use crate::rt;
use crate::signal::MonitorRef;

/// The body of a plain process: a function that takes the inbox of the process and returns a future.
///
/// You do not implement or name this trait. It exists so that the compiler reports a readable error when a value of
/// another type is passed to [`spawn`].
///
/// ```
/// use ambit::prelude::*;
/// async fn wait_for_one(mut inbox: Inbox<u8>) -> ExitReason {
///     inbox.recv().await;
///     ExitReason::Shutdown
/// }
/// #[ambit::main]
/// async fn main() {
///     let process = ambit::spawn(wait_for_one);
///     process.send(1).await.unwrap();
///     assert_eq!(process.closed().await, ExitReason::Shutdown);
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "expected a closure that takes the `Inbox` of the new process",
    label = "not a closure that takes an `Inbox`",
    note = "write `|inbox: Inbox<String>| async move {{ .. }}`, with the message type of the process; to run a \
            future without an inbox, use `Task::spawn(..)`"
)]
pub trait ProcessBody<M: Message, Fut>: FnOnce(Inbox<M>) -> Fut {}

#[diagnostic::do_not_recommend]
impl<M: Message, Fut, F: FnOnce(Inbox<M>) -> Fut> ProcessBody<M, Fut> for F {}

/// Starts a process that runs `body` with its own inbox. The mailbox holds 1024 messages. (Erlang: `spawn/1`.)
///
/// Outside a tokio runtime, the returned subject refers to a process that has already ended, with the reason
/// `no tokio runtime`.
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let adder: Subject<u64> = ambit::spawn(|mut inbox: Inbox<u64>| async move {
///         let mut sum = 0;
///         while let Some(by) = inbox.recv().await {
///             sum += by;
///             if sum > 4 {
///                 return ExitReason::shutdown_with(sum);
///             }
///         }
///         ExitReason::Normal
///     });
///     adder.send(2).await.unwrap();
///     adder.send(3).await.unwrap();
///     assert_eq!(adder.closed().await.to_string(), "shutdown: 5");
/// }
/// ```
pub fn spawn<M, F, Fut>(body: F) -> Subject<M>
where
    M: Message,
    F: ProcessBody<M, Fut> + Send + 'static,
    Fut: Future<Output: IntoExit> + Send + 'static,
{
    launch(current::current().as_ref(), |_| (), body).0
}

/// Starts a process like [`spawn`], linked to the calling process from the beginning. (Erlang: `spawn_link/1`.)
///
/// # Errors
/// [`NotAProcess`] outside a process: nothing is started.
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main(mut inbox: Inbox<()>) {
///     inbox.trap_exits(true);
///     let worker = ambit::spawn_link(|_: Inbox<u8>| async { ExitReason::Shutdown }).unwrap();
///     let InboxEvent::Exit(exit) = inbox.next().await else { panic!("only an Exit can come") };
///     assert_eq!((exit.from, exit.reason), (worker.pid(), ExitReason::Shutdown));
/// }
/// ```
pub fn spawn_link<M, F, Fut>(body: F) -> Result<Subject<M>, NotAProcess>
where
    M: Message,
    F: ProcessBody<M, Fut> + Send + 'static,
    Fut: Future<Output: IntoExit> + Send + 'static,
{
    linked(&current::current().ok_or(NotAProcess)?, body)
}

/// Starts a process like [`spawn`], monitored by the calling process from the beginning. (Erlang: `spawn_monitor/1`.)
///
/// In a server, use [`spawn`] and [`ctx.monitor`](crate::Context::monitor), which requires an `#[info]` method for
/// `Down`. The `Down` of this function is a dead letter in a server that has not called `ctx.monitor` before.
///
/// # Errors
/// [`NotAProcess`] outside a process: nothing is started.
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main(mut inbox: Inbox<()>) {
///     let (worker, monitor) = ambit::spawn_monitor(|_: Inbox<u8>| async { ExitReason::Shutdown }).unwrap();
///     let InboxEvent::Down(down) = inbox.next().await else { panic!("only a Down can come") };
///     assert_eq!((down.monitor, down.reason), (monitor, ExitReason::Shutdown));
///     assert!(!ambit::inspect::is_alive(&worker));
/// }
/// ```
pub fn spawn_monitor<M, F, Fut>(body: F) -> Result<(Subject<M>, MonitorRef), NotAProcess>
where
    M: Message,
    F: ProcessBody<M, Fut> + Send + 'static,
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

/// Like [`linked`], for callers that need the process itself.
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

impl<M: Message> Inbox<M> {
    /// Starts a process like [`spawn`], linked to this process from the beginning. (Erlang: `spawn_link/1`.)
    ///
    /// # Errors
    /// Never fails; the return type is that of [`ambit::spawn_link`](crate::spawn_link).
    pub fn spawn_link<N, F, Fut>(&mut self, body: F) -> Result<Subject<N>, NotAProcess>
    where
        N: Message,
        F: ProcessBody<N, Fut> + Send + 'static,
        Fut: Future<Output: IntoExit> + Send + 'static,
    {
        linked(&self.process(), body)
    }

    /// Starts a process like [`spawn`], monitored by this process from the beginning. When it ends, its
    /// [`Down`](crate::Down) arrives through [`next`](Self::next); [`recv`](Self::recv) leaves it queued. (Erlang:
    /// `spawn_monitor/1`.)
    ///
    /// # Errors
    /// Never fails; the return type is that of [`ambit::spawn_monitor`](crate::spawn_monitor).
    pub fn spawn_monitor<N, F, Fut>(
        &mut self,
        body: F,
    ) -> Result<(Subject<N>, MonitorRef), NotAProcess>
    where
        N: Message,
        F: ProcessBody<N, Fut> + Send + 'static,
        Fut: Future<Output: IntoExit> + Send + 'static,
    {
        monitored(&self.process(), body)
    }
}

/// Starts a process that runs `future` and takes no messages; `relate` links or monitors it before it can run.
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

/// Runs a plain process; without a runtime, it ends at once.
fn begin<M: Message, F>(child: &Arc<ProcessCell<PlainMessage<M>>>, future: F)
where
    F: Future<Output = ExitReason> + Send + 'static,
{
    let task = plain(child.clone(), rt::whole(future));
    match child.core.system.handle() {
        Some(handle) => process_task::launch(handle, child.clone(), || task, None),
        None => {
            drop(task);
            discard(child, ExitReason::error("no tokio runtime"));
        }
    }
}

/// Removes a process that never ran.
pub(crate) fn discard<M: MailboxItem, L: RunnerState<M>>(
    child: &Arc<ProcessCell<M, L>>,
    reason: ExitReason,
) {
    let process: ProcessRef = child.clone();
    process.core().relations.lock().discarded = true;
    exit_path::finish(&process, reason);
}
