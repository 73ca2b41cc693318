//! The search for the cycle that a wait closes: pure.

use crate::pid::Pid;

/// A longer cycle is not found.
const HOPS: usize = 16;

/// The maximum number of processes that are visited; beyond them one is assumed to be able to continue.
pub(super) const LOOKS: usize = 64;

/// The maximum number of waits of one process that are looked at, many of which may be for the same process.
pub(super) const WAITS: usize = 256;

pub(super) enum SearchResult {
    None,
    /// The cycle, beginning and ending with the waiting process; no process that can be reached can continue.
    Closed(Vec<Pid>),
    /// The same, but a process that can be reached may continue.
    Possible(Vec<Pid>),
}

/// Follows the waits of `to` back to `from`, which waits for `to`. `targets` returns the processes that one waits for,
/// and whether those are all.
pub(super) fn follow(
    from: Pid,
    to: Pid,
    targets: &mut dyn FnMut(Pid, &mut Vec<Pid>) -> bool,
) -> SearchResult {
    let mut next = Vec::new();
    let complete = targets(to, &mut next);
    if next.is_empty() {
        return SearchResult::None;
    }
    let mut search = Search {
        from,
        steps: vec![VisitedProcess::first(to)],
        path: None,
        may_go_on: !complete,
    };
    search.visit(0, &next);
    search.run(1, targets);
    if search.path.is_some() && !search.may_go_on {
        // Its other waits: each of them may be the one that ends.
        let looked_at = search.steps.len();
        next.clear();
        search.may_go_on |= !targets(from, &mut next);
        search.enter(&next);
        search.run(looked_at, targets);
    }
    match search.path {
        None => SearchResult::None,
        Some(path) if search.may_go_on => SearchResult::Possible(path),
        Some(path) => SearchResult::Closed(path),
    }
}

/// A visited process, in visiting order.
struct VisitedProcess {
    pid: Pid,
    before: Option<usize>,
    /// The number of waits from the beginning.
    hops: usize,
}

impl VisitedProcess {
    fn first(pid: Pid) -> Self {
        Self {
            pid,
            before: None,
            hops: 1,
        }
    }
}

struct Search {
    from: Pid,
    steps: Vec<VisitedProcess>,
    path: Option<Vec<Pid>>,
    /// A process was reached that waits for nothing, or that was not visited.
    may_go_on: bool,
}

impl Search {
    /// Visits the steps from `at` on, until there are no more or the outcome is known.
    fn run(&mut self, mut at: usize, targets: &mut dyn FnMut(Pid, &mut Vec<Pid>) -> bool) {
        let mut next = Vec::new();
        while at < self.steps.len() && !(self.path.is_some() && self.may_go_on) {
            next.clear();
            self.may_go_on |= !targets(self.steps[at].pid, &mut next) || next.is_empty();
            self.visit(at, &next);
            at += 1;
        }
    }

    /// Follows the waits of the step `at`.
    fn visit(&mut self, at: usize, next: &[Pid]) {
        let hops = self.steps[at].hops;
        if hops == HOPS {
            self.may_go_on = true;
            return;
        }
        for &pid in next {
            if pid == self.from {
                if self.path.is_none() {
                    self.path = Some(self.path_to(at));
                }
            } else if !self.contains(pid) {
                let step = VisitedProcess {
                    pid,
                    before: Some(at),
                    hops: hops + 1,
                };
                self.add(step);
            }
        }
    }

    /// Adds the other processes that `from` waits for.
    fn enter(&mut self, next: &[Pid]) {
        for &pid in next {
            if pid != self.from && !self.contains(pid) {
                self.add(VisitedProcess::first(pid));
            }
        }
    }

    fn add(&mut self, step: VisitedProcess) {
        if self.steps.len() < LOOKS {
            self.steps.push(step);
        } else {
            self.may_go_on = true;
        }
    }

    fn contains(&self, pid: Pid) -> bool {
        self.steps.iter().any(|step| step.pid == pid)
    }

    fn path_to(&self, at: usize) -> Vec<Pid> {
        let mut path = vec![self.from];
        let mut at = Some(at);
        while let Some(step) = at.map(|at| &self.steps[at]) {
            path.push(step.pid);
            at = step.before;
        }
        path.push(self.from);
        path.reverse();
        path
    }
}
