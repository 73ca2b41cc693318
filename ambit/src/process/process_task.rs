//! The task of a process: polls its future as that process, and runs the exit path however it ends.

use std::future::{Future, poll_fn};
use std::mem;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use pin_project_lite::pin_project;

use crate::exit_reason::{ExitReason, PanicReport};
use crate::panics;
use crate::process::cell::ProcessCell;
use crate::process::exit_path::ExitInProgress;
use crate::process::guard::guard;
use crate::process::header::ProcessRef;
use crate::process::mailbox_item::MailboxItem;
use crate::process::telemetry::Event;
use crate::process::{checked_poll, current, current_request, exit_queue, exit_task, measure};
use crate::rt::{self, Handle};

pin_project! {
    /// The future of a process. It returns the exit reason, or `None` if the process continues without a task. Dropped
    /// before completion, it runs the exit path without `terminate`, or the rest of it.
    pub(crate) struct ProcessTask<F: Future<Output: Into<Option<ExitReason>>>> {
        state: TaskPhase,
        #[pin]
        future: Option<F>,
        // The task that polled it last, for a process that only needs to be woken there.
        task: Option<Waker>,
    }

    impl<F: Future<Output: Into<Option<ExitReason>>>> PinnedDrop for ProcessTask<F> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            match this.state.take() {
                TaskPhase::Ended(Some(exit)) => exit_task::finish(*exit),
                TaskPhase::Alive(process) if this.future.is_some() => exit_task::abandon(process, this.future),
                TaskPhase::Alive(_) | TaskPhase::Ended(None) => {}
            }
        }
    }
}

enum TaskPhase {
    /// Its process, while none of its code is being polled.
    Alive(ProcessRef),
    /// The exit has more to do than fits in one poll; `None` if nothing is left, or it is being polled.
    Ended(Option<Box<ExitInProgress>>),
}

impl TaskPhase {
    fn take(&mut self) -> Self {
        mem::replace(self, Self::Ended(None))
    }
}

impl<F: Future<Output: Into<Option<ExitReason>>>> ProcessTask<F> {
    pub(crate) fn new(process: ProcessRef, future: F) -> Self {
        Self {
            state: TaskPhase::Alive(process),
            future: Some(future),
            task: None,
        }
    }
}

/// Starts a process in its own task; or, given the context of its starter, polls it in the starter's task first.
#[inline]
pub(crate) fn launch<F>(
    handle: &Handle,
    process: ProcessRef,
    future: impl FnOnce() -> F,
    starter: Option<&mut Context<'_>>,
) where
    F: Future<Output: Into<Option<ExitReason>>> + Send + 'static,
{
    // Created here: passed on, it would be copied.
    let future = rt::whole(future());
    let core = process.core();
    core.system.telemetry.emit(&Event::Started {
        pid: core.pid,
        type_name: core.type_name(),
    });
    let Some(cx) = starter else {
        spawn(handle, ProcessTask::new(process, future));
        return;
    };
    let mut driver = Box::pin(ProcessTask::new(process, future));
    // Wake-ups of the starter are not needed: the process is dismissed, or polled again in its own task.
    let done = checked_poll::with_task(cx, |cx| {
        *driver.as_mut().project().task = Some(cx.waker().clone());
        current_request::start_inline(|| driver.as_mut().poll(cx).is_ready())
    });
    let rests =
        |state: &TaskPhase| matches!(state, TaskPhase::Alive(process) if process.dismiss_task());
    if done || rests(&driver.state) {
        driver.as_mut().project().future.set(None);
    } else {
        spawn(handle, driver);
    }
}

fn spawn(handle: &Handle, driver: impl Future<Output = ()> + Send + 'static) {
    exit_queue::spawns(true);
    rt::spawn(handle, driver);
    exit_queue::spawns(false);
}

/// Resumes an idle process without a task in a new task.
#[inline]
pub(crate) fn resume<F>(handle: &Handle, process: ProcessRef, future: impl FnOnce() -> F)
where
    F: Future<Output: Into<Option<ExitReason>>> + Send + 'static,
{
    // Not by `spawn`: passed on, the future would be copied once more.
    exit_queue::spawns(true);
    rt::spawn(handle, ProcessTask::new(process, rt::whole(future())));
    exit_queue::spawns(false);
}

impl<F: Future<Output: Into<Option<ExitReason>>>> Future for ProcessTask<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        if let TaskPhase::Ended(exit @ Some(_)) = this.state {
            return exit_task::poll(exit, cx);
        }
        let (Some(future), TaskPhase::Alive(process)) =
            (this.future.as_mut().as_pin_mut(), this.state.take())
        else {
            return Poll::Ready(());
        };
        let core = process.core();
        if !core.is_main() {
            core.system.count_activity();
        }
        if !this
            .task
            .as_ref()
            .is_some_and(|known| known.will_wake(cx.waker()))
        {
            process.runs_in(cx.waker());
            // Only servers report themselves when they wait.
            *this.task = core.is_server().then(|| cx.waker().clone());
        }
        core.run(true);
        let as_process = current::enter(process);
        let ended = match panics::catch(|| future.poll(cx)) {
            Ok(Poll::Pending) => {
                if let Some(process) = as_process.leave() {
                    process.core().run(false);
                    *this.state = TaskPhase::Alive(process);
                }
                return Poll::Pending;
            }
            Ok(Poll::Ready(ended)) => ended.into(),
            Err(report) => Some(ExitReason::Panic(report)),
        };
        if let Some(process) = current::current() {
            match ended {
                Some(reason) => {
                    *this.state = TaskPhase::Ended(exit_task::begin(&process, this.future, reason));
                }
                None => this.future.set(None),
            }
            process.core().run(false);
        }
        drop(as_process);
        if let TaskPhase::Ended(Some(_)) = this.state {
            rt::let_others_run(cx);
            return Poll::Pending;
        }
        Poll::Ready(())
    }
}

/// Runs a plain process from start to end.
pub(crate) async fn plain<M: MailboxItem, F>(cell: Arc<ProcessCell<M>>, user: F) -> ExitReason
where
    F: Future<Output = ExitReason>,
{
    let mut user = pin!(Some(user));
    let mut guarded = pin!(guard(&*cell, user.as_mut()));
    let ended = poll_fn(|cx| {
        // A plain process has no state to expose: its control requests are served between its own steps.
        while let Some(ask) = cell.take_ask() {
            ask(None);
        }
        measure::polled(&cell.core, || "", || guarded.as_mut().poll(cx))
    })
    .await;
    // A signal that arrived during the last step was first.
    if let Some(reason) = cell.fatal() {
        return reason;
    }
    let asked = cell
        .core
        .relations
        .lock()
        .rare()
        .and_then(|rare| rare.asked_to_stop.take());
    match ended {
        Ok(ExitReason::Normal) => asked.unwrap_or(ExitReason::Normal),
        Ok(reason) => reason,
        Err(cut) => cut.reason(),
    }
}

/// Polls a future of a process until it is done or panics; `quiet` suppresses the panic output.
pub(crate) async fn caught<F: Future>(future: F, quiet: bool) -> Result<F::Output, PanicReport> {
    let mut future = pin!(future);
    poll_fn(
        |cx| match panics::catch_for(quiet, || future.as_mut().poll(cx)) {
            Ok(poll) => poll.map(Ok),
            Err(report) => Poll::Ready(Err(report)),
        },
    )
    .await
}
