//! Snapshots of one process, or of all.

use std::fmt;
use std::time::Duration;

use crate::engine::mailbox::queue_snapshot::QueueSnapshot;
use crate::handle::process::Process;
use crate::handle::target::Target;
use crate::pid::Pid;
use crate::process::exit_path::ancestors;
use crate::process::header::{AnyProcess, ProcessKind, ProcessRef, Stage};
use crate::process::system_inner::SystemInner;
use crate::signal::Watched;
use crate::supervisor::child_cell::restarts_of;
use crate::supervisor::restart_stats::Restarts;

/// The activity of a process.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::inspect::{self, Status};
/// #[ambit::main]
/// async fn main() {
///     let idle = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
///     ambit::sys::suspend(&idle).await.unwrap();
///     let info = inspect::process_info(&idle).unwrap();
///     assert_eq!(info.status, Status::Suspended);
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "json",
    derive(serde::Serialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum Status {
    /// The `#[init]` of the process has not finished.
    Starting,
    /// The process waits for its next message.
    Idle,
    /// The process has messages to handle, or one of its handlers is running or awaiting.
    Busy,
    /// The process is suspended with [`sys::suspend`](crate::sys::suspend).
    Suspended,
    /// The supervisor has killed the process, but the process does not end because one of its handlers never yields.
    Stuck,
    /// The process is ending, and handles no more messages.
    Ending,
}

/// A snapshot of one process. (Erlang: `process_info/1`.)
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let idle = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
///     ambit::register("idle", &idle).unwrap();
///     let info = ambit::inspect::process_info("idle").unwrap();
///     assert_eq!((info.pid, info.names), (idle.pid(), vec!["idle".to_owned()]));
/// }
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ProcessInfo {
    /// The pid of the process.
    pub pid: Pid,
    /// The name of the server's type; for a plain process, the name of its message type.
    pub type_name: &'static str,
    /// The label of the process, if it has one.
    pub label: Option<String>,
    /// The current activity of the process.
    pub status: Status,
    /// The processes that the process is linked to.
    pub links: Vec<Pid>,
    /// The targets that the process monitors, once per monitor.
    pub monitors: Vec<Watched>,
    /// The processes that monitor the process, once per monitor.
    pub monitored_by: Vec<Pid>,
    /// The number of user messages that are queued or wait for capacity in the mailbox.
    pub queued: usize,
    /// The capacity of the mailbox in user messages; `None` if the mailbox is unbounded.
    pub capacity: Option<usize>,
    /// A lower bound for the time that the oldest queued message has waited; `None` if no message is queued. Messages
    /// carry no time stamps: the time is counted from the earliest snapshot of all processes
    /// ([`processes`](crate::inspect::processes), [`snapshot`](crate::inspect::snapshot())) in which the message was
    /// queued. The first such snapshot therefore reports zero, and with a snapshot every second the age is up to one
    /// second too low.
    #[cfg_attr(
        feature = "json",
        serde(rename = "age_ns", serialize_with = "super::json::maybe_nanos")
    )]
    pub age: Option<Duration>,
    /// The number of running timers of the process.
    pub timers: usize,
    /// The local names of the process.
    pub names: Vec<String>,
    /// True if the process traps exits.
    pub trap_exits: bool,
    /// The supervisor or linked starter of the process, whose exit also ends the process.
    pub parent: Option<Pid>,
    /// The process that started this process, the starter of that process, and so on.
    pub ancestors: Vec<Pid>,
    /// The processes whose replies, starts or ends the process is waiting for.
    pub waits_for: Vec<Pid>,
    /// The number of requests that `#[call(skip_expired)]` dropped because their callers no longer waited.
    pub expired: u64,
    /// The synchronous methods that currently do not run inline because two consecutive runs took more than 20 µs.
    /// Calls to such a method go through the mailbox until a run takes less than 5 µs; see
    /// [`InPlace::Auto`](crate::InPlace::Auto).
    pub slow_methods: Vec<&'static str>,
    /// The allowed and the recent restarts, if the process is a supervisor.
    pub restarts: Option<Restarts>,
}

#[cfg(test)]
impl ProcessInfo {
    /// Returns a snapshot with nothing but the identity.
    pub(super) fn blank(pid: Pid, type_name: &'static str) -> Self {
        Self {
            pid,
            type_name,
            label: None,
            status: Status::Idle,
            links: Vec::new(),
            monitors: Vec::new(),
            monitored_by: Vec::new(),
            queued: 0,
            capacity: None,
            age: None,
            timers: 0,
            names: Vec::new(),
            trap_exits: false,
            parent: None,
            ancestors: Vec::new(),
            waits_for: Vec::new(),
            expired: 0,
            slow_methods: Vec::new(),
            restarts: None,
        }
    }
}

/// Returns true if the process `target` exists and has not begun to end. (Erlang: `is_process_alive/1`.)
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let idle = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
///     assert!(ambit::inspect::is_alive(&idle));
///     ambit::exit(&idle, ExitReason::Kill);
///     idle.closed().await;
///     assert!(!ambit::inspect::is_alive(&idle));
/// }
/// ```
#[allow(
    clippy::needless_pass_by_value,
    reason = "targets are handles and references"
)]
#[must_use]
pub fn is_alive(target: impl Target) -> bool {
    target.__resolve().alive().is_some()
}

/// Returns true if the process appears in snapshots: an ending process disappears soon, a stuck one does not.
pub(super) fn is_shown(process: &ProcessRef) -> bool {
    let core = process.core();
    core.is_alive() || core.stage() < Stage::Gone && core.relations.lock().stuck
}

/// The data of a process in one snapshot.
pub(crate) struct ProcessFacts {
    pub(crate) info: ProcessInfo,
    pub(crate) queue_snapshot: QueueSnapshot,
    /// True if it handles messages with methods.
    pub(crate) is_server: bool,
    /// Changes with each handler that begins.
    pub(crate) progress: u8,
}

/// Returns all processes of a system.
pub(crate) fn all(system: &SystemInner) -> Vec<ProcessFacts> {
    let all = system.table.all();
    let shown = all.iter().filter(|process| is_shown(process));
    shown.map(|process| look(&**process)).collect()
}

pub(crate) fn look(process: &dyn AnyProcess) -> ProcessFacts {
    let core = process.core();
    let queue_snapshot = process.queue_snapshot();
    let restarts = restarts_of(process);
    let mut suspended = false;
    process.check_control(&mut |control| suspended = control.suspended);
    let relations = core.relations.lock();
    let status = match core.stage() {
        Stage::Running | Stage::Ending if relations.stuck => Status::Stuck,
        Stage::Ending | Stage::Gone => Status::Ending,
        Stage::Running if suspended => Status::Suspended,
        Stage::Running if core.is_starting() => Status::Starting,
        Stage::Running if process.is_idle() => Status::Idle,
        Stage::Running => Status::Busy,
    };
    let info = ProcessInfo {
        pid: core.pid,
        type_name: core.type_name(),
        label: relations.label().map(str::to_owned),
        status,
        links: relations.links().collect(),
        monitors: relations
            .monitors
            .values()
            .map(|one| one.watched.clone())
            .collect(),
        monitored_by: relations.watchers.iter().map(|(pid, _)| pid).collect(),
        queued: queue_snapshot.queued,
        capacity: queue_snapshot.capacity,
        age: None,
        timers: relations.timers.len(),
        names: relations.names.values().cloned().collect(),
        trap_exits: relations.trap_exits,
        parent: relations.parent(),
        ancestors: ancestors(process),
        waits_for: core.system.wait_graph.of(&core.system.table, core.pid),
        slow_methods: process.slow_methods(),
        expired: relations.skipped,
        restarts,
    };
    ProcessFacts {
        info,
        queue_snapshot,
        is_server: matches!(core.kind, ProcessKind::Server { .. }),
        progress: core.progressed(),
    }
}

/// Returns the names of these processes, for a message.
pub(crate) fn names_of(processes: &[Process]) -> String {
    let all = processes
        .iter()
        .filter_map(|process| process.__resolve().process);
    let names: Vec<_> = all
        .map(|process| ProcessLabel(&look(&*process).info).to_string())
        .collect();
    format!("[{}]", names.join(", "))
}

/// Displays type, pid, and name or label.
pub(crate) struct ProcessLabel<'a>(pub(crate) &'a ProcessInfo);

impl fmt::Display for ProcessLabel<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(process) = self;
        write!(f, "{}{}", process.type_name, process.pid)?;
        match process.names.first().or(process.label.as_ref()) {
            Some(name) => write!(f, " {name:?}"),
            None => Ok(()),
        }
    }
}
