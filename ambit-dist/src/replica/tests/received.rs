//! Whether a node has received the entries of all members that are up.

use super::net::Net;
use super::*;

fn nothing(name: &str, coverage: Coverage) -> Frame {
    Frame::Nothing {
        origin: origin(name, 1, 0),
        coverage,
    }
}

#[test]
fn a_node_alone_has_all_entries() {
    let mut a = store("a");
    assert!(a.has_all_logs());
    insert(&mut a, "t", "1");
    assert!(a.has_all_logs());
}

#[test]
fn the_entries_of_a_member_are_awaited_until_it_has_acknowledged_and_sent_what_it_had() {
    let mut a = store("a");
    join(&mut a, "b");
    assert!(!a.has_all_logs());
    let behind = Frame::Ack {
        version: 0,
        sender_version: 1,
    };
    receive(&mut a, "b", &behind);
    assert!(!a.has_all_logs(), "b has an entry");
    let mut b = store("b");
    join(&mut b, "a");
    insert(&mut b, "t", "1");
    b.flush();
    let push = sent(&mut b);
    receive(&mut a, "b", &push[0].1);
    assert!(a.has_all_logs());
}

#[test]
fn members_without_entries_acknowledge_each_other_once() {
    let mut net = Net::new(2, &ReplicaLimits::default());
    net.connect(0, 1);
    assert!(!net.hosts[0].store.has_all_logs());
    net.deliver_all();
    assert!(net.hosts.iter().all(|host| host.store.has_all_logs()));
    let frames = net.hosts[0].frames;
    net.learn(0, 1);
    net.deliver_all();
    assert_eq!(net.hosts[0].frames, frames);
}

#[test]
fn a_node_is_awaited_from_its_session_on_until_it_is_down() {
    let mut a = store("a");
    a.connected(NOW, &id("b", 1));
    assert!(!a.has_all_logs());
    a.disconnected(NOW, &name("b"));
    assert!(a.has_all_logs());
    a.connected(NOW, &id("b", 1));
    a.member_up(NOW, origin("b", 1, 0));
    assert!(!a.has_all_logs());
    a.disconnected(NOW, &name("b"));
    assert!(!a.has_all_logs(), "it is up, and another node may reach it");
    a.member_down(NOW, &origin("b", 1, 0), false);
    assert!(a.has_all_logs());
}

#[test]
fn a_member_that_was_hidden_is_awaited_from_its_new_session_on() {
    for is_dropped in [false, true] {
        let mut a = store("a");
        a.connected(NOW, &id("b", 1));
        a.member_up(NOW, origin("b", 1, 1));
        a.disconnected(NOW, &name("b"));
        a.member_down(NOW, &origin("b", 1, 1), false);
        let later = NOW
            + if is_dropped {
                Duration::from_secs(3_600)
            } else {
                Duration::ZERO
            };
        a.timer(later);
        assert!(a.has_all_logs());
        a.connected(later, &id("b", 1));
        assert!(
            !a.has_all_logs(),
            "it may have entries, dropped: {is_dropped}"
        );
        a.member_down(later, &origin("b", 1, 1), false);
        assert!(a.has_all_logs(), "it is reported as down");
        a.connected(later, &id("b", 1));
        assert!(!a.has_all_logs());
        a.disconnected(later, &name("b"));
        assert!(a.has_all_logs());
        a.connected(later, &id("b", 1));
        a.member_up(later, origin("b", 1, 2));
        assert!(!a.has_all_logs());
        let ack = Frame::Ack {
            version: 0,
            sender_version: 0,
        };
        receive(&mut a, "b", &ack);
        assert!(a.has_all_logs());
    }
}

#[test]
fn a_node_that_has_ended_is_not_awaited_in_a_later_session() {
    let mut a = store("a");
    a.connected(NOW, &id("b", 1));
    a.member_up(NOW, origin("b", 1, 0));
    a.member_down(NOW, &origin("b", 1, 0), true);
    a.connected(NOW, &id("b", 1));
    assert!(a.has_all_logs());
}

#[test]
fn a_member_without_a_session_is_awaited_until_a_relay_with_all_its_entries_has_answered() {
    let mut net = Net::new(3, &ReplicaLimits::default());
    net.connect(0, 1);
    net.wait(Duration::from_secs(10));
    let has_all = |net: &Net| net.hosts[0].store.has_all_logs();
    assert!(!has_all(&net), "the relay does not know them either");
    net.connect(1, 2);
    net.insert(2, "x");
    net.wait(Duration::from_secs(2));
    assert!(has_all(&net));
    assert_eq!(net.shown(0, 2), ["x"]);
}

#[test]
fn the_entries_of_a_member_are_received_by_way_of_several_relays() {
    for has_entries in [false, true] {
        let mut net = Net::new(4, &ReplicaLimits::default());
        for relay in 0..3 {
            net.connect(relay, relay + 1);
        }
        if has_entries {
            net.insert(3, "x");
        }
        net.deliver_all();
        assert!(!net.hosts[0].store.has_all_logs());
        net.wait(Duration::from_secs(4));
        assert!(net.hosts.iter().all(|host| host.store.has_all_logs()));
        assert_eq!(net.shown(0, 3).len(), usize::from(has_entries));
    }
}

#[test]
fn a_member_is_awaited_after_a_relay_has_sent_a_part_of_its_entries() {
    let mut a = store("a");
    join(&mut a, "b");
    receive(&mut a, "b", &ack(0));
    a.member_up(NOW, origin("c", 1, 0));
    let part = Frame::Delta(Delta {
        origin: origin("c", 1, 0),
        from: 0,
        to: 1,
        full: None,
        more: false,
        answer: Some(Coverage::Partial),
        ops: vec![Op {
            version: 1,
            id: EntryId(1),
            kind: OpKind::Put {
                table: "t".into(),
                body: body("x"),
            },
        }],
    });
    a.timer(Duration::from_secs(1));
    receive(&mut a, "b", &part);
    assert_eq!(changes(&mut a), ["+c.1 t x"]);
    assert!(!a.has_all_logs());
    a.timer(Duration::from_secs(2));
    receive(&mut a, "b", &nothing("c", Coverage::Complete));
    assert!(a.has_all_logs());
}

#[test]
fn a_relay_answers_with_the_completeness_of_its_own_copy() {
    let mut b = store("b");
    join(&mut b, "a");
    b.member_up(NOW, origin("c", 1, 0));
    let pull = Frame::Pull {
        origin: origin("c", 1, 0),
        have: 0,
        full: None,
    };
    let coverage = |b: &mut Store| {
        receive(b, "a", &pull);
        let coverage = |(_, frame)| match frame {
            Frame::Nothing { coverage, .. } => Some(coverage),
            Frame::Delta(delta) => delta.answer,
            Frame::Pull { .. } | Frame::Ack { .. } | Frame::Digest(_) => None,
        };
        sent(b).into_iter().find_map(coverage)
    };
    assert_eq!(coverage(&mut b), Some(Coverage::Partial), "it is awaited");
    b.connected(NOW, &id("c", 1));
    assert_eq!(coverage(&mut b), Some(Coverage::Partial));
    receive(&mut b, "c", &ack(0));
    assert_eq!(coverage(&mut b), Some(Coverage::Complete));
    b.disconnected(NOW, &name("c"));
    assert_eq!(coverage(&mut b), Some(Coverage::Complete));
    let later = Frame::Pull {
        origin: origin("c", 1, 1),
        have: 0,
        full: None,
    };
    receive(&mut b, "a", &later);
    let coverage_of_later = Frame::Nothing {
        origin: origin("c", 1, 1),
        coverage: Coverage::Partial,
    };
    assert_eq!(
        sent(&mut b)[0].1,
        coverage_of_later,
        "its renewal is unknown"
    );
    b.member_down(NOW, &origin("c", 1, 0), false);
    assert_eq!(coverage(&mut b), Some(Coverage::Partial), "it is down here");
}

#[test]
fn the_entries_of_a_member_are_awaited_again_in_its_next_session() {
    let mut a = store("a");
    join(&mut a, "b");
    receive(&mut a, "b", &ack(0));
    assert!(a.has_all_logs());
    a.disconnected(NOW, &name("b"));
    assert!(a.has_all_logs(), "it was connected since it is up");
    a.connected(NOW, &id("b", 1));
    assert!(!a.has_all_logs());
    receive(&mut a, "b", &ack(0));
    assert!(a.has_all_logs());
}

#[test]
fn a_member_that_returns_is_awaited_even_if_it_was_received_before() {
    let mut a = store("a");
    join(&mut a, "b");
    join(&mut a, "c");
    receive(&mut a, "b", &ack(0));
    receive(&mut a, "c", &ack(0));
    a.disconnected(NOW, &name("c"));
    a.member_down(NOW, &origin("c", 1, 0), false);
    assert!(a.has_all_logs());
    a.member_up(NOW, origin("c", 1, 1));
    assert!(!a.has_all_logs());
    a.timer(Duration::from_secs(1));
    receive(&mut a, "b", &nothing("c", Coverage::Partial));
    assert!(!a.has_all_logs(), "the relay does not know it yet");
    a.timer(Duration::from_secs(2));
    receive(&mut a, "b", &nothing("c", Coverage::Complete));
    assert!(a.has_all_logs());
}
