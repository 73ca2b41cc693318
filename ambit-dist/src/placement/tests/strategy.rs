//! Which member each strategy chooses.

use std::cell::Cell;
use std::collections::BTreeMap;

use crate::membership::member::{Member, MemberState};
use crate::placement::strategy::Placement;
use crate::placement::tests::{member, members};

fn chosen<'m>(placement: &Placement, id: &str, members: &'m [Member]) -> Option<&'m str> {
    let chosen = placement.choose(id, members, |_| 0);
    chosen.map(crate::node::id::NodeName::as_str)
}

fn by_hash(servers: usize, members: &[Member]) -> Vec<String> {
    let of = |id: usize| chosen(&Placement::hash(), &format!("server{id}"), members);
    (0..servers).map(|id| of(id).unwrap().to_owned()).collect()
}

#[test]
fn by_hash_only_the_servers_of_a_lost_member_move() {
    let all = members(10);
    let before = by_hash(1_000, &all);
    let (_, rest) = all.split_last().unwrap();
    let after = by_hash(1_000, rest);
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before != after, before == "n9", "{before}, then {after}");
    }
    let moved = before.iter().filter(|node| *node == "n9").count();
    assert!((50..150).contains(&moved), "{moved} of 1,000 on one of 10");
}

#[test]
fn by_hash_all_members_have_servers() {
    let mut load = BTreeMap::new();
    for node in by_hash(1_000, &members(10)) {
        *load.entry(node).or_insert(0) += 1;
    }
    assert!(
        load.values().all(|load| (50..150).contains(load)),
        "{load:?}"
    );
    assert_eq!(load.len(), 10);
}

#[test]
fn the_least_loaded_member_is_the_first_by_name_of_equals() {
    let load = BTreeMap::from([("n0", 3), ("n1", 2), ("n2", 2), ("n3", 4)]);
    let all = members(4);
    let placement = Placement::least_loaded();
    let chosen = placement.choose("id", &all, |node| load[node.as_str()]);
    assert_eq!(chosen.unwrap().as_str(), "n1");
}

#[test]
fn a_role_and_all_tags_are_required() {
    let all = [
        member("a", "worker", &[("zone", "eu")]),
        member("b", "worker", &[("zone", "eu"), ("disk", "ssd")]),
        member("c", "web", &[("zone", "eu"), ("disk", "ssd")]),
        member("d", "", &[]),
    ];
    let placement = Placement::hash().with_tag("zone", "eu");
    let placement = placement.with_tag("disk", "ssd").with_role("worker");
    for id in ["1", "2", "3", "4"] {
        assert_eq!(chosen(&placement, id, &all), Some("b"));
    }
    let none = placement.with_tag("disk", "none");
    assert_eq!(chosen(&none, "1", &all), None);
    assert_eq!(
        chosen(&Placement::pinned("c").with_role("worker"), "1", &all),
        None
    );
    assert_eq!(chosen(&Placement::pinned("c"), "1", &all), Some("c"));
}

#[test]
fn members_that_are_down_or_not_connected_are_not_chosen() {
    let mut all = members(3);
    all[0].state = MemberState::Down;
    all[1].is_connected = false;
    for placement in [Placement::least_loaded(), Placement::hash()] {
        assert_eq!(chosen(&placement, "1", &all), Some("n2"));
    }
    assert_eq!(chosen(&Placement::pinned("n0"), "1", &all), None);
    // A suspected member is up.
    all[2].state = MemberState::Suspect;
    assert_eq!(chosen(&Placement::hash(), "1", &all), Some("n2"));
}

#[test]
fn each_member_is_looked_at_once() {
    for count in [100, 400] {
        let (all, looks) = (members(count), Cell::new(0));
        let look = |_: &_| {
            looks.set(looks.get() + 1);
            0
        };
        assert!(Placement::least_loaded().choose("id", &all, look).is_some());
        assert_eq!(looks.get(), count);
    }
}
