//! The table of placed servers.

use std::collections::BTreeSet;
use std::sync::Arc;

use ambit::prelude::*;

use crate::placement::strategy::Placement;
use crate::placement::table::{PlacedEntry, PlacedTable};
use crate::placement::tests::{members, name};

type Table = Arc<PlacedTable<u8>>;

/// Claims an id and reserves a member for it.
fn placed(table: &Table, id: &str, count: usize) -> (PlacedEntry<u8>, String) {
    let entry = table.claim(id, None).unwrap();
    let node = reserve(&entry, count, &[]);
    (entry, node.unwrap())
}

fn reserve(entry: &PlacedEntry<u8>, count: usize, failed: &[&str]) -> Option<String> {
    let failed: BTreeSet<_> = failed.iter().map(|node| name(node)).collect();
    let node = entry.reserve(&Placement::least_loaded(), members(count), &failed);
    node.map(|node| node.to_string())
}

#[test]
fn a_server_that_is_being_started_counts() {
    let table: Table = PlacedTable::new();
    let entries: Vec<_> = (0..6)
        .map(|id| placed(&table, &id.to_string(), 3))
        .collect();
    let nodes: Vec<_> = entries.iter().map(|(_, node)| node.as_str()).collect();
    assert_eq!(nodes, ["n0", "n1", "n2", "n0", "n1", "n2"]);
    assert!(table.all().iter().all(|(_, node)| node.is_none()));
}

#[test]
fn a_member_whose_start_failed_is_left_out_and_does_not_count() {
    let table: Table = PlacedTable::new();
    let (first, node) = placed(&table, "1", 2);
    assert_eq!(node, "n0");
    assert_eq!(reserve(&first, 2, &["n0"]).as_deref(), Some("n1"));
    assert_eq!(reserve(&first, 2, &["n0", "n1"]), None);
    assert_eq!(placed(&table, "2", 2).1, "n0");
}

#[test]
fn an_id_is_free_again_when_its_entry_is_dropped() {
    let table: Table = PlacedTable::new();
    let (first, _) = placed(&table, "1", 2);
    assert!(table.claim("1", None).is_err());
    drop(first);
    assert_eq!(placed(&table, "1", 2).1, "n0");
    assert_eq!(table.all(), []);
}

#[ambit::test]
async fn a_lost_server_is_on_no_member(inbox: Inbox<u8>) {
    let table: Table = PlacedTable::new();
    let (entry, node) = placed(&table, "1", 2);
    entry.started(inbox.subject());
    assert_eq!(table.node_of("1"), Some(name(&node)));
    assert!(table.subject("1").is_some());
    entry.lost();
    assert_eq!((table.node_of("1"), table.subject("1")), (None, None));
    assert_eq!(table.all(), [("1".to_owned(), None)]);
    assert_eq!(placed(&table, "2", 2).1, "n0");
}
