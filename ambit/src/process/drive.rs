//! The task of a process: polls its body as that process, and ends it however it ends.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use crate::exit_reason::ExitReason;
use crate::process::body::{Body, Item};
use crate::process::core::ProcRef;
use crate::process::telemetry::Event;
use crate::process::{current, exit_path, panics};
use crate::rt::{self, Handle};

/// The future of a process. Dropped before it is done, it runs the exit path without `terminate`.
pub(crate) struct Driver<F: ?Sized + Future<Output = ExitReason>> {
    process: ProcRef,
    body: Option<Pin<Box<F>>>,
}

impl<F: Future<Output = ExitReason>> Driver<F> {
    pub(crate) fn new(process: ProcRef, body: F) -> Self {
        Self {
            process,
            body: Some(Box::pin(body)),
        }
    }
}

/// Lets a process run, in a task of its own.
pub(crate) fn launch<F>(handle: &Handle, process: ProcRef, life: F)
where
    F: Future<Output = ExitReason> + Send + 'static,
{
    let core = process.core();
    core.world.telemetry.emit(&Event::Started {
        pid: core.pid,
        type_name: core.type_name,
    });
    rt::spawn(handle, Driver::new(process, life));
}

impl<F: ?Sized + Future<Output = ExitReason>> Future for Driver<F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let Some(body) = &mut this.body else {
            return Poll::Ready(());
        };
        let core = this.process.core();
        if core.main.is_none() {
            core.world.activity.fetch_add(1, Ordering::Relaxed);
        }
        this.process.runs_in(cx.waker());
        let _as_process = current::enter(this.process.clone());
        core.run(true);
        let reason = match panics::catch(|| body.as_mut().poll(cx)) {
            Ok(Poll::Pending) => {
                core.run(false);
                return Poll::Pending;
            }
            Ok(Poll::Ready(reason)) => reason,
            Err(report) => ExitReason::Panic(report),
        };
        this.end(reason);
        this.process.core().run(false);
        Poll::Ready(())
    }
}

impl<F: ?Sized + Future<Output = ExitReason>> Driver<F> {
    fn end(&mut self, reason: ExitReason) {
        let Some(body) = self.body.take() else { return };
        self.process.close();
        if let Err(report) = panics::catch(|| drop(body)) {
            tracing::error!(pid = %self.process.core().pid, %report, "a drop panicked while a process ended");
        }
        exit_path::finish(&self.process, reason);
    }
}

impl<F: ?Sized + Future<Output = ExitReason>> Drop for Driver<F> {
    fn drop(&mut self) {
        if self.body.is_some() {
            let _as_process = current::enter(self.process.clone());
            self.end(ExitReason::Shutdown);
        }
    }
}

/// Why user code was cut short.
#[derive(Debug)]
pub(crate) enum Cut {
    /// A fatal signal came.
    Fatal(ExitReason),
    Panic(ExitReason),
}

impl Cut {
    pub(crate) fn reason(self) -> ExitReason {
        match self {
            Self::Fatal(reason) | Self::Panic(reason) => reason,
        }
    }
}

/// Polls user code until it is done, panics, or a fatal signal comes; it is dropped before this returns. The caller
/// pins it, so that a process holds it only once.
pub(crate) async fn guard<M: Item, F: Future>(
    body: &Body<M>,
    mut user: Pin<&mut Option<F>>,
) -> Result<F::Output, Cut> {
    let mut first = true;
    let outcome = poll_fn(|cx| {
        if std::mem::take(&mut first) | body.core.attention()
            && let Some(reason) = body.fatal()
        {
            return Poll::Ready(Err(Cut::Fatal(reason)));
        }
        let Some(future) = user.as_mut().as_pin_mut() else {
            return Poll::Pending;
        };
        match panics::catch(|| future.poll(cx)) {
            Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
            Ok(Poll::Pending) => {
                body.settle_ports();
                Poll::Pending
            }
            Err(report) => Poll::Ready(Err(Cut::Panic(ExitReason::Panic(report)))),
        }
    })
    .await;
    if let Err(report) = panics::catch(|| user.set(None)) {
        tracing::error!(pid = %body.core.pid, %report, "a drop panicked");
    }
    outcome
}

/// The whole life of a plain process.
pub(crate) async fn plain<M: Item, F>(body: Arc<Body<M>>, user: F) -> ExitReason
where
    F: Future<Output = ExitReason>,
{
    let mut user = pin!(Some(user));
    let mut life = pin!(guard(&body, user.as_mut()));
    let ended = poll_fn(|cx| {
        // A plain process has no state to show: its requests are answered between its own steps.
        while let Some(ask) = body.take_ask() {
            ask(None);
        }
        life.as_mut().poll(cx)
    })
    .await;
    // A signal that came during the last step was first.
    if let Some(reason) = body.fatal() {
        return reason;
    }
    let asked = body
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

/// Polls a future that belongs to a process until it is done or panics; `quiet` keeps that from the panic hook.
pub(crate) async fn caught<F: Future>(
    future: F,
    quiet: bool,
) -> Result<F::Output, crate::exit_reason::PanicReport> {
    let mut future = pin!(future);
    poll_fn(
        |cx| match panics::catch_for(quiet, || future.as_mut().poll(cx)) {
            Ok(poll) => poll.map(Ok),
            Err(report) => Poll::Ready(Err(report)),
        },
    )
    .await
}
