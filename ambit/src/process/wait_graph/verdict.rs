//! The verdict on a closed cycle. The caller holds the locks of all shards.

use std::sync::Arc;

use parking_lot::MutexGuard;

use crate::engine::reply::OpenReply;
use crate::pid::Pid;
use crate::process::wait_check::{ROUNDS, Unchecked, WaitCheck};
use crate::process::wait_graph::record::{ProcessQueries, WaitRecord};
use crate::process::wait_graph::shard::{GraphShard, Standing, VisitedWaits, index};

/// The kind of cycle that a wait closes.
pub(crate) enum Cycle {
    None,
    /// Another wait judges the cycle that this one may close too.
    Left,
    /// No process that can be reached from here can continue: this wait is rejected, and no longer in the graph.
    Rejected(Vec<Pid>),
    /// Like `Rejected`, but the wait is for a start or an end and goes on. This question fails instead; the cycle begins
    /// with the process that asked it.
    Fails(Vec<Pid>, FailedQuestion),
    /// A process in it also waits for something else, and may continue.
    Possible(Vec<Pid>),
    /// A process in it may no longer wait. These must be checked first, besides those whose check is in progress.
    Unchecked(Vec<Unchecked>),
}

/// A question of a cycle that fails.
pub(crate) struct FailedQuestion {
    pub(super) from: Pid,
    /// The number of its wait.
    pub(super) id: u64,
    pub(crate) question: Arc<dyn OpenReply>,
}

/// The wait that the search began with, which judges.
#[derive(Clone, Copy)]
pub(super) struct JudgingWait {
    /// The poll in which it judges.
    pub(super) polled: u32,
    /// Each poll of its process polls it.
    pub(super) is_renewed: bool,
    pub(super) is_call: bool,
    /// Its process is checked too: it may give this wait up, and await it later.
    pub(super) is_sent: bool,
    /// No search before has judged it.
    pub(super) is_closing: bool,
    /// It is not in the graph yet.
    pub(super) is_first: bool,
}

/// The waits and checks that a verdict removes from the graph. Drop them after the locks.
#[derive(Default)]
pub(super) struct RemovedWaits {
    wait: Option<WaitRecord>,
    checks: Vec<Arc<WaitCheck>>,
}

impl JudgingWait {
    /// Records the outcome for this wait, which has requested these `checks`.
    pub(super) fn conclude(
        self,
        all: &mut [MutexGuard<'_, GraphShard>],
        (from, id): (Pid, u64),
        cycle: &Cycle,
        checks: &[Arc<WaitCheck>],
    ) -> RemovedWaits {
        let mut removed = RemovedWaits::default();
        let is_unchecked = matches!(cycle, Cycle::Unchecked(_));
        let own = &mut all[index(from)];
        if self.is_closing {
            own.mark_closing(from, id, is_unchecked);
        }
        // A wait that is judged for the first time requests its checks once, so it needs no turn.
        if self.polled != 0 && is_unchecked && !self.is_closing {
            own.mark_checking(from, self.polled);
        }
        match cycle {
            Cycle::Unchecked(_) => return removed,
            Cycle::Rejected(_) => removed.wait = own.remove(from, id),
            // Until it fails, another wait would still find the cycle.
            Cycle::Fails(_, FailedQuestion { from, id, .. }) => {
                removed.wait = all[index(*from)].remove(*from, *id);
            }
            Cycle::Left => own.mark_left(from),
            Cycle::None | Cycle::Possible(_) => {}
        }
        // Another wait that leaves the verdict to these checks must find this wait with them.
        for check in checks.iter().filter(|check| !check.is_done()) {
            removed
                .checks
                .extend(all[index(check.process)].forget(check));
        }
        removed
    }
}

/// A cycle that a search has found, with the wait that it began with.
pub(super) struct ClosedCycle<'a, Q> {
    pub(super) shards: &'a [MutexGuard<'a, GraphShard>],
    pub(super) processes: &'a Q,
    /// The processes with waits that the search has visited.
    pub(super) visited: &'a [VisitedWaits],
    /// It begins and ends with the process that judges.
    pub(super) path: Vec<Pid>,
}

/// Whether the processes of a cycle certainly wait.
enum Certainty {
    Certain,
    /// A wait has ended while the search went on.
    Ended,
    /// These must be checked, besides those whose check is in progress.
    Unchecked(Vec<Unchecked>),
    /// One of them began another wait during each of its checks, or waits for something else too.
    Continues,
}

impl<Q: ProcessQueries> ClosedCycle<'_, Q> {
    /// Returns the outcome for the wait that the search began with. The wait that has closed the cycle is rejected, rather
    /// than one that finds it when it is polled again and whose call may be executed already: that one leaves the verdict
    /// to the former. It also leaves it to a wait that checks its process, and to the wait of its process that awaited
    /// checks last; otherwise they would have the same processes polled again and again.
    pub(super) fn judge(self, judge: JudgingWait, checks: Option<&[Arc<WaitCheck>]>) -> Cycle {
        let may_request = checks.is_some();
        let requests = checks.is_some_and(|checks| !checks.is_empty());
        if !judge.is_closing && (self.has_closing() || (!requests && self.is_checked(judge.polled)))
        {
            return Cycle::Left;
        }
        match checks.map_or(Certainty::Certain, |checks| {
            self.certainty(judge.is_sent, checks)
        }) {
            // Its process may begin another wait in this poll, which the next one shows.
            Certainty::Certain
                if judge.is_first && judge.is_renewed && may_request && !requests =>
            {
                return Cycle::Unchecked(vec![Unchecked::first(self.judging())]);
            }
            Certainty::Certain if !judge.is_first && self.has_late() => {
                return Cycle::Possible(self.path);
            }
            Certainty::Certain => {}
            Certainty::Ended => return Cycle::None,
            Certainty::Unchecked(unchecked) => return Cycle::Unchecked(unchecked),
            Certainty::Continues => return Cycle::Possible(self.path),
        }
        match (!judge.is_call).then(|| self.question()).flatten() {
            Some((path, failed)) => Cycle::Fails(path, failed),
            None => Cycle::Rejected(self.path),
        }
    }

    /// Returns the last question of the cycle, and the cycle from its process on.
    fn question(&self) -> Option<(Vec<Pid>, FailedQuestion)> {
        let mut hops = self.path.windows(2).enumerate().rev();
        hops.find_map(|(at, hop)| {
            let from = *self.visited.iter().find(|visited| visited.pid == hop[0])?;
            let shard = self.shard(from.pid);
            let (id, question) = shard.question(self.processes, from, hop[1])?;
            let from = from.pid;
            let failed = FailedQuestion { from, id, question };
            Some((begin_at(&self.path, at), failed))
        })
    }

    fn judging(&self) -> Pid {
        self.path[0]
    }

    fn has_closing(&self) -> bool {
        let mut others = self.visited.iter();
        others.any(|other| {
            other.pid != self.judging() && self.shard(other.pid).has_closing(self.processes, *other)
        })
    }

    fn is_checked(&self, polled: u32) -> bool {
        let (judging, shard) = (self.judging(), self.shard(self.judging()));
        shard.is_checked(judging) || shard.awaits_checks(judging, polled)
    }

    /// Returns true if a process waits for one that the search has not visited, in a wait that it polled in its last poll
    /// but one: it may be in the middle of a poll, as the one that judges is.
    fn has_late(&self) -> bool {
        let is_visited = |pid: Pid| self.visited.iter().any(|visited| visited.pid == pid);
        let mut visited = self.visited.iter();
        visited.any(|process| {
            let mut late = self.shard(process.pid).late(self.processes, *process);
            late.any(|to| !is_visited(to))
        })
    }

    fn certainty(&self, is_sent: bool, checks: &[Arc<WaitCheck>]) -> Certainty {
        let (mut needed, mut is_pending, mut continues) = (Vec::new(), false, false);
        let judging = self.judging();
        let checked = self.visited.iter();
        for &other in checked.filter(|process| is_sent || process.pid != judging) {
            let check = find(checks, other.pid);
            if check.is_some_and(|check| !check.is_done()) {
                is_pending = true;
                continue;
            }
            // The process that judges is in the poll after the one that decided.
            let current = u32::from(other.pid == judging);
            if check.is_some_and(|check| {
                check.may_continue() && check.polls_since(other.polled) <= current
            }) {
                continues = true;
                continue;
            }
            match self.shard(other.pid).standing(self.processes, other, check) {
                Standing::Ended => return Certainty::Ended,
                Standing::Certain => {}
                Standing::Unchecked(unchecked) if unchecked.rounds == ROUNDS => continues = true,
                Standing::Unchecked(unchecked) => needed.push(unchecked),
            }
        }
        match (is_pending, continues) {
            // The polls of these checks are on their way: meanwhile no other wait of their processes requests checks.
            (true, true) => Certainty::Unchecked(Vec::new()),
            (false, true) => Certainty::Continues,
            (false, false) if needed.is_empty() => Certainty::Certain,
            (_, false) => Certainty::Unchecked(needed),
        }
    }

    fn shard(&self, pid: Pid) -> &GraphShard {
        &self.shards[index(pid)]
    }
}

/// Returns the check of a process.
pub(super) fn find(checks: &[Arc<WaitCheck>], pid: Pid) -> Option<&WaitCheck> {
    let mut checks = checks.iter();
    checks
        .find(|check| check.process == pid)
        .map(|check| &**check)
}

/// Returns the same cycle, beginning at another of its processes.
pub(super) fn begin_at(cycle: &[Pid], at: usize) -> Vec<Pid> {
    let mut pids = cycle.to_vec();
    pids.pop();
    pids.rotate_left(at);
    pids.extend(pids.first().copied());
    pids
}
