//! Reports of the membership in any order.

use super::net::Net;
use super::*;

/// A store with the entry 1 of the incarnation 5 of `b`, with renewal 3.
fn with_member() -> Store {
    let mut a = store("a");
    a.member_up(NOW, origin("b", 5, 3));
    a.connected(NOW, &id("b", 5));
    let mut b = Store::new(origin("b", 5, 3), patient(), ReplicaLimits::default(), 7);
    join(&mut b, "a");
    insert(&mut b, "t", "x");
    b.flush();
    receive(&mut a, "b", &sent(&mut b)[0].1);
    assert_eq!(changes(&mut a), ["+b.1 t x"]);
    a.take_actions();
    a
}

#[test]
fn reports_about_earlier_incarnations_and_renewals_are_ignored() {
    let mut a = with_member();
    for (incarnation, renewal) in [(4, 9), (5, 2), (5, 3)] {
        a.member_up(NOW, origin("b", incarnation, renewal));
    }
    a.member_down(NOW, &origin("b", 4, 9), true);
    a.member_down(NOW, &origin("b", 5, 2), false);
    assert!(changes(&mut a).is_empty());
    assert_eq!(a.counts().members, 1);
    assert_eq!(a.counts().remembered, 0);
}

#[test]
fn a_later_renewal_keeps_the_entries() {
    let mut a = with_member();
    a.member_up(NOW, origin("b", 5, 4));
    assert!(changes(&mut a).is_empty());
    a.member_down(NOW, &origin("b", 5, 3), false);
    assert!(
        changes(&mut a).is_empty(),
        "the report is older than the renewal"
    );
    a.member_down(NOW, &origin("b", 5, 6), false);
    assert_eq!(changes(&mut a), ["-b.1 t"]);
    a.member_up(NOW, origin("b", 5, 5));
    assert!(changes(&mut a).is_empty());
    a.member_up(NOW, origin("b", 5, 7));
    assert_eq!(changes(&mut a), ["+b.1 t x"]);
}

#[test]
fn a_hidden_node_is_dropped_by_the_first_timer_after_its_grace_and_by_none_before() {
    let grace = ReplicaSettings::default().grace;
    let before = grace.saturating_sub(Duration::from_millis(1));
    let mut a = with_member();
    a.member_down(NOW, &origin("b", 5, 3), false);
    assert_eq!(changes(&mut a), ["-b.1 t"]);
    a.timer(before);
    a.member_up(before, origin("b", 5, 4));
    assert_eq!(changes(&mut a), ["+b.1 t x"]);
    a.member_down(before, &origin("b", 5, 4), false);
    a.timer(3 * grace);
    assert_eq!(a.counts().members, 0);
}

#[test]
fn a_later_incarnation_replaces_the_entries_for_good() {
    for is_hidden in [false, true] {
        let mut a = with_member();
        if is_hidden {
            a.member_down(NOW, &origin("b", 5, 3), false);
            assert_eq!(changes(&mut a), ["-b.1 t"]);
        }
        a.member_up(NOW, origin("b", 6, 0));
        let expected: &[&str] = if is_hidden { &[] } else { &["-b.1 t"] };
        assert_eq!(changes(&mut a), expected);
        assert_eq!(a.counts().bytes, 0);
        a.member_down(NOW, &origin("b", 6, 0), true);
        a.member_up(NOW, origin("b", 5, 9));
        assert_eq!(a.counts().members, 0);
    }
}

#[test]
fn the_end_of_a_later_incarnation_ends_the_earlier_one() {
    let mut a = with_member();
    a.member_down(NOW, &origin("b", 6, 0), false);
    assert_eq!(changes(&mut a), ["-b.1 t"]);
    assert_eq!(a.counts().members, 0);
    a.member_up(NOW, origin("b", 5, 9));
    assert_eq!(a.counts().members, 0, "the earlier one has ended");
    a.member_up(NOW, origin("b", 6, 0));
    assert_eq!(a.counts().members, 1);
}

#[test]
fn a_second_report_does_not_prolong_the_grace() {
    let mut a = with_member();
    a.member_down(NOW, &origin("b", 5, 3), false);
    a.member_down(Duration::from_secs(20), &origin("b", 5, 3), false);
    assert_eq!(changes(&mut a), ["-b.1 t"]);
    a.timer(Duration::from_secs(30));
    assert_eq!(a.counts().members, 0);
    assert!(changes(&mut a).is_empty());
}

#[test]
fn a_node_that_leaves_while_it_is_hidden_is_dropped_at_once() {
    let mut a = with_member();
    a.member_down(NOW, &origin("b", 5, 3), false);
    a.member_down(NOW, &origin("b", 5, 3), true);
    assert_eq!((a.counts().members, a.counts().hidden), (0, 0));
    assert_eq!(changes(&mut a), ["-b.1 t"]);
    a.disconnected(NOW, &name("b"));
    assert_eq!(a.deadline(), None);
}

#[test]
fn reports_about_this_node_itself_are_ignored() {
    let mut a = store("a");
    insert(&mut a, "t", "x");
    a.take_changes();
    for incarnation in [1, 2] {
        a.member_up(NOW, origin("a", incarnation, 1));
        a.member_down(NOW, &origin("a", incarnation, 1), true);
        a.connected(NOW, &id("a", incarnation));
    }
    assert!(changes(&mut a).is_empty());
    let counts = a.counts();
    assert_eq!((counts.members, counts.peers, counts.remembered), (0, 0, 0));
}

#[test]
fn changes_of_a_node_that_is_no_member_are_ignored_until_it_is_one() {
    let mut net = Net::connected(2, &ReplicaLimits::default());
    net.crash(0);
    net.connect(0, 1);
    net.insert(0, "x");
    net.deliver_all();
    assert!(
        net.shown(1, 0).is_empty(),
        "b still knows the earlier incarnation"
    );
    net.learn(1, 0);
    net.deliver_all();
    assert_eq!(net.shown(1, 0), ["x"]);
    assert!(net.violations().is_empty());
}

#[test]
fn changes_with_an_unknown_renewal_are_ignored_until_it_is_reported() {
    let mut net = Net::connected(2, &ReplicaLimits::default());
    net.renew(0);
    net.insert(0, "x");
    net.wait(Duration::from_secs(11));
    assert!(net.shown(1, 0).is_empty());
    net.learn(1, 0);
    net.deliver_all();
    assert_eq!(net.shown(1, 0), ["x"]);
}

#[test]
fn an_entry_is_found_only_while_its_node_is_up() {
    let mut a = with_member();
    let own = insert(&mut a, "t", "y");
    let b = id("b", 5);
    assert_eq!(a.get(&id("a", 1), own), Some(&body("y")));
    assert_eq!(a.get(&b, EntryId(1)), Some(&body("x")));
    assert_eq!(a.get(&id("b", 4), EntryId(1)), None);
    let all: Vec<_> = a.open_table("t").iter().map(describe).collect();
    assert_eq!(all, ["+a.1 t y", "+b.1 t x"]);
    assert!(a.open_table("u").is_empty());
    a.member_down(NOW, &origin("b", 5, 3), false);
    assert_eq!(a.get(&b, EntryId(1)), None);
    assert_eq!(a.open_table("t").len(), 1);
}

/// `b` is renewed between the request of `a` and its answer, and the membership reports that to `a` last.
#[test]
fn an_answer_of_a_renewal_that_is_still_unknown_is_requested_again() {
    let mut a = store("a");
    let mut b = store("b");
    join(&mut b, "a");
    insert(&mut b, "t", "x");
    b.flush();
    b.take_actions();
    a.connected(NOW, &id("b", 1));
    a.member_up(NOW, origin("b", 1, 0));
    let request = |a: &mut Store| {
        let mut frames = sent(a).into_iter().map(|(_, frame)| frame);
        frames.find(|frame| matches!(frame, Frame::Pull { .. }))
    };
    let first = request(&mut a).expect("a request");
    b.renewed(1);
    receive(&mut b, "a", &first);
    for (_, answer) in sent(&mut b) {
        receive(&mut a, "b", &answer);
    }
    assert!(changes(&mut a).is_empty(), "the renewal is not known");
    a.member_up(NOW, origin("b", 1, 1));
    let second = request(&mut a).expect("another request");
    receive(&mut b, "a", &second);
    for (_, answer) in sent(&mut b) {
        receive(&mut a, "b", &answer);
    }
    assert_eq!(changes(&mut a), ["+b.1 t x"]);
}

#[test]
fn entries_move_to_a_new_identity_of_this_node() {
    let mut a = store("a");
    insert(&mut a, "t", "x");
    assert_eq!(changes(&mut a), ["+a.1 t x"]);
    a.set_own(&id("a", 1));
    assert_eq!(changes(&mut a), Vec::<String>::new());
    a.set_own(&id("a", 2));
    let moved = a.take_changes();
    let origins: Vec<_> = moved
        .iter()
        .map(|change| match change {
            Change::Put { origin, .. } => (true, origin.clone()),
            Change::Removed { origin, .. } => (false, origin.clone()),
        })
        .collect();
    assert_eq!(origins, [(false, id("a", 1)), (true, id("a", 2))]);
}
