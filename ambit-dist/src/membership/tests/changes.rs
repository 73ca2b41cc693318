//! Joins, losses, leaves and returns.

use std::time::Duration;

use super::net::{Net, Peer, Seen};
use crate::membership::core::Action;
use crate::membership::event::MemberLoss;
use crate::membership::frame;
use crate::membership::member::MemberState;
use crate::membership::swim::{Reach, SwimSettings};
use crate::node::id::{NodeId, NodeName, id};

const SECOND: Duration = Duration::from_secs(1);

fn node(name: &str, incarnation: u64) -> NodeId {
    id(name, incarnation << 16)
}

#[test]
fn swim_01_a_node_that_meets_one_member_meets_all() {
    for seed in 0..20 {
        let mut net = Net::cluster(seed, 12);
        net.run(3 * SECOND);
        net.assert_complete();
    }
}

#[test]
fn swim_05_a_crash_is_seen_by_all_within_six_seconds() {
    for seed in 0..20 {
        let mut net = Net::cluster(seed, 20);
        net.run(10 * SECOND);
        net.crash("n7");
        net.run(6 * SECOND);
        net.assert_complete();
        let lost = Seen::Down(node("n7", 1), MemberLoss::Lost);
        assert!(
            net.peers
                .values()
                .all(|peer| peer.seen.last().map(|(_, seen)| seen) == Some(&lost))
        );
    }
}

#[test]
fn swim_05_a_lost_session_is_suspected_without_a_probe() {
    for seed in 0..20 {
        let mut net = Net::cluster(seed, 20);
        net.run(10 * SECOND);
        net.reset("n7");
        net.run(SECOND / 10);
        let states = |net: &Net, state| {
            let at = |name: &&NodeName| net.state("n7", name.as_str()) == Some(state);
            net.peers.keys().filter(at).count()
        };
        assert_eq!(states(&net, MemberState::Suspect), 19, "seed {seed}");
        // The suspicion of 20 members lasts 2.6 s.
        net.run(SECOND * 3);
        assert_eq!(states(&net, MemberState::Down), 19, "seed {seed}");
    }
}

#[test]
fn swim_13_a_leave_is_seen_at_once_and_told_from_a_loss() {
    let mut net = Net::cluster(1, 10);
    net.run(5 * SECOND);
    // `n5` has no session with the node that leaves, so others pass the announcement on.
    net.cut("n3", "n5");
    net.run(5 * SECOND);
    net.leave("n3");
    net.run(SECOND / 10);
    assert_left(&net, "n3");
    // It stays gone.
    net.run(60 * SECOND);
    net.assert_complete();
}

#[test]
fn a_session_that_ends_with_a_leave_announces_it() {
    let mut net = Net::cluster(1, 10);
    net.run(5 * SECOND);
    net.leave_unannounced("n3");
    net.run(SECOND / 10);
    assert_left(&net, "n3");
}

/// Checks that all nodes know that the first incarnation of a node has left.
fn assert_left(net: &Net, name: &str) {
    net.assert_complete();
    let left = Seen::Down(node(name, 1), MemberLoss::Left);
    for at in net.peers.keys() {
        assert_eq!(
            net.state(name, at.as_str()),
            Some(MemberState::Left),
            "at {at}"
        );
        assert_eq!(net.seen(at.as_str()).last(), Some(&left), "at {at}");
    }
}

#[test]
fn a_node_that_joins_by_one_that_refuses_a_member_counts_it_as_up() {
    for readmits in [false, true] {
        let mut net = Net::cluster(3, 3);
        net.run(5 * SECOND);
        net.refuse("n0", "n2");
        net.run(SECOND);
        let refused = Seen::Down(node("n2", 1), MemberLoss::Refused);
        assert_eq!(net.seen("n0").last(), Some(&refused));
        if readmits {
            let now = net.now;
            let n0 = net.peers.get_mut(&Net::name("n0")).unwrap();
            n0.core.readmit(now, &Net::name("n2"));
        }
        net.start("n3", 1);
        net.connect("n3", "n0");
        net.run(20 * SECOND);
        assert_eq!(net.up("n3"), ["n0", "n1", "n2", "n3"]);
        assert_eq!(net.up("n1"), ["n0", "n1", "n2", "n3"]);
        let seen = net.seen("n3");
        assert!(
            !seen.iter().any(|seen| matches!(seen, Seen::Down(..))),
            "{seen:?}"
        );
        // It was nowhere else down by mistake, so it has renewed nothing.
        let n2 = &net.peers[&Net::name("n2")];
        assert_eq!(n2.core.own().unwrap().renewal, 0, "readmits: {readmits}");
    }
}

#[test]
fn swim_10_events_alternate_and_name_the_incarnation() {
    let mut net = Net::cluster(2, 5);
    net.run(5 * SECOND);
    net.crash("n2");
    net.start("n2", 2);
    net.connect("n2", "n0");
    net.run(10 * SECOND);
    net.assert_complete();
    let of_n2 = |seen: &Seen| match seen {
        Seen::Up(node) | Seen::Down(node, _) => node.name == Net::name("n2"),
    };
    let mut seen = net.seen("n0");
    seen.retain(of_n2);
    let restarted = Seen::Down(node("n2", 1), MemberLoss::Restarted);
    assert_eq!(
        seen,
        [Seen::Up(node("n2", 1)), restarted, Seen::Up(node("n2", 2))]
    );
}

#[test]
fn swim_12_a_member_that_was_down_by_mistake_returns_with_its_incarnation() {
    for seed in 0..10 {
        let mut net = Net::cluster(seed, 6);
        net.run(5 * SECOND);
        for other in ["n0", "n1", "n3", "n4", "n5"] {
            net.cut("n2", other);
        }
        net.run(15 * SECOND);
        assert_eq!(net.up("n2"), ["n2"]);
        assert_eq!(net.state("n2", "n0"), Some(MemberState::Down));
        net.heal();
        net.run(10 * SECOND);
        net.assert_complete();
        assert_eq!(net.seen("n0").last(), Some(&Seen::Up(node("n2", 1))));
    }
}

#[test]
fn a_partition_heals_on_both_sides() {
    for seed in 0..10 {
        let mut net = Net::cluster(seed, 8);
        net.run(5 * SECOND);
        for a in 0..4 {
            for b in 4..8 {
                net.cut(&format!("n{a}"), &format!("n{b}"));
            }
        }
        net.run(20 * SECOND);
        assert_eq!(net.up("n1"), ["n0", "n1", "n2", "n3"]);
        assert_eq!(net.up("n6"), ["n4", "n5", "n6", "n7"]);
        net.heal();
        net.run(10 * SECOND);
        net.assert_complete();
    }
}

#[test]
fn swim_04_a_cut_between_two_members_is_bridged_by_the_others() {
    for seed in 0..20 {
        let mut net = Net::cluster(seed, 5);
        net.run(5 * SECOND);
        net.cut("n1", "n2");
        net.run(60 * SECOND);
        net.assert_complete();
        for at in ["n0", "n1", "n2", "n3", "n4"] {
            let seen = net.seen(at);
            let is_down = |seen: &Seen| matches!(seen, Seen::Down(..));
            assert!(!seen.iter().any(is_down), "seed {seed}, {at}: {seen:?}");
        }
    }
}

#[test]
fn a_paused_node_returns_and_suspects_no_other() {
    for seed in 0..10 {
        let mut net = Net::cluster(seed, 5);
        net.run(5 * SECOND);
        net.pause("n1", 30 * SECOND);
        net.run(20 * SECOND);
        assert_eq!(net.state("n1", "n0"), Some(MemberState::Down));
        net.run(11 * SECOND);
        net.heal();
        net.run(10 * SECOND);
        net.assert_complete();
        let others = net.seen("n0");
        let lost = others
            .iter()
            .filter(|seen| matches!(seen, Seen::Down(node, _) if node.name != Net::name("n1")));
        assert_eq!(lost.count(), 0);
        let own = net.seen("n1");
        let is_down = |seen: &Seen| matches!(seen, Seen::Down(..));
        assert!(!own.iter().any(is_down), "seed {seed}: {own:?}");
    }
}

#[test]
fn a_node_that_continues_suspects_no_other_at_the_end_of_its_sessions() {
    let mut net = Net::cluster(3, 5);
    net.run(5 * SECOND);
    net.pause("n1", 30 * SECOND);
    net.run(30 * SECOND + SECOND / 10);
    for name in ["n0", "n2", "n3", "n4"] {
        assert_eq!(net.state(name, "n1"), Some(MemberState::Alive), "{name}");
    }
}

#[test]
fn a_stall_shorter_than_the_silence_has_no_effect() {
    let mut net = Net::cluster(4, 4);
    net.run(5 * SECOND);
    let before = net.seen("n2");
    net.pause("n2", 2 * SECOND);
    net.run(10 * SECOND);
    net.assert_complete();
    assert_eq!(net.seen("n2"), before);
    assert_eq!(net.seen("n0").len(), 3);
    assert!(net.peers[&Net::name("n2")].core.late_timers() > 0);
}

#[test]
fn x100_a_member_is_forgotten_after_an_hour() {
    let mut net = Net::cluster(5, 3);
    net.run(5 * SECOND);
    net.crash("n2");
    net.run(3_500 * SECOND);
    assert_eq!(net.state("n2", "n0"), Some(MemberState::Down));
    net.run(200 * SECOND);
    assert_eq!(net.state("n2", "n0"), None);
    assert_eq!(net.state("n2", "n1"), None);
}

#[test]
fn x100_a_member_is_forgotten_although_nodes_keep_joining() {
    let mut net = Net::cluster(5, 3);
    net.run(5 * SECOND);
    net.crash("n2");
    for (joins_after, name) in [(1_800, "n3"), (3_000, "n4")] {
        net.run(joins_after * SECOND);
        net.start(name, 1);
        net.connect("n0", name);
    }
    net.run(60 * SECOND);
    // Only `n3` has known it for less than an hour.
    for name in ["n0", "n1", "n4"] {
        let core = &net.peers[&Net::name(name)].core;
        let known = core.swim.as_ref().unwrap().member(&Net::name("n2"));
        assert!(known.is_none(), "`{name}` knows {known:?}");
    }
}

#[test]
fn a_node_that_leaves_says_nothing_about_the_others() {
    let mut net = Net::cluster(1, 4);
    net.run(5 * SECOND);
    let (now, other) = (net.now, net.peers[&Net::name("n1")].id.clone());
    let core = &mut net.peers.get_mut(&Net::name("n0")).unwrap().core;
    core.leave();
    core.take_actions();
    core.disconnected(now, &other, true);
    assert_eq!(core.take_actions(), []);
}

#[test]
fn a_member_that_counts_as_down_can_leave() {
    let mut net = Net::cluster(1, 4);
    net.run(5 * SECOND);
    let (now, other) = (net.now, net.peers[&Net::name("n2")].id.clone());
    let core = &mut net.peers.get_mut(&Net::name("n0")).unwrap().core;
    let id = core.records[&other.name].id.clone();
    let swim = core.swim.as_mut().unwrap();
    swim.apply(now, [foca::Member::down(id)], false);
    core.settle(now, false);
    core.take_actions();
    core.disconnected(now, &other, true);
    let actions = core.take_actions();
    assert_eq!(actions.last(), Some(&Action::Forget(other.name)));
    assert_eq!(net.state("n2", "n0"), Some(MemberState::Left));
}

#[test]
fn an_idle_cluster_sends_little() {
    let mut sent = Vec::new();
    for count in [5_usize, 20] {
        let mut net = Net::cluster(6, count);
        net.run(20 * SECOND);
        let before = net.bytes;
        net.run(60 * SECOND);
        sent.push((net.bytes - before) / 60 / count as u64);
    }
    assert!(
        sent.iter().all(|per_node| *per_node < 1_000),
        "{sent:?} bytes per node and second"
    );
}

#[test]
fn x97_a_suspicion_lasts_longer_in_a_larger_cluster() {
    let settings = SwimSettings::every(SECOND / 2);
    let reach = |members| Reach {
        members,
        is_full: true,
    };
    let lasts = [1, 10, 100, 1_000].map(|members| settings.suspicion(reach(members)));
    assert_eq!(lasts, [2, 2, 4, 6].map(|seconds| seconds * SECOND));
}

/// A cluster in which each node can reach only its neighbours.
fn line(seed: u64, count: usize) -> Net {
    let mut net = Net::new(seed);
    let name = |number| format!("n{number}");
    for number in 0..count {
        net.start(&name(number), 1);
        for other in 0..number.saturating_sub(1) {
            net.cut(&name(other), &name(number));
        }
    }
    for number in 1..count {
        net.connect(&name(number - 1), &name(number));
    }
    net
}

#[test]
fn members_in_a_line_meet_and_stay_up() {
    for seed in 0..6 {
        let mut net = line(seed, 5);
        net.run(6 * SECOND);
        net.assert_complete();
        net.run(120 * SECOND);
        net.assert_complete();
        let seen = |peer: &Peer| peer.seen.iter().map(|(_, seen)| seen.clone()).collect();
        let seen: Vec<Vec<_>> = net.peers.values().map(seen).collect();
        let is_down = |seen: &Seen| matches!(seen, Seen::Down(..));
        assert!(!seen.iter().flatten().any(is_down), "{seed}: {seen:?}");
    }
}

#[test]
fn the_crash_of_the_last_in_a_line_is_seen_by_all() {
    for seed in 0..6 {
        let mut net = line(seed, 5);
        net.run(10 * SECOND);
        net.crash("n4");
        // A suspicion lasts 8 s where not all members have sessions.
        net.run(15 * SECOND);
        net.assert_complete();
    }
}

#[test]
fn a_member_without_a_session_that_counts_as_down_returns() {
    let mut net = line(1, 5);
    net.run(6 * SECOND);
    let n4 = net.peers[&Net::name("n0")].core.records[&Net::name("n4")]
        .id
        .clone();
    // A mistake of `n0`, as its probes could make it.
    let down = foca::Member::down(n4);
    for frame in frame::state(std::iter::once(&down)) {
        net.forge("n1", "n0", frame.clone());
        net.forge("n0", "n1", frame);
    }
    assert_eq!(net.state("n4", "n0"), Some(MemberState::Down));
    net.run(10 * SECOND);
    net.assert_complete();
    assert_eq!(
        net.peers[&Net::name("n4")]
            .core
            .own()
            .map(|own| own.renewal),
        Some(1)
    );
}
