//! What a process has to do with others: links, monitors from both sides, observers, timers, tasks and names.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::engine::reply::Observer;
use crate::exit_reason::ExitReason;
use crate::pid::Pid;
use crate::process::timer::Ticking;
use crate::rt::AbortHandle;
use crate::signal::{MonitorRef, Watched};

/// Cleans up when a process ends, before its links and monitors are told: names, registries, groups.
pub(crate) type OnExit = Box<dyn FnOnce(Pid) + Send>;

#[derive(Default)]
pub(crate) struct Relations {
    pub(crate) links: BTreeSet<Pid>,
    /// Whom it monitors.
    pub(crate) monitors: BTreeMap<MonitorRef, Monitored>,
    /// Who monitors it.
    pub(crate) watchers: BTreeSet<(Pid, MonitorRef)>,
    /// Futures that wait for its end: pending calls, `closed`, `stop`, `monitor` outside a process.
    pub(crate) observers: BTreeMap<u64, Arc<dyn Observer>>,
    pub(crate) timers: BTreeMap<u64, Arc<Ticking>>,
    pub(crate) tasks: BTreeMap<u64, AbortHandle>,
    pub(crate) on_exit: Vec<OnExit>,
    pub(crate) names: Vec<String>,
    pub(crate) label: Option<String>,
    /// Whose exit it obeys: its supervisor or linked starter.
    pub(crate) parent: Option<Pid>,
    pub(crate) trap_exits: bool,
    /// Its init is done; a plain process has started when it is made.
    pub(crate) started: bool,
    /// Its init said that there is nothing to do.
    pub(crate) ignored: bool,
    /// The reason of the `stop()` whose turn has come, for a plain process that then returns.
    pub(crate) asked_to_stop: Option<ExitReason>,
    /// The methods it handled last, newest first, at most three; noted when it crashes.
    pub(crate) methods: Vec<&'static str>,
    pub(crate) arguments: Option<String>,
    /// Names, timers and tasks are already cleaned up: no more are accepted.
    pub(crate) cleaned: bool,
    /// Everybody has been told.
    pub(crate) dead: Option<ExitReason>,
    next_key: u64,
}

pub(crate) struct Monitored {
    pub(crate) pid: Pid,
    pub(crate) watched: Watched,
}

impl Relations {
    pub(crate) fn new(started: bool) -> Self {
        Self {
            started,
            ..Self::default()
        }
    }

    pub(crate) fn next_key(&mut self) -> u64 {
        self.next_key += 1;
        self.next_key
    }

    pub(crate) fn observe(&mut self, observer: Arc<dyn Observer>) -> u64 {
        let key = self.next_key();
        self.observers.insert(key, observer);
        key
    }

    /// Runs `hook` when the process ends; gives it back if that has begun.
    pub(crate) fn on_exit(&mut self, hook: OnExit) -> Result<(), OnExit> {
        if self.cleaned {
            return Err(hook);
        }
        self.on_exit.push(hook);
        Ok(())
    }
}
