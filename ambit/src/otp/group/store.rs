//! Memberships and monitors of groups: a pure store.
//!
//! Every mutation returns a [`Change`] with the monitors to notify. An entry names its origin, and only that origin may
//! remove it. So the changes of one store, in order, are all that another store needs to hold the same entries.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound::{Excluded, Unbounded};
use std::sync::{Arc, OnceLock};

use foldhash::quality::RandomState;

use crate::ordered_map::OrderedMap;
use crate::pid::Pid;
use crate::shrink;

/// The origin of an entry: only the origin joins and leaves with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Origin(pub(crate) u32);

impl Origin {
    /// The processes that joined through this store itself.
    pub(crate) const HERE: Self = Self(0);
}

/// One membership. A process may have several in one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry<H> {
    pub(crate) origin: Origin,
    pub(crate) pid: Pid,
    pub(crate) holder: H,
}

/// The direction of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Joined,
    Left,
}

/// A change of one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change<H, W> {
    pub(crate) way: Direction,
    pub(crate) group: Arc<str>,
    /// In join order; never empty.
    pub(crate) members: Vec<Entry<H>>,
    /// The monitors to notify.
    pub(crate) notified: Vec<W>,
}

/// The monitors and memberships that a process had when it ended.
#[derive(Debug)]
pub(crate) struct Ended<H, W> {
    pub(crate) monitors: Vec<W>,
    pub(crate) left: Vec<Change<H, W>>,
}

impl<H, W> Default for Ended<H, W> {
    fn default() -> Self {
        Self {
            monitors: Vec::new(),
            left: Vec::new(),
        }
    }
}

impl<H, W> Ended<H, W> {
    /// Returns the number of monitors and memberships.
    pub(crate) fn len(&self) -> usize {
        let left = self.left.iter().map(|change| change.members.len());
        self.monitors.len() + left.sum::<usize>()
    }
}

/// The state of one process: its memberships, by group and number, and its monitors.
#[derive(Debug)]
struct Known<W> {
    joined: BTreeSet<(Arc<str>, u64)>,
    monitors: BTreeSet<W>,
}

impl<W> Default for Known<W> {
    fn default() -> Self {
        Self {
            joined: BTreeSet::new(),
            monitors: BTreeSet::new(),
        }
    }
}

/// The members of one group by number, which is join order.
#[derive(Debug)]
struct Members<H> {
    entries: OrderedMap<u64, Entry<H>>,
    /// The holders as a slice, built on the first read after a change.
    row: OnceLock<Arc<[H]>>,
}

impl<H> Default for Members<H> {
    fn default() -> Self {
        Self {
            entries: OrderedMap::default(),
            row: OnceLock::new(),
        }
    }
}

#[derive(Debug)]
pub(crate) struct Store<H, W> {
    groups: OrderedMap<Arc<str>, Members<H>>,
    known: HashMap<Pid, Known<W>, RandomState>,
    /// The target of each monitor: one group, or all.
    monitors: BTreeMap<W, (Pid, Option<Arc<str>>)>,
    by_group: BTreeMap<Arc<str>, BTreeSet<W>>,
    of_all: BTreeSet<W>,
    next: u64,
}

impl<H, W> Default for Store<H, W> {
    fn default() -> Self {
        Self {
            groups: OrderedMap::default(),
            known: HashMap::default(),
            monitors: BTreeMap::new(),
            by_group: BTreeMap::new(),
            of_all: BTreeSet::new(),
            next: 0,
        }
    }
}

impl<H: Clone, W: Copy + Ord> Store<H, W> {
    /// Adds memberships, in addition to existing ones; `None` if there are none to add.
    pub(crate) fn join(
        &mut self,
        group: &str,
        entries: impl IntoIterator<Item = Entry<H>>,
    ) -> Option<Change<H, W>> {
        let mut joined = entries.into_iter().peekable();
        joined.peek()?;
        let notified = self.watchers(group);
        let name = match self.groups.get_key_value(group) {
            Some((name, _)) => name.clone(),
            None => Arc::from(group),
        };
        let mut added = Vec::new();
        let members = self.groups.get_or_default(name.clone());
        members.row = OnceLock::new();
        for entry in joined {
            let known = self.known.entry(entry.pid).or_default();
            known.joined.insert((name.clone(), self.next));
            added.extend((!notified.is_empty()).then(|| entry.clone()));
            members.entries.insert(self.next, entry);
            self.next += 1;
        }
        Some(Change {
            way: Direction::Joined,
            group: name,
            members: added,
            notified,
        })
    }

    /// Removes the newest membership of a process of `origin` in a group; `None` if it has none.
    pub(crate) fn leave(&mut self, group: &str, pid: Pid, origin: Origin) -> Option<Change<H, W>> {
        let (name, members) = self.groups.get_key_value(group)?;
        let joined = &self.known.get(&pid)?.joined;
        let own = joined.range((name.clone(), 0)..=(name.clone(), u64::MAX));
        let is_meant = |number: &u64| {
            let entry = members.entries.get(number);
            entry.is_some_and(|entry| entry.origin == origin)
        };
        let number = own.map(|(_, number)| *number).rfind(is_meant)?;
        let name = name.clone();
        Some(self.remove(name, &[number]))
    }

    /// Removes monitors of a process that has ended, and then its memberships, until there are `limit` of them. Up to
    /// `limit` memberships in one group, the newest ones, are removed together, so that the monitors of the group see one
    /// change. If there are fewer than `limit`, none is left.
    pub(crate) fn end(&mut self, pid: Pid, limit: usize) -> Ended<H, W> {
        let mut ended = Ended::default();
        let Some(known) = self.known.get(&pid) else {
            return ended;
        };
        ended.monitors = known.monitors.iter().copied().take(limit).collect();
        let mut count = ended.monitors.len();
        let mut joined: Vec<(Arc<str>, Vec<u64>)> = Vec::new();
        let mut next = known.joined.first();
        while let Some((group, _)) = next.filter(|_| count < limit) {
            let last = (group.clone(), u64::MAX);
            let own = known.joined.range((group.clone(), 0)..=last.clone());
            let newest = own.rev().take(limit).map(|(_, number)| *number);
            let mut numbers: Vec<_> = newest.collect();
            numbers.reverse();
            count += numbers.len();
            joined.push((group.clone(), numbers));
            next = known.joined.range((Excluded(last), Unbounded)).next();
        }
        for monitor in &ended.monitors {
            self.unwatch(*monitor);
        }
        let left = joined.into_iter();
        ended.left = left
            .map(|(group, numbers)| self.remove(group, &numbers))
            .collect();
        if count < limit {
            self.known.remove(&pid);
            shrink::map(&mut self.known);
        }
        ended
    }

    /// Removes every membership of an origin.
    pub(crate) fn clear(&mut self, origin: Origin) -> Vec<Change<H, W>> {
        let of_origin = |members: &Members<H>| -> Vec<u64> {
            let own = members.entries.iter();
            let own = own.filter(|(_, entry)| entry.origin == origin);
            own.map(|(number, _)| *number).collect()
        };
        let groups = self.groups.iter();
        let left: Vec<_> = groups
            .map(|(group, members)| (group.clone(), of_origin(members)))
            .filter(|(_, numbers)| !numbers.is_empty())
            .collect();
        left.into_iter()
            .map(|(group, numbers)| self.remove(group, &numbers))
            .collect()
    }

    /// Removes entries. They are part of the change, so that none is dropped under a lock.
    fn remove(&mut self, group: Arc<str>, numbers: &[u64]) -> Change<H, W> {
        let notified = self.watchers(&group);
        let mut removed = Vec::with_capacity(numbers.len());
        if let Some(members) = self.groups.get_mut(&group) {
            members.row = OnceLock::new();
            removed.extend(numbers.iter().filter_map(|n| members.entries.remove(n)));
            if members.entries.is_empty() {
                self.groups.remove(&group);
            }
        }
        for (entry, number) in removed.iter().zip(numbers) {
            if let Some(known) = self.known.get_mut(&entry.pid) {
                known.joined.remove(&(group.clone(), *number));
            }
        }
        Change {
            way: Direction::Left,
            group,
            members: removed,
            notified,
        }
    }

    /// Returns the monitors to notify of changes to a group.
    fn watchers(&self, group: &str) -> Vec<W> {
        match self.by_group.get(group) {
            Some(own) => own.union(&self.of_all).copied().collect(),
            None => self.of_all.iter().copied().collect(),
        }
    }

    /// Adds a monitor of `pid` for one group, or for all.
    pub(crate) fn watch(&mut self, monitor: W, pid: Pid, group: Option<&str>) {
        let group = group.map(Arc::<str>::from);
        match &group {
            Some(group) => self.by_group.entry(group.clone()).or_default(),
            None => &mut self.of_all,
        }
        .insert(monitor);
        self.known.entry(pid).or_default().monitors.insert(monitor);
        self.monitors.insert(monitor, (pid, group));
    }

    /// Ends a monitor; returns false if there is none.
    pub(crate) fn unwatch(&mut self, monitor: W) -> bool {
        let Some((pid, group)) = self.monitors.remove(&monitor) else {
            return false;
        };
        if let Some(known) = self.known.get_mut(&pid) {
            known.monitors.remove(&monitor);
        }
        let Some(group) = group else {
            return self.of_all.remove(&monitor);
        };
        if let Some(watching) = self.by_group.get_mut(&group) {
            watching.remove(&monitor);
            if watching.is_empty() {
                self.by_group.remove(&group);
            }
        }
        true
    }

    /// Returns the holders of a group in join order; the allocation is shared until the next change.
    pub(crate) fn members(&self, group: &str) -> Option<Arc<[H]>> {
        let members = self.groups.get(group)?;
        let holders = || members.entries.values().map(|entry| entry.holder.clone());
        Some(members.row.get_or_init(|| holders().collect()).clone())
    }

    /// Returns the holders of one origin in a group.
    pub(crate) fn members_of(&self, group: &str, origin: Origin) -> Vec<H> {
        let entries = self.groups.get(group).into_iter();
        let entries = entries.flat_map(|members| members.entries.values());
        entries
            .filter(|entry| entry.origin == origin)
            .map(|entry| entry.holder.clone())
            .collect()
    }

    /// Returns true if there is no member and no monitor.
    pub(crate) fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.monitors.is_empty()
    }

    /// Returns the groups that have members, by name.
    pub(crate) fn groups(&self) -> impl Iterator<Item = &Arc<str>> {
        self.groups.keys()
    }
}

#[cfg(test)]
mod tests;
