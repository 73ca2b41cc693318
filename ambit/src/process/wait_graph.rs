//! The wait graph of a system: which process waits for the answer, the start or the end of which other process.
//!
//! It finds cycles in which no process can continue. The graph is sharded by the waiting process, so that waits of
//! different processes do not contend for one lock; only a suspected cycle locks all of it, to check it at one moment.
//! Adding, renewing and removing an edge cost the same however many edges a process has.
//!
//! An edge in the graph blocks its process only while the wait is polled: see [`wait_scope`](super::wait_scope).

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;
use parking_lot::{Mutex, MutexGuard};

use crate::engine::reply::OpenReply;
use crate::pid::Pid;

mod search;
#[cfg(test)]
mod tests;

use search::{LOOKS, SearchResult, follow};

const SHARDS: usize = 16;

/// A process with more edges than this removes outdated ones each time their number has doubled.
const PRUNED: usize = 16;

#[derive(Default)]
pub(crate) struct WaitGraph {
    shards: [GraphLine; SHARDS],
}

/// On cache lines of its own.
#[derive(Default)]
#[repr(align(128))]
struct GraphLine(Mutex<GraphShard>);

#[derive(Default)]
struct GraphShard {
    waiting: HashMap<Pid, WaitEdges, RandomState>,
    ids: u64,
}

/// The edges of one process; nearly always one, which then needs no heap memory.
#[derive(Default)]
struct WaitEdges {
    one: Option<(u64, WaitRecord)>,
    more: BTreeMap<u64, WaitRecord>,
    /// The number of edges at which they are pruned.
    pruned_at: usize,
}

/// A wait of a process in the graph.
pub(crate) struct WaitRecord {
    pub(crate) to: Pid,
    /// The last poll in which it was polled; `None` for a wait that counts until it is removed.
    pub(crate) polled: Option<u32>,
    pub(crate) awaited: Awaited,
}

/// The event that ends a wait.
pub(crate) enum Awaited {
    /// The answer to this question.
    Answer(Arc<dyn OpenReply>),
    Start,
    /// The wait counts until it is removed.
    End,
}

/// The queries of the graph about processes, made under its locks: lock-free, or nearly.
pub(crate) trait ProcessQueries {
    /// Returns the number of its last poll in which user code ran; `None` if it has left the table.
    fn polled(&self, pid: Pid) -> Option<u32>;
    /// Returns true if waiting blocks it: a plain process handles control requests while it waits.
    fn can_block(&self, pid: Pid) -> bool;
    /// Returns true until its start has succeeded or failed.
    fn is_starting(&self, pid: Pid) -> bool;
}

/// The kind of cycle that a wait closes.
pub(crate) enum Cycle {
    None,
    /// No process that can be reached from here can continue. The wait is not in the graph, unless it waits for a start
    /// or an end: then this is another question of the cycle, which begins with the process that asked it.
    Closed(Vec<Pid>, Option<Arc<dyn OpenReply>>),
    /// A process in it also waits for something else, and may continue.
    Possible(Vec<Pid>),
}

impl WaitGraph {
    /// Adds a wait of `from`, or renews the one with this number; returns its number and the cycle that it closes.
    pub(crate) fn wait(
        &self,
        processes: &impl ProcessQueries,
        from: Pid,
        known: Option<u64>,
        wait: WaitRecord,
    ) -> (u64, Cycle) {
        let (to, is_call) = (wait.to, matches!(wait.awaited, Awaited::Answer(_)));
        let mut wait = Some(wait);
        let (id, _outdated) = self.shard(from).add(processes, from, known, &mut wait);
        let mut outdated = Vec::new();
        let found = follow(from, to, &mut |pid, into| {
            let mut shard = self.shard(pid);
            shard.blocking(processes, pid, into, &mut outdated)
        });
        if matches!(found, SearchResult::None) {
            return (id, Cycle::None);
        }
        // The steps of the search were not seen at one moment.
        let mut all: Vec<_> = self.shards.iter().map(|line| line.0.lock()).collect();
        let found = follow(from, to, &mut |pid, into| {
            all[index(pid)].blocking(processes, pid, into, &mut outdated)
        });
        let cycle = match found {
            SearchResult::None => Cycle::None,
            SearchResult::Possible(path) => Cycle::Possible(path),
            SearchResult::Closed(path) => {
                let question = |(at, hop): (usize, &[Pid])| {
                    let question = all[index(hop[0])].question(hop[0], hop[1])?;
                    Some((begin_at(&path, at), question))
                };
                let mut hops = path.windows(2).enumerate().rev();
                let other = (!is_call).then(|| hops.find_map(question)).flatten();
                let refused = other.is_none().then(|| all[index(from)].remove(from, id));
                drop(all);
                drop(refused);
                let closed = match other {
                    Some((path, question)) => Cycle::Closed(path, Some(question)),
                    None => Cycle::Closed(path, None),
                };
                return (id, closed);
            }
        };
        (id, cycle)
    }

    pub(crate) fn remove(&self, from: Pid, id: u64) {
        let removed = self.shard(from).remove(from, id);
        drop(removed);
    }

    /// Removes all waits of a process.
    pub(crate) fn clear(&self, from: Pid) {
        let removed = self.shard(from).waiting.remove(&from);
        drop(removed);
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

    /// Returns the number of edges in the graph, including those that block no process.
    #[cfg(any(test, feature = "test"))]
    pub(crate) fn edges(&self) -> usize {
        let shards = self.shards.iter();
        let edges = |line: &GraphLine| {
            let shard = line.0.lock();
            shard.waiting.values().map(WaitEdges::len).sum::<usize>()
        };
        shards.map(edges).sum()
    }

    fn shard(&self, pid: Pid) -> MutexGuard<'_, GraphShard> {
        self.shards[index(pid)].0.lock()
    }
}

fn index(pid: Pid) -> usize {
    pid.slot() as usize % SHARDS
}

/// Returns the same cycle, beginning at another of its processes.
fn begin_at(cycle: &[Pid], at: usize) -> Vec<Pid> {
    let mut pids = cycle.to_vec();
    pids.pop();
    pids.rotate_left(at);
    pids.extend(pids.first().copied());
    pids
}

/// Returns a smaller capacity if far too much memory is kept; the threshold makes this rare.
fn smaller(used: usize, kept: usize) -> Option<usize> {
    (kept > 256 && used < kept / 8).then_some(used * 2)
}

impl GraphShard {
    fn add(
        &mut self,
        processes: &impl ProcessQueries,
        from: Pid,
        known: Option<u64>,
        wait: &mut Option<WaitRecord>,
    ) -> (u64, Vec<WaitRecord>) {
        let edges = self.waiting.entry(from).or_default();
        if let Some((id, noted)) = known.and_then(|id| Some((id, edges.get_mut(id)?))) {
            noted.polled = wait.as_ref().and_then(|wait| wait.polled);
            return (id, Vec::new());
        }
        let outdated = edges.prune_if_full(processes, from);
        self.ids += 1;
        if let Some(wait) = wait.take() {
            edges.insert(self.ids, wait);
        }
        (self.ids, outdated)
    }

    fn remove(&mut self, from: Pid, id: u64) -> Option<WaitRecord> {
        let edges = self.waiting.get_mut(&from)?;
        let removed = edges.remove(id);
        if edges.len() == 0 {
            self.waiting.remove(&from);
            self.shrink();
        }
        removed
    }

    /// Releases memory after many simultaneous waits.
    fn shrink(&mut self) {
        if let Some(target) = smaller(self.waiting.len(), self.waiting.capacity()) {
            self.waiting.shrink_to(target);
        }
    }

    /// Collects the processes that block `pid`; returns false if there are more than the limit. If it passes many
    /// outdated edges, it removes them, so that the next search does not pass them again; the caller drops them after
    /// the lock.
    fn blocking(
        &mut self,
        processes: &impl ProcessQueries,
        pid: Pid,
        into: &mut Vec<Pid>,
        outdated: &mut Vec<WaitRecord>,
    ) -> bool {
        let Some(edges) = self.waiting.get_mut(&pid) else {
            return true;
        };
        let Some(polled) = processes.polled(pid).filter(|_| processes.can_block(pid)) else {
            return true;
        };
        let mut passed = Vec::new();
        for (id, wait) in edges.iter() {
            if !wait.counts(processes, polled) {
                passed.push(id);
            } else if into.len() <= LOOKS {
                into.push(wait.to);
            } else {
                break;
            }
        }
        if passed.len() >= PRUNED {
            outdated.extend(passed.into_iter().filter_map(|id| edges.more.remove(&id)));
        }
        into.len() <= LOOKS
    }

    /// Returns the question with which `from` waits for `to`.
    fn question(&self, from: Pid, to: Pid) -> Option<Arc<dyn OpenReply>> {
        let mut waits = self.waiting.get(&from)?.iter();
        waits
            .find_map(|(_, wait)| match &wait.awaited {
                Awaited::Answer(question) if wait.to == to && question.is_open() => Some(question),
                _ => None,
            })
            .cloned()
    }
}

impl WaitRecord {
    /// Returns true if it blocks its process: it was polled in the last poll, and is not over.
    fn counts(&self, processes: &impl ProcessQueries, last: u32) -> bool {
        self.polled.is_none_or(|polled| polled == last)
            && match &self.awaited {
                Awaited::Answer(question) => question.is_open(),
                Awaited::Start => processes.is_starting(self.to),
                Awaited::End => true,
            }
    }
}

impl WaitEdges {
    fn len(&self) -> usize {
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

    fn targets(&self, processes: &impl ProcessQueries, from: Pid) -> Vec<Pid> {
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
        let counts =
            |wait: &WaitRecord| polled.is_some_and(|polled| wait.counts(processes, polled));
        let outdated = self.more.iter().filter(|(_, wait)| !counts(wait));
        let outdated: Vec<u64> = outdated.map(|(id, _)| *id).collect();
        let outdated = outdated.into_iter().filter_map(|id| self.more.remove(&id));
        let outdated = outdated.collect();
        self.pruned_at = self.len() * 2;
        outdated
    }
}
