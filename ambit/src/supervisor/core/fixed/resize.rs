//! Using more or fewer of the children that were there at first: the partitions of a partitioned supervisor.
//!
//! It is one thing that is done, like a start or a stop, so two of them never run at the same time.

use super::*;

impl<T: Send> Fixed<T> {
    /// Stops the partitions from `wanted` on, last first, then starts those below that are not in use.
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
        // Nothing is sent to a partition that is about to stop.
        self.use_first(self.used.min(wanted));
        // Also those that are not in use: an earlier resize may have failed half-way.
        self.stop(self.from(wanted), Then::Grow(wanted, port));
    }

    /// The partitions from `wanted` on have been stopped, as far as they end.
    pub(super) fn shrunk(&mut self, wanted: usize, port: T) {
        let is_stuck = |key: &Key| matches!(self.place(*key), Some(Place::Stuck { .. }));
        if self.from(wanted).iter().any(is_stuck) {
            self.out.push(Action::Answer(port, Err(ChildError::Stuck)));
        } else {
            self.grow(wanted, port);
        }
    }

    /// Puts one partition after the other into use, and starts the first that does not run.
    pub(super) fn grow(&mut self, wanted: usize, port: T) {
        while self.used < wanted {
            let key = Key(self.used as u64);
            let error = match self.place(key) {
                Some(Place::Stopped) => return self.start([key].into(), Why::Grow(wanted, port)),
                Some(Place::Stuck { .. }) => ChildError::Stuck,
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

    /// The partitions from this one on, in the order of their starts.
    fn from(&self, first: usize) -> Vec<Key> {
        let partitions = Key(first as u64)..Key(self.first as u64);
        let there = self.children.range(partitions);
        there.map(|(key, _)| *key).collect()
    }
}
