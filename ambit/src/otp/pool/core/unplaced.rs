//! The workers without a slot: those that are free, and those that will be without a client.

use std::collections::BTreeSet;

use super::state::{State, WorkerId};

#[derive(Debug, Default)]
pub(super) struct Unplaced {
    all: BTreeSet<WorkerId>,
    free: BTreeSet<WorkerId>,
    /// How many become free without a client, because a hook runs on them.
    soon_free: usize,
}

impl Unplaced {
    pub(super) fn insert(&mut self, worker: WorkerId, state: State) {
        if self.all.insert(worker) {
            self.enter(worker, state);
        }
    }

    pub(super) fn remove(&mut self, worker: WorkerId, state: State) {
        if self.all.remove(&worker) {
            self.leave(worker, state);
        }
    }

    /// Handles the change of a worker's state. Workers with a slot are ignored.
    pub(super) fn changed(&mut self, worker: WorkerId, before: State, after: State) {
        if self.all.contains(&worker) {
            self.leave(worker, before);
            self.enter(worker, after);
        }
    }

    /// Returns the oldest one.
    pub(super) fn first(&self) -> Option<WorkerId> {
        self.all.first().copied()
    }

    /// Returns the newest free one.
    pub(super) fn last_free(&self) -> Option<WorkerId> {
        self.free.last().copied()
    }

    pub(super) fn soon_free(&self) -> usize {
        self.soon_free
    }

    fn enter(&mut self, worker: WorkerId, state: State) {
        match state {
            State::Free(_) => drop(self.free.insert(worker)),
            state => self.soon_free += usize::from(is_soon_free(state)),
        }
    }

    fn leave(&mut self, worker: WorkerId, state: State) {
        match state {
            State::Free(_) => drop(self.free.remove(&worker)),
            state => self.soon_free -= usize::from(is_soon_free(state)),
        }
    }
}

fn is_soon_free(state: State) -> bool {
    matches!(
        state,
        State::Pinged(_) | State::Leaving(None) | State::Coming
    )
}

#[cfg(test)]
impl Unplaced {
    pub(super) fn contains(&self, worker: WorkerId) -> bool {
        self.all.contains(&worker)
    }

    /// Checks the figures against the states of all workers.
    pub(super) fn check(&self, state: impl Fn(WorkerId) -> State) {
        let is_free = |worker: &WorkerId| matches!(state(*worker), State::Free(_));
        assert!(
            self.free
                .iter()
                .eq(self.all.iter().filter(|worker| is_free(worker)))
        );
        let soon_free = self
            .all
            .iter()
            .filter(|worker| is_soon_free(state(**worker)));
        assert_eq!(self.soon_free, soon_free.count());
    }
}
