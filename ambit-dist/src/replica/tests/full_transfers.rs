//! Full transfers, chunk by chunk, from origins and relays.

use super::*;

/// Returns a chunk of a full transfer of `a`, with an entry whose id and version are the end of its range.
fn part(start: u64, from: u64, to: u64, more: bool) -> Frame {
    Frame::Delta(Delta {
        origin: origin("a", 1, 0),
        from,
        to,
        full: Some(start),
        more,
        answer: Some(Coverage::Complete),
        ops: vec![Op {
            version: to,
            id: EntryId(to),
            kind: OpKind::Put {
                table: "t".into(),
                body: body("x"),
            },
        }],
    })
}

#[test]
fn a_chunk_that_does_not_continue_the_staging_area_ends_the_transfer() {
    for (start, from, shown) in [(9, 3, 2), (9, 4, 0), (8, 3, 0)] {
        let mut b = store("b");
        join(&mut b, "a");
        receive(&mut b, "a", &part(9, 0, 3, true));
        assert_eq!(b.counts().staged, 1);
        receive(&mut b, "a", &part(start, from, 9, false));
        assert_eq!(changes(&mut b).len(), shown);
        assert_eq!((b.counts().staged, b.counts().transfers), (0, 0));
    }
}

#[test]
fn a_full_transfer_starts_with_the_version_of_its_source() {
    let mut a = store("a");
    join(&mut a, "b");
    insert(&mut a, "t", "x");
    let pull = Frame::Pull {
        origin: origin("a", 1, 0),
        have: 0,
        full: Some(0),
    };
    receive(&mut a, "b", &pull);
    let frames = sent(&mut a);
    let [(_, Frame::Delta(push)), (_, Frame::Delta(answer))] = &*frames else {
        panic!("the change is pushed before the answer: {frames:?}");
    };
    assert_eq!((push.full, push.answer), (None, None));
    assert_eq!(
        (answer.full, answer.answer),
        (Some(1), Some(Coverage::Complete))
    );
}

#[test]
fn a_peer_with_all_changes_is_answered_with_none() {
    let mut a = store("a");
    join(&mut a, "b");
    insert(&mut a, "t", "x");
    a.flush();
    sent(&mut a);
    let pull = |have| Frame::Pull {
        origin: origin("a", 1, 0),
        have,
        full: None,
    };
    for (have, full, ops) in [(1, None, 0), (0, None, 1), (2, Some(1), 1)] {
        receive(&mut a, "b", &pull(have));
        let Some((_, Frame::Delta(answer))) = sent(&mut a).pop() else {
            panic!("a delta");
        };
        assert_eq!((answer.full, answer.ops.len()), (full, ops), "{have}");
    }
}

#[test]
fn removals_are_kept_while_a_member_has_no_session() {
    let mut a = store("a");
    join(&mut a, "b");
    let x = insert(&mut a, "t", "x");
    a.disconnected(NOW, &name("b"));
    a.remove(x);
    join(&mut a, "c");
    a.disconnected(NOW, &name("c"));
    a.member_down(NOW, &origin("c", 1, 0), true);
    join(&mut a, "b");
    let pull = Frame::Pull {
        origin: origin("a", 1, 0),
        have: 1,
        full: None,
    };
    receive(&mut a, "b", &pull);
    let Some((_, Frame::Delta(answer))) = sent(&mut a).pop() else {
        panic!("a delta");
    };
    assert_eq!((answer.full, answer.ops.len()), (None, 1));
}

#[test]
fn a_relay_with_earlier_entries_does_not_replace_later_ones() {
    for (to, replaced) in [(4, 0), (5, 0), (6, 2)] {
        let mut b = store("b");
        join(&mut b, "a");
        receive(&mut b, "a", &part(5, 0, 5, false));
        b.disconnected(NOW, &name("a"));
        join(&mut b, "c");
        b.timer(Duration::from_secs(1));
        assert_eq!(b.counts().transfers, 1);
        receive(&mut b, "c", &part(to, 0, to, false));
        assert_eq!(changes(&mut b).len(), replaced, "{to}");
    }
}

#[test]
fn a_relay_without_the_removals_answers_in_full() {
    let mut b = store("b");
    join(&mut b, "a");
    join(&mut b, "c");
    receive(&mut b, "a", &part(9, 0, 9, false));
    receive(&mut b, "a", &ack(0));
    sent(&mut b);
    let pull = Frame::Pull {
        origin: origin("a", 1, 0),
        have: 5,
        full: None,
    };
    receive(&mut b, "c", &pull);
    let mut answer = sent(&mut b);
    assert_eq!(answer.remove(0), ("c".into(), part(9, 0, 9, false)));
}

#[test]
fn a_full_transfer_of_a_hidden_node_is_shown_when_it_returns() {
    let mut b = store("b");
    join(&mut b, "a");
    b.member_down(NOW, &origin("a", 1, 0), false);
    receive(&mut b, "a", &part(9, 0, 9, false));
    assert!(changes(&mut b).is_empty());
    b.member_up(NOW, origin("a", 1, 1));
    assert_eq!(changes(&mut b), ["+a.9 t x"]);
}

#[test]
fn relays_are_not_asked_about_a_node_that_is_down_and_not_twice() {
    let mut b = store("b");
    b.member_up(NOW, origin("a", 1, 0));
    join(&mut b, "c");
    let digest = Frame::Digest(vec![Summary {
        origin: origin("a", 1, 0),
        version: 3,
        hash: 7,
    }]);
    receive(&mut b, "c", &digest);
    assert_eq!(sent(&mut b).len(), 1);
    b.member_down(NOW, &origin("a", 1, 0), false);
    assert_eq!(b.counts().transfers, 0);
    // The answer to the first request is still to come.
    b.member_up(NOW, origin("a", 1, 1));
    receive(&mut b, "c", &digest);
    assert_eq!(sent(&mut b), []);
    receive(&mut b, "c", &part(9, 0, 9, false));
    assert!(changes(&mut b).is_empty(), "it is no longer awaited");
    b.member_down(NOW, &origin("a", 1, 1), false);
    receive(&mut b, "c", &digest);
    assert_eq!(sent(&mut b), [], "it is down");
    b.member_up(NOW, origin("a", 1, 2));
    receive(&mut b, "c", &digest);
    assert_eq!(sent(&mut b).len(), 1);
}
