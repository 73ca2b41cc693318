//! Measuring what the processes of a system do: off until somebody asks for it, and then it costs nothing.
//!
//! On, every message is counted and a sample of them is timed. Runs that keep a thread for long are seen without a look
//! at the clock: a thread of its own counts ticks, and a run that has seen several of them begin and end was long.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;

use crate::pid::Pid;
use crate::process::core::Core;
use crate::process::tally::{Line, Tally};
use crate::process::world::World;
use crate::rt::{self, Instant};

/// One message of so many is timed, unless somebody wants more.
pub(crate) const SAMPLE: u32 = 64;

/// How long a tick lasts at least.
const TICK: Duration = Duration::from_millis(5);

/// Between the first and the last of so many ticks lie 10 ms.
pub(crate) const LONG: u32 = 3;

/// So many long runs are kept.
const KEPT: usize = 100;

/// A run that kept its thread for more than 10 ms: whatever else waited for that thread waited for it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
#[non_exhaustive]
pub struct BlockingPoll {
    /// When it ended, since the system was made.
    #[cfg_attr(
        feature = "json",
        serde(rename = "at_ns", serialize_with = "crate::process::nanos")
    )]
    pub at: Duration,
    /// Who ran.
    pub pid: Pid,
    /// The name of its type.
    pub type_name: &'static str,
    /// The method that ran, or `init`; empty for a plain process.
    pub method: &'static str,
    /// How long at least.
    #[cfg_attr(
        feature = "json",
        serde(rename = "at_least_ns", serialize_with = "crate::process::nanos")
    )]
    pub at_least: Duration,
}

/// What is measured in one system.
#[derive(Debug, Default)]
pub(crate) struct Measure {
    /// Who measures, and how many messages each leaves out before it times one.
    asked: Mutex<Asked>,
    /// One message of so many is timed, a power of two; 0: nothing is measured.
    sample: AtomicU32,
    /// Counts on while somebody measures and the clock is a real one.
    ticks: AtomicU32,
    polls: Mutex<VecDeque<BlockingPoll>>,
}

#[derive(Debug, Default)]
struct Asked {
    samples: Vec<u32>,
    /// The thread that counts lives as long as this.
    ticker: Option<Arc<()>>,
}

impl Measure {
    /// Measures from here on; one message of `sample` is timed, or more if somebody else wants more.
    pub(crate) fn begin(&self, world: &Arc<World>, sample: u32) {
        let mut asked = self.asked.lock();
        asked.samples.push(sample);
        if asked.ticker.is_none() && !world.settings.virtual_time {
            let ticker = Arc::new(());
            if let Err(error) = tick(Arc::downgrade(world), Arc::downgrade(&ticker)) {
                tracing::error!(%error, "no thread for the ticks: blocking polls are not seen");
            }
            asked.ticker = Some(ticker);
        }
        self.set(world, &asked);
    }

    /// Takes one [`begin`](Self::begin) back.
    pub(crate) fn end(&self, world: &World, sample: u32) {
        let mut asked = self.asked.lock();
        let own = asked.samples.iter().position(|known| *known == sample);
        if let Some(own) = own {
            asked.samples.swap_remove(own);
        }
        if asked.samples.is_empty() {
            asked.ticker = None;
        }
        self.set(world, &asked);
    }

    fn set(&self, world: &World, asked: &Asked) {
        let sample = asked.samples.iter().min().copied();
        let power = |sample: u32| sample.clamp(1, 1 << 31).next_power_of_two();
        self.sample
            .store(sample.map_or(0, power), Ordering::Relaxed);
        world.telemetry.measure(sample.is_some());
    }

    /// What is 0 in the number of a message that is timed.
    #[inline]
    pub(crate) fn mask(&self) -> u32 {
        self.sample.load(Ordering::Relaxed).saturating_sub(1)
    }

    #[inline]
    pub(crate) fn ticks(&self) -> u32 {
        self.ticks.load(Ordering::Relaxed)
    }

    /// What [`ticks`](Self::ticks) reads, for who looks again and again.
    pub(crate) fn ticker(&self) -> &AtomicU32 {
        &self.ticks
    }

    /// The runs that kept their threads for long, oldest first.
    pub(crate) fn polls(&self) -> Vec<BlockingPoll> {
        self.polls.lock().iter().cloned().collect()
    }
}

/// Counts ticks on a thread until `ticker` is gone. A thread that is late counts less, never more.
fn tick(world: Weak<World>, ticker: Weak<()>) -> std::io::Result<()> {
    rt::in_thread("ambit-ticks", TICK, move || {
        let Some(world) = world.upgrade() else {
            return false;
        };
        world.measure.ticks.fetch_add(1, Ordering::Relaxed);
        ticker.strong_count() > 0
    })
}

/// A plain handler that was run for itself is done, and has not panicked; `ticks` is how many there were when it began,
/// `took` how long it took if it was timed.
pub(crate) fn ran(
    core: &Core,
    tally: &Tally,
    method: &'static str,
    ticks: u32,
    took: Option<Duration>,
) {
    core.progress();
    tally.handled(tally.line(), 1);
    let ticks = core.world.measure.ticks().wrapping_sub(ticks);
    if ticks >= LONG {
        note(core, method, ticks);
    }
    if let Some(took) = took {
        // On a clock that stands still nothing takes time.
        let is_still = core.world.settings.virtual_time;
        tally.took(if is_still { Duration::ZERO } else { took });
    }
}

/// An async method begins: when, if its run is to be timed.
pub(crate) fn begins(core: &Core, tally: &Tally) -> Option<Instant> {
    core.progress();
    let is_due = tally.line().left() == 0;
    is_due.then(|| core.world.now())
}

/// An async method is done, which began then if it was timed; it may have left the thread it began on.
pub(crate) fn ended(core: &Core, tally: &Tally, began: Option<Instant>) {
    let line = tally.line();
    tally.handled(line, 1);
    if let Some(began) = began {
        timed(core, tally, line, began);
    }
}

/// A run was timed; the next one is so many messages later.
#[cold]
pub(crate) fn timed(core: &Core, tally: &Tally, line: &Line, began: Instant) {
    let world = &core.world;
    tally.took(world.now().saturating_duration_since(began));
    line.leave(world.measure.mask());
}

/// Runs one poll of a process, and notes it if it was long.
#[inline]
pub(crate) fn polled<T>(
    core: &Core,
    method: impl FnOnce() -> &'static str,
    poll: impl FnOnce() -> T,
) -> T {
    if !core.world.telemetry.is_measuring() {
        return poll();
    }
    let before = core.world.measure.ticks();
    let polled = poll();
    let ticks = core.world.measure.ticks().wrapping_sub(before);
    if ticks >= LONG {
        note(core, method(), ticks);
    }
    polled
}

#[cold]
pub(crate) fn note(core: &Core, method: &'static str, ticks: u32) {
    let poll = BlockingPoll {
        at: core.world.age(),
        pid: core.pid,
        type_name: core.type_name(),
        method,
        at_least: TICK * (ticks - 1),
    };
    let mut polls = core.world.measure.polls.lock();
    if polls.len() == KEPT {
        polls.pop_front();
    }
    polls.push_back(poll);
}
