//! Polling user code for a process, until it is done, panics, or the process is killed.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::exit_reason::{ExitReason, PanicReport};
use crate::panics;
use crate::pid::Pid;
use crate::process::header::AnyProcess;
use crate::process::{dropped_ports, wait_scope};

/// The reason why user code was interrupted.
#[derive(Debug)]
pub(crate) enum Interrupt {
    /// A fatal signal arrived.
    Fatal(ExitReason),
    Panic(ExitReason),
}

impl Interrupt {
    pub(crate) fn reason(self) -> ExitReason {
        match self {
            Self::Fatal(reason) | Self::Panic(reason) => reason,
        }
    }
}

/// A future of user code, until it is discarded.
pub(crate) trait UserCode {
    type Output;

    /// Polls it; pending once it has been discarded.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Result<Poll<Self::Output>, PanicReport>;

    fn discard(self: Pin<&mut Self>) -> Result<(), PanicReport>;
}

impl<F: Future> UserCode for Option<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Result<Poll<F::Output>, PanicReport> {
        let Some(future) = self.as_pin_mut() else {
            return Ok(Poll::Pending);
        };
        panics::catch(|| future.poll(cx))
    }

    fn discard(mut self: Pin<&mut Self>) -> Result<(), PanicReport> {
        panics::catch_dyn(&mut || self.set(None))
    }
}

/// Calls a method of user code, and pins the future that it returns in `user`. A panic before there is a future counts
/// like one in it.
pub(crate) fn begin<F>(
    mut user: Pin<&mut Option<F>>,
    method: impl FnOnce() -> F,
) -> Result<(), Interrupt> {
    let mut method = Some(method);
    let began = panics::catch_dyn(&mut || {
        if let Some(method) = method.take() {
            user.set(Some(method()));
        }
    });
    began.map_err(|report| Interrupt::Panic(ExitReason::Panic(report)))
}

/// Polls user code until it is done, panics, or a fatal signal arrives; drops it before it is ready. The caller pins
/// the code, so that a process stores it only once.
pub(crate) struct Guard<'a, U: ?Sized> {
    process: &'a dyn AnyProcess,
    user: Pin<&'a mut U>,
    is_first: bool,
}

/// Guards the code of a server. The guard does not know the type of its future, so it is compiled once for each type of
/// result.
pub(crate) fn guard_dyn<'a, T>(
    process: &'a dyn AnyProcess,
    user: Pin<&'a mut (dyn UserCode<Output = T> + Send + 'a)>,
) -> Guard<'a, dyn UserCode<Output = T> + Send + 'a> {
    guard(process, user)
}

/// Guards the code of any process.
pub(crate) fn guard<'a, U: UserCode + ?Sized>(
    process: &'a dyn AnyProcess,
    user: Pin<&'a mut U>,
) -> Guard<'a, U> {
    let is_first = true;
    Guard {
        process,
        user,
        is_first,
    }
}

impl<U: UserCode + ?Sized> Future for Guard<'_, U> {
    type Output = Result<U::Output, Interrupt>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let core = this.process.core();
        let outcome = if (mem::take(&mut this.is_first) | core.attention())
            && let Some(reason) = fatal(this.process)
        {
            wait_scope::end(core);
            Err(Interrupt::Fatal(reason))
        } else {
            match wait_scope::poll(core, cx.waker(), |cx| this.poll_user(cx)) {
                Ok(Poll::Ready(value)) => Ok(value),
                Ok(Poll::Pending) => {
                    dropped_ports::settle(this.process);
                    return Poll::Pending;
                }
                Err(report) => Err(Interrupt::Panic(ExitReason::Panic(report))),
            }
        };
        if let Err(report) = this.user.as_mut().discard() {
            report_drop(core.pid, &report);
        }
        Poll::Ready(outcome)
    }
}

impl<U: UserCode + ?Sized> Guard<'_, U> {
    /// Polls the code. When it is done its waits are over, before a check of the process counts them.
    fn poll_user(&mut self, cx: &mut Context<'_>) -> Result<Poll<U::Output>, PanicReport> {
        let polled = self.user.as_mut().poll(cx);
        if !matches!(polled, Ok(Poll::Pending)) {
            wait_scope::end(self.process.core());
        }
        polled
    }
}

/// Returns the reason of a fatal signal that has arrived.
pub(crate) fn fatal(process: &dyn AnyProcess) -> Option<ExitReason> {
    let mut fatal = None;
    process.check_control(&mut |control| {
        if let Some(reason) = &control.fatal {
            fatal = Some(reason.clone());
        }
    });
    fatal
}

#[cold]
fn report_drop(pid: Pid, report: &PanicReport) {
    tracing::error!(%pid, %report, "a drop panicked");
}
