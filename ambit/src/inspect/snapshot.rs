//! Snapshots of a whole system.

use std::time::Duration;

use crate::handle::target::Target;
use crate::inspect::finding::Finding;
use crate::inspect::history::{Facts, SystemHistory};
use crate::inspect::lints;
use crate::inspect::methods::{self, MethodStats};
use crate::inspect::process::{self, ProcessInfo, is_shown};
use crate::process::crashes::Crash;
use crate::process::current_system;
use crate::process::lag_sources::Lags;
use crate::process::meter::BlockingPoll;
use crate::process::system_inner::SystemInner;
use crate::system::System;

/// A snapshot of a system. The processes continue to run while the snapshot is taken, so they are not all captured at
/// the same instant.
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let idle = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
///     let snapshot = ambit::inspect::snapshot();
///     assert!(snapshot.processes.iter().any(|process| process.pid == idle.pid()));
///     assert_eq!((snapshot.crashed, snapshot.dead_letters, snapshot.measured), (0, 0, false));
/// }
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Snapshot {
    /// The time of the snapshot, counted from the creation of the system.
    #[cfg_attr(
        feature = "json",
        serde(rename = "at_ns", serialize_with = "crate::process::nanos::nanos")
    )]
    pub at: Duration,
    /// True if measuring is on. While it is off, `methods` and `blocking_polls` do not change.
    pub measured: bool,
    /// All processes except those that are ending, in start order. A process that is ending but stuck is included.
    pub processes: Vec<ProcessInfo>,
    /// All methods that ran while measuring was on, sorted by type and name.
    pub methods: Vec<MethodStats>,
    /// The total number of crashes since the creation of the system.
    pub crashed: u64,
    /// The most recent crashes, oldest first. The system remembers 1,000 crashes by default;
    /// [`remember_crashes`](crate::SystemBuilder::remember_crashes) changes that.
    pub crashes: Vec<Crash>,
    /// The total number of undelivered messages (dead letters) since the creation of the system.
    pub dead_letters: u64,
    /// The last 100 polls that blocked their thread for more than 10 ms while measuring was on, oldest first.
    pub blocking_polls: Vec<BlockingPoll>,
    /// The current findings, sorted by lint and pid. Some lints compare several snapshots, such as
    /// [`Lint::MailboxGrowing`](super::Lint::MailboxGrowing); they require that a [`Watcher`](super::Watcher) or your
    /// program takes snapshots regularly.
    pub lints: Vec<Finding>,
}

/// Returns a snapshot of the process `target`. Returns `None` if the process does not exist or is ending, unless it is
/// [stuck](super::Status::Stuck).
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main(inbox: Inbox<u8>) {
///     let info = ambit::process_info(inbox.pid()).unwrap();
///     assert_eq!((info.queued, info.trap_exits), (0, false));
///     assert!(ambit::process_info(Pid::NOBODY).is_none());
/// }
/// ```
#[allow(
    clippy::needless_pass_by_value,
    reason = "targets are handles and references"
)]
#[must_use]
pub fn process_info(target: impl Target) -> Option<ProcessInfo> {
    let process = target.__resolve().process.filter(is_shown)?;
    let system = &process.core().system;
    let seen = system.extension::<SystemHistory>();
    let seen = seen.0.lock();
    let fact = process::look(&*process);
    Some(fact.aged(&seen, system.age()))
}

/// Returns snapshots of all processes of the current system, in start order; an empty list if there is no current
/// system. (Erlang: `processes/0`.)
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let idle = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
///     let all = ambit::inspect::processes();
///     assert!(all.iter().any(|process| process.pid == idle.pid()));
/// }
/// ```
#[must_use]
pub fn processes() -> Vec<ProcessInfo> {
    current_system::current().map_or_else(Vec::new, |system| look(&system).0)
}

/// Returns a snapshot of the current system, or an empty snapshot outside a tokio runtime if there is no current
/// system.
///
/// Taking a snapshot locks the mailbox and the links and monitors of each process briefly, one process at a time. It
/// also runs the sources of [`add_lag_source`](super::add_lag_source) on the current thread. See [the module](super)
/// for an example.
#[must_use]
pub fn snapshot() -> Snapshot {
    current_system::current_or_new().map_or_else(nothing, |system| of(&system))
}

impl System {
    /// Returns a snapshot of this system, as [`inspect::snapshot`](snapshot) does for the current system.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        of(&self.inner)
    }
}

fn of(system: &SystemInner) -> Snapshot {
    let facts = facts(system);
    let at = facts.at;
    let (measured, dead_letters) = (facts.measured, facts.dead_letters);
    let blocking_polls = facts.polls.clone();
    let (processes, lints) = judge(system, facts);
    let (crashed, crashes) = system.crashes.read();
    Snapshot {
        at,
        measured,
        processes,
        methods: methods::all(system),
        crashed,
        crashes,
        dead_letters,
        blocking_polls,
        lints,
    }
}

/// Returns all processes, and the findings.
pub(super) fn look(system: &SystemInner) -> (Vec<ProcessInfo>, Vec<Finding>) {
    judge(system, facts(system))
}

fn facts(system: &SystemInner) -> Facts {
    Facts {
        // A source is user code and may be slow.
        lags: system.extension::<Lags>().ask(),
        processes: process::all(system),
        measured: system.telemetry.is_measuring(),
        dead_letters: system.telemetry.dead_letters(),
        polls: system.measure.polls(),
        waits: system.wait_graph.all(&system.table),
        at: system.age(),
    }
}

fn judge(system: &SystemInner, facts: Facts) -> (Vec<ProcessInfo>, Vec<Finding>) {
    let seen = system.extension::<SystemHistory>();
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
