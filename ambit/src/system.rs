//! Systems: isolated worlds of processes, one keeper task each.

use std::collections::HashSet;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll};
use std::time::Duration;

use dashmap::DashMap;
use tokio::runtime::Id;

use crate::error::StartError;
use crate::exit_reason::ExitReason;
use crate::handle::exits::ExitSlot;
use crate::handle::process::Process;
use crate::pid::Pid;
use crate::process::core::ProcRef;
use crate::process::dead_letter::DeadLetter;
use crate::process::telemetry::Event;
use crate::process::world::{Settings, World};
use crate::process::{current, panics, signal};
use crate::rt::{self, Handle, Instant};

/// The systems of each runtime: the default one, and those that were entered, newest last.
static RUNTIMES: LazyLock<DashMap<Id, Vec<Arc<World>>>> = LazyLock::new(DashMap::new);

/// An isolated world: process table, names, timers and listeners. It belongs to one tokio runtime and ends with it.
///
/// Most programs never name it: the current system is that of the calling process, else the one entered on this
/// runtime, else a default one per runtime, made on first use.
///
/// ```
/// use ambit::System;
/// let runtime = tokio::runtime::Runtime::new().unwrap();
/// let _inside = runtime.enter();
/// let system = System::builder().quiet_panics(true).build().unwrap();
/// let _current = system.enter();
/// assert_eq!(System::current().unwrap(), system);
/// ```
#[derive(Clone)]
pub struct System {
    pub(crate) world: Arc<World>,
}

/// Makes a [`System`].
#[derive(Clone, Debug, Default)]
#[must_use = "a builder builds nothing by itself"]
pub struct SystemBuilder {
    settings: Settings,
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
        world_to_start_in()
            .map(|world| Self { world })
            .ok_or(StartError::NoRuntime)
    }

    /// Makes it the current one on its runtime, until the guard is dropped.
    pub fn enter(&self) -> SystemGuard {
        if let Some(handle) = self.world.handle() {
            RUNTIMES
                .entry(handle.id())
                .or_default()
                .push(self.world.clone());
        }
        SystemGuard {
            world: self.world.clone(),
        }
    }

    /// Calls `listener` with everything that happens, until the guard is dropped. A panic in it harms nobody.
    pub fn on_event(
        &self,
        listener: impl Fn(&Event<'_>) + Send + Sync + 'static,
    ) -> TelemetryGuard {
        let key = self.world.telemetry.add(Arc::new(listener));
        TelemetryGuard {
            world: self.world.clone(),
            key,
        }
    }

    /// Calls `listener` with each dead letter, until the guard is dropped.
    pub fn on_dead_letter(
        &self,
        listener: impl Fn(&DeadLetter) + Send + Sync + 'static,
    ) -> TelemetryGuard {
        self.on_event(move |event| {
            if let Event::DeadLetter(letter) = event {
                listener(letter);
            }
        })
    }

    /// How many messages were not delivered so far.
    pub fn dead_letters(&self) -> u64 {
        self.world
            .telemetry
            .dead_letters
            .load(std::sync::atomic::Ordering::Relaxed)
    }

    /// How many processes there are now.
    pub fn process_count(&self) -> usize {
        self.world.table.count()
    }

    /// Stops every process, newest first: each is asked with `Shutdown`, has `patience` to end, and is killed then.
    /// Returns those that did not end even so: a handler that never suspends cannot be killed.
    pub async fn stop(&self, patience: Duration) -> Vec<Process> {
        let mut stuck: Vec<ProcRef> = Vec::new();
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
    fn roots(&self, but: &[ProcRef]) -> Vec<(ProcRef, bool)> {
        let own = current::pid();
        let parent_of = |process: &ProcRef| process.core().relations.lock().parent;
        let mut all = self.world.table.all();
        let parents: HashSet<Pid> = all.iter().filter_map(parent_of).collect();
        all.retain(|one| {
            let pid = one.core().pid;
            pid != own && !but.iter().any(|stuck| stuck.core().pid == pid)
        });
        let is_root = |process: &&ProcRef| {
            let parent = parent_of(process);
            parent.is_none_or(|parent| parent == own || self.world.table.get(parent).is_none())
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

/// Asks a process to end, kills it when its time is up; false if it lives on even so.
async fn stop_one(process: &ProcRef, patience: Duration) -> bool {
    signal::receive_from_system(&**process, ExitReason::Shutdown);
    if ends_within(process, patience).await {
        return true;
    }
    signal::receive(
        &**process,
        Pid::NOBODY,
        ExitReason::Kill,
        signal::Cause::Sent,
    );
    ends_within(process, Duration::from_secs(1)).await
}

async fn ends_within(process: &ProcRef, patience: Duration) -> bool {
    let world = process.core().world.clone();
    let late = Arc::new(crate::engine::ticket::Ticket::default());
    let deadline = world.wheel.arm(world.after(patience), late.clone());
    let mut exit = ExitSlot::watch(process);
    let ended = std::future::poll_fn(|cx| match Pin::new(&mut exit).poll(cx) {
        Poll::Ready(_) => Poll::Ready(true),
        Poll::Pending => late.poll(cx).map(|_| false),
    })
    .await;
    drop(world.wheel.disarm(deadline));
    ended
}

impl SystemBuilder {
    /// Whether panics of processes are kept from the program's panic hook; they are reported as crashes all the same.
    pub fn quiet_panics(mut self, quiet: bool) -> Self {
        self.settings.quiet_panics = quiet;
        self
    }

    /// Whether crash reports show the arguments of the message that crashed. They must be formatted before each
    /// message is handled, so this costs time.
    pub fn report_arguments(mut self, report: bool) -> Self {
        self.settings.report_arguments = report;
        self
    }

    /// Makes the system, for the runtime this is called in.
    ///
    /// # Errors
    /// [`StartError::NoRuntime`] outside a tokio runtime.
    pub fn build(self) -> Result<System, StartError> {
        let handle = Handle::try_current().map_err(|_| StartError::NoRuntime)?;
        let world = World::new(handle.clone(), self.settings);
        rt::spawn(
            &handle,
            Keeper {
                world: world.clone(),
                sleep: None,
            },
        );
        Ok(System { world })
    }
}

/// The task that fires the deadlines of a system, and whose drop ends it.
struct Keeper {
    world: Arc<World>,
    sleep: Option<(Instant, Pin<Box<tokio::time::Sleep>>)>,
}

impl Future for Keeper {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        loop {
            let now = this.world.now();
            while let Some(entry) = this.world.wheel.due(now) {
                // What expires may hold a user's message, whose drop may panic; the others must not suffer.
                if let Err(report) = panics::catch(|| entry.expire(now)) {
                    tracing::error!(%report, "the drop of a timer's message panicked");
                }
            }
            let Some(at) = this.world.wheel.rest(cx.waker()) else {
                this.sleep = None;
                return Poll::Pending;
            };
            if this.sleep.as_ref().is_none_or(|(known, _)| *known != at) {
                this.sleep = Some((at, rt::sleep_until(at)));
            }
            if let Some((_, sleep)) = &mut this.sleep {
                std::task::ready!(sleep.as_mut().poll(cx));
                this.sleep = None;
            }
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.world.end();
        if let Some(handle) = self.world.handle() {
            // The runtime is going away, and tokio uses its id again.
            RUNTIMES.remove(&handle.id());
        }
        for process in self.world.table.all() {
            process.control(&mut |control| {
                control.fatal.get_or_insert(ExitReason::Shutdown);
            });
        }
    }
}

/// Leaves the system when dropped.
#[must_use = "the system is left when the guard is dropped"]
pub struct SystemGuard {
    world: Arc<World>,
}

impl Drop for SystemGuard {
    fn drop(&mut self) {
        let Some(handle) = self.world.handle() else {
            return;
        };
        if let Some(mut entered) = RUNTIMES.get_mut(&handle.id())
            && let Some(at) = entered
                .iter()
                .rposition(|world| Arc::ptr_eq(world, &self.world))
        {
            entered.remove(at);
        }
    }
}

impl fmt::Debug for SystemGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SystemGuard").finish_non_exhaustive()
    }
}

/// Ends the listening when dropped.
#[must_use = "the listener is removed when the guard is dropped"]
pub struct TelemetryGuard {
    world: Arc<World>,
    key: u64,
}

impl Drop for TelemetryGuard {
    fn drop(&mut self) {
        self.world.telemetry.remove(self.key);
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
        Arc::ptr_eq(&self.world, &other.world)
    }
}

impl Eq for System {}

/// The current world, if there already is one.
pub(crate) fn current_world() -> Option<Arc<World>> {
    if let Some(process) = current::current() {
        return Some(process.core().world.clone());
    }
    let handle = Handle::try_current().ok()?;
    RUNTIMES.get(&handle.id())?.last().cloned()
}

/// The current world; made where there is a runtime and none yet.
pub(crate) fn world_to_start_in() -> Option<Arc<World>> {
    if let Some(world) = current_world() {
        return Some(world);
    }
    let handle = Handle::try_current().ok()?;
    let mut worlds = RUNTIMES.entry(handle.id()).or_default();
    if let Some(world) = worlds.first() {
        return Some(world.clone());
    }
    let world = World::new(handle.clone(), Settings::default());
    worlds.push(world.clone());
    drop(worlds);
    rt::spawn(
        &handle,
        Keeper {
            world: world.clone(),
            sleep: None,
        },
    );
    Some(world)
}
