//! The store compared with a plain list, and its monitors with the changes they got.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::test_rng::TestRng;

fn pid(n: u32) -> Pid {
    Pid::new(1, n, 0)
}

const GROUPS: [&str; 4] = ["a", "b", "c", "d"];

type Held = Entry<u64>;

/// A plain list of memberships, and for each monitor the members that it has derived from its changes.
#[derive(Default)]
struct Model {
    entries: Vec<(&'static str, Held)>,
    monitors: BTreeMap<u64, Watching>,
}

struct Watching {
    pid: Pid,
    group: Option<&'static str>,
    seen: Vec<(String, Held)>,
}

impl Model {
    fn of<'a>(&'a self, group: &'a str) -> impl Iterator<Item = &'a Held> {
        let own = self.entries.iter().filter(move |(own, _)| *own == group);
        own.map(|(_, entry)| entry)
    }

    /// Applies one change: it must contain exactly the members in the list, and go to exactly the matching monitors.
    fn take(&mut self, change: &Change<u64, u64>, way: Direction, group: &str, members: &[Held]) {
        let notified = self.monitors.iter().filter(|(_, watching)| {
            let watched = watching.group;
            watched.is_none_or(|watched| watched == group)
        });
        let notified: Vec<u64> = notified.map(|(monitor, _)| *monitor).collect();
        assert_eq!((change.way, &*change.group), (way, group));
        assert_eq!(change.notified, notified);
        if way == Direction::Left || !notified.is_empty() {
            assert_eq!(change.members, members);
        }
        for monitor in notified {
            let watching = self.monitors.get_mut(&monitor).unwrap();
            for member in &change.members {
                watching.hear(way, group, member);
            }
        }
    }

    /// Removes the entries that are `gone` from the list; returns them by group.
    fn lose(&mut self, gone: impl Fn(&Held) -> bool) -> BTreeMap<&'static str, Vec<Held>> {
        let mut lost: BTreeMap<_, Vec<Held>> = BTreeMap::new();
        for (group, entry) in self.entries.extract_if(.., |(_, entry)| gone(entry)) {
            lost.entry(group).or_default().push(entry);
        }
        lost
    }

    fn take_all(
        &mut self,
        changes: Vec<Change<u64, u64>>,
        lost: BTreeMap<&'static str, Vec<Held>>,
    ) {
        assert_eq!(changes.len(), lost.len());
        for (change, (group, members)) in changes.into_iter().zip(lost) {
            self.take(&change, Direction::Left, group, &members);
        }
    }
}

impl Watching {
    fn hear(&mut self, way: Direction, group: &str, member: &Held) {
        if way == Direction::Joined {
            self.seen.push((group.into(), member.clone()));
            return;
        }
        let is_it = |(own, seen): &(String, Held)| own == group && seen == member;
        let at = self.seen.iter().rposition(is_it);
        self.seen.remove(at.expect("who leaves has joined"));
    }
}

/// One step on both, with equal results.
#[expect(clippy::too_many_lines, reason = "one arm for each operation")]
fn step(store: &mut Store<u64, u64>, model: &mut Model, random: &mut TestRng, n: u64) {
    let (group, who) = (random.pick(&GROUPS).unwrap(), pid(random.below(5)));
    let origin = Origin(random.below(2));
    match random.below(20) {
        0..7 => {
            let entries: Vec<Held> = (0..random.below(4))
                .map(|more| Entry {
                    origin,
                    pid: pid(random.below(5)),
                    holder: n * 10 + more,
                })
                .collect();
            let change = store.join(group, entries.clone());
            model
                .entries
                .extend(entries.iter().map(|entry| (group, entry.clone())));
            assert_eq!(change.is_none(), entries.is_empty());
            if let Some(change) = change {
                model.take(&change, Direction::Joined, group, &entries);
            }
        }
        7..13 => {
            let is_own = |(own, entry): &(&str, Held)| {
                *own == group && entry.pid == who && entry.origin == origin
            };
            let at = model.entries.iter().rposition(is_own);
            let change = store.leave(group, who, origin);
            assert_eq!(change.is_some(), at.is_some());
            if let (Some(change), Some(at)) = (change, at) {
                let (_, member) = model.entries.remove(at);
                model.take(&change, Direction::Left, group, &[member]);
            }
        }
        13 | 14 => {
            let Ended {
                monitors,
                left: changes,
            } = store.end(who, usize::MAX);
            let ended = model.monitors.extract_if(.., |_, own| own.pid == who);
            assert_eq!(
                monitors,
                ended.map(|(monitor, _)| monitor).collect::<Vec<_>>()
            );
            let lost = model.lose(|entry| entry.pid == who);
            model.take_all(changes, lost);
        }
        15 => {
            let changes = store.clear(origin);
            let lost = model.lose(|entry| entry.origin == origin);
            model.take_all(changes, lost);
        }
        16..19 => {
            let watched = [None, Some(group)][usize::from(random.below(3) > 0)];
            store.watch(n, who, watched);
            let seen = model.entries.iter();
            let seen = seen.filter(|(own, _)| watched.is_none_or(|watched| watched == *own));
            let seen = seen.map(|(own, entry)| ((*own).into(), entry.clone()));
            let (pid, group, seen) = (who, watched, seen.collect());
            model.monitors.insert(n, Watching { pid, group, seen });
        }
        _ => {
            let some = model.monitors.keys().next().copied().unwrap_or(n);
            let is_there = model.monitors.remove(&some).is_some();
            assert_eq!(store.unwatch(some), is_there);
            assert!(!store.unwatch(some), "only once");
        }
    }
}

/// Asserts that all reads of both are equal.
fn compare(store: &Store<u64, u64>, model: &Model) {
    let groups: BTreeSet<&str> = model.entries.iter().map(|(group, _)| *group).collect();
    assert!(store.groups().map(|name| &**name).eq(groups), "by name");
    for group in GROUPS {
        let members = store.members(group);
        let holders: Vec<u64> = model.of(group).map(|entry| entry.holder).collect();
        assert_eq!(members.as_deref().unwrap_or_default(), holders);
        let again = store.members(group);
        assert!(
            members.zip(again).is_none_or(|(a, b)| Arc::ptr_eq(&a, &b)),
            "a second look costs nothing"
        );
        for origin in [Origin(0), Origin(1)] {
            let own = model.of(group).filter(|entry| entry.origin == origin);
            let own: Vec<u64> = own.map(|entry| entry.holder).collect();
            assert_eq!(store.members_of(group, origin), own);
        }
    }
    for watching in model.monitors.values() {
        for group in GROUPS
            .iter()
            .filter(|own| watching.group.is_none_or(|g| g == **own))
        {
            let seen = watching.seen.iter().filter(|(own, _)| own == group);
            assert!(
                seen.map(|(_, entry)| entry).eq(model.of(group)),
                "snapshot and events are the members, in their order"
            );
        }
    }
}

#[test]
fn it_does_what_a_plain_list_does_and_its_monitors_know_the_members() {
    for seed in 0..60 {
        let (mut store, mut model) = (Store::default(), Model::default());
        let mut random = TestRng::new(seed);
        for n in 0..300 {
            step(&mut store, &mut model, &mut random, n);
            compare(&store, &model);
        }
    }
}

/// A store that applies the changes of another holds the same entries.
#[test]
fn its_changes_are_all_that_another_store_needs() {
    let (mut here, mut there) = (Store::<u64, u8>::default(), Store::<u64, u8>::default());
    here.watch(0, pid(9), None);
    let mut random = TestRng::new(7);
    for n in 0..3000 {
        let (group, who) = (random.pick(&GROUPS).unwrap(), pid(random.below(6)));
        let entry = Entry {
            origin: Origin::HERE,
            pid: who,
            holder: n,
        };
        let changes = match random.below(8) {
            0..5 => here.join(group, [entry]).into_iter().collect(),
            5 | 6 => here.leave(group, who, Origin::HERE).into_iter().collect(),
            _ => here.end(who, usize::MAX).left,
        };
        for change in changes {
            assert_eq!(change.notified, [0]);
            for member in &change.members {
                let _ = match change.way {
                    Direction::Joined => there.join(&change.group, [member.clone()]),
                    Direction::Left => there.leave(&change.group, member.pid, member.origin),
                };
            }
        }
        assert!(here.groups().eq(there.groups()));
        assert!(
            GROUPS
                .iter()
                .all(|group| here.members(group) == there.members(group))
        );
    }
}

#[test]
fn empty_groups_leave_nothing_behind() {
    let mut store = Store::default();
    store.watch(1, pid(1), Some("a"));
    store.watch(2, pid(1), None);
    let entry = Entry {
        origin: Origin::HERE,
        pid: pid(2),
        holder: 0,
    };
    store.join("a", [entry.clone(), entry]);
    store.end(pid(1), usize::MAX);
    store.end(pid(2), usize::MAX);
    let is_empty = store.groups.is_empty() && store.known.is_empty() && store.monitors.is_empty();
    assert!(is_empty && store.by_group.is_empty() && store.of_all.is_empty());
}

#[test]
fn a_process_that_ends_leaves_its_groups_in_batches() {
    let mut store = Store::default();
    store.watch(1, pid(1), None);
    for (holder, group) in GROUPS.into_iter().enumerate() {
        let entry = Entry {
            origin: Origin::HERE,
            pid: pid(1),
            holder,
        };
        store.join(group, [entry.clone(), entry]);
    }
    let batches = [3, 4, 2, 2].map(|limit| store.end(pid(1), limit));
    let left = batches.each_ref().map(|ended| ended.left.len());
    assert_eq!(left, [1, 2, 1, 0], "each group at once");
    let lengths = batches.map(|ended| ended.len());
    assert_eq!(lengths, [3, 4, 2, 0], "with the monitor");
    assert!(store.known.is_empty() && store.is_empty());
}

#[test]
fn a_process_with_very_many_memberships_of_one_group_leaves_it_in_batches() {
    let mut store = Store::<usize, u32>::default();
    let entries = (0..10).map(|holder| Entry {
        origin: Origin::HERE,
        pid: pid(1),
        holder,
    });
    store.join("a", entries);
    let mut batch = || {
        let ended = store.end(pid(1), 4);
        let left = ended.left.into_iter().flat_map(|change| change.members);
        left.map(|entry| entry.holder).collect::<Vec<_>>()
    };
    let batches = [batch(), batch(), batch()];
    assert_eq!(batches, [vec![6, 7, 8, 9], vec![2, 3, 4, 5], vec![0, 1]]);
    assert!(store.known.is_empty() && store.is_empty());
}

#[test]
fn a_member_or_a_monitor_keeps_it_from_being_empty() {
    let mut store = Store::default();
    assert!(store.is_empty());
    store.watch(1, pid(1), None);
    assert!(!store.is_empty());
    assert!(store.unwatch(1) && store.is_empty());
    let entry = Entry {
        origin: Origin::HERE,
        pid: pid(1),
        holder: 0,
    };
    store.join("a", [entry]);
    assert!(!store.is_empty());
    store.leave("a", pid(1), Origin::HERE);
    assert!(store.is_empty());
}
