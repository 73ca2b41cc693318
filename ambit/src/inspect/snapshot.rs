//! One look at a whole system.

use std::time::Duration;

use crate::inspect::history::{Facts, Seen};
use crate::inspect::lints::{self, Finding};
use crate::inspect::methods::{self, MethodStats};
use crate::inspect::process::{self, ProcessInfo};
use crate::inspect::tree::Tree;
use crate::process::crashes::Crash;
use crate::process::lag::Lags;
use crate::process::measure::BlockingPoll;
use crate::process::world::World;
use crate::process::worlds;
use crate::system::System;

/// A system as it was at one moment. Looks at different processes are not simultaneous: none is stopped for it.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Snapshot {
    /// When it was taken, since the system was made.
    #[cfg_attr(
        feature = "json",
        serde(rename = "at_ns", serialize_with = "crate::process::nanos")
    )]
    pub at: Duration,
    /// Whether somebody measures. If not, `methods` stands still and `blocking_polls` too.
    pub measured: bool,
    /// Every process, in the order of their starts.
    pub processes: Vec<ProcessInfo>,
    /// Every method that was run while somebody measured, by type and name.
    pub methods: Vec<MethodStats>,
    /// How many processes have crashed.
    pub crashed: u64,
    /// The last of these crashes, oldest first; 1,000 unless
    /// [`remember_crashes`](crate::SystemBuilder::remember_crashes) says otherwise.
    pub crashes: Vec<Crash>,
    /// How many messages were not delivered.
    pub dead_letters: u64,
    /// The last 100 polls that kept their threads for more than 10 ms, oldest first.
    pub blocking_polls: Vec<BlockingPoll>,
    /// What seems wrong, by kind and pid. What takes two looks to see needs somebody who looks again and again: a
    /// [`Watcher`](super::Watcher), or you.
    pub lints: Vec<Finding>,
}

impl Snapshot {
    /// Its processes as a tree of parents and children.
    #[must_use]
    pub fn tree(&self) -> Tree {
        Tree {
            processes: self.processes.clone(),
        }
    }
}

/// A look at the current system; an empty one where there is none.
///
/// It takes the lock of each mailbox for a moment, and otherwise holds up nobody. See [the module](super) for an
/// example.
#[must_use]
pub fn snapshot() -> Snapshot {
    worlds::current_or_new().map_or_else(nothing, |world| of(&world))
}

impl System {
    /// A look at this system, as [`inspect::snapshot`](snapshot) is one at the current.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        of(&self.world)
    }
}

fn of(world: &World) -> Snapshot {
    let facts = facts(world);
    let at = facts.at;
    let (measured, dead_letters) = (facts.measured, facts.dead_letters);
    let blocking_polls = facts.polls.clone();
    let (processes, lints) = judge(world, facts);
    let (crashed, crashes) = world.crashes.read();
    Snapshot {
        at,
        measured,
        processes,
        methods: methods::all(world),
        crashed,
        crashes,
        dead_letters,
        blocking_polls,
        lints,
    }
}

/// Every process, and what seems wrong.
pub(super) fn look(world: &World) -> (Vec<ProcessInfo>, Vec<Finding>) {
    judge(world, facts(world))
}

fn facts(world: &World) -> Facts {
    Facts {
        // A source is user code and may take its time.
        lags: world.extension::<Lags>().ask(),
        processes: process::all(world),
        measured: world.telemetry.is_measuring(),
        dead_letters: world.telemetry.dead_letters(),
        polls: world.measure.polls(),
        waits: world.wait_graph.all(&world.table),
        at: world.age(),
    }
}

fn judge(world: &World, facts: Facts) -> (Vec<ProcessInfo>, Vec<Finding>) {
    let seen = world.extension::<Seen>();
    let mut seen = seen.0.lock();
    seen.note(&facts);
    let lints = lints::find(&facts, &mut seen);
    let processes = facts.processes.into_iter();
    let processes = processes.map(|fact| fact.aged(&seen, facts.at)).collect();
    (processes, lints)
}

fn nothing() -> Snapshot {
    Snapshot {
        at: Duration::ZERO,
        measured: false,
        processes: Vec::new(),
        methods: Vec::new(),
        crashed: 0,
        crashes: Vec::new(),
        dead_letters: 0,
        blocking_polls: Vec::new(),
        lints: Vec::new(),
    }
}
