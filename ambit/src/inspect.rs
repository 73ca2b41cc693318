//! What is known about a process from outside.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::handle::process::Process;
use crate::handle::target::Target;
use crate::pid::Pid;
use crate::process::core::{Proc, ProcRef, Stage};
use crate::process::exit_path::ancestors;
use crate::process::worlds;
use crate::signal::Watched;

/// What a process is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// Its `#[init]` is not done.
    Starting,
    /// It waits for its next message.
    Idle,
    /// It has something to do, or a handler of it waits for something.
    Busy,
    /// `sys::suspend` holds it.
    Suspended,
    /// Its supervisor has killed it, and it does not end: a handler of it never suspends.
    Stuck,
    /// It is ending.
    Ending,
}

/// A look at one process. (Erlang: `process_info/1`.)
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProcessInfo {
    /// Who it is.
    pub pid: Pid,
    /// The name of its type.
    pub type_name: &'static str,
    /// What it called itself.
    pub label: Option<String>,
    /// What it is doing.
    pub status: Status,
    /// Whom it is linked to.
    pub links: Vec<Pid>,
    /// What it monitors.
    pub monitors: Vec<Watched>,
    /// Which processes monitor it, once per monitor.
    pub monitored_by: Vec<Pid>,
    /// How many user messages are queued, or wait for room.
    pub queued: usize,
    /// How many timers of it are running.
    pub timers: usize,
    /// The names it holds in the local names.
    pub names: Vec<String>,
    /// Whether it traps exits.
    pub trap_exits: bool,
    /// Whose exit it obeys: its supervisor or linked starter.
    pub parent: Option<Pid>,
    /// Who started it, who started that one, and so on.
    pub ancestors: Vec<Pid>,
    /// For whose answers it waits now.
    pub waits_for: Vec<Pid>,
    /// How many requests were dropped because their callers had gone (`skip_expired`).
    pub expired: u64,
    /// Plain methods that callers do not run themselves, because two runs in a row took more than 20 µs: they go through
    /// the queue until one takes less than 5 µs. See [`InPlace::Auto`](crate::InPlace::Auto).
    pub slow_methods: Vec<&'static str>,
}

/// A look at `target`; `None` if it has ended or is ending, unless it is stuck in that.
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
pub fn process_info(target: impl Target) -> Option<ProcessInfo> {
    let process = target.__resolve().process.filter(is_shown)?;
    Some(look(&*process))
}

/// Whether `target` has not ended, and has not begun to. (Erlang: `is_process_alive/1`.)
#[allow(
    clippy::needless_pass_by_value,
    reason = "targets are handles and references"
)]
pub fn is_alive(target: impl Target) -> bool {
    target.__resolve().alive().is_some()
}

/// A look at every process of the current system, in the order in which they were started.
pub fn processes() -> Vec<ProcessInfo> {
    let Some(world) = worlds::current() else {
        return Vec::new();
    };
    let all = world.table.all();
    all.iter()
        .filter(|process| is_shown(process))
        .map(|process| look(&**process))
        .collect()
}

/// What is ending will be gone in a moment; what is stuck will not.
fn is_shown(process: &ProcRef) -> bool {
    let core = process.core();
    core.is_alive() || core.stage() < Stage::Gone && core.relations.lock().stuck
}

pub(crate) fn look(process: &dyn Proc) -> ProcessInfo {
    let core = process.core();
    let queued = process.queued();
    let mut suspended = false;
    process.look_at_control(&mut |control| suspended = control.suspended);
    let relations = core.relations.lock();
    let status = match core.stage() {
        Stage::Running | Stage::Ending if relations.stuck => Status::Stuck,
        Stage::Ending | Stage::Gone => Status::Ending,
        Stage::Running if suspended => Status::Suspended,
        Stage::Running if !relations.started => Status::Starting,
        Stage::Running if process.is_idle() => Status::Idle,
        Stage::Running => Status::Busy,
    };
    ProcessInfo {
        pid: core.pid,
        type_name: core.type_name,
        label: relations.label().map(str::to_owned),
        status,
        links: relations.links().collect(),
        monitors: relations
            .monitors
            .values()
            .map(|one| one.watched.clone())
            .collect(),
        monitored_by: relations.watchers.iter().map(|(pid, _)| pid).collect(),
        queued,
        timers: relations.timers.len(),
        names: relations.names.clone(),
        trap_exits: relations.trap_exits,
        parent: relations.parent(),
        ancestors: ancestors(process),
        waits_for: core.world.waits.of(core.pid),
        slow_methods: process.slow_methods(),
        expired: relations.skipped,
    }
}

/// Who started whom, as a picture; made by [`tree`].
#[derive(Clone, Debug)]
pub struct Tree {
    processes: Vec<ProcessInfo>,
}

/// The processes of the current system as a tree of parents and children; print it. A process that did not end when
/// its parent did is at the top, and called detached. (Erlang: `observer`'s application tab.)
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     println!("{}", ambit::tree());
/// }
/// ```
pub fn tree() -> Tree {
    Tree {
        processes: processes(),
    }
}

impl Tree {
    fn known(&self) -> BTreeSet<Pid> {
        self.processes.iter().map(|process| process.pid).collect()
    }

    /// The children of each process, in the order of their starts; of nobody, what has no parent in the picture.
    fn children(&self, known: &BTreeSet<Pid>) -> BTreeMap<Pid, Vec<&ProcessInfo>> {
        let mut children: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for process in &self.processes {
            let starter = process.ancestors.first().copied();
            let above = process.parent.or(starter).filter(|pid| known.contains(pid));
            let siblings = children.entry(above.unwrap_or(Pid::NOBODY)).or_default();
            siblings.push(process);
        }
        children
    }
}

impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.known();
        let mut children = self.children(&known);
        let mut below = |pid, depth| {
            let all = children.remove(&pid).unwrap_or_default();
            all.into_iter().rev().map(move |child| (child, depth))
        };
        let mut rest: Vec<_> = below(Pid::NOBODY, 0).collect();
        while let Some((process, depth)) = rest.pop() {
            write!(f, "{}{}", "  ".repeat(depth), Named(process))?;
            write!(f, " {:?}, {} queued", process.status, process.queued)?;
            let is_detached = process
                .parent
                .is_some_and(|parent| !known.contains(&parent));
            writeln!(f, "{}", if is_detached { ", detached" } else { "" })?;
            rest.extend(below(process.pid, depth + 1));
        }
        Ok(())
    }
}

/// What these processes are called, for a message.
pub(crate) fn names_of(processes: &[Process]) -> String {
    let all = processes
        .iter()
        .filter_map(|process| process.__resolve().process);
    let names: Vec<_> = all
        .map(|process| Named(&look(&*process)).to_string())
        .collect();
    format!("[{}]", names.join(", "))
}

/// Type, pid, and what it is called.
struct Named<'a>(&'a ProcessInfo);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(process) = self;
        write!(f, "{}{}", process.type_name, process.pid)?;
        match process.names.first().or(process.label.as_ref()) {
            Some(name) => write!(f, " {name:?}"),
            None => Ok(()),
        }
    }
}
