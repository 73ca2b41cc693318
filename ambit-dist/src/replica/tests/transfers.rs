//! Transfers in chunks.

use super::net::Net;
use super::*;

/// Two hosts, of which the first has this many entries.
fn filled(entries: usize) -> Net {
    let limits = ReplicaLimits {
        chunk: 1_000,
        ..ReplicaLimits::default()
    };
    let mut net = Net::new(2, &limits);
    for number in 0..entries {
        net.insert(0, &format!("{number:03}"));
    }
    net
}

/// The same, and the first has forgotten a removal.
fn filled_and_pruned(entries: usize) -> Net {
    let mut net = filled(entries);
    let id = net.insert(0, "removed");
    net.remove(0, id);
    net.hosts[0].store.forget_removals();
    net
}

fn texts(entries: usize) -> Vec<String> {
    (0..entries).map(|number| format!("{number:03}")).collect()
}

#[test]
fn a_transfer_has_one_chunk_under_way() {
    let mut net = filled(200);
    net.connect(0, 1);
    net.hosts[0].frames = 0;
    let mut chunks = 0;
    while net.deliver(0) {
        let sent = net.hosts[0].frames;
        assert!(sent <= chunks + 1);
        chunks = sent;
    }
    assert!(chunks > 5, "{chunks}");
    assert_eq!(net.shown(1, 0), texts(200));
    assert_eq!(net.hosts[1].store.counts().events.replacements, 0);
}

#[test]
fn a_full_transfer_appears_at_once() {
    let mut net = filled_and_pruned(200);
    net.connect(0, 1);
    let mut staged = 0;
    while net.deliver(0) {
        let shown = net.shown(1, 0).len();
        let now = net.hosts[1].store.counts().staged;
        assert!(shown == 0 && now >= staged || shown == 200 && now == 0);
        staged = now;
    }
    assert_eq!(net.shown(1, 0), texts(200));
    assert_eq!(net.hosts[1].store.counts().events.replacements, 1);
}

#[test]
fn changes_during_a_full_transfer_are_in_its_result() {
    let mut net = filled_and_pruned(200);
    net.connect(0, 1);
    for _ in 0..6 {
        net.deliver(0);
    }
    assert!(net.hosts[1].store.counts().staged > 20);
    net.hosts[0].store.remove(EntryId(1));
    net.hosts[0].store.update(EntryId(2), body("new")).unwrap();
    net.insert(0, "last");
    net.deliver_all();
    let mut expected = texts(200);
    expected[1] = "new".into();
    expected.push("last".into());
    assert_eq!(net.shown(1, 0), expected[1..]);
}

#[test]
fn a_transfer_restarts_after_the_loss_of_its_source() {
    let mut net = filled_and_pruned(200);
    net.connect(0, 1);
    for _ in 0..6 {
        net.deliver(0);
    }
    assert!(net.hosts[1].store.counts().staged > 0);
    net.cut(0, 1);
    let counts = net.hosts[1].store.counts();
    assert_eq!((counts.staged, counts.transfers), (0, 0));
    net.connect(0, 1);
    net.deliver_all();
    assert_eq!(net.shown(1, 0), texts(200));
}

#[test]
fn a_full_transfer_whose_removals_were_forgotten_restarts() {
    let mut net = filled_and_pruned(200);
    net.connect(0, 1);
    for _ in 0..6 {
        net.deliver(0);
    }
    net.hosts[0].store.remove(EntryId(1));
    net.hosts[0].store.forget_removals();
    net.deliver_all();
    assert_eq!(net.shown(1, 0), texts(200)[1..]);
}

#[test]
fn a_relay_transfers_what_it_received_in_full() {
    let limits = ReplicaLimits {
        tombstones: 2,
        chunk: 1_000,
        ..ReplicaLimits::default()
    };
    let mut net = Net::new(3, &limits);
    let ids: Vec<_> = (0..100)
        .map(|number| net.insert(0, &format!("{number:03}")))
        .collect();
    net.connect(0, 1);
    net.connect(1, 2);
    net.wait(Duration::from_secs(2));
    assert_eq!(net.shown(2, 0), texts(100));
    for id in &ids[..50] {
        net.remove(0, *id);
    }
    net.wait(Duration::from_secs(2));
    assert_eq!(net.shown(1, 0), texts(100)[50..]);
    assert_eq!(net.shown(2, 0), texts(100)[50..]);
    assert_eq!(
        net.hosts[1].store.counts().events.replacements,
        0,
        "each was pushed"
    );
    assert_eq!(net.hosts[2].store.counts().events.replacements, 1);
}

#[test]
fn a_relay_without_later_changes_has_nothing_to_answer() {
    let mut b = store("b");
    join(&mut b, "c");
    b.member_up(NOW, origin("a", 1, 0));
    for (of, incarnation) in [("a", 1), ("a", 2), ("b", 2), ("x", 1)] {
        let origin = origin(of, incarnation, 0);
        let pull = Frame::Pull {
            origin: origin.clone(),
            have: 0,
            full: None,
        };
        receive(&mut b, "c", &pull);
        let coverage = Coverage::Partial;
        let nothing = Frame::Nothing { origin, coverage };
        assert_eq!(sent(&mut b), [("c".into(), nothing)]);
    }
}

#[test]
fn a_relay_is_asked_every_second_until_there_is_a_session() {
    let mut net = Net::new(3, &ReplicaLimits::default());
    net.connect(1, 2);
    net.deliver_all();
    net.hosts[2].frames = 0;
    net.wait(Duration::from_millis(2_500));
    assert_eq!(net.hosts[2].frames, 4, "two requests, and two answers");
    net.connect(0, 1);
    net.connect(0, 2);
    net.deliver_all();
    net.hosts[2].frames = 0;
    net.wait(Duration::from_millis(2_400));
    assert_eq!(net.hosts[2].frames, 0, "neither a pull nor a digest is due");
}

#[test]
fn an_entry_that_moved_to_another_table_is_removed_from_the_first() {
    let mut b = store("b");
    join(&mut b, "a");
    let put = |version, table: &str| {
        Frame::Delta(Delta {
            origin: origin("a", 1, 0),
            from: version - 1,
            to: version,
            full: (version == 1).then_some(1),
            more: false,
            answer: None,
            ops: vec![Op {
                version,
                id: EntryId(1),
                kind: OpKind::Put {
                    table: table.into(),
                    body: body("x"),
                },
            }],
        })
    };
    receive(&mut b, "a", &put(1, "t"));
    receive(&mut b, "a", &put(2, "u"));
    assert_eq!(changes(&mut b), ["+a.1 t x", "-a.1 t", "+a.1 u x"]);
    receive(&mut b, "a", &put(1, "v"));
    assert_eq!(changes(&mut b), ["-a.1 u", "+a.1 v x"]);
}

#[test]
fn a_stored_body_does_not_keep_its_frame_in_memory() {
    let mut a = store("a");
    join(&mut a, "b");
    insert(&mut a, "t", "x");
    a.flush();
    let push = sent(&mut a).remove(0).1;
    let pull = Frame::Pull {
        origin: origin("a", 1, 0),
        have: 0,
        full: Some(0),
    };
    receive(&mut a, "b", &pull);
    let full = sent(&mut a).remove(0).1;
    for frame in [push, full] {
        let mut b = store("b");
        join(&mut b, "a");
        let bytes = frame.encode();
        b.received(NOW, &name("a"), &bytes);
        let stored = b.get(&id("a", 1), EntryId(1)).unwrap();
        assert!(!bytes.as_ptr_range().contains(&stored.as_ptr()));
    }
}

#[test]
fn entries_of_a_hidden_node_disappear_before_those_that_they_refer_to() {
    let mut a = store("a");
    join(&mut a, "b");
    let mut b = store("b");
    join(&mut b, "a");
    let refers = insert(&mut b, "t", "1");
    insert(&mut b, "t", "2");
    insert(&mut b, "t", "3 refers to 2");
    b.update(refers, body("1 refers to 2")).unwrap();
    b.flush();
    receive(&mut a, "b", &sent(&mut b)[0].1);
    let shown = ["+b.2 t 2", "+b.3 t 3 refers to 2", "+b.1 t 1 refers to 2"];
    assert_eq!(changes(&mut a), shown);
    a.member_down(NOW, &origin("b", 1, 0), false);
    assert_eq!(changes(&mut a), ["-b.1 t", "-b.3 t", "-b.2 t"]);
}
