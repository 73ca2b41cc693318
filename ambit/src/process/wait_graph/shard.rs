//! The edges of the processes of one shard, and whether they count. The caller holds the lock of the shard.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::engine::reply::OpenReply;
use crate::engine::wake::ReaderWaker;
use crate::pid::Pid;
use crate::process::poll_count;
use crate::process::wait_check::{Unchecked, WaitCheck};
use crate::process::wait_graph::record::{Awaited, ProcessQueries, Renewal, WaitRecord};
use crate::process::wait_graph::search::{LOOKS, WAITS};
use crate::shrink;

pub(super) const SHARDS: usize = 16;

/// A process with more edges than this removes outdated ones each time their number has doubled.
pub(super) const PRUNED: usize = 16;

#[derive(Default)]
pub(super) struct GraphShard {
    pub(super) waiting: HashMap<Pid, WaitEdges, RandomState>,
    /// The checks of each process.
    pub(super) checks: HashMap<Pid, Vec<Arc<WaitCheck>>, RandomState>,
    ids: u64,
}

/// The edges of one process; nearly always one, which then needs no heap memory.
#[derive(Default)]
pub(super) struct WaitEdges {
    one: Option<(u64, WaitRecord)>,
    more: BTreeMap<u64, WaitRecord>,
    /// The number of edges at which they are pruned.
    pruned_at: usize,
    /// The last poll of the process in which one of its waits awaited checks.
    checking: Option<u32>,
    /// A wait has left the verdict to another one since.
    has_left: bool,
}

/// A process at the moment when a search visits it. It may be polled while the search goes on.
#[derive(Clone, Copy)]
pub(super) struct VisitedWaits {
    pub(super) pid: Pid,
    /// The number of its last poll.
    pub(super) polled: u32,
}

/// Whether a process certainly waits.
pub(super) enum Standing {
    /// It waits no longer.
    Ended,
    Certain,
    /// It may have given a wait up.
    Unchecked(Unchecked),
}

/// Returns the number of the shard with the waits of a process.
pub(super) fn index(pid: Pid) -> usize {
    pid.slot() as usize % SHARDS
}

impl GraphShard {
    pub(super) fn add(
        &mut self,
        processes: &impl ProcessQueries,
        from: Pid,
        known: Option<u64>,
        wait: &mut Option<WaitRecord>,
    ) -> (u64, Vec<WaitRecord>) {
        let edges = self.waiting.entry(from).or_default();
        if let Some((id, noted)) = known.and_then(|id| Some((id, edges.get_mut(id)?))) {
            if let Some(wait) = wait {
                noted.renew(wait);
            }
            return (id, Vec::new());
        }
        let outdated = edges.prune_if_full(processes, from);
        self.ids += 1;
        if let Some(mut wait) = wait.take() {
            wait.is_closing = false;
            edges.insert(self.ids, wait);
        }
        (self.ids, outdated)
    }

    pub(super) fn remove(&mut self, from: Pid, id: u64) -> Option<WaitRecord> {
        let edges = self.waiting.get_mut(&from)?;
        let removed = edges.remove(id);
        if edges.len() == 0 {
            self.waiting.remove(&from);
            shrink::map(&mut self.waiting);
        }
        removed
    }

    /// Collects the processes that block `pid`; returns false if there are more than the limit. If it passes many
    /// outdated edges, it removes them, so that the next search does not pass them again; the caller drops them after
    /// the lock. A wait that was not polled after a `check` was requested does not count.
    pub(super) fn blocking(
        &mut self,
        processes: &impl ProcessQueries,
        pid: Pid,
        check: Option<&WaitCheck>,
        into: &mut Vec<Pid>,
        visited: &mut Vec<VisitedWaits>,
        outdated: &mut Vec<WaitRecord>,
    ) -> bool {
        let Some(edges) = self.waiting.get_mut(&pid) else {
            return true;
        };
        let Some(polled) = processes.polled(pid).filter(|_| processes.can_block(pid)) else {
            return true;
        };
        visited.push(VisitedWaits { pid, polled });
        let (mut passed, mut looks, mut is_complete) = (Vec::new(), 0, true);
        for (id, wait) in edges.iter() {
            if !wait.counts(processes, polled) {
                if !wait.is_late(processes, polled) {
                    passed.push(id);
                }
                continue;
            }
            if looks == WAITS || into.len() > LOOKS {
                is_complete = false;
                break;
            }
            looks += 1;
            let is_given_up = check.is_some_and(|check| wait.is_given_up(check));
            if !is_given_up && !into.contains(&wait.to) {
                into.push(wait.to);
            }
        }
        if passed.len() >= PRUNED {
            outdated.extend(passed.into_iter().filter_map(|id| edges.more.remove(&id)));
        }
        is_complete && into.len() <= LOOKS
    }

    /// Records whether it is being checked that a wait closes a cycle.
    pub(super) fn mark_closing(&mut self, from: Pid, id: u64, is_closing: bool) {
        let edges = self.waiting.get_mut(&from);
        if let Some(wait) = edges.and_then(|edges| edges.get_mut(id)) {
            wait.is_closing = is_closing;
        }
    }

    /// Records the last poll in which a wait of the process awaited checks, where polls are counted.
    pub(super) fn mark_checking(&mut self, from: Pid, polled: u32) {
        if let Some(edges) = self.waiting.get_mut(&from) {
            edges.checking = Some(polled);
        }
    }

    /// Records that a wait of the process has left the verdict to another one.
    pub(super) fn mark_left(&mut self, from: Pid) {
        if let Some(edges) = self.waiting.get_mut(&from) {
            edges.has_left = true;
        }
    }

    /// Lets the waits of the process request checks again; returns true if one of them has left the verdict to another.
    pub(super) fn end_checking(&mut self, from: Pid) -> bool {
        let Some(edges) = self.waiting.get_mut(&from) else {
            return false;
        };
        edges.checking = None;
        std::mem::take(&mut edges.has_left)
    }

    /// Returns true if a wait of the process awaited checks in this poll or the one before.
    pub(super) fn awaits_checks(&self, from: Pid, polled: u32) -> bool {
        let edges = self.waiting.get(&from);
        let checking = edges.and_then(|edges| edges.checking);
        checking.is_some_and(|checking| poll_count::since(checking, polled) <= 1)
    }

    /// Returns true if the process has a wait that counts and that is being checked.
    pub(super) fn has_closing(
        &self,
        processes: &impl ProcessQueries,
        VisitedWaits { pid, polled }: VisitedWaits,
    ) -> bool {
        let mut counting = self.counting(processes, pid, polled);
        counting.any(|wait| wait.is_closing)
    }

    /// Returns whether the waits of a process that count are certain after a `check` that covers them. Each wait is looked
    /// at once, because its answer may arrive meanwhile.
    pub(super) fn standing(
        &self,
        processes: &impl ProcessQueries,
        VisitedWaits { pid, polled }: VisitedWaits,
        check: Option<&WaitCheck>,
    ) -> Standing {
        // A process that something else could wake may wait for nothing else since.
        let valid = check.filter(|check| !check.may_continue());
        let is_covered = |wait: &WaitRecord| valid.is_some_and(|check| check.covers(wait.began));
        let mut standing = Standing::Ended;
        for wait in self.counting(processes, pid, polled) {
            if !matches!(wait.renewal, Renewal::None) && !is_covered(wait) {
                return Standing::Unchecked(Unchecked {
                    process: pid,
                    rounds: check.map_or(0, |check| check.round),
                });
            }
            standing = Standing::Certain;
        }
        standing
    }

    /// Returns the wakers of the waits of a process in sets, at most as many as a search follows.
    pub(super) fn apart(
        &self,
        processes: &impl ProcessQueries,
        pid: Pid,
        polled: u32,
    ) -> Vec<Arc<ReaderWaker>> {
        let counting = self.counting(processes, pid, polled);
        let apart = counting.filter_map(|wait| match &wait.renewal {
            Renewal::WhenWoken(waker) => Some(waker.clone()),
            Renewal::EachPoll | Renewal::None => None,
        });
        apart.take(WAITS).collect()
    }

    /// Returns true if a process has a wait in a set that it has not given up when it decides the `check`.
    pub(super) fn has_set(
        &self,
        processes: &impl ProcessQueries,
        pid: Pid,
        polled: u32,
        check: &WaitCheck,
    ) -> bool {
        let mut counting = self.counting(processes, pid, polled);
        counting.any(|wait| wait.is_in_set() && !wait.is_unpolled(check))
    }

    /// Returns true if the process is being checked.
    pub(super) fn is_checked(&self, pid: Pid) -> bool {
        self.checks.contains_key(&pid)
    }

    /// Returns the processes that one waits for in waits that it polled in its last poll but one.
    pub(super) fn late(
        &self,
        processes: &impl ProcessQueries,
        VisitedWaits { pid, polled }: VisitedWaits,
    ) -> impl Iterator<Item = Pid> {
        let edges = self.waiting.get(&pid);
        let waits = edges.into_iter().flat_map(WaitEdges::iter);
        let late = waits.filter(move |(_, wait)| wait.is_late(processes, polled));
        late.map(|(_, wait)| wait.to)
    }

    fn counting(
        &self,
        processes: &impl ProcessQueries,
        pid: Pid,
        polled: u32,
    ) -> impl Iterator<Item = &WaitRecord> {
        let edges = self.waiting.get(&pid);
        let waits = edges.into_iter().flat_map(WaitEdges::iter);
        let waits = waits.map(|(_, wait)| wait);
        waits.filter(move |wait| wait.counts(processes, polled))
    }

    /// Takes the checks of a process.
    pub(super) fn take_checks(&mut self, pid: Pid) -> Vec<Arc<WaitCheck>> {
        let checks = self.checks.remove(&pid).unwrap_or_default();
        shrink::map(&mut self.checks);
        checks
    }

    /// Removes one check.
    pub(super) fn forget(&mut self, check: &Arc<WaitCheck>) -> Option<Arc<WaitCheck>> {
        let all = self.checks.get_mut(&check.process)?;
        let at = all.iter().position(|other| Arc::ptr_eq(other, check))?;
        let removed = all.swap_remove(at);
        if all.is_empty() {
            self.checks.remove(&check.process);
        }
        Some(removed)
    }

    /// Returns the question with which a process waits for `to`, and the number of that wait.
    pub(super) fn question(
        &self,
        processes: &impl ProcessQueries,
        VisitedWaits { pid, polled }: VisitedWaits,
        to: Pid,
    ) -> Option<(u64, Arc<dyn OpenReply>)> {
        let mut waits = self.waiting.get(&pid)?.iter();
        waits.find_map(|(id, wait)| match &wait.awaited {
            Awaited::Answer(question) if wait.to == to && wait.counts(processes, polled) => {
                Some((id, question.clone()))
            }
            _ => None,
        })
    }
}

impl WaitEdges {
    pub(super) fn len(&self) -> usize {
        usize::from(self.one.is_some()) + self.more.len()
    }

    fn iter(&self) -> impl Iterator<Item = (u64, &WaitRecord)> {
        let one = self.one.iter().map(|(id, wait)| (*id, wait));
        one.chain(self.more.iter().rev().map(|(id, wait)| (*id, wait)))
    }

    fn get_mut(&mut self, id: u64) -> Option<&mut WaitRecord> {
        match &mut self.one {
            Some((known, wait)) if *known == id => Some(wait),
            _ => self.more.get_mut(&id),
        }
    }

    fn insert(&mut self, id: u64, wait: WaitRecord) {
        if self.one.is_none() {
            self.one = Some((id, wait));
        } else {
            self.more.insert(id, wait);
        }
    }

    fn remove(&mut self, id: u64) -> Option<WaitRecord> {
        match self.one.take_if(|(known, _)| *known == id) {
            Some((_, wait)) => Some(wait),
            None => self.more.remove(&id),
        }
    }

    pub(super) fn targets(&self, processes: &impl ProcessQueries, from: Pid) -> Vec<Pid> {
        let Some(polled) = processes.polled(from) else {
            return Vec::new();
        };
        let counting = self.iter().map(|(_, wait)| wait);
        let counting = counting.filter(|wait| wait.counts(processes, polled));
        let mut targets: Vec<_> = counting.map(|wait| wait.to).collect();
        targets.sort_unstable();
        targets
    }

    /// Removes outdated edges, if there are many: a wait that is polled again is added again. The caller drops the
    /// result after the lock.
    fn prune_if_full(&mut self, processes: &impl ProcessQueries, from: Pid) -> Vec<WaitRecord> {
        if self.len() < self.pruned_at.max(PRUNED) {
            return Vec::new();
        }
        let polled = processes.polled(from);
        let is_needed = |wait: &WaitRecord| {
            polled.is_some_and(|last| wait.counts(processes, last) || wait.is_late(processes, last))
        };
        let outdated = self.more.iter().filter(|(_, wait)| !is_needed(wait));
        let outdated: Vec<u64> = outdated.map(|(id, _)| *id).collect();
        let outdated = outdated.into_iter().filter_map(|id| self.more.remove(&id));
        let outdated = outdated.collect();
        self.pruned_at = self.len() * 2;
        outdated
    }
}
