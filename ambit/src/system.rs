//! Systems: isolated sets of processes.

mod builder;
mod guards;

use std::collections::HashSet;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

pub use self::builder::SystemBuilder;
pub use self::guards::{SystemGuard, TelemetryGuard};

use crate::error::StartError;
use crate::exit_reason::ExitReason;
use crate::handle::exits::ExitWait;
use crate::handle::process::Process;
use crate::pid::Pid;
use crate::process::clock::within;
use crate::process::dead_letter::DeadLetter;
use crate::process::header::ProcessRef;
use crate::process::system_inner::SystemInner;
use crate::process::telemetry::Event;
use crate::process::{current, current_system, signal, time_driver};
use crate::rt::Handle;

/// An isolated set of processes with its own process table, names, timers and listeners. It belongs to one tokio
/// runtime and ends with it.
///
/// Most programs never use this type. The current system is that of the calling process, else the one entered on the
/// current runtime, else the default system of the runtime, which is created on first use.
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

impl System {
    /// Returns a builder for a separate system on this runtime.
    ///
    /// ```
    /// use ambit::system::System;
    /// #[ambit::main]
    /// async fn main() {
    ///     let system = System::builder().quiet_panics(true).build().unwrap();
    ///     assert_ne!(system, System::current().unwrap());
    /// }
    /// ```
    pub fn builder() -> SystemBuilder {
        SystemBuilder::default()
    }

    /// Returns the current system; creates the default system of the runtime if there is none.
    ///
    /// # Errors
    /// [`StartError::NoRuntime`] outside a tokio runtime.
    ///
    /// ```
    /// use ambit::system::System;
    /// #[ambit::main]
    /// async fn main() {
    ///     let system = System::current().unwrap();
    ///     assert_eq!(system.process_count(), 1);
    /// }
    /// ```
    pub fn current() -> Result<Self, StartError> {
        current_system::current_or_new()
            .map(|inner| Self { inner })
            .ok_or(StartError::NoRuntime)
    }

    /// Makes this system the current one on its runtime, until the guard is dropped. If several systems are entered,
    /// the one that was entered last is current.
    ///
    /// ```
    /// use ambit::system::System;
    /// let runtime = tokio::runtime::Runtime::new().unwrap();
    /// let _inside = runtime.enter();
    /// let system = System::builder().build().unwrap();
    /// let _guard = system.enter();
    /// assert_eq!(System::current().unwrap(), system);
    /// ```
    pub fn enter(&self) -> SystemGuard {
        current_system::enter(&self.inner);
        SystemGuard {
            system: self.inner.clone(),
        }
    }

    /// Runs `what` with this system as the current one on this thread: processes that `what` starts belong to this
    /// system, even if the calling process belongs to another one. For programs with several systems on one runtime.
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

    /// Calls `listener` with every event until the guard is dropped. The listener runs on the thread that causes the
    /// event and delays it, so it should be quick. A panic in the listener has no effect on that thread's work.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// use ambit::system::System;
    /// use ambit::telemetry::Event;
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    /// #[ambit::main]
    /// async fn main() {
    ///     let system = System::current().unwrap();
    ///     let spawned = Arc::new(AtomicUsize::new(0));
    ///     let count = spawned.clone();
    ///     let _guard = system.on_event(move |event| {
    ///         if let Event::Started { .. } = event {
    ///             count.fetch_add(1, Relaxed);
    ///         }
    ///     });
    ///     ambit::spawn(|_inbox: Inbox<u8>| async {});
    ///     assert_eq!(spawned.load(Relaxed), 1);
    /// }
    /// ```
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

    /// Calls `listener` with each dead letter until the guard is dropped, like [`on_event`](Self::on_event).
    ///
    /// ```
    /// use ambit::system::System;
    /// #[ambit::main]
    /// async fn main() {
    ///     let system = System::current().unwrap();
    ///     let _guard = system.on_dead_letter(|letter| eprintln!("not delivered: {letter:?}"));
    /// }
    /// ```
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

    /// Returns the number of dead letters so far: messages that were not delivered.
    ///
    /// ```
    /// use ambit::system::System;
    /// #[ambit::main]
    /// async fn main() {
    ///     let system = System::current().unwrap();
    ///     assert_eq!(system.dead_letters(), 0);
    /// }
    /// ```
    #[must_use]
    pub fn dead_letters(&self) -> u64 {
        self.inner.telemetry.dead_letters()
    }

    /// Returns the number of processes that exist now.
    ///
    /// ```
    /// use ambit::system::System;
    /// #[ambit::main]
    /// async fn main() {
    ///     let system = System::builder().build().unwrap();
    ///     assert_eq!(system.process_count(), 0);
    /// }
    /// ```
    #[must_use]
    pub fn process_count(&self) -> usize {
        self.inner.table.count()
    }

    /// Stops every process except the calling one, newest first and one after the other; a supervisor stops its own
    /// children. Each process is asked to stop with `Shutdown`, and killed if it has not ended after `patience`. For a
    /// supervisor, the time is at least the shutdown times of its children. Returns the processes that still have not
    /// ended 1 s after they were killed, because their handlers never suspend.
    ///
    /// # Cancel safety
    /// Dropping the future before the first poll does nothing. Dropping it later interrupts the shutdown: processes
    /// that were already asked to stop still stop, but none is killed; all other processes keep running.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// use ambit::system::System;
    /// use std::time::Duration;
    /// #[ambit::main]
    /// async fn main() {
    ///     let system = System::builder().build().unwrap();
    ///     let idle = system.within(|| ambit::spawn(|mut inbox: Inbox<u8>| async move { inbox.recv().await; }));
    ///     let stuck = system.stop(Duration::from_secs(5)).await;
    ///     assert!(stuck.is_empty() && !idle.is_alive());
    /// }
    /// ```
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
                    // Processes that it leaves behind are newer than the rest of these roots.
                    break;
                }
            }
        }
    }

    /// Returns the processes to stop next, newest first: those whose parent has ended, and whether they are parents
    /// themselves; never the calling process. One scan finds them all, as there may be very many.
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

/// Returns true if its observers have been notified of its end: it leaves the table a moment later, and there is
/// nothing to wait for.
fn is_over(process: &ProcessRef) -> bool {
    process.core().relations.lock().notified
}

/// Asks a process to stop, and kills it after `patience`; returns false if it still has not ended.
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
    /// Builds the system on the current runtime.
    ///
    /// # Errors
    /// [`StartError::NoRuntime`] outside a tokio runtime.
    ///
    /// ```
    /// use ambit::system::System;
    /// #[ambit::main]
    /// async fn main() {
    ///     let system = System::builder().report_arguments(true).build();
    ///     assert!(system.is_ok());
    /// }
    /// ```
    pub fn build(self) -> Result<System, StartError> {
        let handle = Handle::try_current().map_err(|_| StartError::NoRuntime)?;
        let system = SystemInner::new(handle, self.settings);
        time_driver::keep(&system, current_system::forget);
        Ok(System { inner: system })
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
