//! Whether a node has received the entries of all members that are up.

use super::net::Net;
use super::*;

fn nothing(name: &str) -> Frame {
    Frame::Nothing {
        origin: origin(name, 1, 0),
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
fn a_member_without_a_session_is_awaited_until_a_relay_has_answered() {
    for is_known in [false, true] {
        let mut net = Net::new(3, &ReplicaLimits::default());
        if is_known {
            net.connect(1, 2);
            net.insert(2, "x");
            net.deliver_all();
        }
        net.connect(0, 1);
        net.deliver_all();
        assert!(!net.hosts[0].store.has_all_logs());
        net.wait(Duration::from_secs(2));
        assert!(net.hosts[0].store.has_all_logs());
        assert_eq!(net.shown(0, 2).len(), usize::from(is_known));
    }
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
    receive(&mut a, "b", &nothing("c"));
    assert!(a.has_all_logs());
}
