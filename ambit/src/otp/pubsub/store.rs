//! The subscriptions of all topics: a pure store.
//!
//! An entry names its origin, and only that origin may remove it. Removed entries are returned, because they hold user
//! values that must be dropped without a lock.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use foldhash::quality::RandomState;

use crate::pid::Pid;
use crate::shrink;

/// The origin of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Origin(pub(crate) u32);

impl Origin {
    /// Subscriptions through this store itself.
    pub(crate) const HERE: Self = Self(0);
}

/// One subscription. A process may have several to one topic; a listener outside processes has no pid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry<H> {
    pub(crate) origin: Origin,
    pub(crate) pid: Option<Pid>,
    /// Grows in subscription order.
    pub(crate) number: u64,
    pub(crate) holder: H,
}

/// All subscriptions of a topic, oldest first.
pub(crate) type Row<H> = Arc<[Entry<H>]>;

#[derive(Debug)]
struct Subscribers<H> {
    entries: BTreeMap<u64, Entry<H>>,
    /// All of them, built on the first read after a change.
    row: OnceLock<Row<H>>,
}

impl<H> Default for Subscribers<H> {
    fn default() -> Self {
        Self {
            entries: BTreeMap::new(),
            row: OnceLock::new(),
        }
    }
}

/// Ended subscriptions, and the cached rows of their topics.
#[derive(Debug)]
#[must_use = "it is to be dropped without a lock"]
pub(crate) struct Removed<H> {
    pub(crate) entries: Vec<Entry<H>>,
    rows: Vec<Row<H>>,
}

impl<H> Default for Removed<H> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            rows: Vec::new(),
        }
    }
}

#[derive(Debug)]
pub(crate) struct Store<K, H> {
    topics: BTreeMap<K, Subscribers<H>>,
    known: HashMap<Pid, BTreeSet<(K, u64)>, RandomState>,
    next: u64,
}

impl<K, H> Default for Store<K, H> {
    fn default() -> Self {
        Self {
            topics: BTreeMap::new(),
            known: HashMap::default(),
            next: 0,
        }
    }
}

impl<K: Clone + Ord, H: Clone> Store<K, H> {
    /// Adds a subscription and returns its number.
    pub(crate) fn subscribe(
        &mut self,
        topic: &K,
        origin: Origin,
        pid: Option<Pid>,
        holder: H,
    ) -> u64 {
        let number = self.next;
        self.next += 1;
        if let Some(pid) = pid {
            let known = self.known.entry(pid).or_default();
            known.insert((topic.clone(), number));
        }
        let entry = Entry {
            origin,
            pid,
            number,
            holder,
        };
        let subscribers = self.topics.entry(topic.clone()).or_default();
        subscribers.row = OnceLock::new();
        subscribers.entries.insert(number, entry);
        number
    }

    /// Ends all subscriptions of a process of `origin` to a topic.
    pub(crate) fn unsubscribe(&mut self, topic: &K, pid: Pid, origin: Origin) -> Removed<H> {
        let (first, last) = ((topic.clone(), 0), (topic.clone(), u64::MAX));
        let own = self.known.get(&pid).into_iter();
        let own = own.flat_map(|known| known.range(first.clone()..=last.clone()));
        let numbers: Vec<u64> = own.map(|(_, number)| *number).collect();
        let mut removed = Removed::default();
        for number in numbers {
            let is_meant = |entry: &Entry<H>| entry.origin == origin;
            self.remove_if(topic, number, is_meant, &mut removed);
        }
        removed
    }

    /// Ends one subscription, if it still exists.
    pub(crate) fn remove(&mut self, topic: &K, number: u64) -> Removed<H> {
        let mut removed = Removed::default();
        self.remove_if(topic, number, |_| true, &mut removed);
        removed
    }

    /// Removes up to `limit` subscriptions of a process that has ended. If there are fewer, none is left.
    pub(crate) fn end(&mut self, pid: Pid, limit: usize) -> Removed<H> {
        let mut removed = Removed::default();
        while removed.entries.len() < limit {
            let next = self.known.get_mut(&pid).and_then(BTreeSet::pop_first);
            let Some((topic, number)) = next else {
                self.known.remove(&pid);
                shrink::map(&mut self.known);
                break;
            };
            self.remove_if(&topic, number, |_| true, &mut removed);
        }
        removed
    }

    fn remove_if(
        &mut self,
        topic: &K,
        number: u64,
        is_meant: impl Fn(&Entry<H>) -> bool,
        removed: &mut Removed<H>,
    ) {
        let Some(subscribers) = self.topics.get_mut(topic) else {
            return;
        };
        if !subscribers.entries.get(&number).is_some_and(is_meant) {
            return;
        }
        let gone = subscribers.entries.remove(&number);
        removed.rows.extend(subscribers.row.take());
        if subscribers.entries.is_empty() {
            self.topics.remove(topic);
        }
        let pid = gone.as_ref().and_then(|entry| entry.pid);
        if let Some(known) = pid.and_then(|pid| self.known.get_mut(&pid)) {
            known.remove(&(topic.clone(), number));
        }
        removed.entries.extend(gone);
    }

    /// Returns the subscriptions of a process to a topic, oldest first.
    pub(crate) fn of_process(&self, topic: &K, pid: Pid) -> Vec<Entry<H>> {
        let (first, last) = ((topic.clone(), 0), (topic.clone(), u64::MAX));
        let own = self.known.get(&pid).into_iter();
        let own = own.flat_map(|known| known.range(first.clone()..=last.clone()));
        let entries = self.topics.get(topic).map(|all| &all.entries);
        own.filter_map(|(_, number)| entries?.get(number).cloned())
            .collect()
    }

    /// Returns the current subscriptions of a topic; the allocation is shared until the next change.
    pub(crate) fn subscribers(&self, topic: &K) -> Option<Row<H>> {
        let subscribers = self.topics.get(topic)?;
        let all = || subscribers.entries.values().cloned().collect();
        Some(subscribers.row.get_or_init(all).clone())
    }
}

#[cfg(test)]
mod tests;
