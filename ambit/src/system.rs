//! Systems: the public face of a world of processes.

use std::collections::HashSet;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::error::StartError;
use crate::exit_reason::ExitReason;
use crate::handle::exits::ExitWait;
use crate::handle::process::Process;
use crate::pid::Pid;
use crate::process::clock::within;
use crate::process::dead_letter::DeadLetter;
use crate::process::header::ProcessRef;
use crate::process::system_inner::{SystemInner, SystemSettings};
use crate::process::telemetry::Event;
use crate::process::{current, current_system, runtime_driver, signal};
use crate::rt::Handle;

/// An isolated world: process table, names, timers and listeners. It belongs to one tokio runtime and ends with it.
///
/// Most programs never name it: the current system is that of the calling process, else the one entered on this
/// runtime, else a default one per runtime, made on first use.
///
/// ```
/// use ambit::system::System;
/// let runtime = tokio::runtime::Runtime::new().unwrap();
/// let _inside = runtime.enter();
/// let system = System::builder().quiet_panics(true).build().unwrap();
/// let _current = system.enter();
/// assert_eq!(System::current().unwrap(), system);
/// ```
#[derive(Clone)]
pub struct System {
    pub(crate) inner: Arc<SystemInner>,
}

/// Makes a [`System`].
#[derive(Clone, Debug, Default)]
#[must_use = "a builder builds nothing by itself"]
pub struct SystemBuilder {
    settings: SystemSettings,
}

impl System {
    /// A system of its own for this runtime.
    pub fn builder() -> SystemBuilder {
        SystemBuilder::default()
    }

    /// The current system.
    ///
    /// # Errors
    /// [`StartError::NoRuntime`] outside a tokio runtime.
    pub fn current() -> Result<Self, StartError> {
        current_system::current_or_new()
            .map(|inner| Self { inner })
            .ok_or(StartError::NoRuntime)
    }

    /// Makes it the current one on its runtime, until the guard is dropped.
    pub fn enter(&self) -> SystemGuard {
        current_system::enter(&self.inner);
        SystemGuard {
            system: self.inner.clone(),
        }
    }

    /// Runs `what` with this as the current system of the thread: what it starts or spawns belongs here, wherever it is
    /// called. For programs with several systems on one runtime.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// use ambit::system::System;
    /// #[ambit::main]
    /// async fn main() {
    ///     let other = System::builder().build().unwrap();
    ///     let echo = other.within(|| ambit::spawn(|mut inbox: Inbox<u8>| async move { inbox.recv().await; }));
    ///     assert_eq!(other.process_count(), 1);
    ///     assert!(echo.is_alive());
    /// }
    /// ```
    pub fn within<T>(&self, what: impl FnOnce() -> T) -> T {
        current_system::within(&self.inner, what)
    }

    /// Calls `listener` with everything that happens, until the guard is dropped. A panic in it harms nobody.
    pub fn on_event(
        &self,
        listener: impl Fn(&Event<'_>) + Send + Sync + 'static,
    ) -> TelemetryGuard {
        let key = self.inner.telemetry.add(Arc::new(listener));
        TelemetryGuard {
            system: self.inner.clone(),
            key,
        }
    }

    /// Calls `listener` with each dead letter, until the guard is dropped.
    pub fn on_dead_letter(
        &self,
        listener: impl Fn(&DeadLetter) + Send + Sync + 'static,
    ) -> TelemetryGuard {
        self.on_event(move |event| {
            if let Event::DeadLetter(envelope) = event {
                listener(envelope);
            }
        })
    }

    /// How many messages were not delivered so far.
    #[must_use]
    pub fn dead_letters(&self) -> u64 {
        self.inner.telemetry.dead_letters()
    }

    /// How many processes there are now.
    #[must_use]
    pub fn process_count(&self) -> usize {
        self.inner.table.count()
    }

    /// Stops every process, newest first: each is asked with `Shutdown`, has `patience` to end, and is killed then.
    /// Returns those that did not end even so: a handler that never suspends cannot be killed.
    pub async fn stop(&self, patience: Duration) -> Vec<Process> {
        let mut stuck: Vec<ProcessRef> = Vec::new();
        loop {
            let roots = self.roots(&stuck);
            if roots.is_empty() {
                return stuck.into_iter().map(Process::fixed).collect();
            }
            for (process, is_parent) in roots {
                if !stop_one(&process, patience).await {
                    stuck.push(process);
                }
                if is_parent {
                    // What it leaves behind is newer than the rest of these roots.
                    break;
                }
            }
        }
    }

    /// What is to be stopped next, newest first: the processes whose parent is gone, and whether they are parents
    /// themselves; never the calling process. One look finds them all, as there may be very many.
    fn roots(&self, but: &[ProcessRef]) -> Vec<(ProcessRef, bool)> {
        let own = current::pid();
        let parent_of = |process: &ProcessRef| process.core().relations.lock().parent();
        let mut all = self.inner.table.all();
        let parents: HashSet<Pid> = all.iter().filter_map(parent_of).collect();
        all.retain(|one| {
            let pid = one.core().pid;
            pid != own && !is_over(one) && !but.iter().any(|stuck| stuck.core().pid == pid)
        });
        let is_root = |process: &&ProcessRef| {
            let parent = parent_of(process);
            let lives = |parent| {
                self.inner
                    .table
                    .get(parent)
                    .is_some_and(|one| !is_over(&one))
            };
            parent.is_none_or(|parent| parent == own || !lives(parent))
        };
        let mut roots: Vec<_> = all.iter().rev().filter(is_root).collect();
        if roots.is_empty() {
            roots.extend(all.last());
        }
        roots
            .into_iter()
            .map(|root| (root.clone(), parents.contains(&root.core().pid)))
            .collect()
    }
}

/// Everybody has been told of its end: it leaves the table a moment later, and there is nothing to wait for.
fn is_over(process: &ProcessRef) -> bool {
    process.core().relations.lock().told
}

/// Asks a process to end, kills it when its time is up; false if it lives on even so.
async fn stop_one(process: &ProcessRef, patience: Duration) -> bool {
    signal::receive_from_system(&**process, ExitReason::Shutdown);
    let is_stuck = process.core().relations.lock().stuck;
    let patience = if is_stuck {
        Duration::ZERO
    } else {
        process.core().patience(patience)
    };
    if ends_within(process, patience).await {
        return true;
    }
    signal::kill(&**process);
    ends_within(process, Duration::from_secs(1)).await
}

async fn ends_within(process: &ProcessRef, patience: Duration) -> bool {
    let mut exit = ExitWait::watch(process);
    let ended = within(&process.core().system, patience, |cx| {
        Pin::new(&mut exit).poll(cx)
    });
    ended.await.is_some()
}

impl SystemBuilder {
    /// Whether crashes print nothing: the panics of processes are kept from the program's panic hook, and a crash is no
    /// `error!` event. [`on_event`](System::on_event) hears of it all the same. Default: false.
    pub fn quiet_panics(mut self, quiet: bool) -> Self {
        self.settings.quiet_panics = quiet;
        self
    }

    /// Whether crashes are written to standard error while the program has no `tracing` subscriber, one line for each;
    /// so are restarts that fail, supervisors that give up, and children that do not end. With a subscriber they are
    /// events for it and nothing is written. Default: true, so that no crash passes unseen.
    ///
    /// [`#[ambit::main(stderr_reports = false)]`](crate::main) says the same of the system that it makes. The panic hook of
    /// the program prints panics all the same; [`quiet_panics`](Self::quiet_panics) silences both.
    ///
    /// ```
    /// use ambit::system::System;
    /// let runtime = tokio::runtime::Runtime::new().unwrap();
    /// let _inside = runtime.enter();
    /// let system = System::builder().stderr_reports(false).build().unwrap();
    /// let _current = system.enter();
    /// ```
    pub fn stderr_reports(mut self, write: bool) -> Self {
        self.settings.no_stderr = !write;
        self
    }

    /// Whether crash reports show the arguments of the message that crashed. They must be formatted before each
    /// message is handled, so this costs time.
    pub fn report_arguments(mut self, report: bool) -> Self {
        self.settings.report_arguments = report;
        self
    }

    /// How many crashes it remembers, for [`inspect::snapshot`](crate::inspect::snapshot); the oldest makes room for the
    /// newest. Default: 1,000.
    pub fn remember_crashes(mut self, crashes: usize) -> Self {
        self.settings.crashes = Some(crashes);
        self
    }

    /// The clock stands still while anything happens: whether callers run handlers is then tossed for, from the seed.
    #[cfg(feature = "test")]
    pub(crate) fn virtual_time(mut self, is_virtual: bool) -> Self {
        self.settings.virtual_time = is_virtual;
        self
    }

    /// For a simulator, on whose clock no time passes while anything happens: every random choice of the system is made
    /// from `seed`, and none from how long something took.
    #[cfg(feature = "test")]
    pub fn simulated(mut self, seed: u64) -> Self {
        self.settings.virtual_time = true;
        self.settings.seed = Some(seed);
        self
    }

    /// Makes the system, for the runtime this is called in.
    ///
    /// # Errors
    /// [`StartError::NoRuntime`] outside a tokio runtime.
    pub fn build(self) -> Result<System, StartError> {
        let handle = Handle::try_current().map_err(|_| StartError::NoRuntime)?;
        let system = SystemInner::new(handle, self.settings);
        runtime_driver::keep(&system, current_system::forget);
        Ok(System { inner: system })
    }
}

/// Leaves the system when dropped.
#[must_use = "the system is left when the guard is dropped"]
pub struct SystemGuard {
    system: Arc<SystemInner>,
}

impl Drop for SystemGuard {
    fn drop(&mut self) {
        current_system::leave(&self.system);
    }
}

impl fmt::Debug for SystemGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SystemGuard").finish_non_exhaustive()
    }
}

/// A listener of a system; from [`System::on_event`] and [`System::on_dead_letter`]. No process stands behind it, so dropping
/// this ends it.
#[must_use = "the listener is removed when the guard is dropped"]
pub struct TelemetryGuard {
    system: Arc<SystemInner>,
    key: u64,
}

impl Drop for TelemetryGuard {
    fn drop(&mut self) {
        self.system.telemetry.remove(self.key);
    }
}

impl fmt::Debug for TelemetryGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TelemetryGuard").finish_non_exhaustive()
    }
}

impl fmt::Debug for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("System")
            .field("processes", &self.process_count())
            .finish_non_exhaustive()
    }
}

impl PartialEq for System {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }
}

impl Eq for System {}
