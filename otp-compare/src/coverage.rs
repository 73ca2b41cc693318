//! The coverage of a set of runs, counted from the events: a step without a target does not count.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

use crate::script::{Action, Admin, ExitClass, Restart, Script, Strategy};
use crate::trace::{Trace, gave_up, result};

/// A child with this restart type, under a supervisor with this strategy, ended in this way; then this request was made
/// about it.
pub type Cell = (Strategy, Restart, ExitClass, Admin);

/// The counters.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// The number of scripts.
    pub scripts: usize,
    /// The number of scripts in which a supervisor gave up.
    pub exceeded: usize,
    /// The number of occurrences of each combination.
    pub cells: BTreeMap<Cell, usize>,
    /// The number of occurrences of other interesting events.
    pub others: BTreeMap<&'static str, usize>,
}

impl Coverage {
    /// Counts one run.
    pub fn add(&mut self, script: &Script, trace: &Trace) {
        self.scripts += 1;
        let gave_up: usize = trace.iter().map(|line| gave_up(line).len()).sum();
        self.exceeded += usize::from(gave_up > 0);
        self.count("processes", script.nodes.len());
        self.count("faults", script.faults());
        self.count("gave up", gave_up);
        let words = trace.iter().flat_map(|line| line.split(' '));
        self.count(
            "started",
            words.clone().filter(|word| word.starts_with('+')).count(),
        );
        self.count(
            "failed starts",
            words.clone().filter(|word| word.starts_with('!')).count(),
        );
        self.count(
            "ignored starts",
            words.filter(|word| word.starts_with('?')).count(),
        );
        let happened = |index: usize| {
            trace
                .get(index)
                .is_some_and(|line| result(line) != Some("skip"))
        };
        for (index, step) in script.steps.iter().enumerate() {
            if !happened(index) {
                self.count("skipped", 1);
                continue;
            }
            self.count(kind(&step.action), 1);
            let next = script.steps.get(index + 1).filter(|_| happened(index + 1));
            if let Some(cell) = next.and_then(|next| cell(script, &step.action, &next.action)) {
                *self.cells.entry(cell).or_default() += 1;
            }
        }
    }

    fn count(&mut self, what: &'static str, times: usize) {
        *self.others.entry(what).or_default() += times;
    }

    /// Returns the count of the rarest combination.
    pub fn rarest(&self) -> usize {
        let all = all_cells().map(|cell| self.cells.get(&cell).copied().unwrap_or(0));
        all.min().unwrap_or(0)
    }

    /// Returns the percentage of scripts in which a supervisor gave up.
    pub fn exceeded_percent(&self) -> usize {
        100 * self.exceeded / self.scripts.max(1)
    }
}

fn cell(script: &Script, end: &Action, then: &Action) -> Option<Cell> {
    let (Action::Admin(admin, asked), Some(id)) = (then, end.id()) else {
        return None;
    };
    if *asked != id || id.supervises {
        return None;
    }
    let strategy = script.strategy_over(id)?;
    Some((strategy, script.node(id).restart, end.exit_class()?, *admin))
}

fn all_cells() -> impl Iterator<Item = Cell> {
    Strategy::ALL.into_iter().flat_map(|strategy| {
        Restart::ALL.into_iter().flat_map(move |restart| {
            ExitClass::ALL.into_iter().flat_map(move |class| {
                Admin::ALL
                    .into_iter()
                    .map(move |admin| (strategy, restart, class, admin))
            })
        })
    })
}

fn kind(action: &Action) -> &'static str {
    match action {
        Action::Boot => "boot",
        Action::Arm(..) => "armed starts",
        Action::Exit(..) => "exit",
        Action::Kill(id) if id.supervises => "kill of a supervisor",
        Action::Kill(_) => "kill of a worker",
        Action::Signal(..) => "signal",
        Action::Admin(Admin::Terminate, _) => "terminate",
        Action::Admin(Admin::Restart, _) => "restart",
        Action::Admin(Admin::Delete, _) => "delete",
        Action::Admin(Admin::Start, _) => "start",
        Action::During(..) => "asked while restarting",
    }
}

impl Display for Coverage {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:28}", "how it ended, what was asked")?;
        for class in ExitClass::ALL {
            write!(f, "| {class:19}")?;
        }
        write!(f, "\n{:28}", "")?;
        for _ in ExitClass::ALL {
            f.write_str("| term rest dele star ")?;
        }
        for strategy in Strategy::ALL {
            for restart in Restart::ALL {
                write!(f, "\n{:28}", format!("{strategy} {restart}"))?;
                for class in ExitClass::ALL {
                    f.write_str("|")?;
                    for admin in Admin::ALL {
                        let times = self.cells.get(&(strategy, restart, class, admin));
                        write!(f, " {:4}", times.copied().unwrap_or(0))?;
                    }
                    f.write_str(" ")?;
                }
            }
        }
        let others: Vec<_> = self
            .others
            .iter()
            .map(|(what, times)| format!("{what} {times}"))
            .collect();
        write!(f, "\n{}", others.join(", "))?;
        let (rarest, percent) = (self.rarest(), self.exceeded_percent());
        write!(
            f,
            "\nscripts {}, the rarest combination {rarest} times, intensity exceeded in {percent} % of the scripts",
            self.scripts
        )
    }
}
