//! The decisions of the store that the task performs.

use std::time::Duration;

use crate::replica::store::Action;
use crate::replication::shared::Replication;

impl Replication {
    /// Pushes new entries. Returns the pending actions in order, and the time of the next [`timer`](Self::timer).
    pub(super) fn take_actions(&self) -> (Vec<Action>, Option<Duration>) {
        self.apply(|tables, _| {
            tables.store.flush();
            (tables.store.take_actions(), tables.store.deadline())
        })
    }

    /// Does what is due.
    pub(super) fn timer(&self) {
        self.apply(|tables, now| tables.store.timer(now));
    }
}
