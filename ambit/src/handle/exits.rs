//! Futures of a process's end: to monitor it, to wait for it, to stop it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use parking_lot::Mutex;

use crate::engine::reply::ExitObserver;
use crate::engine::wake_list;
use crate::engine::wheel::{Deadline, Expire};
use crate::error::StopError;
use crate::exit_reason::ExitReason;
use crate::handle::call_request::DEFAULT_TIMEOUT;
use crate::handle::process::Process;
use crate::process::current;
use crate::process::header::{Notice, ProcessKind, ProcessRef};
use crate::process::queued_signals::QueuedSignal;
use crate::process::resolved::Resolved;
use crate::rt::{self, FAR, Instant};
use crate::signal::{Down, MonitorRef, Watched};

/// Receives the end of a process for one waiter, or its timeout.
#[derive(Default)]
struct ExitWaiter(Mutex<ExitSeen>);

#[derive(Default)]
struct ExitSeen {
    reason: Option<ExitReason>,
    is_late: bool,
    waker: Option<Waker>,
}

impl ExitWaiter {
    /// Polls for the result of `look`, and waits for the next change. Wakers are cloned and dropped without the lock.
    fn poll<T>(&self, cx: &Context<'_>, look: impl FnOnce(&ExitSeen) -> Option<T>) -> Poll<T> {
        let waker = cx.waker().clone();
        let before = {
            let mut seen = self.0.lock();
            if let Some(found) = look(&seen) {
                return Poll::Ready(found);
            }
            seen.waker.replace(waker)
        };
        drop(before);
        Poll::Pending
    }

    fn see(&self, what: impl FnOnce(&mut ExitSeen)) {
        let waker = {
            let mut seen = self.0.lock();
            what(&mut seen);
            seen.waker.take()
        };
        // Other observers are notified in the same loop.
        wake_list::wake(waker);
    }
}

impl ExitObserver for ExitWaiter {
    fn exited(&self, reason: &ExitReason) {
        self.see(|seen| {
            seen.reason.get_or_insert_with(|| reason.clone());
        });
    }
}

impl Expire for ExitWaiter {
    fn expire(self: Arc<Self>, _now: Instant) {
        self.see(|seen| seen.is_late = true);
    }
}

/// A wait for the end of one process.
pub(crate) struct ExitWait {
    slot: Arc<ExitWaiter>,
    process: ProcessRef,
    key: Option<u64>,
    deadline: Option<Deadline>,
}

impl ExitWait {
    pub(crate) fn watch(process: &ProcessRef) -> Self {
        let slot = Arc::new(ExitWaiter::default());
        let key = match process.core().observe(slot.clone()) {
            Ok(key) => {
                process.is_awaited();
                Some(key)
            }
            Err(reason) => {
                slot.exited(&reason);
                None
            }
        };
        Self {
            slot,
            process: process.clone(),
            key,
            deadline: None,
        }
    }

    /// Like `watch`, with a timeout.
    pub(crate) fn watch_for(process: &ProcessRef, time: Duration) -> Self {
        let mut wait = Self::watch(process);
        let system = &process.core().system;
        wait.deadline = Some(system.wheel.arm(system.after(time), wait.slot.clone()));
        wait
    }

    /// Returns true if the process runs on another node.
    fn is_remote(&self) -> bool {
        self.process.core().is_remote()
    }

    /// Ready with the exit reason; `None` at the timeout.
    pub(crate) fn poll_end(&self, cx: &Context<'_>) -> Poll<Option<ExitReason>> {
        self.slot.poll(cx, |seen| {
            let is_over = seen.reason.is_some() || seen.is_late;
            is_over.then(|| seen.reason.clone())
        })
    }
}

impl Future for ExitWait {
    type Output = ExitReason;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<ExitReason> {
        self.slot.poll(cx, |seen| seen.reason.clone())
    }
}

impl Drop for ExitWait {
    fn drop(&mut self) {
        if let Some(deadline) = self.deadline {
            drop(self.process.core().system.wheel.disarm(deadline));
        }
        if let Some(key) = self.key {
            self.process.core().unobserve(key);
        }
    }
}

/// A future that resolves to a [`Down`] when the monitored process ends, created by [`Process::monitor`].
///
/// The `Down` is returned by this future, not delivered to an inbox. If the process had already ended, the future
/// resolves at once with the reason `NoProcess`. A completed future returns the same `Down` when it is polled again.
///
/// # Cancel safety
/// Polling by reference, for example with `&mut monitor` in `select!`, loses nothing. Dropping the future ends the
/// monitor.
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let worker = ambit::spawn(|mut inbox: Inbox<u8>| async move { inbox.recv().await; });
///     let mut monitor = worker.monitor();
///     worker.stop().await.unwrap();
///     let down = (&mut monitor).await;
///     assert_eq!((down.monitor, down.reason), (monitor.reference(), ExitReason::Normal));
///     assert_eq!(worker.monitor().await.reason, ExitReason::NoProcess);
/// }
/// ```
#[must_use = "dropping the monitor ends it"]
pub struct Monitor {
    wait: Option<ExitWait>,
    watched: Watched,
    monitor: MonitorRef,
}

impl Monitor {
    pub(crate) fn new(target: Resolved) -> Self {
        let monitor = MonitorRef(target.system().next_ref());
        // A process that has already ended counts as unknown, as for the monitor of a process.
        let gone = |process: &&ProcessRef| process.core().relations.lock().dead().is_none();
        let wait = target.known().filter(gone).map(ExitWait::watch);
        Self {
            wait,
            watched: target.watched,
            monitor,
        }
    }

    /// Returns the reference that the resulting `Down` carries.
    #[must_use]
    pub fn reference(&self) -> MonitorRef {
        self.monitor
    }
}

impl Future for Monitor {
    type Output = Down;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Down> {
        let reason = match &mut self.wait {
            Some(wait) => std::task::ready!(Pin::new(wait).poll(cx)),
            None => {
                // A loop of monitors of a stopped process lets other tasks run.
                std::task::ready!(rt::poll_proceed(cx)).made_progress();
                ExitReason::NoProcess
            }
        };
        Poll::Ready(Down {
            monitor: self.monitor,
            target: self.watched.clone(),
            reason,
        })
    }
}

impl fmt::Debug for Monitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Monitor")
            .field("target", &self.watched)
            .finish_non_exhaustive()
    }
}

/// A future that asks a process to stop and waits until it has ended, created by [`Process::stop`] and
/// [`Process::stop_with`]. It does nothing until it is awaited.
///
/// # Errors
/// - `NoProcess` if the process had already ended, or no process is registered under the name.
/// - `Timeout` if the process has not ended within the deadline; it is still stopping.
/// - `CallsItself` if the target is the calling process, which would wait for its own end; nothing is sent.
/// - `Exited` if the process has ended with another reason than the requested one.
///
/// # Cancel safety
/// Dropping the future before the first poll sends nothing. The first poll sends the request; dropping the future later
/// only ends the wait.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::error::StopError;
/// use std::time::Duration;
/// #[ambit::main]
/// async fn main() {
///     let worker = ambit::spawn(|mut inbox: Inbox<u8>| async move { inbox.recv().await; });
///     assert_eq!(worker.stop().timeout(Duration::from_secs(1)).await, Ok(()));
///     assert_eq!(worker.stop().await, Err(StopError::NoProcess));
/// }
/// ```
#[must_use = "a stop does nothing until it is awaited"]
pub struct Stop<'a> {
    process: &'a Process,
    reason: ExitReason,
    timeout: Option<Duration>,
    wait: Option<ExitWait>,
}

impl<'a> Stop<'a> {
    pub(crate) fn new(process: &'a Process, reason: ExitReason) -> Self {
        Self {
            process,
            reason,
            timeout: None,
            wait: None,
        }
    }

    /// Sets how long to wait for the process to end, counted from the first poll. The default is 5 s; for a supervisor
    /// there is no limit.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Waits without a timeout. (Erlang: `infinity`.)
    pub fn no_timeout(self) -> Self {
        self.timeout(FAR)
    }

    fn ask(&self) -> Result<ExitWait, StopError> {
        let process = self.process.current().ok_or(StopError::NoProcess)?;
        let core = process.core();
        if current::pid() == core.pid {
            return Err(StopError::CallsItself);
        }
        if core.relations.lock().dead().is_some() {
            return Err(StopError::NoProcess);
        }
        let of_kind = match core.kind {
            // Its children have their own shutdown times.
            ProcessKind::Supervisor => FAR,
            ProcessKind::Plain
            | ProcessKind::Side
            | ProcessKind::Main
            | ProcessKind::DeafMain
            | ProcessKind::Server { .. }
            | ProcessKind::Remote => DEFAULT_TIMEOUT,
        };
        let wait = ExitWait::watch_for(&process, self.timeout.unwrap_or(of_kind));
        // A process that is already ending accepts no request; its end is awaited all the same.
        let (_refused, wake) =
            process.notify(Notice::Stop(QueuedSignal::uncounted(self.reason.clone())));
        process.wake(wake);
        Ok(wait)
    }
}

impl Future for Stop<'_> {
    type Output = Result<(), StopError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if this.wait.is_none() {
            match this.ask() {
                Ok(wait) => this.wait = Some(wait),
                Err(error) => {
                    // Nothing was sent. A loop of stops of a stopped process lets other tasks run.
                    std::task::ready!(rt::poll_proceed(cx)).made_progress();
                    return Poll::Ready(Err(error));
                }
            }
        }
        let Some(wait) = &this.wait else {
            return Poll::Pending;
        };
        let outcome = match std::task::ready!(wait.poll_end(cx)) {
            Some(reason) if reason == this.reason => Ok(()),
            // A remote process had ended before the request arrived.
            Some(ExitReason::NoProcess) if wait.is_remote() => Err(StopError::NoProcess),
            Some(reason) => Err(StopError::Exited(reason)),
            None => Err(StopError::Timeout),
        };
        Poll::Ready(outcome)
    }
}

impl fmt::Debug for Stop<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stop")
            .field("process", self.process)
            .field("reason", &self.reason)
            .finish()
    }
}

impl Process {
    /// Monitors the process and returns a future that resolves to its [`Down`](crate::Down); works inside and outside a
    /// process. Dropping the future ends the monitor. (Erlang: `monitor/2`.) Inside a process, prefer `ctx.monitor` or
    /// `inbox.monitor`, which deliver the `Down` to the mailbox.
    pub fn monitor(&self) -> Monitor {
        Monitor::new(self.resolve())
    }

    /// Waits until the process ends, and returns its exit reason; returns at once if the process has already ended. If
    /// the handle follows a name under which no process is registered, returns `NoProcess` at once.
    ///
    /// # Cancel safety
    /// Dropping the future changes nothing.
    pub async fn closed(&self) -> ExitReason {
        // A loop of waits for a stopped process lets other tasks run.
        rt::consume_budget().await;
        match self.current() {
            Some(process) => ExitWait::watch(&process).await,
            None => ExitReason::NoProcess,
        }
    }

    /// Asks the process to stop with the reason `Normal` after it has handled the messages queued so far, and waits
    /// until it has ended: up to 5 s by default, without a limit for a supervisor. (Erlang: `gen_server:stop/1`.)
    pub fn stop(&self) -> Stop<'_> {
        self.stop_with(ExitReason::Normal)
    }

    /// Like [`stop`](Self::stop), with `reason` instead of `Normal`.
    pub fn stop_with(&self, reason: ExitReason) -> Stop<'_> {
        Stop::new(self, reason)
    }
}
