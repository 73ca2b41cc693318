//! The shared state of the processes of one system: table, deadlines, counters and listeners.

use std::any::{Any, TypeId};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::Duration;

use parking_lot::{Mutex, RwLock};

use crate::engine::in_place::InPlace;
use crate::engine::wheel::Wheel;
use crate::panics;
use crate::pid::Pid;
use crate::process::crashes::{self, Crashes};
use crate::process::header::{AnyProcess, ProcessHeader, ProcessRef, Stage};
pub(crate) use crate::process::header::{InSystem, SystemInner};
use crate::process::idle_tasks::Reaper;
use crate::process::meter::Measure;
use crate::process::node_signal::RemoteNode;
use crate::process::route;
pub(crate) use crate::process::system_settings::SystemSettings;
use crate::process::table::ProcessTable;
use crate::process::task_tracker::TaskTracker;
use crate::process::telemetry::Telemetry;
use crate::process::wait_graph::WaitGraph;
use crate::rt::{self, Handle, Instant, Rng};

/// The inline mode of all tests, from the environment: with `AMBIT_IN_PLACE=always` callers run every handler inline
/// that they may, with `never` none.
static WAY: LazyLock<Option<InPlace>> =
    LazyLock::new(|| match std::env::var("AMBIT_IN_PLACE").ok()?.as_str() {
        "always" => Some(InPlace::Always),
        "never" => Some(InPlace::Never),
        other => panic!("AMBIT_IN_PLACE={other}: set it to `always` or `never`, or not at all"),
    });

/// Returns the next number of a sequence that threads share without a lock: each takes a seed of its own.
fn next_random(state: &AtomicU64) -> u64 {
    let step = 0x9e37_79b9_7f4a_7c15;
    let seed = state.fetch_add(step, Ordering::Relaxed);
    Rng::with_seed(seed).u64(..)
}

/// Returns the initial state of trace numbers for a test's seed.
fn traces(seed: u64) -> u64 {
    seed.rotate_left(32)
}

/// The next node number. Other nodes can make this one take numbers, so 32 bits would wrap.
static NODES: AtomicU64 = AtomicU64::new(1);
static NOWHERE: LazyLock<Arc<SystemInner>> = LazyLock::new(|| {
    let system = SystemInner::make(None, SystemSettings::default());
    system.end();
    Arc::new(system)
});

/// A stop of all processes of a system.
pub(crate) struct StopInProgress<'a>(&'a SystemInner);

impl Drop for StopInProgress<'_> {
    fn drop(&mut self) {
        self.0.stops.fetch_sub(1, Ordering::Relaxed);
    }
}

impl ProcessTable<dyn AnyProcess> {
    /// Runs `look` on a process under the lock, which `look` must not take again.
    pub(crate) fn with<T>(&self, pid: Pid, look: impl FnOnce(&ProcessHeader) -> T) -> Option<T> {
        self.read(pid, |process| look(process.core()))
    }

    /// Returns all processes in the table, in start order.
    pub(crate) fn all(&self) -> Vec<ProcessRef> {
        let mut all = Vec::new();
        self.each(|process| all.push(process.clone()));
        all.sort_by_key(|process| process.core().start_number);
        all
    }

    /// Returns the number of processes whose end has not been published: a process whose end was observed is not
    /// counted, though it leaves the table a moment later.
    pub(crate) fn count(&self) -> usize {
        let mut count = 0;
        self.each(|process| count += usize::from(process.core().stage() < Stage::Gone));
        count
    }
}

impl SystemInner {
    pub(crate) fn new(handle: Handle, settings: SystemSettings) -> Arc<Self> {
        let system = Arc::new(Self::make(Some(handle), settings));
        route::announce(&system);
        system
    }

    /// Returns the system of processes spawned without a runtime: no process runs in it.
    pub(crate) fn nowhere() -> Arc<Self> {
        NOWHERE.clone()
    }

    fn make(handle: Option<Handle>, mut settings: SystemSettings) -> Self {
        if cfg!(feature = "test") {
            settings.in_place = settings.in_place.or(*WAY);
        }
        let node = NODES.fetch_add(1, Ordering::Relaxed);
        let began = rt::now(handle.as_ref());
        Self {
            node,
            handle,
            settings,
            wheel: Wheel::default(),
            table: ProcessTable::new(node),
            wait_graph: WaitGraph::default(),
            telemetry: Telemetry::new(settings.report_arguments),
            measure: Measure::default(),
            crashes: Crashes::new(settings.crashes.unwrap_or(crashes::DEFAULT)),
            began,
            activity: AtomicU64::new(0),
            tasks: TaskTracker::default(),
            rest: Reaper::default(),
            random: AtomicU64::new(settings.seed.unwrap_or_else(rt::entropy)),
            random_bool: AtomicU64::new(settings.seed.map_or(0, |seed| !seed)),
            traces: AtomicU64::new(settings.seed.map_or_else(rt::entropy, traces)),
            start_numbers: AtomicU64::new(0),
            // 0 means none.
            refs: AtomicU64::new(1),
            down: AtomicBool::new(false),
            stops: AtomicUsize::new(0),
            nodes: RwLock::default(),
            relations_by_node: Arc::default(),
            extensions: Mutex::default(),
            names: OnceLock::new(),
        }
    }

    /// Returns a number for a node outside this program.
    #[cfg(feature = "remote")]
    pub(crate) fn next_node() -> u64 {
        NODES.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn node(&self) -> u64 {
        self.node
    }

    pub(crate) fn handle(&self) -> Option<&Handle> {
        self.handle.as_ref()
    }

    pub(crate) fn now(&self) -> Instant {
        rt::now(self.handle.as_ref())
    }

    /// Returns the time since its creation.
    pub(crate) fn age(&self) -> Duration {
        self.now().saturating_duration_since(self.began)
    }

    /// Returns the moment `delay` from now.
    pub(crate) fn after(&self, delay: Duration) -> Instant {
        rt::after(self.now(), delay)
    }

    /// Returns a random number, from the runtime's entropy or a test's seed.
    pub(crate) fn random(&self) -> u64 {
        next_random(&self.random)
    }

    /// Returns a random bit on a virtual clock: from the test's seed, independent of `random`.
    pub(crate) fn random_bool(&self) -> Option<bool> {
        (cfg!(feature = "test") && self.settings.virtual_time)
            .then(|| next_random(&self.random_bool) & 1 == 0)
    }

    /// Returns a number for a trace or a span, also independent of `random`: tracing changes no random choice. Never 0.
    pub(crate) fn trace_number(&self) -> u64 {
        next_random(&self.traces).max(1)
    }

    /// Makes the random numbers reproducible.
    #[cfg(feature = "test")]
    pub(crate) fn seed(&self, seed: u64) {
        self.random.store(seed, Ordering::Relaxed);
        self.random_bool.store(!seed, Ordering::Relaxed);
        self.traces.store(traces(seed), Ordering::Relaxed);
    }

    pub(crate) fn next_start_number(&self) -> u64 {
        self.start_numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// Returns the number of processes that have been started so far.
    pub(crate) fn started(&self) -> u64 {
        self.start_numbers.load(Ordering::Relaxed)
    }

    pub(crate) fn next_ref(&self) -> u64 {
        self.refs.fetch_add(1, Ordering::Relaxed)
    }

    /// Counts a poll of a process, for the test kit.
    #[inline]
    pub(crate) fn count_activity(&self) {
        if cfg!(feature = "test") {
            self.activity.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn is_down(&self) -> bool {
        self.down.load(Ordering::Acquire)
    }

    /// Records that all processes are being stopped, until the returned value is dropped.
    pub(crate) fn begin_stop(&self) -> StopInProgress<'_> {
        self.stops.fetch_add(1, Ordering::Relaxed);
        StopInProgress(self)
    }

    /// Returns true while all processes are being stopped.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stops.load(Ordering::Relaxed) > 0
    }

    /// Ends the system: no deadline fires any more.
    pub(crate) fn end(&self) {
        self.down.store(true, Ordering::Release);
        route::withdraw(self.node);
        for entry in self.wheel.clear() {
            entry.clone().system_ended();
            panics::drop_quietly(entry);
        }
    }

    #[cfg_attr(
        not(any(test, feature = "remote")),
        allow(dead_code, reason = "the seam for other nodes")
    )]
    pub(crate) fn add_node(&self, number: u64, node: Arc<dyn RemoteNode>) {
        // Dropped without the lock, because dropping a node may remove its number.
        let before = self.nodes.write().insert(number, node);
        drop(before);
    }

    #[cfg_attr(
        not(any(test, feature = "remote")),
        allow(dead_code, reason = "the seam for other nodes")
    )]
    pub(crate) fn remove_node(&self, number: u64) {
        let node = self.nodes.write().remove(&number);
        let queued = node.as_ref().and_then(|node| node.queued());
        route::node_down(self, number, queued);
    }

    /// Returns the number of added nodes.
    #[cfg(all(test, feature = "remote"))]
    pub(crate) fn known_nodes(&self) -> usize {
        self.nodes.read().len()
    }

    pub(crate) fn node_of(&self, pid: Pid) -> Option<Arc<dyn RemoteNode>> {
        self.nodes.read().get(&pid.node()).cloned()
    }

    /// Returns the registry of local names, of any type; created on first use.
    pub(crate) fn names<T: Any + Send + Sync + Default>(&self) -> Option<&T> {
        let names = self.names.get_or_init(|| Arc::new(T::default()));
        names.downcast_ref()
    }

    /// Like [`names`](Self::names), as an `Arc`.
    pub(crate) fn names_arc<T: Any + Send + Sync + Default>(&self) -> Arc<T> {
        let names = self.names.get_or_init(|| Arc::new(T::default()));
        names.clone().downcast().unwrap_or_default()
    }

    /// Returns the extension of a higher layer for this system; created on first use.
    pub(crate) fn extension<T: Any + Send + Sync + Default>(&self) -> Arc<T> {
        let made = self
            .extensions
            .lock()
            .entry(TypeId::of::<T>())
            .or_insert_with(|| Arc::new(T::default()))
            .clone();
        made.downcast().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "remote")]
    #[test]
    fn no_number_of_a_node_is_taken_twice() {
        let system = SystemInner::make(None, SystemSettings::default());
        // As if other nodes had made this one take that many.
        NODES.fetch_max(u32::MAX.into(), Ordering::Relaxed);
        let numbers: Vec<_> = (0..=system.node() + 1)
            .map(|_| SystemInner::next_node())
            .collect();
        assert!(!numbers.contains(&system.node()), "{}", system.node());
        assert!(!numbers.contains(&Pid::NOBODY.node()));
    }

    #[test]
    fn the_choices_of_a_seed_repeat_and_those_of_another_differ() {
        let choices = |seed| {
            let virtual_time = true;
            let system = SystemInner::make(
                None,
                SystemSettings {
                    seed,
                    virtual_time,
                    ..SystemSettings::default()
                },
            );
            [0; 8].map(|_| (system.random(), system.random_bool(), system.trace_number()))
        };
        assert_eq!(choices(Some(7)), choices(Some(7)));
        assert_ne!(choices(Some(7)), choices(Some(8)));
        assert_ne!(choices(None), choices(None));
    }
}
