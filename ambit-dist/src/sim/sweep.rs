//! The same run from many seeds, side by side.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::panic::resume_unwind;
use std::thread::{self, available_parallelism};
use std::time::Duration;

use parking_lot::Mutex;

use super::cluster::Sim;
use super::outcome::{Cause, Outcome, SimError};
use super::trace::parting;

/// Runs a simulation from each of many seeds, some of them twice, and says which went wrong.
///
/// ```
/// use ambit_dist::sim::{Sweep, sometimes};
/// let report = Sweep::over(0..20).run(|sim| {
///     let late = sim.dice("start").chance(0.5);
///     sim.client("c", move |host| async move { sometimes!(late, "c is late") });
/// });
/// report.assert_passed();
/// ```
#[must_use = "a sweep does nothing until it is run"]
pub struct Sweep {
    seeds: Range<u64>,
    jobs: usize,
    twice: u64,
    enough: usize,
    reproduce: Option<Box<dyn Fn(u64) -> String + Send + Sync>>,
    progress: Option<Box<dyn Fn(Progress) + Send + Sync>>,
}

/// How far a sweep is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How many seeds are done.
    pub done: u64,
    /// How many there are in all.
    pub all: u64,
    /// How many have failed.
    pub failed: usize,
}

impl Sweep {
    /// A sweep over these seeds.
    pub fn over(seeds: Range<u64>) -> Self {
        let jobs = available_parallelism().map_or(1, usize::from);
        Self {
            seeds,
            jobs,
            twice: 20,
            enough: 5,
            reproduce: None,
            progress: None,
        }
    }

    /// How many run side by side, each in a thread of its own. Default: as many as there are cores.
    pub fn jobs(mut self, jobs: usize) -> Self {
        self.jobs = jobs.max(1);
        self
    }

    /// Every how many seeds one is run twice and must go the same way; 0: none. Default: 20.
    pub fn twice_every(mut self, seeds: u64) -> Self {
        self.twice = seeds;
        self
    }

    /// After so many failures no more seeds are begun. Default: 5.
    pub fn enough_failures(mut self, failures: usize) -> Self {
        self.enough = failures.max(1);
        self
    }

    /// What an error says about how to run a seed again.
    pub fn reproduce_with(
        mut self,
        command: impl Fn(u64) -> String + Send + Sync + 'static,
    ) -> Self {
        self.reproduce = Some(Box::new(command));
        self
    }

    /// Calls `listener` after each seed.
    pub fn on_progress(mut self, listener: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.progress = Some(Box::new(listener));
        self
    }

    /// Runs what `build` makes of an empty simulation, for every seed.
    ///
    /// # Panics
    /// If `build` does.
    pub fn run(self, build: impl Fn(&mut Sim) + Sync) -> SweepReport {
        let all = self.seeds.end.saturating_sub(self.seeds.start);
        let state = Mutex::new((self.seeds.clone(), SweepReport::default()));
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
                let result = self.one(seed, &build);
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
        let (_, mut report) = state.into_inner();
        report.failures.sort_by_key(|error| error.seed);
        report
    }

    /// One seed in a thread of its own: nothing of another run can be left there.
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

/// What a sweep has found.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct SweepReport {
    /// How many seeds were run.
    pub runs: u64,
    /// What went wrong, in the order of the seeds.
    pub failures: Vec<Box<SimError>>,
    /// The names of [`sometimes!`](super::sometimes), each with how often it was true in all runs.
    pub sometimes: BTreeMap<&'static str, u64>,
    /// How much virtual time passed in all.
    pub time: Duration,
    /// How many datagrams were sent in all.
    pub datagrams: u64,
    /// How many of them the network lost.
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

    /// What should have been true now and then, and never was.
    #[must_use]
    pub fn never(&self) -> Vec<&'static str> {
        let never = self.sometimes.iter().filter(|(_, count)| **count == 0);
        never.map(|(name, _)| *name).collect()
    }

    /// Nothing if all is well, else everything that is not, as text.
    ///
    /// # Errors
    /// A seed failed, or a [`sometimes!`](super::sometimes) was never true.
    pub fn verdict(&self) -> Result<(), String> {
        let mut lines: Vec<String> = self.failures.iter().map(ToString::to_string).collect();
        let never = self.never();
        // Failed runs end early: what they did not come to says nothing.
        if self.failures.is_empty() && !never.is_empty() {
            let names = never.join("`, `");
            let seeds = self.runs;
            lines.push(format!(
                "never true in {seeds} runs: `{names}`; run more seeds, or see why it cannot be"
            ));
        }
        if lines.is_empty() {
            Ok(())
        } else {
            Err(lines.join("\n\n"))
        }
    }

    /// Fails a test unless all is well.
    ///
    /// # Panics
    /// With the text of [`verdict`](Self::verdict).
    pub fn assert_passed(&self) {
        if let Err(text) = self.verdict() {
            panic!("{text}");
        }
    }
}

/// Runs one seed twice, and fails if the two runs differ: it says where they part.
///
/// # Errors
/// As [`Sim::run`], and if the runs differ.
///
/// # Panics
/// If `build` does.
pub fn replay(seed: u64, build: impl Fn(&mut Sim) + Sync) -> Result<Outcome, Box<SimError>> {
    let one = apart(|| once(seed, &build, true))?;
    let other = apart(|| once(seed, &build, true))?;
    if one.trace == other.trace {
        return Ok(one);
    }
    let (parting, last) = parting(&one.events, &other.events)
        .unwrap_or_else(|| ("after more events than are kept".into(), Vec::new()));
    Err(Box::new(SimError {
        seed,
        reproduce: format!("`replay({seed}, ..)`"),
        at: last.last().map_or(one.time, |event| event.at),
        host: String::new(),
        cause: Cause::NotTheSame { parting },
        last,
    }))
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
