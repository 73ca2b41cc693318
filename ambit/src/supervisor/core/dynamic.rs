//! Independent children: each is started, stopped and restarted on its own.

mod admin;
mod leave;

use std::collections::{BTreeMap, BTreeSet};
use std::mem;
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
use crate::supervisor::policy::{AutoShutdown, ChildCounts, ChildInfo, ChildState};

/// The maximum number of concurrent starts; further ones wait.
const STARTS: usize = 16;

/// The state of a child.
#[derive(Debug)]
enum ChildPhase<T> {
    /// For the first time, or again, after `old`.
    Starting(First<T>),
    Running(Pid),
    /// `counted`: the next start has been decided already.
    Restarting {
        ticket: RetryTicket,
        old: Pid,
        counted: bool,
        due: Duration,
    },
    Stopping {
        pid: Pid,
        asked: Vec<T>,
    },
    /// It was killed and keeps running.
    Stuck(Pid),
}

#[derive(Debug)]
enum First<T> {
    Asked(T),
    Restart {
        old: Pid,
    },
    /// It was cancelled meanwhile.
    Cancelled(Vec<T>),
}

#[derive(Debug)]
struct Child<T> {
    rules: Rules,
    phase: ChildPhase<T>,
    delays: Delays,
    last: ExitReason,
}

pub(crate) struct Dynamic<T> {
    intensity: Intensity,
    /// Changes that the window has not received yet.
    counted: Vec<Counted>,
    max_children: usize,
    children: BTreeMap<Key, Child<T>>,
    /// By the current pid of each child, or its last one if it is down.
    pids: BTreeMap<Pid, Key>,
    /// The last pids of children whose restart was cancelled: requests find these children by them until they are gone.
    cancelled: BTreeMap<Key, Pid>,
    starting: usize,
    leaving: Option<ExitReason>,
    stuck_below: Vec<String>,
    lingers: bool,
    tickets: u64,
    now: Duration,
    random: u64,
    out: Vec<Action<T>>,
}

impl<T> Child<T> {
    /// Returns the state; `None` if it has not been a child yet.
    fn state(&self) -> Option<ChildState> {
        match &self.phase {
            ChildPhase::Running(pid)
            | ChildPhase::Stopping { pid, .. }
            | ChildPhase::Stuck(pid) => Some(ChildState::Running(*pid)),
            ChildPhase::Restarting { .. } | ChildPhase::Starting(First::Restart { .. }) => {
                Some(ChildState::Restarting)
            }
            ChildPhase::Starting(_) => None,
        }
    }
}

impl<T: Send> Dynamic<T> {
    pub(crate) fn new(flags: Flags, max_children: usize) -> Self {
        Self {
            intensity: Intensity::new(flags.restarts, flags.within),
            counted: Vec::new(),
            max_children,
            children: BTreeMap::new(),
            pids: BTreeMap::new(),
            cancelled: BTreeMap::new(),
            starting: 0,
            leaving: None,
            stuck_below: Vec::new(),
            lingers: false,
            tickets: 0,
            now: Duration::ZERO,
            random: 0,
            out: Vec::new(),
        }
    }

    fn take(&mut self, event: Event<T>) {
        match event {
            Event::Boot => self.out.push(Action::Booted),
            Event::Started(key, pid) => self.started(key, pid),
            Event::Ignored(key) => self.not_started(key, StartError::Ignored),
            Event::Failed(key, error) => self.not_started(key, error),
            Event::Exited(key, pid, reason) => self.exited(key, pid, reason),
            Event::Overdue(key, pid) => self.overdue(key, pid),
            Event::Retry(key, ticket) => self.retry(key, ticket),
            Event::GraceOver => self.end(),
            Event::Leave(reason) => self.leave(reason),
            Event::Command(command) => self.obey(command),
        }
    }

    fn forget(&mut self, key: Key) {
        if let Some(old) = self.cancelled.remove(&key) {
            self.pids.remove(&old);
        }
        if let Some(child) = self.children.remove(&key)
            && let ChildPhase::Restarting { due, .. } = child.phase
        {
            // The rest of a delay that ends early.
            let rest = due.saturating_sub(self.now);
            self.intensity.give_back(key, rest);
            self.counted.push(Counted::GivenBack(key, rest));
        }
        self.out.push(Action::Forget(key));
    }

    fn answer(&mut self, port: T, answer: Result<Option<Pid>, ChildError>) {
        self.out.push(Action::Answer(port, answer));
    }

    fn launch(&mut self, key: Key) {
        self.starting += 1;
        self.out.push(Action::Start(key));
    }

    fn started(&mut self, key: Key, pid: Pid) {
        self.pids.insert(pid, key);
        let now = self.now;
        let Some(child) = self.children.get_mut(&key) else {
            return;
        };
        if let ChildPhase::Stuck(_) = child.phase {
            return;
        }
        self.starting -= 1;
        child.delays.started(child.rules.backoff.as_deref(), now);
        match mem::replace(&mut child.phase, ChildPhase::Running(pid)) {
            ChildPhase::Starting(First::Asked(port)) => self.answer(port, Ok(Some(pid))),
            ChildPhase::Starting(First::Restart { old }) => {
                self.pids.remove(&old);
            }
            // Its start was cancelled, but succeeded.
            ChildPhase::Starting(First::Cancelled(asked)) => {
                child.phase = ChildPhase::Stopping { pid, asked };
                let shutdown = child.rules.shutdown_of_start();
                self.out.push(Action::Stop(key, shutdown));
            }
            other => child.phase = other,
        }
    }

    fn not_started(&mut self, key: Key, error: StartError) {
        let Some(child) = self.children.get_mut(&key) else {
            return;
        };
        if let ChildPhase::Stuck(pid) = child.phase {
            self.pids.remove(&pid);
            self.forget(key);
            return;
        }
        if self.leaving.is_some()
            && child.rules.kind == ChildKind::Supervisor
            && let StartError::Init(reason) = &error
        {
            self.stuck_below
                .extend(stuck_below(&child.rules.id, reason));
        }
        self.starting -= 1;
        let unset = ChildPhase::Running(Pid::NOBODY);
        match mem::replace(&mut child.phase, unset) {
            ChildPhase::Starting(First::Asked(port)) => {
                self.forget(key);
                self.answer(port, Err(ChildError::Start(error)));
            }
            ChildPhase::Starting(First::Restart { old }) if error == StartError::Ignored => {
                self.pids.remove(&old);
                self.forget(key);
            }
            ChildPhase::Starting(First::Restart { old }) => {
                self.out
                    .push(Action::Report(key, Report::StartFailed(error.clone())));
                child.last = ExitReason::error(error);
                self.retry_later(key, old, Duration::ZERO, false);
            }
            ChildPhase::Starting(First::Cancelled(asked)) => self.gone(key, asked),
            other => child.phase = other,
        }
    }

    fn gone(&mut self, key: Key, asked: Vec<T>) {
        self.forget(key);
        for port in asked {
            self.answer(port, Ok(None));
        }
    }

    fn exited(&mut self, key: Key, pid: Pid, reason: ExitReason) {
        let is_own = self.pids.get(&pid) == Some(&key);
        let Some(child) = self.children.get_mut(&key).filter(|_| is_own) else {
            return;
        };
        if self.leaving.is_some() && child.rules.kind == ChildKind::Supervisor {
            self.stuck_below
                .extend(stuck_below(&child.rules.id, &reason));
        }
        match &mut child.phase {
            ChildPhase::Running(_) if child.rules.restarts_after(&reason) => {
                child.last = reason;
                self.restart(key, pid, false);
            }
            ChildPhase::Running(_) | ChildPhase::Stuck(_) => {
                self.pids.remove(&pid);
                self.forget(key);
            }
            ChildPhase::Stopping { asked, .. } => {
                let asked = mem::take(asked);
                self.pids.remove(&pid);
                self.gone(key, asked);
            }
            ChildPhase::Starting(_) | ChildPhase::Restarting { .. } => {}
        }
    }

    /// Decides one restart.
    fn restart(&mut self, key: Key, old: Pid, is_retry: bool) {
        let (now, random) = (self.now, self.random);
        let Some(child) = self.children.get_mut(&key) else {
            return;
        };
        let reason = child.last.clone();
        let delay = child
            .delays
            .next(child.rules.backoff.as_deref(), now, random);
        if !self.intensity.allows(key, now) {
            let id = &child.rules.id;
            let because = self
                .intensity
                .exceeded_by(&format_args!("child `{id}`"), &reason);
            self.out.push(Action::Report(key, Report::GivesUp(reason)));
            self.pids.remove(&old);
            self.forget(key);
            self.leave(because);
            return;
        }
        self.counted.push(Counted::Restart(key, now));
        if !is_retry {
            self.out.push(Action::Report(key, Report::Restarts(reason)));
        }
        if delay.is_zero() {
            child.phase = ChildPhase::Starting(First::Restart { old });
            self.launch(key);
        } else {
            self.intensity.hold(key, delay);
            self.counted.push(Counted::Delay(key, delay));
            self.retry_later(key, old, delay, true);
        }
    }

    fn retry_later(&mut self, key: Key, old: Pid, delay: Duration, counted: bool) {
        self.tickets += 1;
        let ticket = RetryTicket(self.tickets);
        if let Some(child) = self.children.get_mut(&key) {
            child.phase = ChildPhase::Restarting {
                ticket,
                old,
                counted,
                due: self.now.saturating_add(delay),
            };
        }
        self.out.push(Action::Later(key, ticket, delay));
    }

    fn retry(&mut self, key: Key, wanted: RetryTicket) {
        let Some(child) = self.children.get_mut(&key) else {
            return;
        };
        match child.phase {
            ChildPhase::Restarting {
                ticket,
                old,
                counted: true,
                ..
            } if ticket == wanted => {
                child.phase = ChildPhase::Starting(First::Restart { old });
                self.launch(key);
            }
            ChildPhase::Restarting { ticket, old, .. } if ticket == wanted => {
                self.restart(key, old, true);
            }
            _ => {}
        }
    }
}

impl<T: Send> Decide<T> for Dynamic<T> {
    fn handle(&mut self, event: Event<T>, now: Duration, random: u64) -> Vec<Action<T>> {
        (self.now, self.random) = (now, random);
        self.take(event);
        if self.leaving.is_some() {
            self.end_if_done();
        }
        mem::take(&mut self.out)
    }

    fn is_busy(&self) -> bool {
        self.starting >= STARTS
    }

    fn describe(&mut self, _key: Key, rules: Rules) -> Result<(), String> {
        rules.check(AutoShutdown::Never)
    }

    fn starting_again(&self) -> BTreeSet<Key> {
        let keys = self.children.keys().copied();
        keys.filter(|key| self.is_starting_again(*key)).collect()
    }

    fn is_starting_again(&self, key: Key) -> bool {
        let child = self.children.get(&key);
        child
            .is_some_and(|child| matches!(child.phase, ChildPhase::Starting(First::Restart { .. })))
    }

    fn children(&self) -> Vec<ChildInfo> {
        let all = self.children.values();
        all.filter_map(|child| Some(child.rules.info(child.state()?)))
            .collect()
    }

    fn counts(&self) -> ChildCounts {
        let mut counts = ChildCounts::default();
        for child in self.children.values() {
            if let Some(state) = child.state() {
                counts.add(child.rules.kind, matches!(state, ChildState::Running(_)));
            }
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
