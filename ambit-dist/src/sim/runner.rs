//! A command line program for scenarios: sweeps over many seeds, and replays of one seed.

use std::collections::VecDeque;
use std::io::{IsTerminal, Write, stdout};
use std::process::ExitCode;
use std::time::Instant;

use super::cluster::Sim;
use super::sweep::{Progress, Sweep, replay};

const USAGE: &str = "\
usage: [SCENARIO ..] [--seeds N] [--from SEED] [--extra N] [--jobs N] [--twice N]
                                runs scenarios, all of them if none is named; every N-th seed twice, and not only every 20th;
                                up to N extra seeds, while a `sometimes!` was never true
       SCENARIO --replay SEED   runs one seed twice and shows what happened
       --list                   names the scenarios";

/// The width of a progress bar, in characters.
const BAR: u64 = 32;

/// A simulation with a name for the command line.
///
/// [`Runner`] has an example.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// The name on the command line.
    pub name: &'static str,
    /// A one-line description, printed by `--list`.
    pub about: &'static str,
    /// The function that adds hosts, clients and faults to an empty simulation.
    pub build: fn(&mut Sim),
}

/// A command line program that runs scenarios.
///
/// ```
/// use std::process::ExitCode;
/// use ambit_dist::sim::{Runner, Scenario, always};
///
/// const SCENARIOS: &[Scenario] = &[Scenario {
///     name: "idle",
///     about: "one client without work",
///     build: |sim| { sim.client("web", |host| async move { always!(host.lost() == 0, "nothing is lost") }); },
/// }];
///
/// // A program passes `std::env::args().skip(1)`.
/// let arguments = ["idle", "--seeds", "3"].map(str::to_owned);
/// assert_eq!(Runner::new(SCENARIOS).run(arguments), ExitCode::SUCCESS);
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use = "a runner does nothing until it is run"]
pub struct Runner<'a> {
    scenarios: &'a [Scenario],
    again: &'a str,
}

#[derive(Debug, PartialEq, Eq)]
enum Command {
    List,
    Replay {
        scenario: String,
        seed: u64,
    },
    Sweep {
        scenarios: Vec<String>,
        seeds: Seeds,
    },
}

/// The seeds of a sweep and how to run them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seeds {
    from: u64,
    count: u64,
    extra: u64,
    jobs: Option<usize>,
    twice: Option<u64>,
}

impl<'a> Runner<'a> {
    /// Creates a runner for these scenarios.
    pub fn new(scenarios: &'a [Scenario]) -> Self {
        Self {
            scenarios,
            again: "SCENARIO --replay SEED",
        }
    }

    /// Sets the command that the report of a failed run prints for its replay. `SCENARIO` and `SEED` in the command are
    /// replaced by the name and the seed. Default: `SCENARIO --replay SEED`.
    pub fn replay_command(mut self, command: &'a str) -> Self {
        self.again = command;
        self
    }

    /// Executes command line arguments, given without the name of the program, and prints the results. Without
    /// arguments, it runs the seeds 0 to 199 of every scenario. Returns exit code 0 on success, 1 if a run failed or a
    /// [`sometimes!`](super::sometimes) was never true, and 2 for an invalid command line.
    pub fn run(self, arguments: impl IntoIterator<Item = String>) -> ExitCode {
        let result = parse(arguments).and_then(|command| match command {
            Command::List => {
                self.scenarios
                    .iter()
                    .for_each(|one| println!("{:<24} {}", one.name, one.about));
                Ok(true)
            }
            Command::Replay { scenario, seed } => Ok(self.replay(self.find(&scenario)?, seed)),
            Command::Sweep { scenarios, seeds } => {
                let named: Result<Vec<_>, _> =
                    scenarios.iter().map(|name| self.find(name)).collect();
                let named = if scenarios.is_empty() {
                    self.scenarios.iter().collect()
                } else {
                    named?
                };
                let failed = named.iter().filter(|one| !self.sweep(one, seeds)).count();
                Ok(failed == 0)
            }
        });
        match result {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(text) => {
                eprintln!("{text}");
                ExitCode::from(2)
            }
        }
    }

    fn find(&self, name: &str) -> Result<&'a Scenario, String> {
        let found = self.scenarios.iter().find(|one| one.name == name);
        found.ok_or_else(|| format!("there is no scenario `{name}`: --list shows them"))
    }

    fn replay(&self, scenario: &Scenario, seed: u64) -> bool {
        let build = |sim: &mut Sim| self.prepare(scenario, seed, sim);
        match replay(seed, build) {
            Ok(outcome) => {
                outcome.events.iter().for_each(|event| println!("{event}"));
                println!(
                    "{} seed {seed}: passed twice, trace {}",
                    scenario.name, outcome.trace
                );
                true
            }
            Err(error) => {
                error.events.iter().for_each(|event| println!("{event}"));
                println!("{} {error}", scenario.name);
                false
            }
        }
    }

    fn prepare(&self, scenario: &Scenario, seed: u64, sim: &mut Sim) {
        sim.reproduce_with(again(self.again, scenario.name, seed));
        (scenario.build)(sim);
    }

    fn sweep(&self, scenario: &Scenario, seeds: Seeds) -> bool {
        let (name, command) = (scenario.name, self.again.to_owned());
        let bar = stdout().is_terminal();
        let mut sweep = Sweep::over(seeds.from..seeds.from.saturating_add(seeds.count))
            .extra_seeds(seeds.extra)
            .reproduce_with(move |seed| again(&command, name, seed))
            .on_progress(move |progress| show(name, progress, bar));
        if let Some(jobs) = seeds.jobs {
            sweep = sweep.jobs(jobs);
        }
        if let Some(every) = seeds.twice {
            sweep = sweep.twice_every(every);
        }
        // The only real clock of the simulator. It measures the sweep, and no simulated code reads it.
        let began = Instant::now();
        let report = sweep.run(scenario.build);
        let (took, runs) = (began.elapsed(), report.runs.max(1));
        if bar {
            print!("\r\x1b[K");
        }
        let per_seed = took.as_secs_f64() * 1_000.0 / runs as f64;
        let (virtual_time, result) = (report.time.as_secs(), report.verdict());
        let word = if result.is_ok() { "passed" } else { "FAILED" };
        println!(
            "{name:<24} {word}: {runs} seeds, {virtual_time} s of virtual time, {} datagrams, {:.1} s, {per_seed:.1} ms a seed",
            report.datagrams,
            took.as_secs_f64(),
        );
        if let Err(text) = &result {
            println!("{text}\n");
        }
        result.is_ok()
    }
}

fn again(command: &str, scenario: &str, seed: u64) -> String {
    command
        .replace("SCENARIO", scenario)
        .replace("SEED", &seed.to_string())
}

/// Shows a bar on a terminal, and otherwise a line for each fifth of the way.
fn show(name: &str, progress: Progress, bar: bool) {
    let Progress { done, all, failed } = progress;
    let all = all.max(1);
    if bar {
        let full = (done * BAR / all).min(BAR);
        let (full, rest) = ("=".repeat(full as usize), " ".repeat((BAR - full) as usize));
        print!("\r\x1b[K{name:<24} [{full}{rest}] {done}/{all}, {failed} failed");
        // Failing to draw the bar is harmless.
        let _ = stdout().flush();
    } else if done < all && done * 5 / all > (done - 1) * 5 / all {
        println!("{name:<24} {done}/{all}, {failed} failed");
    }
}

fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Command, String> {
    let mut arguments: VecDeque<String> = arguments.into_iter().collect();
    let (mut scenarios, mut replay) = (Vec::new(), None);
    let mut seeds = Seeds {
        from: 0,
        count: 200,
        extra: 0,
        jobs: None,
        twice: None,
    };
    while let Some(argument) = arguments.pop_front() {
        let mut number = || {
            let text = arguments.pop_front().unwrap_or_default();
            text.parse::<u64>()
                .map_err(|_| format!("`{argument}` needs a number, not `{text}`\n{USAGE}"))
        };
        match argument.as_str() {
            "--list" => return Ok(Command::List),
            "--seeds" => seeds.count = number()?,
            "--extra" => seeds.extra = number()?,
            "--from" => seeds.from = number()?,
            "--jobs" => seeds.jobs = Some(usize::try_from(number()?).unwrap_or(usize::MAX)),
            "--twice" => seeds.twice = Some(number()?),
            "--replay" => replay = Some(number()?),
            name if !name.starts_with('-') => scenarios.push(argument),
            _ => return Err(format!("`{argument}` is not known\n{USAGE}")),
        }
    }
    match (replay, scenarios.as_slice()) {
        (Some(seed), [one]) => Ok(Command::Replay {
            scenario: one.clone(),
            seed,
        }),
        (Some(_), _) => Err(format!("`--replay` needs one scenario\n{USAGE}")),
        (None, _) => Ok(Command::Sweep { scenarios, seeds }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, String> {
        parse(line.split_whitespace().map(String::from))
    }

    #[test]
    fn the_command_line_selects_the_command() {
        let scenarios = vec!["a".to_owned(), "b".to_owned()];
        let seeds = Seeds {
            from: 5,
            count: 30,
            extra: 60,
            jobs: Some(2),
            twice: Some(1),
        };
        let sweep = Command::Sweep { scenarios, seeds };
        let line = "a --seeds 30 b --from 5 --extra 60 --jobs 2 --twice 1";
        assert_eq!(parsed(line), Ok(sweep));
        assert_eq!(parsed("--list a"), Ok(Command::List));
        assert_eq!(
            parsed("a --replay 7"),
            Ok(Command::Replay {
                scenario: "a".into(),
                seed: 7
            })
        );
    }

    #[test]
    fn a_wrong_command_line_is_explained() {
        for line in [
            "--seeds",
            "--seeds x",
            "--replay 3",
            "a b --replay 3",
            "--unknown",
        ] {
            assert!(parsed(line).unwrap_err().contains("usage"), "{line}");
        }
    }

    #[test]
    fn the_command_for_a_seed_names_both() {
        assert_eq!(
            again("just sim-replay SCENARIO SEED", "cut", 7),
            "just sim-replay cut 7"
        );
    }
}
