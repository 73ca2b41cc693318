//! The timeouts of a machine: the running ones, and those of zero.

use std::collections::BTreeMap;

/// The kind of a timeout: there is one of each at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key<N> {
    /// It ends with the state.
    State,
    /// It ends with the next event.
    Event,
    /// It ends when it is cancelled, set again, or due.
    Named(N),
}

/// The timeouts of one machine by number: a later one has a greater number.
#[derive(Debug)]
pub(super) struct Timeouts<N> {
    /// The timeouts with a timer.
    pub(super) running: BTreeMap<u64, Key<N>>,
    /// The timeouts of zero, which need no timer.
    due: BTreeMap<u64, Key<N>>,
    /// The state timeout and the event timeout, which are not searched for: every event ends the latter.
    of_state: Option<u64>,
    of_event: Option<u64>,
    last_number: u64,
}

impl<N> Default for Timeouts<N> {
    fn default() -> Self {
        Self {
            running: BTreeMap::new(),
            due: BTreeMap::new(),
            of_state: None,
            of_event: None,
            last_number: 0,
        }
    }
}

impl<N: Copy + Eq> Timeouts<N> {
    /// Adds a timeout that is not set; returns the number of its timer.
    pub(super) fn start(&mut self, key: Key<N>) -> u64 {
        let number = self.add(key);
        self.running.insert(number, key);
        number
    }

    /// Adds a timeout of zero that is not set.
    pub(super) fn add_due(&mut self, key: Key<N>) {
        let number = self.add(key);
        self.due.insert(number, key);
    }

    /// Removes the timeout whose timer has fired; `None` if it has ended before.
    pub(super) fn fired(&mut self, number: u64) -> Option<Key<N>> {
        let key = self.running.remove(&number)?;
        self.forget(key);
        Some(key)
    }

    /// Removes the timeout of zero that was set first.
    pub(super) fn next_due(&mut self) -> Option<Key<N>> {
        let (_, key) = self.due.pop_first()?;
        self.forget(key);
        Some(key)
    }

    /// Ends a timeout; returns the number of its timer if it has one. The cost of a named one grows with the number of
    /// timeouts that are set, because names can only be compared.
    pub(super) fn clear(&mut self, key: Key<N>) -> Option<u64> {
        let number = self.number_of(key)?;
        self.forget(key);
        self.due.remove(&number);
        self.running.remove(&number).map(|_| number)
    }

    fn number_of(&self, key: Key<N>) -> Option<u64> {
        match key {
            Key::State => self.of_state,
            Key::Event => self.of_event,
            Key::Named(_) => {
                let mut all = self.running.iter().chain(&self.due);
                let found = all.find(|(_, known)| **known == key);
                found.map(|(number, _)| *number)
            }
        }
    }

    fn add(&mut self, key: Key<N>) -> u64 {
        self.last_number += 1;
        self.set_number(key, Some(self.last_number));
        self.last_number
    }

    fn forget(&mut self, key: Key<N>) {
        self.set_number(key, None);
    }

    fn set_number(&mut self, key: Key<N>, number: Option<u64>) {
        match key {
            Key::State => self.of_state = number,
            Key::Event => self.of_event = number,
            Key::Named(_) => {}
        }
    }
}
