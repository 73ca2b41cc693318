//! The start of a process: pid and names first, then its link, then its init, which the starter waits for.

use std::any::TypeId;
use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::task::Context;
use std::time::Duration;

use crate::engine::mailbox::overflow::Overflow;
use crate::error::StartError;
use crate::exit_reason::ExitReason;
use crate::handle::child_ref::ChildKind;
use crate::handle::exits::ExitWait;
use crate::handle::protocol::Protocol;
use crate::handle::protocol::ProtocolSink;
use crate::handle::subject::Subject;
use crate::names::local;
use crate::names::registered::StartedAs;
use crate::plain::spawn;
use crate::process::cell::RetainedMailbox;
use crate::process::cell::{ProcessCell, RunnerState};
use crate::process::checked_poll;
use crate::process::header::{AnyProcess, ProcessHeader, ProcessKind, ProcessRef, TypeName};
use crate::process::mailbox_item::MailboxItem;
use crate::process::system_inner::SystemInner;
use crate::process::wait_edge::WaitEdge;
use crate::process::{current, link, panic_hook, process_task, signal};
use crate::server::startable::{Launch, Settings, Startable, Started};

/// The properties of a process before it is created.
pub(crate) struct ProcessSpec {
    pub(crate) type_name: TypeName,
    pub(crate) kind: ProcessKind,
    pub(crate) capacity: usize,
    pub(crate) overflow: Overflow,
    /// True if it begins when its init is done, not when it is created.
    pub(crate) has_init: bool,
}

/// The permission to mark the init as done.
pub(crate) struct InitGuard(());

impl InitGuard {
    pub(crate) fn done(self, core: &ProcessHeader) {
        core.begin();
    }
}

/// Kills a process whose start is cancelled before its init is done.
struct KillOnCancel(Option<ProcessRef>);

impl Drop for KillOnCancel {
    fn drop(&mut self) {
        if let Some(process) = self.0.take() {
            give_up(&*process);
        }
    }
}

/// Kills a process whose starter does not want it any more. Its init may be done nevertheless: its end is no crash,
/// because there is no handle to it, and its starter is not affected.
pub(super) fn give_up(process: &dyn AnyProcess) {
    link::part_from_parent(process);
    signal::put_down(process);
}

/// Starts a process that runs the future of `run`; with the context of its starter, up to the first suspension of its
/// init.
pub(crate) fn launch<C, P, M, L, F>(
    mut settings: Settings<C>,
    process_spec: &ProcessSpec,
    runner_state: L,
    handle: impl Fn(Subject<P>) -> C::Handle,
    run: impl FnOnce(Arc<ProcessCell<M, L>>, InitGuard) -> F,
    starter: Option<&mut Context<'_>>,
) -> Launch<C>
where
    C: Startable,
    P: Protocol + ?Sized,
    M: MailboxItem,
    L: RunnerState<M>,
    ProcessCell<M, L>: ProtocolSink<P>,
    F: Future<Output: Into<Option<ExitReason>>> + Send + 'static,
{
    let Some(system) = settings.system.take() else {
        return Launch::Done(Err(StartError::NoRuntime));
    };
    let timeout = settings.timeout;
    let cell = match begin(
        &system,
        &mut settings,
        process_spec,
        runner_state,
        &handle,
        run,
        starter,
    ) {
        Ok(cell) => cell,
        Err(refused) => return Launch::Done(Err(refused)),
    };
    let has_started = cell.core.has_started();
    let process: ProcessRef = cell.clone();
    let started = Started {
        handle: handle(Subject::fixed(cell)),
        process,
    };
    if has_started {
        return Launch::Done(Ok(started));
    }
    let wait = until_init_done(started.process.clone(), timeout);
    Launch::Waits(started, Box::pin(wait))
}

/// Waits until init is done; the timeout starts now, polled or not. Dropping it before that kills the process.
fn until_init_done(
    process: ProcessRef,
    timeout: Option<Duration>,
) -> impl Future<Output = Result<(), StartError>> + Send + 'static {
    let cancelled = KillOnCancel(Some(process.clone()));
    let exit = match timeout {
        Some(timeout) => ExitWait::watch_for(&process, timeout),
        None => ExitWait::watch(&process),
    };
    begun(process, exit, cancelled)
}

async fn begun(
    process: ProcessRef,
    exit: ExitWait,
    mut cancelled: KillOnCancel,
) -> Result<(), StartError> {
    let core = process.core();
    let mut edge = WaitEdge::default();
    let outcome = poll_fn(|cx| {
        let outcome = checked_poll::with_task(cx, |cx| core.poll_start(cx, exit.poll_end(cx)));
        if outcome.is_pending() {
            // An init that calls the process that waits for it would deadlock.
            edge.wait(core.pid, || None, cx.waker()).ok();
        }
        outcome
    })
    .await;
    drop(edge);
    let failed = match outcome {
        Ok(()) => {
            cancelled.0 = None;
            return Ok(());
        }
        Err(Some(_)) if core.relations.lock().ignored => StartError::Ignored,
        Err(Some(reason)) => StartError::Init(reason),
        Err(None) => {
            give_up(&*process);
            exit.await;
            StartError::Timeout
        }
    };
    cancelled.0 = None;
    Err(failed)
}

/// Discards a process whose start fails before it runs, or in which user code panics.
struct DiscardOnDrop<'a, M: MailboxItem, L: RunnerState<M>>(Option<&'a Arc<ProcessCell<M, L>>>);

impl<M: MailboxItem, L: RunnerState<M>> Drop for DiscardOnDrop<'_, M, L> {
    fn drop(&mut self) {
        if let Some(cell) = self.0.take() {
            spawn::discard(cell, ExitReason::Normal);
        }
    }
}

/// Creates the process, registers its names, links it, and runs it.
fn begin<C, P, M, L, F>(
    system: &Arc<SystemInner>,
    settings: &mut Settings<C>,
    process_spec: &ProcessSpec,
    runner_state: L,
    handle: &impl Fn(Subject<P>) -> C::Handle,
    run: impl FnOnce(Arc<ProcessCell<M, L>>, InitGuard) -> F,
    starter: Option<&mut Context<'_>>,
) -> Result<Arc<ProcessCell<M, L>>, StartError>
where
    C: Startable,
    P: Protocol + ?Sized,
    M: MailboxItem,
    L: RunnerState<M>,
    ProcessCell<M, L>: ProtocolSink<P>,
    F: Future<Output: Into<Option<ExitReason>>> + Send + 'static,
{
    let Some(runtime) = system.handle() else {
        return Err(StartError::NoRuntime);
    };
    let parent = current::current();
    if settings.link && parent.is_none() {
        return Err(StartError::NotAProcess);
    }
    let cell = make(system, settings, process_spec, runner_state)?;
    let mut unused = DiscardOnDrop(Some(&cell));
    if let Some(made) = &settings.made {
        made.set(cell.clone()).ok();
    }
    if let Some(kept) = settings
        .kept
        .take()
        .and_then(|kept| kept.downcast::<RetainedMailbox<M, L>>().ok())
    {
        kept.transfer_to(&cell);
    }
    claim(&cell, settings, handle)?;
    if let (true, Some(parent)) = (settings.link, parent) {
        link::link_child(&*parent, &*cell);
    }
    let future = || {
        let future = run(cell.clone(), InitGuard(()));
        unused.0 = None;
        future
    };
    process_task::launch(runtime, cell.clone(), future, starter);
    drop(unused);
    Ok(cell)
}

fn make<C: Startable, M: MailboxItem, L: RunnerState<M>>(
    system: &Arc<SystemInner>,
    settings: &Settings<C>,
    process_spec: &ProcessSpec,
    runner_state: L,
) -> Result<Arc<ProcessCell<M, L>>, StartError> {
    let capacity = settings.mailbox.unwrap_or(process_spec.capacity);
    if capacity == 0 {
        return Err(StartError::BadSpec(
            "the mailbox has no slot: set `.mailbox(1)` or more".into(),
        ));
    }
    panic_hook::install();
    let mut core = ProcessHeader::new(
        system.table.reserve(),
        system.clone(),
        process_spec.type_name,
        process_spec.kind,
        current::pid(),
        current::group(),
    );
    if process_spec.has_init {
        core.await_init();
    }
    let cell = Arc::new(ProcessCell::living(
        core,
        capacity,
        process_spec.overflow,
        runner_state,
    ));
    if let Some(label) = &settings.label {
        cell.core.relations.lock().set_label(label.clone());
    }
    system.table.fill(cell.core.pid, cell.clone());
    Ok(cell)
}

fn claim<C, P, M, L>(
    cell: &Arc<ProcessCell<M, L>>,
    settings: &mut Settings<C>,
    handle: &impl Fn(Subject<P>) -> C::Handle,
) -> Result<(), StartError>
where
    C: Startable,
    P: Protocol + ?Sized,
    M: MailboxItem,
    L: RunnerState<M>,
    ProcessCell<M, L>: ProtocolSink<P>,
{
    if settings.name.is_none() && settings.claims.is_empty() {
        return Ok(());
    }
    let subject = Subject::<P>::fixed(cell.clone());
    if let Some(name) = &settings.name {
        let supervisor = (C::__KIND == ChildKind::Supervisor).then(|| StartedAs {
            of: TypeId::of::<C>(),
            is_open: C::__OPEN,
        });
        local::register_as::<P>(name, &subject, supervisor)?;
    }
    let handle = handle(subject);
    for claim in std::mem::take(&mut settings.claims) {
        claim(&handle)?;
    }
    Ok(())
}
