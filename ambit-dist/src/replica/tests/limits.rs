//! Limits, of this node and of others.

use std::collections::BTreeSet;

use super::net::Net;
use super::*;
use crate::replica::error::PutError;

fn tight() -> ReplicaLimits {
    ReplicaLimits {
        own_entries: 2,
        entries: 2,
        bytes: 200,
        body: 100,
        table_name: 4,
        tables: 2,
        ..ReplicaLimits::default()
    }
}

#[test]
fn a_refused_write_names_the_limit_and_returns_the_body() {
    let mut a = limited("a", tight());
    let refused = |error: PutError| (error.to_string(), error.into_body());
    for (table, length) in [("", 0), ("table", 5)] {
        let (text, back) = refused(a.insert(table, body("x")).unwrap_err());
        let expected = format!("the name of a table has {length} bytes: use 1 to 4 bytes");
        assert_eq!((text, back), (expected, body("x")));
    }
    let long = body(&"x".repeat(101));
    let (text, back) = refused(a.insert("t", long.clone()).unwrap_err());
    assert_eq!(back, long);
    assert!(text.starts_with("the body of an entry has 101 bytes, above the limit of 100:"));
    let longest = insert(&mut a, "t", &"x".repeat(100));
    assert!(a.remove(longest));
    let first = insert(&mut a, "t", "x");
    insert(&mut a, "u", "x");
    let (text, back) = refused(a.insert("t", body("y")).unwrap_err());
    assert!(text.starts_with("this node already has 2 replicated entries:"));
    assert_eq!(back, body("y"));
    let most = a.update(first, body(&"x".repeat(71)));
    assert_eq!(most, Ok(()), "the bytes of the old body are free");
    let (text, back) = refused(a.update(first, body(&"x".repeat(72))).unwrap_err());
    assert!(text.starts_with("the replicated entries of this node would exceed 200 bytes:"));
    assert_eq!(back.len(), 72);
    let (text, back) = refused(a.update(EntryId(9), body("z")).unwrap_err());
    assert_eq!(text, "this node has no entry 9: insert one instead");
    assert_eq!(back, body("z"));
    assert!(!a.remove(EntryId(9)));
    assert!(a.remove(first));
    assert!(!a.remove(first));
    insert(&mut a, "t", "x");
}

#[test]
fn the_tables_in_use_are_limited() {
    let limits = ReplicaLimits {
        own_entries: 9,
        bytes: 9_000,
        ..tight()
    };
    let mut a = limited("a", limits);
    let first = insert(&mut a, "t", "x");
    insert(&mut a, "u", "x");
    insert(&mut a, "u", "x");
    let error = a.insert("v", body("y")).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("this node already uses 2 replicated tables:")
    );
    assert_eq!(error.into_body(), body("y"));
    a.remove(first);
    insert(&mut a, "v", "x");
}

/// A node within its own limits, which are greater than those of its peer.
fn unequal(theirs: ReplicaLimits) -> Net {
    let mut net = Net::connected(2, &ReplicaLimits::default());
    let settings = ReplicaSettings::default();
    let own = net.origin(1);
    net.hosts[1].store = Store::new(own, settings, theirs, 7);
    net.cut(0, 1);
    net.learn(1, 0);
    net.connect(0, 1);
    net.deliver_all();
    net
}

#[test]
fn a_peer_beyond_a_limit_is_closed_and_its_entries_stay_as_before() {
    let cases: [(&[(&str, usize)], _); 3] = [
        (
            &[("t", 1), ("t", 1)],
            "a#1 has more entries than the limit: raise `Limits::entries` on all nodes",
        ),
        (
            &[("t", 100), ("t", 100)],
            "a#1 has more bytes than the limit: raise `Limits::entry_bytes` on all nodes",
        ),
        (
            &[("u", 1), ("v", 1)],
            "a#1 has more tables than the limit: use fewer registries and trackers",
        ),
    ];
    for (number, (entries, text)) in cases.into_iter().enumerate() {
        let mut limits = tight();
        limits.entries = if number == 0 { 2 } else { 9 };
        limits.bytes = if number == 1 { 100 } else { 9_000 };
        let mut net = unequal(limits);
        net.insert(0, "x");
        net.deliver_all();
        for (table, length) in entries {
            insert(&mut net.hosts[0].store, table, &"y".repeat(*length));
        }
        net.hosts[0].store.flush();
        net.act(0);
        net.deliver_all();
        assert_eq!(net.shown(1, 0), ["x"]);
        assert_eq!(net.hosts[1].closed, [text]);
        assert!(!net.is_connected(0, 1));
        assert_eq!(net.hosts[1].store.counts().events.violations, 1);
    }
}

#[test]
fn a_full_transfer_beyond_a_limit_leaves_the_entries_as_before() {
    let mut net = unequal(tight());
    net.insert(0, "x");
    net.deliver_all();
    net.cut(0, 1);
    net.insert(0, "y");
    let removed = net.insert(0, "z");
    net.insert(0, "z");
    net.remove(0, removed);
    net.hosts[0].store.forget_removals();
    net.connect(0, 1);
    net.deliver_all();
    assert_eq!(net.shown(1, 0), ["x"]);
    assert_eq!(net.hosts[1].closed.len(), 1);
    let counts = net.hosts[1].store.counts();
    assert_eq!((counts.staged, counts.transfers), (0, 0));
}

#[test]
fn a_node_at_its_limits_is_never_closed() {
    let mut net = Net::connected(2, &tight());
    let mut ids = [("t", "1"), ("u", "2")].map(|(table, text)| {
        let id = insert(&mut net.hosts[0].store, table, text);
        (id, table)
    });
    for round in 0..20 {
        for (id, _) in &ids {
            net.hosts[0].store.remove(*id);
        }
        for (at, (id, table)) in ids.iter_mut().enumerate() {
            *table = ["t", "u", "v", "w"][(round + at) % 4];
            *id = insert(&mut net.hosts[0].store, table, &"y".repeat(30));
        }
        if round % 3 > 0 {
            net.hosts[0].store.flush();
            net.act(0);
            net.deliver_all();
            assert_eq!(net.shown(1, 0).len(), 2);
        }
    }
    assert!(net.violations().is_empty());
}

#[test]
fn remembered_incarnations_are_limited_and_the_first_is_forgotten_first() {
    let limits = ReplicaLimits {
        remembered: 2,
        ..ReplicaLimits::default()
    };
    let mut a = limited("a", limits);
    for name in ["b", "c", "b", "d"] {
        // The second report of b is of a later incarnation.
        let incarnation = a.counts().remembered as u64 + 1;
        a.member_down(NOW, &origin(name, incarnation, 0), true);
    }
    assert_eq!(a.counts().remembered, 2);
    for (name, members) in [("b", 0), ("d", 0), ("c", 1)] {
        a.member_up(NOW, origin(name, 1, 0));
        assert_eq!(a.counts().members, members, "{name}");
    }
}

#[test]
fn one_relay_is_asked_for_few_nodes_at_a_time() {
    let mut a = store("a");
    join(&mut a, "b");
    for number in 0..200 {
        a.member_up(NOW, origin(&format!("n{number}"), 1, 0));
    }
    sent(&mut a);
    a.timer(Duration::from_secs(1));
    let is_pull = |(_, frame): &(_, Frame)| matches!(frame, Frame::Pull { .. });
    let asked: Vec<_> = sent(&mut a).into_iter().filter(is_pull).collect();
    assert_eq!(asked.len(), 32);
    // Answers make room for other requests, and each node has its turn.
    let (mut open, mut received) = (asked, BTreeSet::new());
    for round in 2..=8 {
        for (_, frame) in open {
            let Frame::Pull { origin, .. } = frame else {
                unreachable!();
            };
            received.insert(origin.id.name.clone());
            let coverage = Coverage::Complete;
            receive(&mut a, "b", &Frame::Nothing { origin, coverage });
        }
        a.timer(Duration::from_secs(round));
        open = sent(&mut a).into_iter().filter(is_pull).collect();
        assert_eq!(open.len(), 32);
    }
    assert_eq!(received.len(), 200);
}

#[test]
fn a_relay_with_higher_limits_is_not_blamed_for_the_entries_of_another_node() {
    let limits = ReplicaLimits {
        entries: 2,
        ..ReplicaLimits::default()
    };
    let mut a = limited("a", limits);
    join(&mut a, "relay");
    receive(&mut a, "relay", &ack(0));
    a.member_up(NOW, origin("far", 1, 0));
    sent(&mut a);
    let mut far = store("far");
    join(&mut far, "relay");
    for text in ["x", "y", "z"] {
        insert(&mut far, "t", text);
    }
    sent(&mut far);
    let pull = Frame::Pull {
        origin: origin("far", 1, 0),
        have: 0,
        full: None,
    };
    receive(&mut far, "relay", &pull);
    let (_, answer) = sent(&mut far).pop().unwrap();
    let asks = |a: &mut Store, seconds| {
        a.timer(Duration::from_secs(seconds));
        let is_pull = |(_, frame): &(_, Frame)| matches!(frame, Frame::Pull { .. });
        sent(a).iter().any(is_pull)
    };
    assert!(asks(&mut a, 1));
    receive(&mut a, "relay", &answer);
    assert!(sent(&mut a).is_empty(), "no session is closed");
    assert!(a.has_all_logs(), "registrations do not wait for them");
    let origin = origin("far", 1, 0);
    let (have, full) = (0, None);
    let asked = Frame::Pull {
        origin: origin.clone(),
        have,
        full,
    };
    receive(&mut a, "relay", &asked);
    let coverage = Coverage::Partial;
    let part = Frame::Nothing { origin, coverage };
    assert_eq!(sent(&mut a), [("relay".into(), part)]);
    // The same entries would come again.
    assert!(!asks(&mut a, 30));
    assert!(asks(&mut a, 62));
}
