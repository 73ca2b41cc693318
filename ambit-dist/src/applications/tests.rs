//! The decisions of controllers, without a network.

use std::collections::BTreeSet;

use super::decision::{ClusterView, Decider, Decision};
use super::node_order::NodeOrder;
use super::start_type::StartType;
use crate::node::id::NodeName;

fn name(name: &str) -> NodeName {
    name.parse().unwrap()
}

fn names(names: &str) -> BTreeSet<NodeName> {
    names.split_whitespace().map(name).collect()
}

/// Returns the view with these candidates, separated by spaces; `-` is no holder.
fn view(candidates: &str, holder: &str) -> ClusterView {
    ClusterView {
        candidates: names(candidates),
        holder: (holder != "-").then(|| name(holder)),
        ..ClusterView::default()
    }
}

/// Returns an order of groups, separated by commas.
fn order(groups: &str) -> NodeOrder {
    let mut order = NodeOrder::default();
    for group in groups.split(',') {
        order.push(group.split_whitespace().map(str::to_owned).collect());
    }
    order
}

fn decider(own: &str, groups: &str) -> Decider {
    Decider::new(name(own), order(groups), false)
}

fn chosen(groups: &str, candidates: &str, holder: Option<&str>) -> Option<String> {
    let (order, candidates) = (order(groups), names(candidates));
    let chosen = order.choose(&candidates, holder.map(name).as_ref());
    chosen.map(|node| node.as_str().to_owned())
}

#[test]
fn the_first_group_with_a_candidate_is_chosen() {
    assert_eq!(chosen("c,a,b", "a b c", None).as_deref(), Some("c"));
    assert_eq!(chosen("c,a,b", "a b", Some("b")).as_deref(), Some("a"));
    assert_eq!(chosen("c,a,b", "x", None), None);
}

#[test]
fn an_equal_node_keeps_the_application() {
    assert_eq!(chosen("a,b c", "b c", Some("c")).as_deref(), Some("c"));
    assert_eq!(chosen("a,b c", "b c", None).as_deref(), Some("b"));
    assert_eq!(chosen("a,b c", "b c", Some("a")).as_deref(), Some("b"));
}

#[test]
fn the_priority_falls_with_the_order() {
    let order = order("a,b c,d");
    let priority = |node| order.priority(&name(node));
    assert!(priority("a") > priority("b"));
    assert_eq!(priority("b"), priority("c"));
    assert!(priority("c") > priority("d"));
    assert!(priority("d") > priority("x"));
}

#[test]
fn the_first_start_waits_for_all_nodes_or_the_sync_time() {
    let mut a = decider("a", "a,b");
    assert_eq!(a.decide(&view("a", "-"), false), Decision::Nothing);
    let both = decider("a", "a,b").decide(&view("a b", "-"), false);
    assert_eq!(both, Decision::Start(StartType::Normal));
    a.sync_over();
    let alone = a.decide(&view("a", "-"), false);
    assert_eq!(alone, Decision::Start(StartType::Normal));
}

#[test]
fn a_node_that_is_not_chosen_does_nothing() {
    let mut b = decider("b", "a,b");
    assert_eq!(b.decide(&view("a b", "-"), false), Decision::Nothing);
    assert_eq!(b.decide(&view("a b", "a"), false), Decision::Nothing);
}

#[test]
fn a_failover_waits_once_and_names_the_lost_node() {
    let mut b = decider("b", "a,b");
    assert_eq!(b.decide(&view("a b", "a"), false), Decision::Nothing);
    let lost = view("b", "-");
    assert_eq!(b.decide(&lost, false), Decision::WaitForFailover(1));
    assert_eq!(b.decide(&lost, false), Decision::Nothing);
    b.failover_over(1);
    let from = name("a");
    let failover = Decision::Start(StartType::Failover { from });
    assert_eq!(b.decide(&lost, false), failover);
}

#[test]
fn a_node_that_returns_within_the_failover_time_keeps_the_application() {
    let mut b = decider("b", "a,b");
    b.decide(&view("a b", "a"), false);
    assert_eq!(
        b.decide(&view("b", "-"), false),
        Decision::WaitForFailover(1)
    );
    assert_eq!(b.decide(&view("a b", "a"), false), Decision::Nothing);
    // The end of the first wait says nothing about a second loss.
    assert_eq!(
        b.decide(&view("b", "-"), false),
        Decision::WaitForFailover(2)
    );
    b.failover_over(1);
    assert_eq!(b.decide(&view("b", "-"), false), Decision::Nothing);
}

#[test]
fn a_second_loss_waits_again_if_the_node_returned_without_starting_the_application() {
    let mut b = decider("b", "a,b");
    b.decide(&view("a b", "a"), false);
    let lost = view("b", "-");
    assert_eq!(b.decide(&lost, false), Decision::WaitForFailover(1));
    assert_eq!(b.decide(&view("a b", "-"), false), Decision::Nothing);
    assert_eq!(b.decide(&lost, false), Decision::WaitForFailover(2));
    b.failover_over(1);
    assert_eq!(b.decide(&lost, false), Decision::Nothing);
}

/// The controller of the equal node has ended, or the application alone has.
#[test]
fn an_equal_node_waits_for_the_failover_time() {
    for lost in [view("a", "-"), view("a b", "-")] {
        let mut a = decider("a", "a b");
        assert_eq!(a.decide(&view("a b", "b"), false), Decision::Nothing);
        assert_eq!(a.decide(&lost, false), Decision::WaitForFailover(1));
        assert_eq!(a.decide(&lost, false), Decision::Nothing);
        assert_eq!(a.awaited(&lost), Some(&name("b")));
        a.failover_over(1);
        let from = name("b");
        let failover = Decision::Start(StartType::Failover { from });
        assert_eq!(a.decide(&lost, false), failover);
    }
}

#[test]
fn an_equal_node_that_returns_within_the_failover_time_keeps_the_application() {
    let mut a = decider("a", "a b");
    a.decide(&view("a b", "b"), false);
    a.decide(&view("a", "-"), false);
    let returned = ClusterView {
        awaited: names("b"),
        ..view("a b", "-")
    };
    assert_eq!(a.decide(&returned, false), Decision::Nothing);
    // A new controller, which does not know the past by itself.
    let normal = Decision::Start(StartType::Normal);
    assert_eq!(decider("b", "a b").decide(&returned, false), normal);
    assert_eq!(a.decide(&view("a b", "b"), false), Decision::Nothing);
    assert_eq!(a.awaited(&view("a b", "b")), None);
}

#[test]
fn a_node_that_connects_after_a_loss_waits_too() {
    let lost = ClusterView {
        awaited: names("b"),
        ..view("a c", "-")
    };
    let mut a = decider("a", "a b c");
    assert_eq!(a.decide(&lost, false), Decision::WaitForFailover(1));
}

#[test]
fn an_equal_node_is_not_waited_for_while_another_one_precedes_both() {
    let mut b = decider("b", "a,b c");
    b.decide(&view("b c", "c"), false);
    let released = view("a b c", "-");
    assert_eq!(b.decide(&released, false), Decision::Nothing);
    assert_eq!(b.awaited(&released), None);
    let from = name("c");
    let takeover = Decision::Start(StartType::Takeover { from });
    let mut a = decider("a", "a,b c");
    a.decide(&view("a b c", "c"), false);
    assert_eq!(a.decide(&released, false), takeover);
}

#[test]
fn a_takeover_stops_on_the_other_node_first() {
    let mut b = decider("b", "a,b");
    assert_eq!(b.decide(&view("b", "b"), true), Decision::Nothing);
    assert_eq!(b.decide(&view("a b", "b"), true), Decision::Stop);
    let mut a = decider("a", "a,b");
    assert_eq!(a.decide(&view("a b", "b"), false), Decision::Nothing);
    let from = name("b");
    let takeover = Decision::Start(StartType::Takeover { from });
    assert_eq!(a.decide(&view("a b", "-"), false), takeover);
    assert_eq!(b.decide(&view("a b", "-"), false), Decision::Nothing);
}

#[test]
fn a_node_that_connects_while_the_holder_stops_for_it_takes_over() {
    let released = ClusterView {
        last: Some(name("b")),
        ..view("a b", "-")
    };
    let from = name("b");
    let takeover = Decision::Start(StartType::Takeover { from });
    assert_eq!(decider("a", "a,b").decide(&released, false), takeover);
}

#[test]
fn an_overlapping_takeover_starts_before_the_other_node_stops() {
    let overlapping = |own| Decider::new(name(own), order("a,b"), true);
    let (mut a, mut b) = (overlapping("a"), overlapping("b"));
    let both = view("a b", "b");
    assert_eq!(b.decide(&both, true), Decision::Nothing);
    let from = name("b");
    let takeover = Decision::Start(StartType::Takeover { from });
    assert_eq!(a.decide(&both, false), takeover);
    assert_eq!(b.decide(&view("a b", "a"), true), Decision::Stop);
}

#[test]
fn a_node_that_lost_the_name_in_a_conflict_stops() {
    let mut b = decider("b", "a,b");
    assert_eq!(b.decide(&view("a b", "a"), true), Decision::Stop);
    assert_eq!(b.decide(&view("a b", "a"), false), Decision::Nothing);
}

#[test]
fn a_node_that_is_no_candidate_any_more_stops() {
    let mut a = decider("a", "a,b");
    assert_eq!(a.decide(&view("", "-"), true), Decision::Stop);
}

#[test]
fn a_node_that_ran_the_application_itself_starts_it_normally() {
    let mut a = decider("a", "a,b");
    a.decide(&view("a b", "a"), true);
    let again = a.decide(&view("a b", "-"), false);
    assert_eq!(again, Decision::Start(StartType::Normal));
}
