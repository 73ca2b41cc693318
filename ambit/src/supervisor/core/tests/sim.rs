//! A shell without processes: it records its actions, and fails at once on an invalid one.

use std::collections::BTreeMap;
use std::mem;
use std::time::Duration;

use super::generators::{self, Random, SECOND, Wait};
use super::oracle::Oracle;
use super::random_events::Plan;
use super::*;

/// The outcome of a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Starts,
    Fails,
    Ignores,
    /// Its init never completes; a kill ends it.
    Hangs,
    /// Its init never suspends: a kill does not end it.
    Spins,
}

/// The reaction of a process to a stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manners {
    Polite,
    OnlyKilled,
    /// It never suspends.
    Spins,
}

#[derive(Debug)]
pub(super) struct Launch {
    pub(super) pid: Pid,
    pub(super) fate: Fate,
    pub(super) cancelled: bool,
    pub(super) overdue: bool,
}

#[derive(Debug)]
pub(super) struct Running {
    pub(super) pid: Pid,
    pub(super) manners: Manners,
    pub(super) asked: bool,
    /// The time at which it is killed.
    pub(super) kill: Option<Duration>,
    pub(super) overdue: bool,
    /// Its exit reason; the core has not received it yet.
    pub(super) ended: Option<ExitReason>,
}

#[derive(Debug)]
pub(super) struct Fake {
    pub(super) rules: Rules,
    pub(super) wait: Option<Wait>,
    pub(super) launch: Option<Launch>,
    pub(super) process: Option<Running>,
    /// The time at which it is overdue.
    pub(super) due: Option<Duration>,
    /// The previous pid.
    pub(super) old: Option<Pid>,
    /// True if it has a reason to be down.
    pub(super) may_rest: bool,
}

impl Fake {
    pub(super) fn is_stuck(&self) -> bool {
        self.process.as_ref().is_some_and(|one| one.overdue)
            || self.launch.as_ref().is_some_and(|one| one.overdue)
    }

    /// Returns true if a start or a stop of it is in progress, and waited for.
    fn is_waited_for(&self) -> bool {
        let starts = self.launch.is_some();
        let stops = self.process.as_ref().is_some_and(|one| one.asked);
        (starts || stops) && !self.is_stuck()
    }
}

pub(super) struct Retry {
    pub(super) key: Key,
    pub(super) ticket: RetryTicket,
    pub(super) due: Duration,
}

/// The open requests.
#[derive(Clone, Debug)]
pub(super) enum Asked {
    Start(Key),
    Terminate(Key),
    Restart(Key),
    Delete(Key),
    /// A child that does not exist.
    Missing,
}

pub(super) struct Sim {
    pub(super) random: Random,
    pub(super) plan: Plan,
    pub(super) flags: Flags,
    pub(super) core: Box<dyn Decide<u32>>,
    pub(super) children: BTreeMap<Key, Fake>,
    pub(super) retries: Vec<Retry>,
    pub(super) open: BTreeMap<u32, Asked>,
    pub(super) grace: Option<Duration>,
    pub(super) now: Duration,
    pub(super) left: Option<ExitReason>,
    pub(super) ended: Option<ExitReason>,
    pub(super) oracle: Oracle,
    pub(super) next: u32,
    pub(super) booted: bool,
}

impl Sim {
    pub(super) fn new(seed: u64, plan: Plan) -> Self {
        let mut random = Random::new(seed + 1);
        let flags = generators::flags(&mut random, plan.strategy);
        let (core, children): (Box<dyn Decide<u32>>, _) = if plan.strategy.is_some() {
            let count = 1 + random.below(5);
            let rules = |n| generators::rules(&mut random, format!("c{n}"), flags.auto_shutdown);
            let known: Vec<_> = (0..count).map(rules).collect();
            let keys = (0..).map(Key);
            let all: Vec<_> = keys.zip(known).collect();
            let bare = all.iter().map(|(key, (rules, _))| (*key, rules.clone()));
            let core = Fixed::new(flags, bare);
            let fakes = all.into_iter().map(|(key, rules)| (key, Fake::new(rules)));
            (Box::new(core), fakes.collect::<BTreeMap<_, _>>())
        } else {
            let most = random.of(&[0, 1, 3, usize::MAX]);
            (Box::new(Dynamic::new(flags, most)), BTreeMap::new())
        };
        let mut oracle = Oracle::default();
        oracle.group.extend(children.keys());
        Self {
            random,
            plan,
            flags,
            core,
            next: 100,
            children,
            retries: Vec::new(),
            open: BTreeMap::new(),
            grace: None,
            now: Duration::ZERO,
            left: None,
            ended: None,
            oracle,
            booted: false,
        }
    }

    pub(super) fn is_dynamic(&self) -> bool {
        self.plan.strategy.is_none()
    }

    pub(super) fn number(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    /// Sends an event to the core and performs its actions.
    pub(super) fn send(&mut self, event: Event<u32>) {
        if std::env::var_os("TRACE").is_some() {
            eprintln!("{:?} > {event:?}", self.now);
        }
        let random = self.random.next();
        let actions = self.core.handle(event, self.now, random);
        for action in actions {
            if std::env::var_os("TRACE").is_some() {
                eprintln!("        {action:?}");
            }
            assert_eq!(self.ended, None, "{action:?} after the end");
            self.act(action);
        }
        self.check();
    }

    fn act(&mut self, action: Action<u32>) {
        match action {
            Action::Start(key) => self.start(key),
            Action::Cancel(key, shutdown) => self.cancel(key, shutdown),
            Action::Stop(key, shutdown) => {
                self.end_run(key);
                self.stop(key, shutdown);
            }
            Action::Later(key, ticket, delay) => {
                self.later(key, ticket, delay);
                let due = self.now + delay;
                self.retries.push(Retry { key, ticket, due });
            }
            Action::Grace => {
                assert!(self.left.is_some() && self.grace.is_none());
                self.grace = Some(self.now + SECOND);
            }
            Action::Down(key) => {
                let child = &self.children[&key];
                assert!(child.process.is_none() && child.launch.is_none(), "it runs");
            }
            Action::Forget(key) => {
                if let Some(child) = self.children.remove(&key) {
                    assert!(child.process.is_none(), "{child:?} is lost");
                    assert!(child.launch.is_none(), "{child:?} is lost");
                }
            }
            Action::Answer(token, answer) => self.answered(token, answer),
            Action::Report(key, report) => self.reported(key, &report),
            Action::Use(_) => unreachable!("partitions have scripts of their own"),
            Action::Booted => {
                assert!(!mem::replace(&mut self.booted, true), "it booted twice");
            }
            Action::End(reason) => self.end(reason),
        }
    }

    fn start(&mut self, key: Key) {
        assert_eq!(self.left, None, "a start on the way out");
        self.is_alone(key);
        self.start_in_order(key);
        let pid = Pid::new(1, self.number(), 0);
        let fates = match self.plan.calm && self.random.once_in(3) {
            true => vec![Fate::Starts, Fate::Fails],
            false => vec![
                Fate::Starts,
                Fate::Starts,
                Fate::Starts,
                Fate::Starts,
                Fate::Fails,
                Fate::Fails,
                Fate::Ignores,
                Fate::Hangs,
                Fate::Spins,
            ],
        };
        let fate = self.random.of(&fates);
        let child = self.children.get_mut(&key).expect("a child that is known");
        assert!(child.launch.is_none(), "{child:?} starts already");
        assert!(child.process.is_none(), "{child:?} runs");
        child.launch = Some(Launch {
            pid,
            fate,
            cancelled: false,
            overdue: false,
        });
    }

    /// Ordered children have one operation at a time.
    fn is_alone(&self, key: Key) {
        let mut others = self.children.iter().filter(|(other, _)| **other != key);
        if let Some(other) = others.find(|(_, child)| child.is_waited_for()) {
            assert!(self.is_dynamic(), "{key:?} while {other:?}");
        }
    }

    fn cancel(&mut self, key: Key, shutdown: Shutdown) {
        let due = shutdown.time().map(|time| self.now + time + SECOND);
        let child = self.children.get_mut(&key).expect("a child that is known");
        let launch = child.launch.as_mut().expect("a start that is under way");
        assert!(
            !mem::replace(&mut launch.cancelled, true),
            "cancelled twice"
        );
        assert_eq!(shutdown, child.rules.shutdown_of_start());
        child.due = due;
    }

    fn stop(&mut self, key: Key, shutdown: Shutdown) {
        self.is_alone(key);
        self.stop_in_order(key);
        let now = self.now;
        let child = self.children.get_mut(&key).expect("a child that is known");
        let process = child.process.as_mut().expect("a process");
        // A process whose start was cancelled has been asked already.
        let is_late = process.asked && process.kill.is_some() && child.due.is_none();
        let is_due = shutdown == child.rules.shutdown && !process.asked;
        assert!(
            is_due || is_late && shutdown == child.rules.shutdown_of_start(),
            "{child:?}"
        );
        process.asked = true;
        process.kill = shutdown.time().map(|time| now + time);
        child.due = process.kill.map(|kill| kill + SECOND);
    }

    fn end(&mut self, reason: ExitReason) {
        assert!(self.open.is_empty(), "unanswered: {:?}", self.open);
        let mut stuck = Vec::new();
        for child in self.children.values() {
            let runs = child.process.is_some() || child.launch.is_some();
            assert!(!runs || child.is_stuck(), "{child:?} runs on");
            if runs {
                stuck.push(child.rules.id.to_string());
            }
        }
        stuck.append(&mut self.oracle.stuck_below);
        let left = self.left.clone();
        let expected = match (left, stuck.join(", ")) {
            (left, stuck) if stuck.is_empty() => left.expect("a reason to end"),
            (Some(ExitReason::ShutdownWith(because)), stuck) => {
                ExitReason::shutdown_with(format!("{because}; stuck: {stuck}"))
            }
            (_, stuck) => ExitReason::shutdown_with(format!("stuck: {stuck}")),
        };
        assert_eq!(reason, expected);
        self.ended = Some(reason);
    }
}

impl Fake {
    pub(super) fn new((rules, wait): (Rules, Option<Wait>)) -> Self {
        Self {
            rules,
            wait,
            launch: None,
            process: None,
            due: None,
            old: None,
            may_rest: false,
        }
    }
}
