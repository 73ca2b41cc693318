//! Ends the remaining processes of an application: asks them to stop, kills them after a time, and reports them as
//! stuck if that does not help.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::engine::join_set::JoinSet;
use crate::exit_reason::ExitReason;
use crate::handle::exits::ExitWait;
use crate::otp::application::core::{GRACE, StartId};
use crate::otp::application::graph::Key;
use crate::otp::application::group::Group;
use crate::pid::Pid;
use crate::process::clock::Clock;
use crate::process::header::{ProcessRef, Stage};
use crate::process::signal;
use crate::process::system_inner::SystemInner;

/// The number of times that killed processes may be found waiting for a thread, or new processes in their place, before
/// the rest counts as stuck.
const DELAYS: u32 = 10;

pub(super) struct Sweep {
    pub(super) key: Key,
    pub(super) start_id: StartId,
    system: Arc<SystemInner>,
    group: Group,
    /// The processes that have not ended, numbered in start order.
    left: BTreeMap<u64, (ProcessRef, ExitWait)>,
    waits: JoinSet,
    clock: Clock,
    is_killed: bool,
    delays: u32,
}

impl Sweep {
    /// Begins with the processes of the group and with `own`, which may not have entered the group yet.
    pub(super) fn new(
        system: &Arc<SystemInner>,
        (key, start_id): (Key, StartId),
        group: Group,
        own: impl Iterator<Item = ProcessRef>,
        at_once: bool,
    ) -> Self {
        let mut sweep = Self {
            key,
            start_id,
            system: system.clone(),
            group,
            left: BTreeMap::new(),
            waits: JoinSet::default(),
            clock: Clock::start(system, GRACE),
            is_killed: at_once,
            delays: 0,
        };
        sweep.begin(own);
        sweep
    }

    /// Ready with the processes that do not end.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Vec<Pid>> {
        loop {
            self.poll_ends(cx);
            if self.left.is_empty() {
                // Processes that were started meanwhile are killed at once.
                self.is_killed = true;
                self.begin(std::iter::empty());
                self.delays += 1;
                if self.left.is_empty() || self.delays > DELAYS {
                    return Poll::Ready(self.take_left());
                }
                continue;
            }
            std::task::ready!(self.clock.poll(cx));
            if self.is_killed && !self.is_delayed() {
                return Poll::Ready(self.take_left());
            }
            self.is_killed = true;
            self.kill();
            self.clock = Clock::start(&self.system, GRACE);
        }
    }

    fn take_left(&mut self) -> Vec<Pid> {
        let left = std::mem::take(&mut self.left).into_values();
        left.map(|(process, _)| process.core().pid).collect()
    }

    /// Polls the processes that were woken, and forgets those that have ended.
    fn poll_ends(&mut self, cx: &Context<'_>) {
        let left = &self.left;
        let ended = self
            .waits
            .poll_woken(cx, |number, cx| match left.get(&number) {
                Some((_, end)) => end.poll_end(cx).map(|_| ()),
                None => Poll::Ready(()),
            });
        for (number, ()) in ended {
            self.left.remove(&number);
        }
    }

    fn begin(&mut self, own: impl Iterator<Item = ProcessRef>) {
        let mut all = self.group.members(&self.system);
        for process in own.filter(|process| process.core().stage() < Stage::Gone) {
            if all
                .iter()
                .all(|known| known.core().pid != process.core().pid)
            {
                all.push(process);
            }
        }
        let grace = match self.is_killed {
            true => GRACE,
            false => ask_to_end(&all),
        };
        self.clock = Clock::start(&self.system, grace);
        self.waits = JoinSet::default();
        self.left = BTreeMap::new();
        for (number, process) in (0..).zip(all) {
            let end = ExitWait::watch(&process);
            self.left.insert(number, (process, end));
            self.waits.add(number);
        }
        if self.is_killed {
            self.kill();
        }
    }

    fn kill(&self) {
        for (process, _) in self.left.values() {
            signal::kill(&**process);
        }
    }

    /// A killed process that is not running now may be waiting for a thread on a busy machine, so its handler is not
    /// stuck.
    fn is_delayed(&mut self) -> bool {
        self.delays += 1;
        self.delays <= DELAYS && self.left.values().all(|(one, _)| !one.core().is_running())
    }
}

/// Asks the processes to stop in the way the system does, parents first, and returns the time that they need.
fn ask_to_end(all: &[ProcessRef]) -> Duration {
    let pids: BTreeSet<Pid> = all.iter().map(|one| one.core().pid).collect();
    let mut time = GRACE;
    for process in all {
        let parent = process.core().relations.lock().parent();
        if !parent.is_some_and(|parent| pids.contains(&parent)) {
            time = time.max(process.core().patience(GRACE));
            signal::receive_from_system(&**process, ExitReason::Shutdown);
        }
    }
    time
}

#[cfg(test)]
mod tests;
