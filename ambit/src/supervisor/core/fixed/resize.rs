//! Using more or fewer of the initial children: the partitions of a partitioned supervisor.
//!
//! A resize is one operation, like a start or a stop, so two of them never run at the same time.

use super::*;

impl<T: Send> Fixed<T> {
    /// Stops the partitions from `wanted` on, last first, then starts unused ones below it.
    pub(super) fn resize(&mut self, wanted: usize, port: T) {
        let all = self.first;
        if wanted > all {
            let text = format!(
                "there are {all} partitions, so {wanted} cannot be used: start it with more"
            );
            let answer = Err(ChildError::BadSpec(text));
            self.out.push(Action::Answer(port, answer));
            return;
        }
        // No message is routed to a partition that is about to stop.
        self.use_first(self.used.min(wanted));
        // Includes unused partitions: an earlier resize may have failed halfway.
        self.stop(self.from(wanted), AfterStop::Grow(wanted, port));
    }

    /// Continues after the partitions from `wanted` on have been stopped, except stuck ones.
    pub(super) fn shrunk(&mut self, wanted: usize, port: T) {
        let is_stuck = |key: &Key| matches!(self.phase(*key), Some(ChildPhase::Stuck { .. }));
        if self.from(wanted).iter().any(is_stuck) {
            self.out.push(Action::Answer(port, Err(ChildError::Stuck)));
        } else {
            self.grow(wanted, port);
        }
    }

    /// Puts one partition after the other into use, and starts the first that is not running.
    pub(super) fn grow(&mut self, wanted: usize, port: T) {
        while self.used < wanted {
            let key = Key(self.used as u64);
            let error = match self.phase(key) {
                Some(ChildPhase::Stopped) => {
                    return self.start([key].into(), StopCause::Grow(wanted, port));
                }
                Some(ChildPhase::Stuck { .. }) => ChildError::Stuck,
                // It was temporary, or was deleted.
                None => ChildError::NotFound,
                Some(_) => {
                    self.use_first(self.used + 1);
                    continue;
                }
            };
            self.out.push(Action::Answer(port, Err(error)));
            return;
        }
        self.out.push(Action::Answer(port, Ok(None)));
    }

    fn use_first(&mut self, used: usize) {
        if self.used != used {
            self.used = used;
            self.out.push(Action::Use(used));
        }
    }

    /// Returns the partitions from this one on, in start order.
    fn from(&self, first: usize) -> Vec<Key> {
        let partitions = Key(first as u64)..Key(self.first as u64);
        let there = self.children.range(partitions);
        there.map(|(key, _)| *key).collect()
    }
}
