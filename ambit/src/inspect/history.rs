//! What earlier looks have seen: without it nobody can say that a queue grows, or how long a message waits. Pure: looks
//! come in with their times.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use parking_lot::Mutex;

use crate::engine::mailbox::Glance;
use crate::inspect::lints::Lint;
use crate::inspect::process::{Fact, Status};
use crate::pid::Pid;
use crate::process::lag::Lag;
use crate::process::measure::BlockingPoll;

/// So far back single events count: dead letters, blocking polls.
pub(super) const LATELY: Duration = Duration::from_secs(10);

/// So many earlier looks at one queue are remembered; beyond, every other is forgotten.
const STAMPS: usize = 64;

/// What all looks at one system have seen.
#[derive(Default)]
pub(super) struct Seen(pub(super) Mutex<History>);

/// Everything that one look sees.
pub(super) struct Facts {
    /// When, since the system was made.
    pub(super) at: Duration,
    /// Whether messages are counted.
    pub(super) measured: bool,
    pub(super) processes: Vec<Fact>,
    pub(super) dead_letters: u64,
    pub(super) polls: Vec<BlockingPoll>,
    pub(super) waits: Vec<(Pid, Vec<Pid>)>,
    pub(super) lags: Vec<Lag>,
}

#[derive(Default)]
pub(super) struct History {
    /// Only of those that have something queued or are at something.
    processes: BTreeMap<Pid, Past>,
    /// When so many dead letters had been counted; the first is older than [`LATELY`], if there was a look then.
    letters: VecDeque<(Duration, u64)>,
    /// Since when something is found, by what it is and whom it concerns.
    pub(super) found: BTreeMap<(Lint, Vec<Pid>, String), Duration>,
}

/// What is known of one process.
#[derive(Default)]
pub(super) struct Past {
    /// Which number the next entry of its queue had at which time; what came before it was queued then.
    stamps: Vec<(Duration, u64)>,
    pub(super) growth: Option<Growth>,
    /// Since when it has been at the same handler, and how many it had begun.
    work: Option<(Duration, (u64, u8))>,
}

/// A queue that has not become shorter from one look to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Growth {
    pub(super) since: Duration,
    /// How many messages were queued then.
    pub(super) from: usize,
    /// At so many looks there were more than at the one before.
    pub(super) steps: u32,
    now: usize,
}

impl History {
    /// Takes in one look.
    pub(super) fn note(&mut self, facts: &Facts) {
        let mut before = std::mem::take(&mut self.processes);
        for fact in &facts.processes {
            let pid = fact.info.pid;
            let mut past = before.remove(&pid).unwrap_or_default();
            past.note(fact, facts);
            if !past.is_blank() {
                self.processes.insert(pid, past);
            }
        }
        self.letters.push_back((facts.at, facts.dead_letters));
        let old = facts.at.saturating_sub(LATELY);
        while self.letters.get(1).is_some_and(|(at, _)| *at <= old) {
            self.letters.pop_front();
        }
    }

    /// For how long at least the oldest entry of this queue has waited.
    pub(super) fn age(&self, pid: Pid, glance: &Glance, now: Duration) -> Option<Duration> {
        if glance.queued == 0 {
            return None;
        }
        let past = self.processes.get(&pid);
        let first = past.and_then(|past| past.stamps.iter().find(|(_, next)| *next > glance.begun));
        Some(first.map_or(Duration::ZERO, |(at, _)| now.saturating_sub(*at)))
    }

    pub(super) fn of(&self, pid: Pid) -> Option<&Past> {
        self.processes.get(&pid)
    }

    /// How many dead letters came in which time: since the last look that is at least [`LATELY`] ago, or since the first
    /// one.
    pub(super) fn letters(&self) -> (u64, Duration) {
        match (self.letters.front(), self.letters.back()) {
            (Some((since, before)), Some((at, now))) => {
                (now.saturating_sub(*before), at.saturating_sub(*since))
            }
            _ => (0, Duration::ZERO),
        }
    }
}

impl Past {
    fn note(&mut self, fact: &Fact, facts: &Facts) {
        self.stamp(&fact.glance, facts.at);
        self.grow(fact.info.queued, facts.at);
        let works = facts.measured && fact.is_server && fact.info.status == Status::Busy;
        let begun = (fact.glance.begun, fact.progress);
        self.work = works.then(|| match self.work {
            Some((since, known)) if known == begun => (since, known),
            _ => (facts.at, begun),
        });
    }

    fn stamp(&mut self, glance: &Glance, at: Duration) {
        self.stamps.retain(|(_, next)| *next > glance.begun);
        if glance.queued == 0 {
            self.stamps.clear();
            return;
        }
        let is_new = self
            .stamps
            .last()
            .is_none_or(|(_, next)| *next < glance.next);
        if is_new && glance.next > glance.begun {
            self.stamps.push((at, glance.next));
        }
        if self.stamps.len() > STAMPS {
            let mut keep = false;
            self.stamps.retain(|_| {
                keep = !keep;
                keep
            });
        }
    }

    fn grow(&mut self, queued: usize, at: Duration) {
        self.growth = match self.growth {
            _ if queued == 0 => None,
            Some(growth) if queued >= growth.now => Some(Growth {
                steps: growth.steps + u32::from(queued > growth.now),
                now: queued,
                ..growth
            }),
            _ => Some(Growth {
                since: at,
                from: queued,
                steps: 0,
                now: queued,
            }),
        };
    }

    /// Since when it has been at the handler it is at.
    pub(super) fn works_since(&self) -> Option<Duration> {
        self.work.map(|(since, _)| since)
    }

    fn is_blank(&self) -> bool {
        self.stamps.is_empty() && self.growth.is_none() && self.work.is_none()
    }
}

#[cfg(test)]
mod tests;
