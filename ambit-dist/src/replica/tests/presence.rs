//! Cases of presence that the store decides.

use super::net::Net;
use super::*;

const GRACE: Duration = Duration::from_secs(30);

fn net(hosts: usize) -> Net {
    Net::new(hosts, &ReplicaLimits::default())
}

fn connected(hosts: usize) -> Net {
    Net::connected(hosts, &ReplicaLimits::default())
}

#[test]
fn pres_12_the_entries_of_a_node_down_beyond_its_grace_are_dropped_for_good() {
    let mut net = connected(2);
    net.insert(0, "x");
    net.deliver_all();
    assert_eq!(net.shown(1, 0), ["x"]);
    net.cut(0, 1);
    net.suspect(1, 0);
    assert!(net.shown(1, 0).is_empty(), "hidden at once");
    net.wait(GRACE - Duration::from_millis(1));
    assert_eq!(net.hosts[1].store.counts().hidden, 1);
    net.wait(Duration::from_millis(1));
    let counts = net.hosts[1].store.counts();
    assert_eq!((counts.hidden, counts.members, counts.bytes), (0, 0, 0));
    let ended = net.origin(0);
    net.crash(0);
    net.insert(0, "y");
    net.learn(1, 0);
    net.learn(0, 1);
    net.connect(0, 1);
    net.deliver_all();
    assert_eq!(net.shown(1, 0), ["y"], "the later incarnation is new");
    net.hosts[1].store.member_up(net.now, ended);
    net.act(1);
    net.wait(GRACE);
    assert_eq!(net.shown(1, 0), ["y"], "the earlier one has ended");
}

#[test]
fn pres_13_pg_10_an_earlier_incarnation_does_not_return_through_third_parties() {
    let mut net = connected(3);
    net.insert(0, "ghost");
    net.deliver_all();
    let ghost = net.origin(0);
    // c does not see that a has restarted.
    net.cut(0, 2);
    net.crash(0);
    net.learn(1, 0);
    net.connect(0, 1);
    net.learn(0, 1);
    assert_eq!(
        net.shown(2, 0),
        Vec::<String>::new(),
        "nothing of the new one"
    );
    let is_old = |net: &Net, host: usize| {
        let mut shown = net.hosts[host].view.0.keys();
        shown.any(|(origin, _)| *origin == ghost.id)
    };
    assert!(is_old(&net, 2) && !is_old(&net, 1));
    net.hosts[1].store.member_up(net.now, ghost.clone());
    net.act(1);
    net.wait(Duration::from_secs(60));
    assert!(
        !is_old(&net, 1),
        "c's digests show the ghost, b ignores them"
    );
    net.learn(2, 0);
    net.wait(Duration::from_secs(60));
    assert!(!is_old(&net, 2) && !is_old(&net, 1));
    assert!(net.violations().is_empty());
}

#[test]
fn pres_14_a_graceful_leave_drops_entries_at_once() {
    let mut net = connected(2);
    net.insert(0, "x");
    net.deliver_all();
    let left = net.origin(0);
    net.hosts[1].store.member_down(net.now, &left, true);
    net.act(1);
    assert!(net.shown(1, 0).is_empty());
    let counts = net.hosts[1].store.counts();
    assert_eq!((counts.hidden, counts.members, counts.bytes), (0, 0, 0));
    // It has ended, so late reports do not bring it back.
    net.learn(1, 0);
    assert_eq!(net.hosts[1].store.counts().members, 0);
}

#[test]
fn a_node_that_was_reported_to_have_left_by_mistake_returns_renewed() {
    let mut net = connected(2);
    net.insert(0, "x");
    net.deliver_all();
    let left = net.origin(0);
    net.hosts[1].store.member_down(net.now, &left, true);
    net.act(1);
    assert!(net.shown(1, 0).is_empty());
    net.renew(0);
    net.learn(1, 0);
    net.deliver_all();
    assert_eq!(net.shown(1, 0), ["x"]);
    assert!(net.violations().is_empty());
}

#[test]
fn pres_15_merging_the_same_changes_twice_changes_nothing() {
    let mut a = store("a");
    join(&mut a, "b");
    let first = insert(&mut a, "t", "1");
    insert(&mut a, "t", "2");
    a.flush();
    a.remove(first);
    a.flush();
    let frames: Vec<_> = sent(&mut a).into_iter().map(|(_, frame)| frame).collect();
    assert_eq!(frames.len(), 2);
    let mut b = store("b");
    join(&mut b, "a");
    frames.iter().for_each(|frame| receive(&mut b, "a", frame));
    assert_eq!(changes(&mut b), ["+a.1 t 1", "+a.2 t 2", "-a.1 t"]);
    sent(&mut b);
    frames.iter().for_each(|frame| receive(&mut b, "a", frame));
    assert!(changes(&mut b).is_empty());
    assert_eq!(sent(&mut b), [], "nothing is missing");
}

#[test]
fn pres_15_replicas_agree_whatever_the_order_between_nodes() {
    let mut net = connected(3);
    for host in 0..3 {
        let id = net.insert(host, "x");
        net.insert(host, "y");
        net.remove(host, id);
    }
    // Backwards: the last route first.
    while net.deliver(usize::MAX) {}
    for host in 0..3 {
        (0..3).for_each(|of| assert_eq!(net.shown(host, of), ["y"]));
    }
}

#[test]
fn pres_16_a_removal_cancels_only_the_entry_that_it_names() {
    let mut net = connected(3);
    let first = net.insert(0, "key");
    net.deliver_all();
    net.insert(1, "key");
    net.remove(0, first);
    net.deliver_all();
    assert_eq!(net.shown(2, 0), Vec::<String>::new());
    assert_eq!(net.shown(2, 1), ["key"], "the concurrent one stays");
    let again = net.insert(0, "key");
    net.deliver_all();
    assert_ne!(again, first, "ids are not reused");
    assert_eq!(net.shown(2, 0), ["key"]);
}

#[test]
fn pres_17_changes_become_visible_through_a_third_node() {
    let mut net = net(3);
    net.connect(0, 1);
    net.connect(1, 2);
    let id = net.insert(0, "x");
    net.insert(0, "y");
    net.wait(Duration::from_secs(2));
    assert_eq!(net.shown(2, 0), ["x", "y"]);
    net.remove(0, id);
    net.wait(Duration::from_secs(2));
    assert_eq!(net.shown(2, 0), ["y"]);
    assert_eq!(net.shown(2, 1), Vec::<String>::new());
    assert!(net.violations().is_empty());
}

#[test]
fn pres_17_with_a_session_only_the_origin_is_asked() {
    let mut c = store("c");
    c.member_up(NOW, origin("a", 1, 0));
    join(&mut c, "b");
    c.connected(NOW, &id("a", 1));
    sent(&mut c);
    let digest = Frame::Digest(vec![Summary {
        origin: origin("a", 1, 0),
        version: 3,
        hash: 7,
    }]);
    receive(&mut c, "b", &digest);
    let asked = sent(&mut c);
    assert!(matches!(&*asked, [(to, Frame::Pull { have: 0, .. })] if to == "a"));
    c.disconnected(NOW, &name("a"));
    receive(&mut c, "b", &digest);
    let asked = sent(&mut c);
    assert!(matches!(&*asked, [(to, Frame::Pull { have: 0, .. })] if to == "b"));
}

#[test]
fn pres_18_entries_of_a_node_that_is_down_are_hidden_and_return() {
    let mut net = connected(2);
    let first = net.insert(0, "x");
    net.insert(0, "y");
    net.deliver_all();
    net.suspect(1, 0);
    assert!(net.shown(1, 0).is_empty());
    assert_eq!(net.hosts[1].store.counts().hidden, 2);
    // The session survives, so changes are still merged.
    net.remove(0, first);
    net.insert(0, "z");
    net.deliver_all();
    assert!(net.shown(1, 0).is_empty());
    net.renew(0);
    net.learn(1, 0);
    assert_eq!(net.shown(1, 0), ["y", "z"], "shown at once");
    net.wait(2 * GRACE);
    assert_eq!(net.shown(1, 0), ["y", "z"], "the grace does not end later");
    assert!(net.violations().is_empty());
}

#[test]
fn pres_18_a_node_that_was_dropped_by_mistake_returns_renewed() {
    let mut net = connected(2);
    net.insert(0, "x");
    net.deliver_all();
    net.suspect(1, 0);
    net.wait(GRACE);
    assert_eq!(net.hosts[1].store.counts().members, 0);
    net.renew(0);
    net.learn(1, 0);
    net.deliver_all();
    assert_eq!(net.shown(1, 0), ["x"]);
}

/// The membership has forgotten that the node was down, so the node has not renewed.
#[test]
fn pres_18_a_node_that_was_forgotten_by_the_membership_returns_with_its_renewal() {
    for is_dropped in [false, true] {
        let mut net = connected(2);
        net.insert(0, "x");
        net.deliver_all();
        net.suspect(1, 0);
        assert!(net.shown(1, 0).is_empty());
        if is_dropped {
            net.wait(GRACE);
            assert_eq!(net.hosts[1].store.counts().members, 0);
        }
        net.learn(1, 0);
        net.deliver_all();
        assert_eq!(net.shown(1, 0), ["x"]);
        net.wait(2 * GRACE);
        assert_eq!(net.shown(1, 0), ["x"], "the grace does not end later");
    }
}

#[test]
fn pres_19_changes_after_a_gap_are_not_merged_but_requested() {
    let mut a = store("a");
    join(&mut a, "b");
    let mut frames = Vec::new();
    for text in ["1", "2", "3"] {
        insert(&mut a, "t", text);
        a.flush();
        frames.extend(sent(&mut a));
    }
    let mut b = store("b");
    join(&mut b, "a");
    receive(&mut b, "a", &frames[0].1);
    sent(&mut b);
    changes(&mut b);
    receive(&mut b, "a", &frames[2].1);
    assert!(changes(&mut b).is_empty());
    let pull = sent(&mut b);
    let [(to, pull)] = &*pull else {
        panic!("{pull:?}");
    };
    assert_eq!(to, "a");
    assert!(matches!(
        pull,
        Frame::Pull {
            have: 1,
            full: None,
            ..
        }
    ));
    receive(&mut b, "a", &frames[2].1);
    assert_eq!(sent(&mut b), [], "one request is enough");
    receive(&mut a, "b", pull);
    receive(&mut b, "a", &sent(&mut a)[0].1);
    assert_eq!(changes(&mut b), ["+a.2 t 2", "+a.3 t 3"]);
}

#[test]
fn pres_20_one_peer_is_asked_for_what_is_missing() {
    let mut d = store("d");
    d.member_up(NOW, origin("a", 1, 0));
    join(&mut d, "b");
    join(&mut d, "c");
    let digest = Frame::Digest(vec![Summary {
        origin: origin("a", 1, 0),
        version: 3,
        hash: 7,
    }]);
    receive(&mut d, "b", &digest);
    receive(&mut d, "c", &digest);
    let asked = sent(&mut d);
    assert!(matches!(&*asked, [(to, Frame::Pull { .. })] if to == "b"));
    // The relay is lost, and another one takes over.
    d.disconnected(NOW, &name("b"));
    receive(&mut d, "c", &digest);
    let asked = sent(&mut d);
    assert!(matches!(&*asked, [(to, Frame::Pull { .. })] if to == "c"));
}

#[test]
fn pres_20_a_relay_that_does_not_answer_is_replaced() {
    let mut d = store("d");
    d.member_up(NOW, origin("a", 1, 0));
    join(&mut d, "b");
    join(&mut d, "c");
    let mut asked = Vec::new();
    while let Some(at) = d.deadline().filter(|at| *at < Duration::from_secs(60)) {
        d.timer(at);
        let pulls = sent(&mut d).into_iter();
        let pulls = pulls.filter(|(_, frame)| matches!(frame, Frame::Pull { .. }));
        asked.extend(pulls.map(|(to, _)| (at.as_secs(), to)));
    }
    asked.sort();
    let at: Vec<_> = asked.iter().map(|(at, _)| *at).collect();
    assert_eq!(at, [1, 6], "each is asked once, one after the other");
    assert_ne!(asked[0].1, asked[1].1);
    assert_eq!(d.counts().pulls, 2);
}
