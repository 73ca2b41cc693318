//! The tasks of servers that may be idle, in batches.

use std::time::Duration;

use parking_lot::Mutex;

use crate::pid::Pid;

/// The length of a round.
pub(super) const ROUND: Duration = Duration::from_millis(500);

/// The number of tasks checked in one batch, which takes a fraction of a tick; the others follow after it.
pub(super) const TURN: usize = 1 << 10;

pub(super) const TICK: Duration = Duration::from_millis(1);

/// The result of checking a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReapOutcome {
    /// It has run since the last check, or another thread runs its server: check it once more.
    Again,
    /// It ends now, or is working: then it reports its next idle wait itself.
    Over,
}

/// The tasks of the servers of one system.
#[derive(Default)]
pub(crate) struct Reaper {
    pub(super) tasks: Mutex<IdleTasks>,
}

#[derive(Default)]
pub(super) struct IdleTasks {
    /// Still to be checked in this round.
    pub(super) round: Vec<Pid>,
    /// The tasks of the next round: checked ones, and new ones.
    pub(super) next: Vec<Pid>,
    /// True while the next check is armed.
    pub(super) armed: bool,
}

impl IdleTasks {
    /// Takes the next batch; if the round is empty, a new one begins.
    pub(super) fn take_batch(&mut self) -> Vec<Pid> {
        if self.round.is_empty() {
            self.round = std::mem::take(&mut self.next);
        }
        let rest = self.round.len().saturating_sub(TURN);
        let batch = self.round.split_off(rest);
        if self.round.is_empty() {
            self.round = Vec::new();
        }
        batch
    }

    /// Puts the tasks back that keep running. Returns the time until the next check; `None` if there is no task.
    pub(super) fn put_back(&mut self, busy: &[Pid]) -> Option<Duration> {
        self.next.extend(busy);
        let after = match (self.round.is_empty(), self.next.is_empty()) {
            (false, _) => Some(TICK),
            (true, false) => Some(ROUND),
            (true, true) => None,
        };
        self.armed = after.is_some();
        after
    }
}

impl Reaper {
    /// Returns true if a check is armed: that is an internal deadline.
    #[cfg(feature = "test")]
    pub(crate) fn is_armed(&self) -> bool {
        self.tasks.lock().armed
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_round_looks_at_each_task_once_in_bounded_batches() {
        let count = 40_000;
        let mut tasks = IdleTasks::default();
        tasks.next.extend((0..count).map(|n| Pid::new(1, n, 0)));
        let (mut seen, mut after) = (BTreeSet::new(), Some(TICK));
        while after == Some(TICK) {
            let batch = tasks.take_batch();
            assert!(batch.len() <= 1024, "{} in one go", batch.len());
            // New tasks wait for the next round.
            tasks.next.push(Pid::new(2, seen.len() as u32, 0));
            let fresh = batch.iter().filter(|pid| seen.insert(**pid)).count();
            assert_eq!(fresh, batch.len(), "looked at twice");
            after = tasks.put_back(&batch);
        }
        assert_eq!(after, Some(ROUND));
        assert_eq!(seen.len(), count as usize);
        assert_eq!(tasks.next.len(), seen.len() + seen.len().div_ceil(TURN));
    }

    #[test]
    fn nothing_is_armed_and_no_memory_is_kept_when_all_tasks_are_over() {
        let mut tasks = IdleTasks::default();
        tasks.next.extend((0..5000).map(|n| Pid::new(1, n, 0)));
        tasks.armed = true;
        while !tasks.take_batch().is_empty() && tasks.put_back(&[]).is_some() {}
        assert!(!tasks.armed);
        assert_eq!(tasks.round.capacity() + tasks.next.capacity(), 0);
    }
}
