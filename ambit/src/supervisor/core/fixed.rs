//! Ordered children: one operation at a time; events that arrive meanwhile wait.

mod admin;
mod resize;
mod restart;
mod start;
mod stop;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use crate::error::{ChildError, StartError};
use crate::exit_reason::ExitReason;
use crate::handle::child_ref::ChildKind;
use crate::pid::Pid;
use crate::supervisor::backoff::Delays;
use crate::supervisor::core::{
    Action, ChildSelector, Command, Decide, Event, Flags, Key, Report, RetryTicket, Rules,
    end_reason, stuck_below,
};
use crate::supervisor::intensity::{Counted, Intensity};
use crate::supervisor::policy::{
    AutoShutdown, ChildCounts, ChildInfo, ChildState, Restart, Shutdown, Strategy,
};

/// The state of a child.
#[derive(Clone, Debug, PartialEq, Eq)]
enum ChildPhase {
    Stopped,
    Starting,
    Running(Pid),
    /// It has ended by itself, and the end has not been handled yet.
    Ended(Pid),
    Stopping(Pid),
    /// It waits for its next start; `counted`: that has been decided already.
    Restarting {
        ticket: RetryTicket,
        counted: bool,
        due: Duration,
    },
    /// It was killed and keeps running; `again`: it is restarted if it ends.
    Stuck {
        pid: Pid,
        again: bool,
    },
}

#[derive(Debug)]
struct Child {
    rules: Rules,
    phase: ChildPhase,
    delays: Delays,
    /// The reason of its last end.
    last: ExitReason,
}

/// The operation in progress.
#[derive(Debug)]
enum Operation<T> {
    Nothing,
    Starting {
        now: Option<Key>,
        rest: VecDeque<Key>,
        why: StopCause<T>,
    },
    Stopping {
        now: Option<Key>,
        rest: VecDeque<Key>,
        then: AfterStop<T>,
    },
    /// Everything has been stopped except stuck children.
    Lingering,
    Over,
}

#[derive(Debug)]
enum StopCause<T> {
    Boot,
    Restart,
    /// Adds a new child.
    Add(T),
    /// Starts a stopped child again.
    Again(T),
    /// Starts the next partition, until this number is in use.
    Grow(usize, T),
}

#[derive(Debug)]
enum AfterStop<T> {
    /// Start the group of this child, after this delay.
    Restart(Key, Duration),
    Answer(T),
    /// Use this number of partitions: the others have been stopped.
    Grow(usize, T),
    End,
}

pub(crate) struct Fixed<T> {
    flags: Flags,
    intensity: Intensity,
    /// Changes that the window has not received yet.
    counted: Vec<Counted>,
    children: BTreeMap<Key, Child>,
    ids: BTreeMap<Arc<str>, Key>,
    /// The number of significant children that are not stopped.
    significant: usize,
    /// The number of initial children, and how many of them are in use.
    first: usize,
    used: usize,
    doing: Operation<T>,
    /// Events that arrived during another operation.
    pending: VecDeque<Event<T>>,
    leaving: Option<ExitReason>,
    /// Stuck children of child supervisors that have ended.
    stuck_below: Vec<String>,
    tickets: u64,
    now: Duration,
    random: u64,
    out: Vec<Action<T>>,
}

impl Child {
    /// Returns 1 for a significant child that is not stopped, otherwise 0.
    fn significance(&self) -> usize {
        usize::from(self.rules.significant && self.phase != ChildPhase::Stopped)
    }

    fn state(&self) -> ChildState {
        match self.phase {
            ChildPhase::Running(pid) | ChildPhase::Ended(pid) | ChildPhase::Stopping(pid) => {
                ChildState::Running(pid)
            }
            ChildPhase::Stuck { pid, .. } => ChildState::Running(pid),
            ChildPhase::Starting | ChildPhase::Restarting { .. } => ChildState::Restarting,
            ChildPhase::Stopped => ChildState::Stopped,
        }
    }
}

impl<T: Send> Fixed<T> {
    /// Creates the core; `children` are all started at boot, in this order.
    pub(crate) fn new(flags: Flags, children: impl IntoIterator<Item = (Key, Rules)>) -> Self {
        let mut core = Self {
            flags,
            intensity: Intensity::new(flags.restarts, flags.within),
            counted: Vec::new(),
            children: BTreeMap::new(),
            ids: BTreeMap::new(),
            significant: 0,
            first: 0,
            used: 0,
            doing: Operation::Nothing,
            pending: VecDeque::new(),
            leaving: None,
            stuck_below: Vec::new(),
            tickets: 0,
            now: Duration::ZERO,
            random: 0,
            out: Vec::new(),
        };
        for (key, rules) in children {
            core.add(key, rules);
        }
        core.first = core.children.len();
        core.used = core.first;
        core
    }

    fn add(&mut self, key: Key, rules: Rules) {
        self.ids.insert(rules.id.clone(), key);
        let child = Child {
            rules,
            phase: ChildPhase::Stopped,
            delays: Delays::default(),
            last: ExitReason::Normal,
        };
        self.children.insert(key, child);
    }

    fn take(&mut self, event: Event<T>) {
        match event {
            Event::Boot => {
                let rest = self.children.keys().copied().collect();
                self.start(rest, StopCause::Boot);
            }
            Event::Started(key, pid) => self.started(key, pid),
            Event::Ignored(key) => self.ignored(key),
            Event::Failed(key, error) => self.failed(key, error),
            Event::Exited(key, pid, reason) => self.exited(key, pid, reason),
            Event::Overdue(key, pid) => self.overdue(key, pid),
            Event::GraceOver => self.grace_over(),
            Event::Leave(reason) => self.leave(reason),
            Event::Command(command) if self.leaving.is_some() => self.refuse(command),
            later if self.is_busy() => self.pending.push_back(later),
            Event::Retry(key, ticket) => self.retry(key, ticket),
            Event::Command(command) => self.obey(command),
        }
    }

    fn set(&mut self, key: Key, phase: ChildPhase) {
        self.end_delay(key);
        self.change(key, |child| child.phase = phase);
    }

    /// Changes a child, and counts whether it is significant.
    fn change(&mut self, key: Key, change: impl FnOnce(&mut Child)) {
        if let Some(child) = self.children.get_mut(&key) {
            self.significant -= child.significance();
            change(child);
            self.significant += child.significance();
        }
    }

    fn phase(&self, key: Key) -> Option<&ChildPhase> {
        self.children.get(&key).map(|child| &child.phase)
    }

    fn forget(&mut self, key: Key) {
        if let Some(child) = self.children.remove(&key) {
            self.significant -= child.significance();
            self.ids.remove(&child.rules.id);
            self.out.push(Action::Forget(key));
        }
    }

    /// Marks a child as down until it is started on request.
    fn mark_stopped(&mut self, key: Key) {
        self.set(key, ChildPhase::Stopped);
        if self.is_temporary(key) {
            self.forget(key);
        } else {
            self.out.push(Action::Down(key));
        }
    }

    fn is_temporary(&self, key: Key) -> bool {
        let restart = self.children.get(&key).map(|child| child.rules.restart);
        restart == Some(Restart::Temporary)
    }

    fn report(&mut self, key: Key, report: Report) {
        self.out.push(Action::Report(key, report));
    }
}

impl<T: Send> Decide<T> for Fixed<T> {
    fn handle(&mut self, event: Event<T>, now: Duration, random: u64) -> Vec<Action<T>> {
        (self.now, self.random) = (now, random);
        self.take(event);
        while !self.is_busy() && self.leaving.is_none() {
            let Some(event) = self.pending.pop_front() else {
                break;
            };
            self.take(event);
        }
        mem::take(&mut self.out)
    }

    fn is_busy(&self) -> bool {
        !matches!(self.doing, Operation::Nothing)
    }

    fn describe(&mut self, key: Key, rules: Rules) -> Result<(), String> {
        rules.check(self.flags.auto_shutdown)?;
        self.change(key, |child| {
            child.rules = Rules {
                id: child.rules.id.clone(),
                ..rules
            };
        });
        Ok(())
    }

    /// Commands wait for starts.
    fn starting_again(&self) -> BTreeSet<Key> {
        BTreeSet::new()
    }

    fn is_starting_again(&self, _: Key) -> bool {
        false
    }

    fn children(&self) -> Vec<ChildInfo> {
        let all = self.children.values();
        all.map(|child| child.rules.info(child.state())).collect()
    }

    fn counts(&self) -> ChildCounts {
        let mut counts = ChildCounts::default();
        for child in self.children.values() {
            let is_active = matches!(child.state(), ChildState::Running(_));
            counts.add(child.rules.kind, is_active);
        }
        counts
    }

    fn rules(&self, key: Key) -> Option<&Rules> {
        self.children.get(&key).map(|child| &child.rules)
    }

    fn counted(&mut self) -> Vec<Counted> {
        mem::take(&mut self.counted)
    }

    fn budget(&self) -> (usize, u32, Duration) {
        let intensity = &self.intensity;
        (intensity.used(), intensity.max(), intensity.within())
    }
}
