//! The wait graph of a system: which process waits for the answer, the start or the end of which other process.
//!
//! It finds cycles in which no process can continue. The graph is sharded by the waiting process, so that waits of
//! different processes do not contend for one lock; only a suspected cycle locks all of it, to check it at one moment.
//! Adding, renewing and removing an edge cost the same however many edges a process has.
//!
//! An edge in the graph blocks its process only while the wait is polled: see [`wait_scope`](super::wait_scope).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Waker;

use parking_lot::{Mutex, MutexGuard};

use crate::engine::wake::ReaderWaker;
use crate::engine::wake_list;
use crate::pid::Pid;
use crate::process::wait_check::WaitCheck;

mod record;
mod search;
mod shard;
#[cfg(test)]
mod tests;
mod verdict;

pub(crate) use record::{Awaited, ProcessQueries, Renewal, WaitRecord};
use search::{SearchResult, follow};
use shard::{GraphShard, SHARDS, index};
pub(crate) use verdict::Cycle;
use verdict::{ClosedCycle, JudgingWait, find};

#[derive(Default)]
pub(crate) struct WaitGraph {
    shards: [GraphLine; SHARDS],
}

/// On cache lines of its own.
#[derive(Default)]
#[repr(align(128))]
struct GraphLine(Mutex<GraphShard>);

impl WaitGraph {
    /// Adds a wait of `from`, or renews the one with this number; returns its number and the cycle that it closes.
    /// `checks` are those that the wait has requested so far; `None` if it cannot request any.
    pub(crate) fn wait(
        &self,
        processes: &impl ProcessQueries,
        from: Pid,
        known: Option<u64>,
        wait: WaitRecord,
        checks: Option<&[Arc<WaitCheck>]>,
    ) -> (u64, Cycle) {
        let (to, is_closing) = (wait.to, wait.is_closing);
        let judge = JudgingWait {
            polled: wait.polled,
            is_renewed: matches!(wait.renewal, Renewal::EachPoll),
            is_call: matches!(wait.awaited, Awaited::Answer(_)),
            is_sent: wait.is_sent,
            is_closing,
            is_first: known.is_none(),
        };
        let mut wait = Some(wait);
        let (id, _outdated) = self.shard(from).add(processes, from, known, &mut wait);
        let (mut visited, mut outdated) = (Vec::new(), Vec::new());
        let found = follow(from, to, &mut |pid, into| {
            let mut shard = self.shard(pid);
            shard.blocking(processes, pid, None, into, &mut visited, &mut outdated)
        });
        // While it is checked, other waits leave the verdict to it, so it ends at one moment too.
        let is_checked = is_closing && known.is_some();
        let mut requested = checks.into_iter().flatten();
        let is_pending = requested.any(|check| !check.is_done());
        if matches!(found, SearchResult::None) && !is_checked && !is_pending {
            return (id, Cycle::None);
        }
        // The steps of the search were not seen at one moment.
        let mut all: Vec<_> = self.shards.iter().map(|line| line.0.lock()).collect();
        visited.clear();
        let found = follow(from, to, &mut |pid, into| {
            let check = checks.and_then(|checks| find(checks, pid));
            let shard = &mut all[index(pid)];
            shard.blocking(processes, pid, check, into, &mut visited, &mut outdated)
        });
        let cycle = match found {
            // A process that is checked may be in the middle of a poll, and has not polled its wait in it yet; other waits
            // leave the verdict to this one meanwhile.
            SearchResult::None if is_pending => Cycle::Unchecked(Vec::new()),
            SearchResult::None => Cycle::None,
            SearchResult::Possible(path) => Cycle::Possible(path),
            SearchResult::Closed(path) => {
                let closed = ClosedCycle {
                    shards: &all,
                    processes,
                    visited: &visited,
                    path,
                };
                closed.judge(judge, checks)
            }
        };
        let removed = judge.conclude(&mut all, (from, id), &cycle, checks.unwrap_or_default());
        drop(all);
        drop(removed);
        (id, cycle)
    }

    pub(crate) fn remove(&self, from: Pid, id: u64) {
        let removed = self.shard(from).remove(from, id);
        drop(removed);
    }

    /// Removes a wait that awaited checks; returns true if another wait of the process may have left the verdict to it,
    /// and should be polled.
    pub(crate) fn withdraw(&self, from: Pid, id: u64) -> bool {
        let mut shard = self.shard(from);
        let has_left = shard.end_checking(from);
        let removed = shard.remove(from, id);
        drop(shard);
        drop(removed);
        has_left
    }

    /// Removes all waits of a process.
    pub(crate) fn clear(&self, from: Pid) {
        let removed = self.shard(from).waiting.remove(&from);
        drop(removed);
    }

    /// Adds a check of a process with this flag; returns the wakers of its waits in sets. Wake them and the process
    /// afterwards.
    pub(crate) fn check(
        &self,
        processes: &impl ProcessQueries,
        is_checked: &AtomicBool,
        check: Arc<WaitCheck>,
    ) -> Vec<Arc<ReaderWaker>> {
        let pid = check.process;
        let mut shard = self.shard(pid);
        let polled = processes.polled(pid).unwrap_or_default();
        check.begin(polled);
        shard.checks.entry(pid).or_default().push(check);
        is_checked.store(true, Ordering::Relaxed);
        shard.apart(processes, pid, polled)
    }

    /// Removes a check that is no longer needed.
    pub(crate) fn forget(&self, check: &Arc<WaitCheck>) {
        let mut shard = self.shard(check.process);
        let removed = shard.forget(check);
        drop(shard);
        drop(removed);
    }

    /// Handles the end of a poll of a process that others check: finishes the checks that it decides, and has the process
    /// polled again for the rest. `others` tells whether something can wake the process that is not a wait in the graph;
    /// `None` if the poll has not shown it and decides nothing.
    #[cold]
    pub(crate) fn polled(
        &self,
        processes: &impl ProcessQueries,
        is_checked: &AtomicBool,
        pid: Pid,
        task: &Waker,
        others: Option<bool>,
    ) {
        let polled = processes.polled(pid).unwrap_or_default();
        let (decided, apart) = {
            let mut shard = self.shard(pid);
            let checks = shard.take_checks(pid);
            let decides = |check: &Arc<WaitCheck>| others.is_some() && check.decides(polled);
            let (decided, rest): (Vec<_>, Vec<_>) = checks.into_iter().partition(decides);
            for check in &decided {
                // A set keeps the waker of its process too.
                let may_continue =
                    others == Some(true) && !shard.has_set(processes, pid, polled, check);
                check.decide(polled, may_continue);
            }
            is_checked.store(!rest.is_empty(), Ordering::Relaxed);
            let apart = (!rest.is_empty()).then(|| {
                shard.checks.insert(pid, rest);
                shard.apart(processes, pid, polled)
            });
            (decided, apart)
        };
        for check in decided {
            check.wake();
        }
        if let Some(apart) = apart {
            apart.into_iter().map(Waker::from).for_each(Waker::wake);
            wake_list::wake_by_ref(task);
        }
    }

    /// Finishes the checks of a process that is between two messages, or has ended: it waits no longer.
    #[cold]
    pub(crate) fn end_checks(&self, is_checked: &AtomicBool, pid: Pid) {
        let checks = {
            let mut shard = self.shard(pid);
            is_checked.store(false, Ordering::Relaxed);
            let checks = shard.take_checks(pid);
            checks.iter().for_each(|check| check.mark_done());
            checks
        };
        for check in checks {
            check.wake();
        }
    }

    /// Returns the processes that `from` waits for, in ascending order.
    pub(crate) fn of(&self, processes: &impl ProcessQueries, from: Pid) -> Vec<Pid> {
        let shard = self.shard(from);
        let edges = shard.waiting.get(&from);
        edges.map_or_else(Vec::new, |edges| edges.targets(processes, from))
    }

    /// Returns every waiting process with the processes it waits for; in ascending order.
    pub(crate) fn all(&self, processes: &impl ProcessQueries) -> Vec<(Pid, Vec<Pid>)> {
        let mut all = Vec::new();
        for line in &self.shards {
            let shard = line.0.lock();
            let waiting = shard.waiting.iter();
            all.extend(waiting.map(|(from, edges)| (*from, edges.targets(processes, *from))));
        }
        all.retain(|(_, to)| !to.is_empty());
        all.sort_unstable();
        all
    }

    /// Returns the number of checks in the graph.
    #[cfg(any(test, feature = "test"))]
    pub(crate) fn checks(&self) -> usize {
        let shards = self.shards.iter();
        let checks = |line: &GraphLine| line.0.lock().checks.values().map(Vec::len).sum::<usize>();
        shards.map(checks).sum()
    }

    /// Returns the number of edges in the graph, including those that block no process.
    #[cfg(any(test, feature = "test"))]
    pub(crate) fn edges(&self) -> usize {
        let shards = self.shards.iter();
        let edges = |line: &GraphLine| {
            let shard = line.0.lock();
            shard
                .waiting
                .values()
                .map(shard::WaitEdges::len)
                .sum::<usize>()
        };
        shards.map(edges).sum()
    }

    fn shard(&self, pid: Pid) -> MutexGuard<'_, GraphShard> {
        self.shards[index(pid)].0.lock()
    }
}
