//! Changes of entries, and what members and monitors see.

use std::sync::Arc;

use tokio::sync::mpsc::unbounded_channel;

use crate::groups::index::{GroupIndex, Observed};
use crate::groups::key::GroupKey;
use crate::node::id::{NodeId, id};
use crate::replica::change::{Change, EntryId};
use crate::replication::table_index::TableIndex;

fn key(name: &str) -> GroupKey {
    GroupKey::new(&Arc::from("scope"), name, "string")
}

fn put(name: &str, node: &str, number: u64) -> Change {
    Change::Put {
        origin: id(node, 1),
        id: EntryId(number),
        table: "groups".into(),
        body: key(name).encode().into(),
        is_new: true,
    }
}

fn removed(node: &str, number: u64) -> Change {
    Change::Removed {
        origin: id(node, 1),
        id: EntryId(number),
        table: "groups".into(),
    }
}

/// Returns node and entry of each member, in order.
fn members(index: &GroupIndex, name: &str, own: &NodeId) -> Vec<(String, u64)> {
    let members = index.members(&key(name), own).into_iter();
    members
        .map(|member| (member.origin.name.to_string(), member.id.0))
        .collect()
}

#[test]
fn members_of_the_own_node_come_first_and_each_node_is_in_join_order() {
    let (index, own) = (GroupIndex::default(), id("b", 1));
    for (node, number) in [("c", 2), ("b", 5), ("a", 9), ("b", 3), ("a", 1)] {
        index.apply(&put("jobs", node, number));
    }
    let pair = |node: &str, number| (node.to_owned(), number);
    let expected = [
        pair("b", 3),
        pair("b", 5),
        pair("a", 1),
        pair("a", 9),
        pair("c", 2),
    ];
    assert_eq!(members(&index, "jobs", &own), expected);
    let others = index.others(&key("jobs"), &own);
    assert_eq!(others, [(id("a", 1), 2), (id("c", 1), 1)]);
}

#[test]
fn an_entry_that_changes_moves_and_an_invalid_one_is_no_member() {
    let (index, own) = (GroupIndex::default(), id("a", 1));
    index.apply(&put("old", "b", 1));
    index.apply(&put("new", "b", 1));
    assert_eq!(index.names(&Arc::from("scope")), ["new"]);
    index.apply(&Change::Put {
        origin: id("b", 1),
        id: EntryId(1),
        table: "groups".into(),
        body: vec![0xff; 3].into(),
        is_new: false,
    });
    assert!(index.names(&Arc::from("scope")).is_empty());
    index.apply(&removed("b", 1));
    assert!(members(&index, "new", &own).is_empty());
}

#[test]
fn names_are_sorted_and_those_of_other_scopes_are_separate() {
    let index = GroupIndex::default();
    for (number, name) in ["b", "a", "b"].into_iter().enumerate() {
        index.apply(&put(name, "n", number as u64));
    }
    assert_eq!(index.names(&Arc::from("scope")), ["a", "b"]);
    assert!(index.names(&Arc::from("scop")).is_empty());
    assert!(index.names(&Arc::from("scope2")).is_empty());
}

#[test]
fn a_monitor_gets_each_change_after_its_snapshot_once() {
    let (index, own) = (GroupIndex::default(), id("a", 1));
    index.apply(&put("jobs", "b", 1));
    let observed = |name: Option<&str>| Observed {
        scope: "scope".into(),
        name: name.map(Into::into),
        protocol: "string".into(),
    };
    let ((one, mut of_one), (all, mut of_all)) = (unbounded_channel(), unbounded_channel());
    let (number, seen) = index.monitor(&observed(Some("jobs")), one, &own);
    assert_eq!(seen.len(), 1);
    assert_eq!(index.monitor(&observed(None), all, &own).1.len(), 1);
    for change in [put("jobs", "b", 2), put("other", "b", 3), removed("b", 1)] {
        index.apply(&change);
    }
    let mut next = |is_all: bool| {
        let changes = if is_all { &mut of_all } else { &mut of_one };
        let change = changes.try_recv().ok()?;
        Some((change.member.id.0, change.has_joined))
    };
    assert_eq!(
        [next(false), next(false), next(false)],
        [Some((2, true)), Some((1, false)), None]
    );
    let all = [Some((2, true)), Some((3, true)), Some((1, false)), None];
    assert_eq!([next(true), next(true), next(true), next(true)], all);
    assert!(index.demonitor(&observed(Some("jobs")), number));
    assert!(!index.demonitor(&observed(Some("jobs")), number));
    index.apply(&put("jobs", "b", 4));
    assert_eq!(next(false), None);
    assert_eq!(next(true), Some((4, true)));
}
