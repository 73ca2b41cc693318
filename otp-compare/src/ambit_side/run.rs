//! The state and the records of a run.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ambit::prelude::*;
use ambit::supervisor::{ChildInfo, ChildState, Supervisor};
use ambit::system::System;
use ambit::telemetry;
use ambit::telemetry::TelemetryGuard;

use crate::ambit_side::above::Above;
use crate::ambit_side::worker::Handle;
use crate::script::{Id, Script};
use crate::trace::{Event as Seen, Life};

/// The outcome of the next start of a worker.
#[derive(Clone, Copy)]
pub(super) enum Next {
    Works,
    Ignores,
    Fails,
    Panics,
    /// Fails after a delay.
    Slow,
}

/// One run of a script.
pub(super) struct Run {
    pub(super) script: Script,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    events: Vec<Seen>,
    is_over: bool,
    attempts: BTreeMap<Id, u32>,
    armed: BTreeMap<Id, VecDeque<Next>>,
    pids: BTreeMap<Pid, (Id, u32)>,
    workers: BTreeMap<Id, Handle>,
    root: Option<Supervisor>,
}

impl Run {
    pub(super) fn new(script: &Script) -> Self {
        Self {
            script: script.clone(),
            state: Mutex::default(),
        }
    }

    /// Ignores poisoning: a panic elsewhere is part of the script, and no code panics while it holds the lock.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, event: Seen) {
        let mut state = self.state();
        if !state.is_over {
            state.events.push(event);
        }
    }

    pub(super) fn block(&self, index: usize) {
        self.note(Seen::Block(index));
    }

    pub(super) fn result(&self, result: &str) {
        self.note(Seen::Result(result.into()));
    }

    pub(super) fn snapshot(&self, text: String) {
        self.note(Seen::Snapshot(text));
    }

    pub(super) fn life(&self, id: Id, attempt: u32, what: Life) {
        self.note(Seen::Life { id, attempt, what });
    }

    /// Ends the script: later events are not recorded.
    pub(super) fn over(&self) {
        self.state().is_over = true;
    }

    pub(super) fn events(&self) -> Vec<Seen> {
        std::mem::take(&mut self.state().events)
    }

    /// Returns the number of recorded events.
    pub(super) fn noted(&self) -> usize {
        self.state().events.len()
    }

    /// Counts one start of this node.
    pub(super) fn attempt(&self, id: Id) -> u32 {
        let mut state = self.state();
        let attempt = state.attempts.entry(id).or_default();
        *attempt += 1;
        *attempt
    }

    pub(super) fn arm(&self, id: Id, outcomes: impl IntoIterator<Item = Next>) {
        self.state()
            .armed
            .insert(id, outcomes.into_iter().collect());
    }

    pub(super) fn outcome(&self, id: Id) -> Next {
        let mut state = self.state();
        let armed = state.armed.get_mut(&id).and_then(VecDeque::pop_front);
        armed.unwrap_or(Next::Works)
    }

    /// Records a new process. A supervisor has the name of its node.
    fn born(&self, pid: Pid) {
        let supervisors = self
            .script
            .nodes
            .iter()
            .filter(|node| node.kind.is_supervisor());
        let mut names = supervisors.map(|node| (node.id, self.name(node.id)));
        let own = names.find(|(_, name)| Supervisor::named(name).pid() == pid);
        if let Some((id, _)) = own {
            let mut state = self.state();
            let attempt = state.attempts.get(&id).copied().unwrap_or(0);
            state.pids.insert(pid, (id, attempt));
        }
    }

    pub(super) fn works(&self, id: Id, attempt: u32, pid: Pid, handle: Handle) {
        let mut state = self.state();
        state.pids.insert(pid, (id, attempt));
        state.workers.insert(id, handle);
    }

    pub(super) fn worker(&self, id: Id) -> Option<Handle> {
        self.state().workers.get(&id).cloned()
    }

    /// Returns the local name of the last supervisor that was started for this node.
    pub(super) fn name(&self, id: Id) -> String {
        let attempt = self.state().attempts.get(&id).copied().unwrap_or(0);
        name(id, attempt)
    }

    /// Returns the node of a child; dynamic children are listed without an id of their own.
    pub(super) fn listed_as(&self, above: &Above, child: &ChildInfo) -> String {
        match (above, child.state) {
            (Above::Fixed(_), _) => child.id.clone(),
            (Above::Dynamic(_), ChildState::Running(pid)) => self
                .who(pid)
                .map_or_else(|| "undefined".into(), |(id, _)| id.to_string()),
            (Above::Dynamic(_), _) => String::new(),
        }
    }

    pub(super) fn set_root(&self, root: Supervisor) {
        self.state().root = Some(root);
    }

    pub(super) fn live_root(&self) -> Option<Supervisor> {
        self.state().root.clone().filter(|root| root.is_alive())
    }

    fn who(&self, pid: Pid) -> Option<(Id, u32)> {
        self.state().pids.get(&pid).copied()
    }
}

/// Returns the local name of one incarnation of a supervisor.
pub(super) fn name(id: Id, attempt: u32) -> String {
    format!("{id}#{attempt}")
}

/// Records exits and supervisors that gave up, until the guard is dropped.
pub(super) fn listen(system: &System, run: &Arc<Run>) -> TelemetryGuard {
    let run = run.clone();
    system.on_event(move |event| {
        let (pid, what) = match event {
            telemetry::Event::Started { pid, .. } => return run.born(*pid),
            telemetry::Event::Exited { pid, reason, .. } => (*pid, Life::Ended(class(reason))),
            telemetry::Event::GaveUp { supervisor, .. } => (*supervisor, Life::GaveUp),
            _ => return,
        };
        // Only nodes with a completed init have a name.
        if let Some((id, attempt)) = run.who(pid) {
            run.life(id, attempt, what);
        }
    })
}

/// Returns the class of a reason, in the words of both sides.
pub(super) fn class(reason: &ExitReason) -> String {
    match reason {
        ExitReason::Normal => "normal".into(),
        ExitReason::Shutdown => "shutdown".into(),
        // The reason of a supervisor that gave up; workers use other texts.
        ExitReason::ShutdownWith(said) if said.to_string().starts_with("child `") => {
            "shutdown".into()
        }
        ExitReason::ShutdownWith(_) => "detail".into(),
        ExitReason::Killed => "killed".into(),
        ExitReason::Panic(_) => "panic".into(),
        ExitReason::Error(report) if report.to_string() == "oops" => "error".into(),
        other => format!("other:{}", other.to_string().replace(' ', "_")),
    }
}
