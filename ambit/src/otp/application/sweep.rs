//! Ends the remaining processes of an application: asks them to stop, kills them after a time, and reports them as
//! stuck if that does not help.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

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

/// The number of times a killed process may be found waiting for a thread before it counts as stuck.
const DELAYS: u32 = 10;

pub(super) struct Sweep {
    pub(super) key: Key,
    pub(super) start_id: StartId,
    system: Arc<SystemInner>,
    group: Group,
    left: Vec<(ProcessRef, ExitWait)>,
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
            left: Vec::new(),
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
            self.left.retain(|(_, end)| end.poll_end(cx).is_pending());
            if self.left.is_empty() {
                // Processes that were started meanwhile are killed at once.
                self.is_killed = true;
                self.begin(std::iter::empty());
                if self.left.is_empty() {
                    return Poll::Ready(Vec::new());
                }
                continue;
            }
            std::task::ready!(self.clock.poll(cx));
            if self.is_killed && !self.is_delayed() {
                let left = self.left.drain(..);
                return Poll::Ready(left.map(|(process, _)| process.core().pid).collect());
            }
            self.is_killed = true;
            self.kill();
            self.clock = Clock::start(&self.system, GRACE);
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
        if !self.is_killed {
            self.clock = Clock::start(&self.system, ask_to_end(&all));
        }
        self.left = all
            .into_iter()
            .map(|process| {
                let end = ExitWait::watch(&process);
                (process, end)
            })
            .collect();
        if self.is_killed {
            self.kill();
        }
    }

    fn kill(&self) {
        for (process, _) in &self.left {
            signal::kill(&**process);
        }
    }

    /// A killed process that is not running now may be waiting for a thread on a busy machine, so its handler is not
    /// stuck.
    fn is_delayed(&mut self) -> bool {
        self.delays += 1;
        self.delays <= DELAYS && self.left.iter().all(|(one, _)| !one.core().is_running())
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
