//! Measuring the processes of a system: off until it is requested, and then it costs nothing.
//!
//! While on, every message is counted and a sample is timed. Long runs on a thread are detected without reading the
//! clock: a separate thread counts ticks, and a run during which several of them pass was long.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::process::header::ProcessHeader;
use crate::process::meter::{BlockingPoll, Measure, MeasureRequests};
use crate::process::method_counters::{CounterLine, MethodCounters};
use crate::process::system_inner::SystemInner;
use crate::rt::{self, Instant};

/// By default one message of this many is timed.
pub(crate) const SAMPLE: u32 = 64;

/// The minimum length of a tick.
const TICK: Duration = Duration::from_millis(5);

/// 10 ms lie between the first and the last of this many ticks.
pub(crate) const LONG: u32 = 3;

/// The number of stored long runs.
const KEPT: usize = 100;

impl Measure {
    /// Starts measuring; one message of `sample` is timed, or more if another measurement requires it.
    pub(crate) fn begin(&self, system: &Arc<SystemInner>, sample: u32) {
        let mut asked = self.asked.lock();
        asked.samples.push(sample);
        if asked.ticker.is_none() && !system.settings.virtual_time {
            let ticker = Arc::new(());
            if let Err(error) = tick(Arc::downgrade(system), Arc::downgrade(&ticker)) {
                tracing::error!(%error, "no thread for the ticks: blocking polls are not seen");
            }
            asked.ticker = Some(ticker);
        }
        self.set(system, &asked);
    }

    /// Ends one [`begin`](Self::begin).
    pub(crate) fn end(&self, system: &SystemInner, sample: u32) {
        let mut asked = self.asked.lock();
        let own = asked.samples.iter().position(|known| *known == sample);
        if let Some(own) = own {
            asked.samples.swap_remove(own);
        }
        if asked.samples.is_empty() {
            asked.ticker = None;
        }
        self.set(system, &asked);
    }

    fn set(&self, system: &SystemInner, asked: &MeasureRequests) {
        let sample = asked.samples.iter().min().copied();
        let power = |sample: u32| sample.clamp(1, 1 << 31).next_power_of_two();
        self.sample
            .store(sample.map_or(0, power), Ordering::Relaxed);
        system.telemetry.measure(sample.is_some());
    }
}

/// Counts ticks on a thread until `ticker` is gone. A late thread counts fewer ticks, never more.
fn tick(system: Weak<SystemInner>, ticker: Weak<()>) -> std::io::Result<()> {
    rt::in_thread("ambit-ticks", TICK, move || {
        let Some(system) = system.upgrade() else {
            return false;
        };
        system.measure.ticks.fetch_add(1, Ordering::Relaxed);
        ticker.strong_count() > 0
    })
}

/// Records a synchronous handler that has finished without a panic; `ticks` is the tick count at its start, `took` its
/// duration if it was timed.
pub(crate) fn ran(
    core: &ProcessHeader,
    tally: &MethodCounters,
    method: &'static str,
    ticks: u32,
    took: Option<Duration>,
) {
    core.progress();
    tally.handled(tally.line(), 1);
    let ticks = core.system.measure.ticks().wrapping_sub(ticks);
    if ticks >= LONG {
        record(core, method, ticks);
    }
    if let Some(took) = took {
        // On a virtual clock a handler takes no time.
        let is_still = core.system.settings.virtual_time;
        tally.took(if is_still { Duration::ZERO } else { took });
    }
}

/// Records the start of an async method; returns the time if its run is to be timed.
pub(crate) fn begins(core: &ProcessHeader, tally: &MethodCounters) -> Option<Instant> {
    core.progress();
    let is_due = tally.line().left() == 0;
    is_due.then(|| core.system.now())
}

/// Records the end of an async method, with its start if it was timed; it may have moved to another thread.
pub(crate) fn ended(core: &ProcessHeader, tally: &MethodCounters, began: Option<Instant>) {
    let line = tally.line();
    tally.handled(line, 1);
    if let Some(began) = began {
        timed(core, tally, line, began);
    }
}

/// Records a timed run, and schedules the next one.
#[cold]
pub(crate) fn timed(
    core: &ProcessHeader,
    tally: &MethodCounters,
    line: &CounterLine,
    began: Instant,
) {
    let system = &core.system;
    tally.took(system.now().saturating_duration_since(began));
    line.leave(system.measure.mask());
}

/// Runs one poll of a process, and records it if it was long.
#[inline]
pub(crate) fn polled<T>(
    core: &ProcessHeader,
    method: impl FnOnce() -> &'static str,
    poll: impl FnOnce() -> T,
) -> T {
    if !core.system.telemetry.is_measuring() {
        return poll();
    }
    let before = core.system.measure.ticks();
    let polled = poll();
    let ticks = core.system.measure.ticks().wrapping_sub(before);
    if ticks >= LONG {
        record(core, method(), ticks);
    }
    polled
}

#[cold]
pub(crate) fn record(core: &ProcessHeader, method: &'static str, ticks: u32) {
    let poll = BlockingPoll {
        at: core.system.age(),
        pid: core.pid,
        type_name: core.type_name(),
        method,
        at_least: TICK * (ticks - 1),
    };
    let mut polls = core.system.measure.polls.lock();
    if polls.len() == KEPT {
        polls.pop_front();
    }
    polls.push_back(poll);
}
