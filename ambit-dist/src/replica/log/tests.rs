use super::*;
use crate::replica::limits::ReplicaLimits;
use crate::replica::log::fits::Excess;

fn put(version: u64, id: u64, table: &str, body: &str) -> Op {
    let kind = OpKind::Put {
        table: table.into(),
        body: Bytes::copy_from_slice(body.as_bytes()),
    };
    let id = EntryId(id);
    Op { version, id, kind }
}

fn remove(version: u64, id: u64) -> Op {
    let (id, kind) = (EntryId(id), OpKind::Remove);
    Op { version, id, kind }
}

fn log(tombstones: usize, ops: &[Op]) -> Log {
    let mut log = Log::new(tombstones);
    for op in ops {
        log.apply(op.clone());
    }
    log
}

#[test]
fn equal_entries_have_equal_hashes_whatever_their_history() {
    let one = log(
        9,
        &[
            put(1, 1, "t", "a"),
            put(2, 2, "t", "b"),
            remove(3, 1),
            put(4, 2, "t", "c"),
        ],
    );
    let other = log(9, &[put(4, 2, "t", "c")]);
    assert_eq!(
        (one.hash(), one.bytes(), one.len()),
        (other.hash(), other.bytes(), 1)
    );
    assert_ne!(one.hash(), log(9, &[put(3, 2, "t", "c")]).hash());
    let empty = log(9, &[put(1, 1, "t", "a"), remove(2, 1)]);
    assert_eq!((empty.hash(), empty.bytes()), (0, 0));
    assert_eq!(one.bytes(), ENTRY_COST + 1);
}

#[test]
fn a_chunk_contains_each_entry_once_with_its_last_version() {
    let log = log(
        9,
        &[
            put(1, 1, "t", "a"),
            put(2, 2, "t", "b"),
            put(3, 1, "t", "c"),
            remove(4, 2),
        ],
    );
    let expected = Chunk {
        ops: vec![put(3, 1, "t", "c"), remove(4, 2)],
        to: 4,
        more: false,
    };
    assert_eq!(log.chunk(0, 1_000), expected);
    let rest = log.chunk(3, 1_000);
    assert_eq!(rest.ops, [remove(4, 2)]);
    let first = log.chunk(0, 1);
    assert_eq!((first.ops.len(), first.to, first.more), (1, 3, true));
    let none = log.chunk(4, 1_000);
    assert_eq!((none.ops.len(), none.to, none.more), (0, 4, false));
}

#[test]
fn the_budget_of_a_chunk_counts_bodies_and_each_table_once() {
    let log = log(
        9,
        &[
            put(1, 1, "tttt", "aa"),
            put(2, 2, "tttt", "bb"),
            put(3, 3, "uuuu", "cc"),
        ],
    );
    let both = 2 * (OP_COST + 2) + 4;
    assert_eq!(log.chunk(0, both).ops.len(), 2);
    assert_eq!(log.chunk(0, both - 1).ops.len(), 1);
    let all = both + OP_COST + 2 + 4;
    assert_eq!(
        (log.chunk(0, all).ops.len(), log.chunk(0, all).more),
        (3, false)
    );
    assert_eq!(log.chunk(0, all - 1).ops.len(), 2);
}

#[test]
fn the_floor_is_the_version_of_the_last_forgotten_removal() {
    let mut log = log(
        2,
        &[
            put(1, 1, "t", "a"),
            put(2, 2, "t", "a"),
            remove(3, 1),
            remove(4, 2),
        ],
    );
    assert_eq!((log.floor(), log.tombstones()), (0, 2));
    log.apply(remove(5, 7));
    assert_eq!((log.floor(), log.tombstones()), (3, 2));
    log.forget_tombstones();
    assert_eq!((log.floor(), log.tombstones()), (5, 0));
    assert!(log.chunk(0, 100).ops.is_empty());
}

#[test]
fn a_completed_staging_area_keeps_removals_from_then_on() {
    let mut log = log(0, &[put(1, 1, "t", "a"), put(2, 2, "t", "b"), remove(3, 1)]);
    log.advance(9);
    assert_eq!((log.floor(), log.tombstones(), log.version()), (3, 0, 9));
    log.complete(4);
    assert_eq!(log.floor(), 9);
    log.apply(remove(10, 2));
    assert_eq!((log.floor(), log.tombstones()), (9, 1));
}

#[test]
fn the_entries_of_a_table_share_its_text() {
    let log = log(
        9,
        &[
            put(1, 1, "t", "a"),
            put(2, 2, "t", "b"),
            put(3, 3, "u", "c"),
        ],
    );
    let texts: Vec<_> = log.table("t").map(|(_, entry)| &entry.table).collect();
    assert_eq!(texts.len(), 2);
    assert!(Arc::ptr_eq(texts[0], texts[1]));
}

#[test]
fn the_changes_of_a_delta_are_checked_together() {
    let log = log(9, &[put(1, 1, "t", "aaaa"), put(2, 2, "u", "")]);
    let limits = ReplicaLimits {
        entries: 2,
        bytes: (2 * ENTRY_COST + 4) / 2,
        tables: 2,
        ..ReplicaLimits::default()
    };
    let fits = |ops: &[Op]| log.fit_all(ops, &limits);
    assert_eq!(fits(&[]), Ok(()));
    assert_eq!(fits(&[remove(3, 1), put(4, 3, "v", "bbbb")]), Ok(()));
    assert_eq!(
        fits(&[remove(3, 1), put(4, 3, "v", "bbbbb")]),
        Err(Excess::Bytes)
    );
    assert_eq!(fits(&[put(3, 3, "t", "")]), Err(Excess::Entries));
    assert_eq!(fits(&[put(3, 1, "t", ""), put(4, 2, "v", "")]), Ok(()));
    assert_eq!(fits(&[put(3, 1, "v", ""), put(4, 2, "w", "")]), Ok(()));
    let wider = ReplicaLimits {
        entries: 9,
        bytes: 9_000,
        ..limits.clone()
    };
    assert_eq!(
        log.fit_all(&[put(3, 3, "v", "")], &wider),
        Err(Excess::Tables)
    );
    assert_eq!(log.fit_all(&[put(3, 3, "t", "")], &wider), Ok(()));
    assert_eq!(
        log.fit_all(&[put(3, 3, "t", ""), put(4, 4, "v", "")], &wider),
        Err(Excess::Tables)
    );
    // A table is emptied and used again.
    assert_eq!(
        log.fit_all(&[put(3, 1, "u", ""), put(4, 3, "v", "")], &wider),
        Ok(())
    );
}

#[test]
fn an_id_that_a_node_uses_again_is_in_a_chunk_once() {
    // A node that does not keep to the rule of one entry per id.
    let cases = [
        [put(1, 1, "t", "a"), remove(2, 1), remove(3, 1)],
        [put(1, 1, "t", "a"), remove(2, 1), put(3, 1, "t", "b")],
    ];
    for ops in cases {
        let mut log = log(2, &ops);
        let chunk = log.chunk(0, usize::MAX);
        assert_eq!(chunk.ops, ops[2..]);
        assert_eq!(chunk.to, 3);
        // The removal that was replaced is forgotten without effect on the later operation.
        for (version, id) in [(4, 7), (5, 8)] {
            log.apply(remove(version, id));
        }
        assert_eq!(log.tombstones(), 2);
        log.forget_tombstones();
        let left = log.chunk(log.floor(), usize::MAX).ops;
        assert!(left.is_empty(), "{left:?}");
        let has_entry = matches!(ops[2].kind, OpKind::Put { .. });
        assert_eq!(log.len(), usize::from(has_entry));
    }
}
