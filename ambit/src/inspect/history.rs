//! The history of earlier snapshots: it is needed to detect that a queue grows, and how long a message waits. Pure:
//! snapshots come in with their times.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use parking_lot::Mutex;

use crate::engine::mailbox::queue_snapshot::QueueSnapshot;
use crate::inspect::finding::Lint;
use crate::inspect::process::{ProcessFacts, ProcessInfo, Status};
use crate::pid::Pid;
use crate::process::lag_sources::Lag;
use crate::process::meter::BlockingPoll;

/// The time for which single events count: dead letters, blocking polls.
pub(super) const LATELY: Duration = Duration::from_secs(10);

/// The number of earlier stamps stored per queue; beyond it, every other one is dropped.
const STAMPS: usize = 64;

/// The history of one system.
#[derive(Default)]
pub(super) struct SystemHistory(pub(super) Mutex<History>);

/// The data of one snapshot.
pub(super) struct Facts {
    /// The time since the system was created.
    pub(super) at: Duration,
    /// True if messages are counted.
    pub(super) measured: bool,
    pub(super) processes: Vec<ProcessFacts>,
    pub(super) dead_letters: u64,
    pub(super) polls: Vec<BlockingPoll>,
    pub(super) waits: Vec<(Pid, Vec<Pid>)>,
    pub(super) lags: Vec<Lag>,
}

#[derive(Default)]
pub(super) struct History {
    /// Only of processes with queued messages or a running handler.
    processes: BTreeMap<Pid, ProcessHistory>,
    /// The times at which these numbers of dead letters had been counted; the first is older than [`LATELY`], if there
    /// was a snapshot then.
    envelopes: VecDeque<(Duration, u64)>,
    /// The time since each finding exists, by its lint and its processes.
    pub(super) found: BTreeMap<(Lint, Vec<Pid>, String), Duration>,
}

/// The history of one process.
#[derive(Default)]
pub(super) struct ProcessHistory {
    /// The number that the next entry of its queue had at each time; lower entries had been queued by then.
    stamps: Vec<(Duration, u64)>,
    pub(super) growth: Option<QueueGrowth>,
    /// The time since it has been running the same handler, and the number of handlers it had begun.
    work: Option<(Duration, (u64, u8))>,
}

/// A queue that has not become shorter between snapshots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct QueueGrowth {
    pub(super) since: Duration,
    /// The number of messages queued at that time.
    pub(super) from: usize,
    /// The number of snapshots with more messages than the previous one.
    pub(super) steps: u32,
    now: usize,
}

impl History {
    /// Adds one snapshot.
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
        self.envelopes.push_back((facts.at, facts.dead_letters));
        let old = facts.at.saturating_sub(LATELY);
        while self.envelopes.get(1).is_some_and(|(at, _)| *at <= old) {
            self.envelopes.pop_front();
        }
    }

    /// Returns a lower bound for the waiting time of the oldest entry of this queue.
    pub(super) fn age(
        &self,
        pid: Pid,
        queue_snapshot: &QueueSnapshot,
        now: Duration,
    ) -> Option<Duration> {
        if queue_snapshot.queued == 0 {
            return None;
        }
        let past = self.processes.get(&pid);
        let first = past.and_then(|past| {
            past.stamps
                .iter()
                .find(|(_, next)| *next > queue_snapshot.begun)
        });
        Some(first.map_or(Duration::ZERO, |(at, _)| now.saturating_sub(*at)))
    }

    pub(super) fn of(&self, pid: Pid) -> Option<&ProcessHistory> {
        self.processes.get(&pid)
    }

    /// Returns the number of new dead letters, and their period: since the last snapshot that is at least [`LATELY`]
    /// ago, or since the first one.
    pub(super) fn envelopes(&self) -> (u64, Duration) {
        match (self.envelopes.front(), self.envelopes.back()) {
            (Some((since, before)), Some((at, now))) => {
                (now.saturating_sub(*before), at.saturating_sub(*since))
            }
            _ => (0, Duration::ZERO),
        }
    }
}

impl ProcessFacts {
    /// Returns the snapshot, with the age from the history.
    pub(super) fn aged(mut self, seen: &History, now: Duration) -> ProcessInfo {
        self.info.age = seen.age(self.info.pid, &self.queue_snapshot, now);
        self.info
    }
}

impl ProcessHistory {
    fn note(&mut self, fact: &ProcessFacts, facts: &Facts) {
        self.stamp(&fact.queue_snapshot, facts.at);
        self.grow(fact.info.queued, facts.at);
        let works = facts.measured && fact.is_server && fact.info.status == Status::Busy;
        let begun = (fact.queue_snapshot.begun, fact.progress);
        self.work = works.then(|| match self.work {
            Some((since, known)) if known == begun => (since, known),
            _ => (facts.at, begun),
        });
    }

    fn stamp(&mut self, queue_snapshot: &QueueSnapshot, at: Duration) {
        self.stamps.retain(|(_, next)| *next > queue_snapshot.begun);
        if queue_snapshot.queued == 0 {
            self.stamps.clear();
            return;
        }
        let is_new = self
            .stamps
            .last()
            .is_none_or(|(_, next)| *next < queue_snapshot.next);
        if is_new && queue_snapshot.next > queue_snapshot.begun {
            self.stamps.push((at, queue_snapshot.next));
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
            Some(growth) if queued >= growth.now => Some(QueueGrowth {
                steps: growth.steps + u32::from(queued > growth.now),
                now: queued,
                ..growth
            }),
            _ => Some(QueueGrowth {
                since: at,
                from: queued,
                steps: 0,
                now: queued,
            }),
        };
    }

    /// Returns since when it has been running the current handler.
    pub(super) fn works_since(&self) -> Option<Duration> {
        self.work.map(|(since, _)| since)
    }

    fn is_blank(&self) -> bool {
        self.stamps.is_empty() && self.growth.is_none() && self.work.is_none()
    }
}

#[cfg(test)]
mod tests;
