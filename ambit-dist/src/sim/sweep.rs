//! Runs many seeds in parallel.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::panic::resume_unwind;
use std::thread::{self, available_parallelism};
use std::time::Duration;

use parking_lot::Mutex;

use super::cluster::Sim;
use super::outcome::{Cause, Outcome, SimError};
use super::trace::{TraceEvent, divergence};

/// A set of runs of one simulation, each with a different seed. Some seeds run twice, to check that they are
/// deterministic.
///
/// ```
/// use ambit_dist::sim::{Sweep, sometimes};
/// let report = Sweep::over(0..20).run(|sim| {
///     let late = sim.rng("start").chance(0.5);
///     sim.client("c", move |host| async move { sometimes!(late, "c is late") });
/// });
/// report.assert_passed();
/// ```
#[must_use = "a sweep does nothing until it is run"]
pub struct Sweep {
    seeds: Range<u64>,
    extra: u64,
    jobs: usize,
    twice: u64,
    enough: usize,
    reproduce: Option<Box<dyn Fn(u64) -> String + Send + Sync>>,
    progress: Option<Box<dyn Fn(Progress) + Send + Sync>>,
}

/// The progress of a running sweep.
///
/// ```
/// use std::sync::mpsc;
/// use ambit_dist::sim::{Progress, Sweep};
///
/// let (sender, progress) = mpsc::channel();
/// let listener = move |progress: Progress| sender.send(progress).unwrap();
/// Sweep::over(0..3).on_progress(listener).run(|sim| { sim.client("web", |_| async {}); });
/// let last = progress.iter().last().unwrap();
/// assert_eq!(last, Progress { done: 3, all: 3, failed: 0 });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The number of completed seeds.
    pub done: u64,
    /// The total number of seeds. It increases when the sweep adds [extra seeds](Sweep::extra_seeds).
    pub all: u64,
    /// The number of failed seeds so far.
    pub failed: usize,
}

impl Sweep {
    /// Creates a sweep over this range of seeds.
    pub fn over(seeds: Range<u64>) -> Self {
        let jobs = available_parallelism().map_or(1, usize::from);
        Self {
            seeds,
            extra: 0,
            jobs,
            twice: 20,
            enough: 5,
            reproduce: None,
            progress: None,
        }
    }

    /// Sets the maximum number of seeds that are added after the range. They run only if all seeds before them passed
    /// and a [`sometimes!`](super::sometimes) was never true, in blocks as large as the range, until all were true.
    /// Default: 0.
    ///
    /// A sweep of few seeds then does not fail because a rare condition happened to be false in all of them.
    ///
    /// ```
    /// use ambit_dist::sim::{Sweep, sometimes};
    ///
    /// let report = Sweep::over(0..2).extra_seeds(200).run(|sim| {
    ///     let rare = sim.rng("start").chance(0.1);
    ///     sim.client("c", move |_| async move { sometimes!(rare, "one of ten runs") });
    /// });
    /// assert_eq!(report.verdict(), Ok(()));
    /// assert!(report.runs > 2 && report.runs < 202);
    /// ```
    pub fn extra_seeds(mut self, seeds: u64) -> Self {
        self.extra = seeds;
        self
    }

    /// Sets the number of parallel runs, each in its own thread; 0 is treated as 1. Default: the number of cores.
    pub fn jobs(mut self, jobs: usize) -> Self {
        self.jobs = jobs.max(1);
        self
    }

    /// Runs each seed that is a multiple of `seeds` twice, to check that it is deterministic; 0 disables the check.
    /// Default: 20.
    pub fn twice_every(mut self, seeds: u64) -> Self {
        self.twice = seeds;
        self
    }

    /// Starts no further seeds after this many failures; 0 is treated as 1. Default: 5.
    pub fn enough_failures(mut self, failures: usize) -> Self {
        self.enough = failures.max(1);
        self
    }

    /// Sets the command for reproducing a seed, which errors show. Default: `Sim::new(..)` with the seed, or
    /// `replay(..)` if two runs of the seed differ.
    pub fn reproduce_with(
        mut self,
        command: impl Fn(u64) -> String + Send + Sync + 'static,
    ) -> Self {
        self.reproduce = Some(Box::new(command));
        self
    }

    /// Calls `listener` after each seed, on one of the threads of the sweep. The other threads wait until it returns,
    /// so it must not take long.
    pub fn on_progress(mut self, listener: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.progress = Some(Box::new(listener));
        self
    }

    /// For every seed, calls `build` with an empty simulation and runs the simulation.
    ///
    /// # Panics
    /// Panics if `build` panics.
    pub fn run(self, build: impl Fn(&mut Sim) + Sync) -> SweepReport {
        let end = self.seeds.end.saturating_add(self.extra);
        let (mut seeds, mut report) = (self.seeds.clone(), SweepReport::default());
        let block = seeds.end.saturating_sub(seeds.start);
        loop {
            report = self.block(seeds.clone(), report, &build);
            if !report.failures.is_empty() || report.never().is_empty() {
                break;
            }
            seeds = seeds.end..seeds.end.saturating_add(block).min(end);
            if seeds.is_empty() {
                break;
            }
        }
        report.failures.sort_by_key(|error| error.seed);
        report
    }

    /// Runs these seeds and adds their results to `report`.
    fn block(
        &self,
        seeds: Range<u64>,
        report: SweepReport,
        build: &(impl Fn(&mut Sim) + Sync),
    ) -> SweepReport {
        let all = seeds.end.saturating_sub(self.seeds.start);
        let state = Mutex::new((seeds, report));
        let work = || {
            loop {
                let seed = {
                    let mut state = state.lock();
                    if state.1.failures.len() >= self.enough {
                        return;
                    }
                    state.0.next()
                };
                let Some(seed) = seed else { return };
                let result = self.one(seed, build);
                let mut state = state.lock();
                state.1.take(result);
                let (done, failed) = (state.1.runs, state.1.failures.len());
                if let Some(progress) = &self.progress {
                    progress(Progress { done, all, failed });
                }
            }
        };
        thread::scope(|scope| {
            let workers: Vec<_> = (0..self.jobs).map(|_| scope.spawn(work)).collect();
            for worker in workers {
                worker.join().unwrap_or_else(|panic| resume_unwind(panic));
            }
        });
        state.into_inner().1
    }

    /// Runs one seed in its own thread, so that no thread-local state of another run remains.
    fn one(&self, seed: u64, build: &(impl Fn(&mut Sim) + Sync)) -> Result<Outcome, Box<SimError>> {
        let build = |sim: &mut Sim| {
            if let Some(reproduce) = &self.reproduce {
                sim.reproduce_with(reproduce(seed));
            }
            build(sim);
        };
        if self.twice > 0 && seed.is_multiple_of(self.twice) {
            replay(seed, build)
        } else {
            apart(|| once(seed, &build, false))
        }
    }
}

impl fmt::Debug for Sweep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sweep")
            .field("seeds", &self.seeds)
            .field("jobs", &self.jobs)
            .finish_non_exhaustive()
    }
}

/// The results of a sweep.
///
/// ```
/// use ambit_dist::sim::{Sweep, sometimes};
///
/// let report = Sweep::over(0..3).run(|sim| {
///     sim.client("web", |host| async move { sometimes!(host.lost() > 0, "a datagram is lost") });
/// });
/// assert_eq!((report.runs, report.failures.len()), (3, 0));
/// assert_eq!(report.never(), ["a datagram is lost"]);
/// assert!(report.verdict().unwrap_err().contains("run more seeds, or check whether it can occur"));
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct SweepReport {
    /// The number of seeds that have run. A seed that ran twice counts once.
    pub runs: u64,
    /// The failures, in ascending order of their seeds.
    pub failures: Vec<Box<SimError>>,
    /// The name of each [`sometimes!`](super::sometimes), with the number of times that its condition was true in the
    /// runs that passed.
    pub sometimes: BTreeMap<&'static str, u64>,
    /// The total virtual time of the runs that passed.
    pub time: Duration,
    /// The total number of datagrams sent in the runs that passed.
    pub datagrams: u64,
    /// The total number of datagrams lost by the network in the runs that passed.
    pub lost: u64,
}

impl SweepReport {
    fn take(&mut self, result: Result<Outcome, Box<SimError>>) {
        self.runs += 1;
        match result {
            Ok(outcome) => {
                self.time += outcome.time;
                self.datagrams += outcome.datagrams;
                self.lost += outcome.lost;
                for (name, count) in outcome.sometimes {
                    *self.sometimes.entry(name).or_default() += count;
                }
            }
            Err(error) => self.failures.push(error),
        }
    }

    /// Returns the sorted names of conditions that no passing run satisfied: each [`sometimes!`](super::sometimes) that
    /// a passing run evaluated, and each name of [`Sim::promise`](super::Sim::promise). Failed runs are ignored, so the
    /// list is empty if all runs failed.
    #[must_use]
    pub fn never(&self) -> Vec<&'static str> {
        let never = self.sometimes.iter().filter(|(_, count)| **count == 0);
        never.map(|(name, _)| *name).collect()
    }

    /// Checks that no seed failed, and that every [`sometimes!`](super::sometimes) was true in at least one run.
    ///
    /// # Errors
    /// Fails with a description of all failures. If no seed failed, fails with the names of the
    /// [`sometimes!`](super::sometimes) that were never true, or if there was no seed.
    pub fn verdict(&self) -> Result<(), String> {
        let mut lines: Vec<String> = self.failures.iter().map(ToString::to_string).collect();
        let never = self.never();
        // Failed runs end early, so conditions that they did not reach are not reported.
        if self.failures.is_empty() && !never.is_empty() {
            let names = never.join("`, `");
            let seeds = self.runs;
            lines.push(format!(
                "never true in {seeds} runs: `{names}`; run more seeds, or check whether it can occur"
            ));
        }
        if self.failures.is_empty() && self.runs == 0 {
            lines.push("no seed was run: the range of seeds is empty".to_owned());
        }
        if lines.is_empty() {
            Ok(())
        } else {
            Err(lines.join("\n\n"))
        }
    }

    /// Asserts that the sweep passed.
    ///
    /// # Panics
    /// Panics with the error of [`verdict`](Self::verdict) if the sweep failed.
    pub fn assert_passed(&self) {
        if let Err(text) = self.verdict() {
            panic!("{text}");
        }
    }
}

/// Runs one seed twice and compares the runs. Returns the outcome of the first run, including its events.
///
/// # Errors
/// Fails like [`Sim::run`] if both runs fail in the same way; the error has the events. Fails with
/// [`Cause::NotTheSame`] and the first difference if the runs differ.
///
/// # Panics
/// Panics if `build` panics.
pub fn replay(seed: u64, build: impl Fn(&mut Sim) + Sync) -> Result<Outcome, Box<SimError>> {
    let one = apart(|| once(seed, &build, true));
    let other = apart(|| once(seed, &build, true));
    if is_same(&one, &other) {
        return one;
    }
    let (events, others) = (events(&one), events(&other));
    let (divergence, last) = divergence(events, others)
        .unwrap_or_else(|| ("after more events than are kept".into(), Vec::new()));
    Err(Box::new(SimError {
        seed,
        reproduce: apart(|| command(seed, &build)),
        at: last.last().map_or(Duration::ZERO, |event| event.at),
        host: String::new(),
        cause: Cause::NotTheSame { divergence },
        last,
        trace: one
            .as_ref()
            .map_or_else(|error| error.trace, |outcome| outcome.trace),
        events: events.to_vec(),
    }))
}

type RunEnd = Result<Outcome, Box<SimError>>;

/// Returns whether two runs of a seed have passed, or failed, in the same way.
fn is_same(one: &RunEnd, other: &RunEnd) -> bool {
    match (one, other) {
        (Ok(one), Ok(other)) => one.trace == other.trace,
        (Err(one), Err(other)) => (one.trace, &one.cause) == (other.trace, &other.cause),
        _ => false,
    }
}

fn events(end: &RunEnd) -> &[TraceEvent] {
    match end {
        Ok(outcome) => &outcome.events,
        Err(error) => &error.events,
    }
}

/// Returns the command that [`Sim::reproduce_with`] set, or this function.
fn command(seed: u64, build: &impl Fn(&mut Sim)) -> String {
    let mut sim = Sim::new(seed);
    build(&mut sim);
    let command = sim.settings.reproduce.take();
    command.unwrap_or_else(|| format!("`replay({seed}, ..)`"))
}

fn once(seed: u64, build: &impl Fn(&mut Sim), keep: bool) -> Result<Outcome, Box<SimError>> {
    let mut sim = Sim::new(seed);
    build(&mut sim);
    if keep {
        sim.keep_events(true);
    }
    sim.run()
}

fn apart<T: Send>(run: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        scope
            .spawn(run)
            .join()
            .unwrap_or_else(|panic| resume_unwind(panic))
    })
}
