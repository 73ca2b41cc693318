//! Cycles of processes that wait for each other's answers: a pure search.

use std::collections::{BTreeMap, BTreeSet};

use crate::pid::Pid;

/// Returns the cycles among the waiting processes, each starting with its lowest pid. A process in several cycles is
/// reported in one of them. The cost is linear in the number of waits.
pub(super) fn cycles(waits: &[(Pid, Vec<Pid>)]) -> Vec<Vec<Pid>> {
    let mut open = WaitingOnly::new(waits);
    let mut cycles = Vec::new();
    let mut path = Path::default();
    while let Some(last) = path.last().or_else(|| open.first()) {
        if path.is_empty() {
            path.push(last);
        }
        let Some(next) = open.next(last) else {
            path.pop();
            continue;
        };
        if let Some(cycle) = path.close(next) {
            cycle.iter().for_each(|pid| open.remove(*pid));
            cycles.push(from_the_lowest(cycle));
        } else {
            path.push(next);
        }
    }
    cycles
}

fn from_the_lowest(mut cycle: Vec<Pid>) -> Vec<Pid> {
    let lowest = cycle.iter().min().copied();
    let begin = cycle.iter().position(|pid| Some(*pid) == lowest);
    cycle.rotate_left(begin.unwrap_or(0));
    cycle
}

/// The processes that wait only for other waiting processes: each of them leads into a cycle.
struct WaitingOnly {
    to: BTreeMap<Pid, BTreeSet<Pid>>,
    from: BTreeMap<Pid, Vec<Pid>>,
}

impl WaitingOnly {
    fn new(waits: &[(Pid, Vec<Pid>)]) -> Self {
        let mut to: BTreeMap<Pid, BTreeSet<Pid>> = waits
            .iter()
            .map(|(from, to)| (*from, to.iter().copied().collect()))
            .collect();
        let mut from: BTreeMap<Pid, Vec<Pid>> = BTreeMap::new();
        let mut free = BTreeSet::new();
        for (pid, targets) in &to {
            for target in targets {
                from.entry(*target).or_default().push(*pid);
            }
            free.extend(targets.iter().filter(|pid| !to.contains_key(*pid)));
        }
        free.extend(
            to.iter()
                .filter(|(_, to)| to.is_empty())
                .map(|(pid, _)| *pid),
        );
        to.retain(|_, targets| !targets.is_empty());
        let mut open = Self { to, from };
        free.into_iter().for_each(|pid| open.remove(pid));
        open
    }

    fn first(&self) -> Option<Pid> {
        self.to.keys().next().copied()
    }

    /// Returns the lowest process that `pid` waits for.
    fn next(&self, pid: Pid) -> Option<Pid> {
        self.to.get(&pid)?.first().copied()
    }

    /// Removes a process that waits for nothing, and recursively those that then wait for none.
    fn remove(&mut self, pid: Pid) {
        let mut removed = vec![pid];
        while let Some(pid) = removed.pop() {
            self.to.remove(&pid);
            for waits in self.from.remove(&pid).into_iter().flatten() {
                if let Some(targets) = self.to.get_mut(&waits)
                    && targets.remove(&pid)
                    && targets.is_empty()
                {
                    removed.push(waits);
                }
            }
        }
    }
}

/// The path from one process to the next.
#[derive(Default)]
struct Path {
    pids: Vec<Pid>,
    at: BTreeMap<Pid, usize>,
}

impl Path {
    fn is_empty(&self) -> bool {
        self.pids.is_empty()
    }

    fn last(&self) -> Option<Pid> {
        self.pids.last().copied()
    }

    fn push(&mut self, pid: Pid) {
        self.at.insert(pid, self.pids.len());
        self.pids.push(pid);
    }

    fn pop(&mut self) {
        if let Some(pid) = self.pids.pop() {
            self.at.remove(&pid);
        }
    }

    /// Splits off the cycle that `next` closes, if there is one.
    fn close(&mut self, next: Pid) -> Option<Vec<Pid>> {
        let begin = *self.at.get(&next)?;
        let cycle = self.pids.split_off(begin);
        for pid in &cycle {
            self.at.remove(pid);
        }
        Some(cycle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pid(n: u32) -> Pid {
        Pid::new(1, n, 0)
    }

    fn waits(all: &[(u32, &[u32])]) -> Vec<(Pid, Vec<Pid>)> {
        all.iter()
            .map(|(from, to)| (pid(*from), to.iter().copied().map(pid).collect()))
            .collect()
    }

    #[test]
    fn a_chain_is_no_cycle() {
        let chain: &[(u32, &[u32])] = &[(1, &[2]), (2, &[3, 4]), (3, &[4])];
        assert!(cycles(&waits(chain)).is_empty());
    }

    #[test]
    fn each_cycle_is_named_once_without_those_that_only_lead_to_it() {
        let two: &[(u32, &[u32])] = &[
            (9, &[2]),
            (4, &[2, 7]),
            (2, &[5]),
            (5, &[4]),
            (6, &[8]),
            (8, &[6]),
            (1, &[1]),
        ];
        let found = cycles(&waits(two));
        let wanted = [vec![1], vec![2, 5, 4], vec![6, 8]];
        let wanted: Vec<Vec<Pid>> = wanted
            .into_iter()
            .map(|cycle| cycle.into_iter().map(pid).collect())
            .collect();
        assert_eq!(found, wanted);
    }

    /// The lowest process leads to all cycles, through a long chain; a quadratic search would not finish.
    #[test]
    fn long_chains_and_many_cycles_cost_no_more_than_their_waits() {
        let (chain, pairs) = (30_000, 30_000);
        let mut all: Vec<(Pid, Vec<Pid>)> =
            (0..chain).map(|n| (pid(n), vec![pid(n + 1)])).collect();
        let begin = |n: u32| chain + 1 + 2 * n;
        all.push((pid(chain), (0..pairs).map(|n| pid(begin(n))).collect()));
        for n in 0..pairs {
            all.push((pid(begin(n)), vec![pid(begin(n) + 1)]));
            all.push((pid(begin(n) + 1), vec![pid(begin(n))]));
        }
        assert_eq!(cycles(&all).len(), pairs as usize);
        let open: Vec<_> = all[..chain as usize].to_vec();
        assert!(cycles(&open).is_empty());
    }
}
