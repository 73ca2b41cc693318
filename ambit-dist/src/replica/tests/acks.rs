//! Acknowledgements of the changes of this node.

use super::net::Net;
use super::*;

/// Returns the versions that were reported as acknowledged.
fn reported(store: &mut Store) -> Vec<u64> {
    let version = |action| match action {
        Action::Acknowledged { version } => Some(version),
        Action::Send { .. } | Action::Close { .. } => None,
    };
    let actions = store.take_actions().into_iter();
    actions.filter_map(version).collect()
}

#[test]
fn a_version_is_acknowledged_once_every_connected_member_has_it() {
    let mut a = store("a");
    join(&mut a, "b");
    join(&mut a, "c");
    insert(&mut a, "t", "1");
    assert!(!a.acknowledged(1), "it is not yet sent");
    a.flush();
    assert!(!a.acknowledged(1));
    assert!(a.acknowledged(0));
    receive(&mut a, "b", &ack(1));
    assert!(!a.acknowledged(1));
    assert!(reported(&mut a).is_empty());
    receive(&mut a, "c", &ack(1));
    assert!(a.acknowledged(1));
    assert_eq!(reported(&mut a), [1]);
    receive(&mut a, "c", &ack(1));
    assert!(reported(&mut a).is_empty(), "reported once");
}

#[test]
fn a_peer_that_disconnects_or_is_down_no_longer_counts() {
    for is_down in [false, true] {
        let mut a = store("a");
        join(&mut a, "b");
        join(&mut a, "c");
        insert(&mut a, "t", "1");
        a.flush();
        receive(&mut a, "b", &ack(1));
        reported(&mut a);
        if is_down {
            a.member_down(NOW, &origin("c", 1, 0), false);
        } else {
            a.disconnected(NOW, &name("c"));
        }
        assert_eq!(reported(&mut a), [1]);
        assert!(a.acknowledged(1));
    }
}

#[test]
fn a_peer_counts_before_it_is_a_member() {
    let mut a = store("a");
    a.connected(NOW, &id("b", 1));
    insert(&mut a, "t", "1");
    a.flush();
    assert!(!a.acknowledged(1));
    a.member_up(NOW, origin("b", 1, 0));
    assert!(!a.acknowledged(1));
    receive(&mut a, "b", &ack(1));
    assert!(a.acknowledged(1));
    // What it acknowledged before it was a member counts too.
    let mut a = store("a");
    a.connected(NOW, &id("b", 1));
    insert(&mut a, "t", "1");
    a.flush();
    receive(&mut a, "b", &ack(1));
    a.member_up(NOW, origin("b", 1, 0));
    assert!(a.acknowledged(1));
    // A session that outlives the leave of its node.
    a.member_down(NOW, &origin("b", 1, 0), true);
    insert(&mut a, "t", "2");
    a.flush();
    assert!(a.acknowledged(2));
}

#[test]
fn a_node_alone_acknowledges_at_once() {
    let mut a = store("a");
    insert(&mut a, "t", "1");
    a.flush();
    assert_eq!(reported(&mut a), [1]);
    assert!(a.acknowledged(1) && !a.acknowledged(2));
}

#[test]
fn each_delta_is_acknowledged_once_and_only_while_its_origin_is_visible() {
    let mut a = store("a");
    join(&mut a, "b");
    let mut b = store("b");
    join(&mut b, "a");
    for text in ["1", "2", "3"] {
        insert(&mut a, "t", text);
    }
    a.flush();
    let frames = sent(&mut a);
    assert_eq!(frames.len(), 1, "one delta for all changes");
    receive(&mut b, "a", &frames[0].1);
    assert_eq!(sent(&mut b), [("a".into(), ack(3))]);
    b.member_down(NOW, &origin("a", 1, 0), false);
    insert(&mut a, "t", "4");
    a.flush();
    receive(&mut b, "a", &sent(&mut a)[0].1);
    assert_eq!(sent(&mut b), [], "the views of b do not show it");
    b.member_up(NOW, origin("a", 1, 1));
    let pull = sent(&mut b);
    receive(&mut a, "b", &pull[0].1);
    receive(&mut b, "a", &sent(&mut a)[0].1);
    assert_eq!(sent(&mut b), [("a".into(), ack(4))]);
}

#[test]
fn an_entry_known_through_a_relay_is_acknowledged_when_its_origin_connects() {
    let mut net = Net::new(3, &ReplicaLimits::default());
    net.connect(0, 1);
    net.connect(1, 2);
    net.insert(0, "x");
    net.wait(Duration::from_secs(2));
    assert_eq!(net.shown(2, 0), ["x"]);
    net.connect(0, 2);
    assert!(!net.hosts[0].store.acknowledged(1));
    net.deliver_all();
    assert!(net.hosts[0].store.acknowledged(1));
}

#[test]
fn all_peers_receive_the_same_bytes() {
    let mut a = store("a");
    join(&mut a, "b");
    join(&mut a, "c");
    insert(&mut a, "t", "1");
    a.flush();
    let actions = a.take_actions();
    let [
        Action::Send { bytes: one, .. },
        Action::Send { bytes: other, .. },
    ] = &*actions
    else {
        panic!("{actions:?}");
    };
    assert_eq!(one.as_ptr(), other.as_ptr());
    a.flush();
    assert!(a.take_actions().is_empty(), "nothing has changed since");
}

#[test]
fn a_peer_that_does_not_acknowledge_is_not_pushed_more_than_its_window() {
    let limits = ReplicaLimits {
        unacknowledged: 1_000,
        ..ReplicaLimits::default()
    };
    let mut a = limited("a", limits);
    join(&mut a, "b");
    let mut pushed = 0;
    for _ in 0..100 {
        insert(&mut a, "t", &"x".repeat(100));
        a.flush();
        for action in a.take_actions() {
            if let Action::Send { bytes, .. } = action {
                pushed += bytes.len();
            }
        }
    }
    assert!((800..=1_000).contains(&pushed), "{pushed}");
    // It has received all that was pushed, and learns what it missed.
    receive(&mut a, "b", &ack(2));
    assert_eq!(sent(&mut a), [], "there is still more on the way");
    receive(&mut a, "b", &ack(50));
    let news = sent(&mut a);
    let [(_, Frame::Digest(summaries))] = &*news else {
        panic!("{news:?}");
    };
    assert_eq!(summaries[0].version, 100);
    insert(&mut a, "t", "1");
    a.flush();
    assert!(
        matches!(&*sent(&mut a), [(_, Frame::Delta(_))]),
        "pushed again"
    );
}

/// Returns whether a push of 100 bytes goes out as a delta with this window.
fn is_pushed(a: &mut Store) -> bool {
    insert(a, "t", &"x".repeat(100));
    a.flush();
    matches!(&*sent(a), [(_, Frame::Delta(_))])
}

#[test]
fn a_push_may_fill_the_window_and_an_acknowledgement_empties_it() {
    let length = {
        let mut a = store("a");
        join(&mut a, "b");
        insert(&mut a, "t", &"x".repeat(100));
        a.flush();
        let [Action::Send { bytes, .. }] = &*a.take_actions() else {
            panic!("one push");
        };
        bytes.len()
    };
    let with = |unacknowledged| {
        let mut a = limited(
            "a",
            ReplicaLimits {
                unacknowledged,
                ..ReplicaLimits::default()
            },
        );
        join(&mut a, "b");
        a
    };
    assert!(!is_pushed(&mut with(length - 1)));
    let mut a = with(length);
    assert!(is_pushed(&mut a));
    receive(&mut a, "b", &ack(1));
    assert!(is_pushed(&mut a));
    // Not acknowledged.
    assert!(!is_pushed(&mut a));
}

#[test]
fn a_peer_that_acknowledges_each_push_after_the_next_one_is_always_pushed() {
    let limits = ReplicaLimits {
        unacknowledged: 1_000,
        ..ReplicaLimits::default()
    };
    let mut a = limited("a", limits);
    join(&mut a, "b");
    for version in 0..100 {
        assert!(is_pushed(&mut a), "after version {version}");
        receive(&mut a, "b", &ack(version));
    }
}

#[test]
fn changes_longer_than_the_window_are_announced_and_pulled() {
    let limits = ReplicaLimits {
        unacknowledged: 1_000,
        ..ReplicaLimits::default()
    };
    let mut net = Net::connected(2, &limits);
    let store = &mut net.hosts[0].store;
    for _ in 0..100 {
        insert(store, "t", &"x".repeat(100));
    }
    store.flush();
    let frames = sent(store);
    assert!(matches!(&*frames, [(_, Frame::Digest(_))]), "{frames:?}");
    net.wait(Duration::from_secs(10));
    assert_eq!(net.shown(1, 0).len(), 100);
    assert!(net.hosts[0].store.acknowledged(100));
}

#[test]
fn removals_that_were_forgotten_before_a_push_are_not_skipped() {
    let limits = ReplicaLimits {
        tombstones: 2,
        ..ReplicaLimits::default()
    };
    let mut net = Net::connected(2, &limits);
    let ids: Vec<_> = (0..5).map(|_| net.insert(0, "x")).collect();
    net.deliver_all();
    for id in &ids[..4] {
        net.hosts[0].store.remove(*id);
    }
    net.hosts[0].store.flush();
    net.act(0);
    net.deliver_all();
    assert_eq!(net.shown(1, 0), ["x"]);
}

/// Delivers all frames. Before each, no entry of the second host is acknowledged while it lacks one of the first.
fn deliver_all_checked(net: &mut Net, entries: usize) {
    for route in 0.. {
        let known = net.shown(1, 0).len();
        let is_acknowledged = net.hosts[1].store.acknowledged(1);
        assert!(
            !is_acknowledged || known == entries,
            "after {route} frames it has {known}"
        );
        if !net.deliver(route) {
            break;
        }
    }
    net.wait(Duration::from_secs(10));
    assert_eq!(net.shown(1, 0).len(), entries);
    assert!(net.hosts[1].store.acknowledged(1));
}

#[test]
fn a_node_that_joins_is_acknowledged_once_it_has_the_entries_of_the_member() {
    let limits = ReplicaLimits {
        chunk: 440,
        ..ReplicaLimits::default()
    };
    let mut net = Net::new(2, &limits);
    for _ in 0..30 {
        net.insert(0, &"x".repeat(100));
    }
    net.connect(0, 1);
    net.insert(1, "y");
    deliver_all_checked(&mut net, 30);
}

#[test]
fn a_node_that_is_behind_is_acknowledged_once_it_has_the_entries_of_the_member() {
    let limits = ReplicaLimits {
        unacknowledged: 1_000,
        ..ReplicaLimits::default()
    };
    let mut net = Net::connected(2, &limits);
    for _ in 0..30 {
        net.insert(0, &"x".repeat(100));
    }
    net.insert(1, "y");
    deliver_all_checked(&mut net, 30);
}

/// Returns a store that closes the sessions of peers that acknowledge nothing.
fn impatient(name: &str) -> Store {
    let settings = ReplicaSettings::default();
    Store::new(origin(name, 1, 0), settings, ReplicaLimits::default(), 7)
}

/// Runs the timers until `end`, from time to time.
fn run_until(store: &mut Store, from: u64, end: u64) -> Vec<String> {
    let mut texts = Vec::new();
    for second in from..=end {
        store.timer(Duration::from_secs(second));
        texts.extend(closed(store));
    }
    texts
}

#[test]
fn the_session_with_a_member_that_acknowledges_nothing_is_closed() {
    let text = ["b: no replicated entry was acknowledged for 30s"];
    // It claims versions of its own entries that do not exist, or says nothing at all.
    for sender_version in [None, Some(u64::MAX)] {
        let mut a = impatient("a");
        join(&mut a, "b");
        receive(&mut a, "b", &ack(0));
        insert(&mut a, "t", "1");
        a.flush();
        if let Some(sender_version) = sender_version {
            let version = 1;
            let ack = Frame::Ack {
                version,
                sender_version,
            };
            receive(&mut a, "b", &ack);
        }
        assert!(run_until(&mut a, 1, 30).is_empty());
        assert!(!a.acknowledged(1));
        assert_eq!(run_until(&mut a, 31, 45), text);
        assert!(a.acknowledged(1));
    }
    // It never acknowledges the state of the node.
    let mut a = impatient("a");
    a.connected(NOW, &id("b", 1));
    a.take_actions();
    assert_eq!(run_until(&mut a, 1, 45), text);
}

#[test]
fn a_member_that_acknowledges_slowly_keeps_its_session() {
    let mut a = impatient("a");
    join(&mut a, "b");
    for version in 1..20 {
        insert(&mut a, "t", "1");
        insert(&mut a, "t", "2");
        a.flush();
        receive(&mut a, "b", &ack(version));
        let from = version * 20;
        assert!(run_until(&mut a, from, from + 20).is_empty());
        assert!(!a.acknowledged(2 * version));
    }
    // Nothing is left to acknowledge.
    receive(&mut a, "b", &ack(38));
    assert!(run_until(&mut a, 420, 600).is_empty());
}

#[test]
fn a_member_that_transfers_entries_for_a_long_time_keeps_its_session() {
    let pull = |have, full| Frame::Pull {
        origin: origin("a", 1, 0),
        have,
        full,
    };
    for full in [None, Some(0)] {
        let mut a = impatient("a");
        for number in 0..100 {
            insert(&mut a, "t", &number.to_string());
        }
        a.flush();
        join(&mut a, "b");
        // One chunk every 20 s.
        for have in 1..20 {
            receive(&mut a, "b", &pull(have, full));
            a.take_actions();
            assert!(run_until(&mut a, have * 20, have * 20 + 20).is_empty());
        }
        // The same requests again are no progress.
        let closed: Vec<_> = (1..5)
            .flat_map(|round| {
                receive(&mut a, "b", &pull(round, full));
                a.take_actions();
                run_until(&mut a, 380 + round * 20, 400 + round * 20)
            })
            .collect();
        assert_eq!(closed, ["b: no replicated entry was acknowledged for 30s"]);
    }
}

#[test]
fn a_member_that_begins_full_transfers_again_and_again_loses_its_session() {
    let mut a = impatient("a");
    insert(&mut a, "t", "1");
    a.flush();
    join(&mut a, "b");
    let closed: Vec<_> = (1..40)
        .flat_map(|round| {
            let pull = Frame::Pull {
                origin: origin("a", 1, 0),
                have: 0,
                full: Some(round),
            };
            receive(&mut a, "b", &pull);
            a.take_actions();
            run_until(&mut a, round * 20, round * 20 + 20)
        })
        .collect();
    assert_eq!(closed, ["b: no replicated entry was acknowledged for 30s"]);
}
