//! The presences of a topic, sorted by key and under each key by reference, and the diffs that change them.

use std::cmp::Ordering;

use crate::presence::data::{PresenceDiff, PresenceEntry, PresenceMeta};

/// Sorts presences by key, and under each key by reference, so that all copies of them are equal. Entries with the same
/// key become one.
pub(super) fn sort<M>(entries: &mut Vec<PresenceEntry<M>>) {
    entries.sort_by(by_key);
    entries.dedup_by(|later, earlier| {
        let is_same = later.key == earlier.key;
        if is_same {
            earlier.metas.append(&mut later.metas);
        }
        is_same
    });
    for entry in entries {
        entry.metas.sort_by(by_reference);
    }
}

/// Applies a diff to the sorted presences of its topic. Applying it again changes nothing. A binary search finds each
/// key and each presence. The later ones are moved once for all that are added, and once for all that are removed.
pub(super) fn apply<M: Clone>(entries: &mut Vec<PresenceEntry<M>>, diff: &PresenceDiff<M>) {
    // Cloned first, so that a panic changes nothing.
    let joins = diff.joins.clone();
    let mut emptied = Vec::new();
    for leave in &diff.leaves {
        if let Ok(at) = position(entries, &leave.key) {
            remove_metas(&mut entries[at].metas, &leave.metas);
            emptied.push(at);
        }
    }
    let mut added = Vec::new();
    for join in joins {
        match position(entries, &join.key) {
            Ok(at) => join_metas(&mut entries[at].metas, join.metas),
            Err(_) if join.metas.is_empty() => {}
            Err(_) => added.push(join),
        }
    }
    emptied.retain(|at| entries[*at].metas.is_empty());
    remove_at(entries, emptied);
    sort(&mut added);
    merge(entries, added, by_key);
}

/// Returns the position of a key.
pub(super) fn position<M>(entries: &[PresenceEntry<M>], key: &str) -> Result<usize, usize> {
    entries.binary_search_by(|entry| {
        cost::visit(1);
        entry.key.as_str().cmp(key)
    })
}

/// Returns the position of the presence with the reference of `meta`.
pub(super) fn position_of<M>(
    metas: &[PresenceMeta<M>],
    meta: &PresenceMeta<M>,
) -> Result<usize, usize> {
    metas.binary_search_by(|other| by_reference(other, meta))
}

fn by_key<M>(one: &PresenceEntry<M>, other: &PresenceEntry<M>) -> Ordering {
    cost::visit(1);
    one.key.cmp(&other.key)
}

fn by_reference<M>(one: &PresenceMeta<M>, other: &PresenceMeta<M>) -> Ordering {
    cost::visit(1);
    one.reference.cmp(&other.reference)
}

/// Removes the presences with the references of `gone`.
fn remove_metas<M>(metas: &mut Vec<PresenceMeta<M>>, gone: &[PresenceMeta<M>]) {
    let known = gone.iter().filter_map(|gone| position_of(metas, gone).ok());
    let known = known.collect();
    remove_at(metas, known);
}

/// Adds presences. One with a known reference replaces the known one.
fn join_metas<M>(metas: &mut Vec<PresenceMeta<M>>, joins: Vec<PresenceMeta<M>>) {
    let mut added = Vec::new();
    for join in joins {
        match position_of(metas, &join) {
            Ok(at) => metas[at] = join,
            Err(_) => added.push(join),
        }
    }
    added.sort_by(by_reference);
    merge(metas, added, by_reference);
}

/// Removes the items at these positions.
fn remove_at<T>(items: &mut Vec<T>, mut positions: Vec<usize>) {
    positions.sort_unstable();
    positions.dedup();
    let Some(first) = positions.first() else {
        return;
    };
    cost::visit(items.len() - first);
    if let [at] = positions[..] {
        items.remove(at);
        return;
    }
    let (mut index, mut positions) = (0, positions.into_iter().peekable());
    items.retain(|_| {
        let is_removed = positions.next_if_eq(&index).is_some();
        index += 1;
        !is_removed
    });
}

/// Merges `added` into `items`. Both are sorted.
fn merge<T>(items: &mut Vec<T>, mut added: Vec<T>, order: impl Fn(&T, &T) -> Ordering) {
    let (Some(first), Some(last)) = (added.first(), added.last()) else {
        return;
    };
    let at = items.partition_point(|item| order(item, first).is_lt());
    let next = items.get(at);
    let is_block = next.is_none_or(|next| order(last, next).is_lt());
    cost::visit(items.len() - at + added.len());
    if is_block {
        items.splice(at..at, added);
    } else {
        // The sort finds two sorted runs, and merges them.
        items.append(&mut added);
        items[at..].sort_by(order);
    }
}

/// Counts the compared and moved items, for tests.
mod cost {
    #[cfg(test)]
    thread_local! {
        static VISITS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
    }

    pub(super) fn visit(items: usize) {
        #[cfg(test)]
        VISITS.with(|visits| visits.set(visits.get() + items));
        #[cfg(not(test))]
        let _ = items;
    }

    /// Returns the number of visits so far.
    #[cfg(test)]
    pub(super) fn visits() -> usize {
        VISITS.get()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use ambit::process::Pid;

    use super::*;
    use crate::node::id::id;
    use crate::presence::data::PresenceRef;

    fn meta(number: u64) -> PresenceMeta<u64> {
        let reference = PresenceRef {
            node: id("a", 1),
            number,
        };
        PresenceMeta {
            meta: number,
            reference,
            previous: None,
            pid: Pid::NOBODY,
        }
    }

    pub(in crate::presence) fn entry(key: &str, metas: &[u64]) -> PresenceEntry<u64> {
        let key = key.to_owned();
        let metas = metas.iter().map(|number| meta(*number)).collect();
        PresenceEntry { key, metas }
    }

    pub(in crate::presence) fn diff(
        joins: Vec<PresenceEntry<u64>>,
        leaves: Vec<PresenceEntry<u64>>,
    ) -> PresenceDiff<u64> {
        let topic = "t".to_owned();
        PresenceDiff {
            topic,
            joins,
            leaves,
        }
    }

    #[test]
    fn pres_03_a_leave_removes_only_its_meta_and_the_last_one_its_key() {
        let mut entries = Vec::new();
        apply(&mut entries, &diff(vec![entry("u", &[1, 2])], vec![]));
        apply(&mut entries, &diff(vec![], vec![entry("u", &[1])]));
        assert_eq!(entries, [entry("u", &[2])]);
        apply(&mut entries, &diff(vec![], vec![entry("u", &[2])]));
        assert_eq!(entries, []);
    }

    #[test]
    fn pres_09_an_update_replaces_its_meta_and_keeps_the_others() {
        let mut entries = vec![entry("a", &[1]), entry("c", &[2, 3])];
        let update = diff(vec![entry("c", &[4])], vec![entry("c", &[2])]);
        apply(&mut entries, &update);
        assert_eq!(entries, [entry("a", &[1]), entry("c", &[3, 4])]);
        apply(&mut entries, &diff(vec![entry("b", &[5])], vec![]));
        let keys: Vec<_> = entries.iter().map(|entry| entry.key.as_str()).collect();
        assert_eq!(keys, ["a", "b", "c"]);
    }

    #[test]
    fn presences_of_a_key_are_sorted_by_reference_whenever_they_join() {
        let mut entries = vec![entry("a", &[2])];
        apply(&mut entries, &diff(vec![entry("a", &[3])], vec![]));
        apply(&mut entries, &diff(vec![entry("a", &[1])], vec![]));
        assert_eq!(entries, [entry("a", &[1, 2, 3])]);
    }

    #[test]
    fn pres_09_a_diff_that_is_applied_twice_changes_nothing() {
        let mut entries = vec![entry("a", &[1])];
        let update = diff(vec![entry("a", &[2])], vec![entry("a", &[1])]);
        apply(&mut entries, &update);
        apply(&mut entries, &update);
        assert_eq!(entries, [entry("a", &[2])]);
    }

    #[test]
    fn entries_of_one_key_become_one_and_are_sorted_by_reference() {
        let mut entries = vec![entry("b", &[3]), entry("a", &[4, 1]), entry("b", &[2])];
        sort(&mut entries);
        assert_eq!(entries, [entry("a", &[1, 4]), entry("b", &[2, 3])]);
    }

    #[test]
    fn keys_and_presences_among_others_are_added_and_removed_at_once() {
        let mut entries = vec![entry("a", &[1]), entry("c", &[2, 4, 6]), entry("e", &[7])];
        let joins = vec![entry("b", &[8]), entry("c", &[3, 5]), entry("d", &[9])];
        let leaves = vec![entry("a", &[1]), entry("c", &[2, 6]), entry("e", &[7])];
        apply(&mut entries, &diff(joins, leaves));
        let expected = [entry("b", &[8]), entry("c", &[3, 4, 5]), entry("d", &[9])];
        assert_eq!(entries, expected);
    }

    #[test]
    fn a_key_that_leaves_and_joins_in_one_diff_stays() {
        let mut entries = vec![entry("a", &[1]), entry("b", &[2])];
        apply(
            &mut entries,
            &diff(vec![entry("a", &[3])], vec![entry("a", &[1])]),
        );
        assert_eq!(entries, [entry("a", &[3]), entry("b", &[2])]);
    }

    /// Returns the visits that these diffs cost.
    fn visits(entries: &[PresenceEntry<u64>], diffs: &[PresenceDiff<u64>]) -> usize {
        let mut entries = entries.to_vec();
        let before = cost::visits();
        for diff in diffs {
            apply(&mut entries, diff);
        }
        cost::visits() - before
    }

    /// Returns keys with even numbers (`rest` 0) or odd ones (1).
    fn keys(count: u64, rest: u64) -> Vec<PresenceEntry<u64>> {
        let numbers = (0..count).map(|number| 2 * number + rest);
        numbers
            .map(|number| entry(&format!("{number:08}"), &[number]))
            .collect()
    }

    /// Asserts that four times as many presences cost less than six times as much, because each one costs only a binary
    /// search.
    fn assert_grows_with_the_diff(cost: impl Fn(u64) -> usize) {
        let (few, many) = (cost(250), cost(1_000));
        assert!(many < 6 * few, "{few} {many}");
    }

    #[test]
    fn a_diff_that_adds_or_removes_many_keys_moves_the_others_once() {
        assert_grows_with_the_diff(|count| {
            visits(&keys(count, 0), &[diff(keys(count, 1), vec![])])
        });
        assert_grows_with_the_diff(|count| {
            visits(&keys(2 * count, 0), &[diff(vec![], keys(count, 0))])
        });
    }

    #[test]
    fn presences_that_join_or_leave_one_key_cost_a_search_each() {
        let numbers = |count: u64| (1..=count).collect::<Vec<_>>();
        assert_grows_with_the_diff(|count| {
            let join = |number| diff(vec![entry("u", &[number])], vec![]);
            let joins: Vec<_> = numbers(count).into_iter().map(join).collect();
            visits(&[entry("u", &[0])], &joins)
        });
        assert_grows_with_the_diff(|count| {
            let leave = vec![entry("u", &numbers(count))];
            visits(&[entry("u", &numbers(2 * count))], &[diff(vec![], leave)])
        });
    }
}
