//! Rules for a supervisor's decisions that do not depend on its implementation.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::sim::{Asked, Sim};
use super::*;
use crate::supervisor::intensity::exceeded;

/// One decided restart, its delay, and when the delay began: after the others of a group have ended.
struct Restarted {
    key: Key,
    at: Duration,
    delay: Duration,
    since: Duration,
}

/// The number of delays of a child, and the time of its last start.
#[derive(Default)]
struct Patience {
    attempts: u32,
    born: Option<Duration>,
    /// The delay that the last decision must have.
    owed: Option<Duration>,
}

#[derive(Default)]
pub(super) struct Oracle {
    restarts: Vec<Restarted>,
    patience: BTreeMap<Key, Patience>,
    /// The ticket of each waiting child, and whether its restart has been decided.
    tickets: BTreeMap<Key, (RetryTicket, bool)>,
    /// The children that a restart has yet to start, in this order.
    pub(super) group: VecDeque<Key>,
    /// The first start of a group, which determines the others.
    first: Option<Key>,
    start_failed: Option<Key>,
    /// The child whose retry is being judged, and whether it is allowed.
    retries: Option<(Key, bool)>,
    /// The end that is being judged: whether the child must be restarted, and whether all must end.
    judged: Option<(Key, bool, bool)>,
    restarted: Option<Key>,
    gave_up: Option<Key>,
    shut_down: Option<Key>,
    /// Children that were rejected and must be removed.
    refused: Vec<Key>,
    pub(super) stuck_below: Vec<String>,
}

impl Oracle {
    pub(super) fn born(&mut self, key: Key, now: Duration) {
        self.patience.entry(key).or_default().born = Some(now);
    }

    /// A child that no longer waits: its delay has lasted until now.
    fn end_delays(&mut self, key: Key, now: Duration) {
        for one in self.restarts.iter_mut().filter(|one| one.key == key) {
            one.delay = one.delay.min(now - one.since);
        }
    }

    /// Counts the restarts of the last `within`, from scratch each time: a delay of the same child does not age them.
    fn in_window(&self, now: Duration, within: Duration) -> usize {
        let counts = |(at, one): (usize, &Restarted)| {
            let later = self.restarts[at..]
                .iter()
                .filter(|other| other.key == one.key);
            let waited: Duration = later.map(|other| other.delay.min(now - other.at)).sum();
            (now - one.at).saturating_sub(waited) <= within
        };
        self.restarts
            .iter()
            .enumerate()
            .filter(|one| counts(*one))
            .count()
    }
}

/// Returns true if a child that ends like this is restarted.
fn comes_back(restart: Restart, reason: &ExitReason) -> bool {
    let is_clean = matches!(
        reason,
        ExitReason::Normal | ExitReason::Shutdown | ExitReason::ShutdownWith(_)
    );
    restart == Restart::Permanent || restart == Restart::Transient && !is_clean
}

impl Sim {
    /// Records one restart decision; returns whether it is allowed.
    fn decide(&mut self, key: Key) -> bool {
        self.oracle.end_delays(key, self.now);
        let (at, delay) = (self.now, Duration::ZERO);
        let since = at;
        self.oracle.restarts.push(Restarted {
            key,
            at,
            delay,
            since,
        });
        if self.plan.calm {
            self.owe(key);
        }
        let used = self.oracle.in_window(self.now, self.flags.within);
        used <= self.flags.restarts as usize
    }

    /// Forgets the attempts of a child whose run was long enough, whatever ends it.
    pub(super) fn end_run(&mut self, key: Key) {
        let wait = self.children.get(&key).and_then(|child| child.wait);
        let patience = self.oracle.patience.entry(key).or_default();
        let uptime = patience.born.take().map(|born| self.now - born);
        if wait
            .zip(uptime)
            .is_some_and(|(wait, uptime)| uptime >= wait.healthy_after)
        {
            patience.attempts = 0;
        }
    }

    /// Computes the delay that this restart must have: twice the previous one, unless the child was healthy.
    fn owe(&mut self, key: Key) {
        let Some(wait) = self.children[&key].wait else {
            return;
        };
        self.end_run(key);
        let patience = self.oracle.patience.entry(key).or_default();
        let delay = wait.first * 2_u32.pow(patience.attempts.min(16));
        patience.owed = Some(delay.min(wait.max));
        patience.attempts += 1;
    }

    pub(super) fn later(&mut self, key: Key, ticket: RetryTicket, delay: Duration) {
        let is_counted = self.oracle.start_failed.take() != Some(key);
        self.oracle.tickets.insert(key, (ticket, is_counted));
        if delay.is_zero() {
            return;
        }
        assert!(is_counted, "a back-off that nobody decided");
        let last = self.oracle.restarts.iter_mut().rfind(|one| one.key == key);
        if let Some(last) = last {
            (last.delay, last.since) = (delay, self.now);
        }
        if self.plan.calm {
            let patience = self.oracle.patience.entry(key).or_default();
            assert_eq!(patience.owed.take(), Some(delay), "{key:?}");
        }
    }

    fn is_asked(&self, wanted: fn(&Asked, Key) -> bool, key: Key) -> bool {
        self.open.values().any(|asked| wanted(asked, key))
    }

    /// Starts follow the order of the children.
    pub(super) fn start_in_order(&mut self, key: Key) {
        self.oracle.tickets.remove(&key);
        let is_start = |asked: &Asked, key| matches!(asked, Asked::Start(of) | Asked::Restart(of) if *of == key);
        let is_asked = self.is_asked(is_start, key);
        let is_temporary = self.children[&key].rules.restart == Restart::Temporary;
        assert!(
            is_asked || !is_temporary || !self.booted,
            "{key:?} is temporary"
        );
        if self.plan.calm && !is_asked {
            let owed = self.oracle.patience.entry(key).or_default().owed.take();
            assert_eq!(owed, None, "{key:?} is started too early");
        }
        if self.is_dynamic() || self.is_next(key) || is_asked {
            return;
        }
        assert!(
            self.oracle.group.is_empty(),
            "{key:?} before {:?}",
            self.oracle.group
        );
        self.oracle.first = Some(key);
        if self.flags.strategy != Strategy::OneForOne {
            self.is_newest(key);
        }
    }

    /// Returns true if it is next in its group.
    fn is_next(&mut self, key: Key) -> bool {
        let is_next = self.oracle.group.front() == Some(&key);
        if is_next {
            self.oracle.group.pop_front();
        }
        is_next
    }

    /// Stops follow the reverse order, except for `terminate_child`.
    pub(super) fn stop_in_order(&mut self, key: Key) {
        let is_late = self.children[&key]
            .process
            .as_ref()
            .is_some_and(|one| one.asked);
        let is_terminate = |asked: &Asked, key| matches!(asked, Asked::Terminate(of) if *of == key);
        if self.is_dynamic() || is_late || self.is_asked(is_terminate, key) {
            return;
        }
        let takes_along = self.flags.strategy != Strategy::OneForOne;
        assert!(takes_along || self.left.is_some(), "{key:?} is taken along");
        self.is_newest(key);
    }

    fn is_newest(&self, key: Key) {
        for (newer, child) in self.children.range(key..).skip(1) {
            let runs = child.process.is_some() || child.launch.is_some();
            assert!(!runs || child.is_stuck(), "{key:?} before {newer:?}");
        }
    }

    pub(super) fn reported(&mut self, key: Key, report: &Report) {
        match report {
            Report::Restarts(_) => {
                assert!(self.decide(key), "one restart too many");
                self.oracle.restarted = Some(key);
            }
            Report::StartFailed(_) => self.oracle.start_failed = Some(key),
            Report::GivesUp(last) => {
                let is_retry = self.oracle.retries.is_some_and(|(of, _)| of == key);
                assert!(
                    !self.plan.calm || is_retry || !self.decide(key),
                    "it gives up too early"
                );
                self.oracle.gave_up = Some(key);
                let child = format!("child `{}`", self.children[&key].rules.id);
                let said = exceeded(&child, (self.flags.restarts, self.flags.within), last);
                let because = ExitReason::shutdown_with(said);
                assert_eq!(self.left.replace(because), None);
            }
            Report::Stuck => assert!(self.children[&key].is_stuck()),
            Report::AutoShutdown => {
                assert_ne!(self.flags.auto_shutdown, AutoShutdown::Never);
                self.oracle.shut_down = Some(key);
                assert_eq!(self.left.replace(ExitReason::Shutdown), None);
            }
        }
    }

    /// Called before a retry is delivered.
    pub(super) fn about_to_retry(&mut self, key: Key, ticket: RetryTicket) {
        self.oracle.gave_up = None;
        let is_last = self.oracle.tickets.get(&key) == Some(&(ticket, false));
        let waits =
            self.state(key) == Some(ChildState::Restarting) && self.children[&key].launch.is_none();
        if self.plan.calm && self.left.is_none() && is_last && waits {
            self.oracle.retries = Some((key, self.decide(key)));
        }
    }

    pub(super) fn has_retried(&mut self) {
        if let Some((key, is_allowed)) = self.oracle.retries.take() {
            assert_eq!(self.oracle.gave_up == Some(key), !is_allowed, "{key:?}");
        }
    }

    /// Called before an end is delivered.
    pub(super) fn about_to_judge(&mut self, key: Key, reason: &ExitReason, by_itself: bool) {
        (
            self.oracle.restarted,
            self.oracle.gave_up,
            self.oracle.shut_down,
        ) = (None, None, None);
        let rules = self.children[&key].rules.clone();
        let comes_back = comes_back(rules.restart, reason);
        let is_judged = self.plan.calm && by_itself && self.left.is_none();
        self.oracle.judged =
            is_judged.then_some((key, comes_back, self.must_shut_down(&rules, comes_back)));
        let child = self.children.get_mut(&key).expect("a child");
        child.may_rest |= by_itself && !comes_back;
    }

    /// Returns true if an end must end all children.
    fn must_shut_down(&self, rules: &Rules, comes_back: bool) -> bool {
        let children = self.core.children();
        let mut others = children
            .iter()
            .filter(|other| other.significant && *other.id != *rules.id);
        let is_last = match self.flags.auto_shutdown {
            AutoShutdown::Never => false,
            AutoShutdown::Any => true,
            AutoShutdown::All => others.all(|other| other.state == ChildState::Stopped),
        };
        rules.significant && !comes_back && is_last
    }

    pub(super) fn has_judged(&mut self) {
        if let Some((key, comes_back, must_shut_down)) = self.oracle.judged.take() {
            let judged = self.oracle.restarted == Some(key) || self.oracle.gave_up == Some(key);
            assert_eq!(judged, comes_back, "{key:?}");
            assert_eq!(
                self.oracle.shut_down == Some(key),
                must_shut_down,
                "{key:?}"
            );
        }
    }

    pub(super) fn answered(&mut self, token: u32, answer: Result<Option<Pid>, ChildError>) {
        let asked = self.open.remove(&token).expect("a question that is open");
        let (Asked::Start(key) | Asked::Terminate(key) | Asked::Restart(key) | Asked::Delete(key)) =
            asked
        else {
            return assert!(answer.is_err());
        };
        let child = self.children.get_mut(&key);
        let pid = child
            .as_ref()
            .and_then(|child| Some(child.process.as_ref()?.pid));
        let is_stuck = child.as_ref().is_some_and(|child| child.is_stuck());
        match (asked, answer) {
            (Asked::Start(_) | Asked::Restart(_), Ok(started)) => {
                assert!(started.is_some() && started == pid)
            }
            (Asked::Start(_), Err(ChildError::Start(StartError::Ignored))) => {}
            (Asked::Terminate(_) | Asked::Delete(_), Ok(_)) => {
                assert_eq!(pid, None, "it runs");
                child.into_iter().for_each(|child| child.may_rest = true);
            }
            (Asked::Terminate(_), Err(ChildError::Stuck)) => {
                assert!(is_stuck, "it is not stuck");
                child.into_iter().for_each(|child| child.may_rest = true);
            }
            (_, Err(ChildError::NoProcess)) => assert!(self.left.is_some()),
            (Asked::Start(_), Err(_)) => self.oracle.refused.push(key),
            (_, Err(_)) => {}
            (Asked::Missing, Ok(_)) => unreachable!(),
        }
    }

    fn state(&self, key: Key) -> Option<ChildState> {
        let id = &self.children.get(&key)?.rules.id;
        let mut children = self.core.children().into_iter();
        children
            .find(|child| *child.id == **id)
            .map(|child| child.state)
    }

    /// The invariants after each event.
    pub(super) fn check(&mut self) {
        for key in std::mem::take(&mut self.oracle.refused) {
            assert!(!self.children.contains_key(&key), "{key:?} was refused");
        }
        if self.ended.is_some() {
            return;
        }
        for (key, child) in &self.children {
            let state = self.state(*key);
            let pid = child.process.as_ref().map(|process| process.pid);
            let stuck = child
                .launch
                .as_ref()
                .filter(|launch| launch.overdue)
                .map(|launch| launch.pid);
            match (pid.or(stuck), state) {
                (Some(pid), _) => assert_eq!(state, Some(ChildState::Running(pid)), "{key:?}"),
                // Its end has not been judged.
                (None, Some(ChildState::Running(pid))) => {
                    assert!(self.core.is_busy() && child.old == Some(pid), "{key:?}");
                }
                (None, _) => {}
            }
        }
        self.check_group();
        self.end_delays();
    }

    /// Ends the delays of the children that no longer wait, and of those that are gone.
    fn end_delays(&mut self) {
        let waits = |key: &Key| {
            let child = self.children.get(key);
            let waits = child.is_some_and(|child| child.launch.is_none());
            waits && self.state(*key) == Some(ChildState::Restarting)
        };
        let restarts = &self.oracle.restarts;
        let over = restarts.iter().map(|one| one.key).filter(|key| !waits(key));
        for key in over.collect::<Vec<_>>() {
            self.oracle.end_delays(key, self.now);
        }
    }

    /// Determines which children must be started after the first of a group, and checks that they are.
    fn check_group(&mut self) {
        if let Some(first) = self.oracle.first.take() {
            let is_down = |key: &Key| self.state(*key) == Some(ChildState::Stopped);
            let mut down: Vec<_> = self.children.keys().copied().filter(is_down).collect();
            match self.flags.strategy {
                Strategy::OneForOne => down.clear(),
                Strategy::OneForAll => {
                    assert!(down.iter().all(|key| *key > first), "{first:?} {down:?}")
                }
                Strategy::RestForOne => down.retain(|key| *key > first),
            }
            self.oracle.group = down.into();
        }
        if self.left.is_some() {
            self.oracle.group.clear();
        }
        assert!(
            self.core.is_busy() || self.oracle.group.is_empty(),
            "left out: {:?}",
            self.oracle.group
        );
    }

    /// All mandatory events have happened.
    pub(super) fn is_at_rest(&self) {
        assert!(!self.core.is_busy(), "it is busy for ever");
        assert!(self.open.is_empty(), "unanswered: {:?}", self.open);
        for (key, child) in &self.children {
            let state = self.state(*key);
            assert_ne!(state, Some(ChildState::Restarting), "{key:?} is forgotten");
            let is_alone = self.is_dynamic() || self.flags.strategy == Strategy::OneForOne;
            let is_lost = state != Some(ChildState::Stopped) || child.may_rest;
            assert!(is_lost || !is_alone, "{key:?} is down");
        }
    }
}
