//! Systems: isolated sets of processes.

mod builder;
mod guards;
mod stop;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use self::builder::SystemBuilder;
pub use self::guards::{SystemGuard, TelemetryGuard};

use crate::error::StartError;
use crate::handle::process::Process;
use crate::process::dead_letter::DeadLetter;
use crate::process::system_inner::SystemInner;
use crate::process::telemetry::Event;
use crate::process::{current_system, time_driver};
use crate::rt::Handle;

/// An isolated set of processes with its own process table, names, timers and listeners. It belongs to one tokio
/// runtime and ends with it.
///
/// Most programs never use this type. The current system is that of the enclosing [`within`](Self::within), else that
/// of the calling process, else the one [entered](Self::enter) on the current runtime, else the default system of the
/// runtime, which is created on first use.
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

    /// Returns the number of processes that exist now, in time proportional to that number. (Erlang:
    /// `erlang:system_info(process_count)`.)
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
    /// Processes that start meanwhile are stopped too. Among few processes they are stopped before the older ones; among
    /// many, or if many start, some of the older ones are stopped first. So a process that starts others faster than
    /// they stop is stopped as well.
    ///
    /// A calling process that has a supervisor ends with it, which interrupts the shutdown: call this in `main` or in
    /// a process without a supervisor.
    ///
    /// If a process of another node has started one of these processes with a link, it receives the reason
    /// `NoConnection`, as if the node were lost.
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
        let stuck = stop::stop_all(&self.inner, patience).await;
        stuck.into_iter().map(Process::fixed).collect()
    }
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
