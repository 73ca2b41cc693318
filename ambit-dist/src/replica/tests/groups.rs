//! Cases of process groups that the store decides.

use super::net::Net;
use super::*;

fn net(hosts: usize) -> Net {
    Net::new(hosts, &ReplicaLimits::default())
}

fn connected(hosts: usize) -> Net {
    Net::connected(hosts, &ReplicaLimits::default())
}

#[test]
fn pg_08_a_node_that_connects_later_receives_everything() {
    let mut net = net(3);
    net.connect(0, 1);
    net.insert(0, "x");
    net.insert(1, "y");
    net.deliver_all();
    net.connect(2, 0);
    net.connect(2, 1);
    net.deliver_all();
    assert_eq!(
        (net.shown(2, 0), net.shown(2, 1)),
        (vec!["x".into()], vec!["y".into()])
    );
}

#[test]
fn pg_10_an_entry_removed_during_a_split_does_not_return() {
    let mut net = connected(4);
    let before = net.insert(0, "before");
    let during = net.insert(0, "during");
    net.deliver_all();
    net.remove(0, before);
    net.deliver_all();
    for (one, other) in [(0, 2), (0, 3), (1, 2), (1, 3)] {
        net.cut(one, other);
    }
    net.remove(0, during);
    net.insert(2, "other side");
    net.wait(Duration::from_secs(20));
    assert_eq!(net.shown(3, 0), ["during"]);
    for (one, other) in [(0, 2), (0, 3), (1, 2), (1, 3)] {
        net.connect(one, other);
    }
    net.wait(Duration::from_secs(20));
    for host in 0..4 {
        assert!(net.shown(host, 0).is_empty());
        assert_eq!(net.shown(host, 2), ["other side"]);
    }
}

#[test]
fn pg_13_a_full_transfer_replaces_what_contradicts_it() {
    let mut net = connected(2);
    net.insert(1, "own");
    let stale = net.insert(0, "stale");
    let other = net.insert(0, "before");
    net.insert(0, "kept");
    net.deliver_all();
    net.cut(0, 1);
    net.hosts[0].store.remove(stale);
    net.hosts[0].store.update(other, body("after")).unwrap();
    net.insert(0, "missing");
    // The origin no longer knows its removals.
    net.hosts[0].store.forget_removals();
    net.connect(0, 1);
    net.deliver_all();
    assert_eq!(net.shown(1, 0), ["after", "kept", "missing"]);
    assert_eq!(net.shown(1, 1), ["own"]);
    assert_eq!(net.hosts[1].store.counts().events.replacements, 1);
}
