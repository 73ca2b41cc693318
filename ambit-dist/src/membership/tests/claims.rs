//! Wrong claims of a member.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use foca::{Member, State};

use super::net::{Net, PERIOD, Seen};
use crate::membership::core::{Action, MAX_MEMBERS};
use crate::membership::frame::{self, GoneMember};
use crate::membership::gossip_budget::MAX_FRAMES;
use crate::membership::member::MemberState;
use crate::membership::member_id::{MemberId, Profile};
use crate::node::id::id;
use crate::wire::CloseCode;

const SECOND: Duration = Duration::from_secs(1);

fn member(name: &str, incarnation: u64, renewal: u32) -> MemberId {
    MemberId {
        id: id(name, incarnation << 16),
        renewal,
        profile: Profile::default().into(),
    }
}

/// A cluster of four, in which `n3` makes wrong claims.
fn cluster() -> Net {
    let mut net = Net::cluster(9, 4);
    net.run(5 * SECOND);
    net.assert_complete();
    net
}

fn claim(net: &mut Net, claims: &[Member<MemberId>]) {
    for frame in frame::state(claims.iter()) {
        net.forge("n3", "n0", frame);
    }
}

#[test]
fn a_later_incarnation_of_a_connected_node_is_not_believed() {
    let mut net = cluster();
    claim(&mut net, &[Member::alive(member("n1", 9, 0))]);
    claim(&mut net, &[Member::alive(member("n0", 9, 0))]);
    claim(&mut net, &[Member::alive(member("n0", 1, 9))]);
    net.run(20 * SECOND);
    net.assert_complete();
    assert_eq!(net.seen("n0").len(), 3);
    assert_eq!(net.seen("n2").len(), 3);
}

#[test]
fn claims_about_nodes_that_may_have_restarted_are_wrong_only_if_their_sessions_last() {
    let mut net = cluster();
    let closed = |net: &Net| net.peers[&Net::name("n0")].closed.len();
    let later: Vec<_> = ["n1", "n2"]
        .into_iter()
        .flat_map(|name| (0..10).map(move |at| Member::alive(member(name, 9 + at, 0))))
        .collect();
    // The old sessions of nodes that have restarted last until they are found silent.
    for _ in 0..60 {
        claim(&mut net, &later);
        net.run(SECOND);
    }
    assert_eq!(closed(&net), 0);
    // After a pause, they may have restarted since.
    net.run(61 * SECOND);
    for _ in 0..60 {
        claim(&mut net, &later);
        net.run(SECOND);
    }
    assert_eq!(closed(&net), 0);
    for _ in 0..5 {
        net.run(SECOND);
        claim(&mut net, &later);
    }
    let (_, _, text) = &net.peers[&Net::name("n0")].closed[0];
    assert!(
        text.contains("another incarnation of a connected node"),
        "{text}"
    );
}

#[test]
fn a_node_whose_clock_was_never_set_accepts_claims_about_all_others() {
    let mut net = Net::new(5);
    // 1970 and 2027.
    net.start("n0", 1);
    for number in 1..20 {
        net.start(&format!("n{number}"), 1_800_000_000_000);
    }
    for number in 1..20 {
        net.connect("n0", &format!("n{number}"));
        net.connect("n1", &format!("n{number}"));
    }
    net.run(60 * SECOND);
    net.assert_complete();
    for peer in net.peers.values() {
        assert!(peer.closed.is_empty(), "{:?}", peer.closed);
    }
}

#[test]
fn a_connected_node_is_not_down_because_another_says_so() {
    let mut net = cluster();
    let id = member("n1", 1, 0);
    claim(&mut net, &[Member::down(id.clone())]);
    for has_left in [false, true] {
        let gone = GoneMember {
            id: id.clone(),
            has_left,
        };
        for frame in frame::gone([&gone].into_iter()) {
            net.forge("n3", "n0", frame);
        }
    }
    net.run(20 * SECOND);
    net.assert_complete();
    assert_eq!(net.seen("n0").len(), 3, "{:?}", net.seen("n0"));
}

#[test]
fn a_later_renewal_of_a_node_whose_session_begins_is_not_believed() {
    let mut net = cluster();
    net.reset("n1");
    net.run(5 * SECOND);
    net.start("n1", 2);
    net.connect("n0", "n1");
    // The session is open, and no frame of the node has arrived.
    let peer = Net::name("n1");
    while !net.peers[&Net::name("n0")]
        .core
        .sessions
        .contains_key(&peer)
    {
        net.run(SECOND / 10_000);
    }
    let renewal = net.peers[&Net::name("n0")].core.sessions[&peer].renewal;
    assert_eq!(renewal, None);
    claim(&mut net, &[Member::alive(member("n1", 2, u32::MAX))]);
    net.run(20 * SECOND);
    net.assert_complete();
    let renewal = net.peers[&Net::name("n0")].core.sessions[&peer].renewal;
    assert!(renewal.is_some_and(|renewal| renewal < 9), "{renewal:?}");
}

#[test]
fn a_leave_that_was_reported_by_another_is_a_leave_when_the_session_ends() {
    let mut net = cluster();
    let left = GoneMember {
        id: member("n1", 1, 0),
        has_left: true,
    };
    for frame in frame::gone([&left].into_iter()) {
        net.forge("n3", "n0", frame);
    }
    assert_eq!(net.state("n1", "n0"), Some(MemberState::Alive));
    net.reset("n1");
    net.run(SECOND);
    assert_eq!(net.state("n1", "n0"), Some(MemberState::Left));
}

#[test]
fn a_held_claim_about_an_earlier_renewal_does_not_hide_a_loss() {
    let mut net = cluster();
    let peer = Net::name("n1");
    let core = &mut net.peers.get_mut(&Net::name("n0")).unwrap().core;
    let renewed = member("n1", 1, 1);
    core.hold(member("n1", 1, 0), false);
    let swim = core.swim.as_mut().unwrap();
    swim.apply(Duration::ZERO, [Member::alive(renewed)], false);
    let now = net.now;
    let id = net.peers[&peer].id.clone();
    let core = &mut net.peers.get_mut(&Net::name("n0")).unwrap().core;
    core.disconnected(now, &id, false);
    assert_eq!(net.state("n1", "n0"), Some(MemberState::Suspect));
}

#[test]
fn the_last_possible_counter_is_not_believed() {
    let mut net = cluster();
    for name in ["n0", "n1"] {
        claim(
            &mut net,
            &[Member::new(member(name, 1, 0), u16::MAX, State::Suspect)],
        );
    }
    net.run(20 * SECOND);
    net.assert_complete();
    assert_eq!(net.seen("n2").len(), 3);
}

#[test]
fn a_node_with_the_last_possible_counter_renews_itself_when_it_is_suspected() {
    let mut net = cluster();
    let raised = Member::new(member("n0", 1, 0), u16::MAX - 1, State::Suspect);
    claim(&mut net, &[raised]);
    net.run(20 * SECOND);
    // The node has refuted the claim, with a counter that no suspicion can be refuted with.
    let is_last = |net: &Net, at: &str| {
        let swim = net.peers[&Net::name(at)].core.swim.as_ref().unwrap();
        swim.member(&Net::name("n0")).unwrap().incarnation() == u16::MAX
    };
    assert!(is_last(&net, "n1") && is_last(&net, "n2"));
    let suspicion = Member::new(member("n0", 1, 0), u16::MAX, State::Suspect);
    for frame in frame::state([suspicion].iter()) {
        net.forge("n1", "n2", frame);
    }
    net.run(20 * SECOND);
    let own = net.peers[&Net::name("n0")].core.own().unwrap().renewal;
    assert_eq!(own, 1);
    net.assert_complete();
    assert_eq!(net.seen("n2").len(), 3);
    assert!(!is_last(&net, "n2"));
    assert!(net.peers.values().all(|peer| peer.closed.is_empty()));
}

#[test]
fn a_million_members_are_contained_and_their_sender_is_disconnected() {
    let mut net = cluster();
    for number in 0..40 {
        let claims = (0..25_000).map(|at| Member::alive(member(&format!("x{number}-{at}"), 1, 0)));
        let claims: Vec<_> = claims.collect();
        claim(&mut net, &claims);
    }
    let peer = &net.peers[&Net::name("n0")];
    assert!(peer.core.members().len() <= MAX_MEMBERS);
    let (peer, code, text) = &peer.closed[0];
    assert_eq!((peer.as_str(), *code), ("n3", CloseCode::Malformed));
    assert!(text.contains("more members than the limit"), "{text}");
}

#[test]
fn nodes_that_pass_on_invented_members_stay_connected() {
    let mut net = cluster();
    // Each list fits into the limit, and together they exceed it.
    for (at, letter) in [("n0", 'x'), ("n1", 'y')] {
        let members = (0..1_000).map(|number| member(&format!("{letter}{number}"), 1, 0));
        let claims: Vec<_> = members.map(Member::alive).collect();
        for frame in frame::state(claims.iter()) {
            net.forge("n3", at, frame);
        }
    }
    net.run(5 * SECOND);
    for name in ["n0", "n1", "n2"] {
        let closed = &net.peers[&Net::name(name)].closed;
        assert!(closed.is_empty(), "{name}: {closed:?}");
    }
}

#[test]
fn a_member_that_makes_another_renew_itself_again_and_again_is_disconnected() {
    let mut net = cluster();
    for _ in 0..200 {
        let own = net.peers[&Net::name("n0")].core.own().unwrap().clone();
        claim(&mut net, &[Member::down(own)]);
    }
    let peer = &net.peers[&Net::name("n0")];
    assert_eq!(peer.core.own().unwrap().renewal, 32);
    let [(sender, code, text)] = &peer.closed[..] else {
        panic!("{:?}", peer.closed);
    };
    assert_eq!((sender.as_str(), *code), ("n3", CloseCode::Malformed));
    assert!(text.contains("that this node is down"), "{text}");
}

#[test]
fn a_member_that_repeats_known_claims_again_and_again_is_disconnected() {
    let mut net = cluster();
    let known = [Member::alive(member("n1", 1, 0))];
    for _ in 0..=MAX_FRAMES {
        claim(&mut net, &known);
    }
    // What has arrived before the end of the session is ignored.
    let id = member("later", 1, 0);
    claim(&mut net, &[Member::alive(id)]);
    assert_eq!(net.state("later", "n0"), None);
    let [(sender, code, text)] = &net.peers[&Net::name("n0")].closed[..] else {
        panic!("{:?}", net.peers[&Net::name("n0")].closed);
    };
    assert_eq!((sender.as_str(), *code), ("n3", CloseCode::Malformed));
    assert!(text.contains("more gossip than 10000 frames"), "{text}");
}

#[test]
fn a_node_whose_lost_members_are_forgotten_is_still_cut_off() {
    let mut net = Net::cluster(5, 2);
    net.run(5 * SECOND);
    let is_cut_off = |net: &Net| net.peers[&Net::name("n0")].core.is_cut_off;
    net.crash("n1");
    net.run(1_800 * SECOND);
    assert!(!is_cut_off(&net), "the lost member is still listed");
    net.run(3_600 * SECOND);
    assert!(net.peers[&Net::name("n0")].core.members().is_empty());
    assert!(is_cut_off(&net));
    net.start("n1", 2);
    net.connect("n0", "n1");
    net.run(5 * SECOND);
    assert!(!is_cut_off(&net));
}

#[test]
fn the_losses_of_unknown_members_are_contained() {
    let mut net = cluster();
    for number in 0..10 {
        let id = |at| member(&format!("x{number}-{at}"), 1, 0);
        let claims: Vec<_> = (0..1_000).map(|at| Member::down(id(at))).collect();
        claim(&mut net, &claims);
        let gone = (1_000..2_000).map(|at| GoneMember {
            id: id(at),
            has_left: at % 2 == 0,
        });
        for frame in frame::gone(gone.collect::<Vec<_>>().iter()) {
            net.forge("n3", "n0", frame);
        }
    }
    let peer = &net.peers[&Net::name("n0")];
    let known = peer.core.swim.as_ref().unwrap().members().len();
    assert!(known <= MAX_MEMBERS, "{known}");
    // Honest nodes send such lists after many members have come and gone.
    assert!(peer.closed.is_empty(), "{:?}", peer.closed);
    // A later member is learned from others all the same.
    claim(&mut net, &[Member::alive(member("later", 1, 0))]);
    assert_eq!(net.state("later", "n0"), Some(MemberState::Alive));
    let known = net.peers[&Net::name("n0")].core.swim.as_ref().unwrap();
    assert!(known.members().len() <= MAX_MEMBERS);
}

#[test]
fn a_lost_member_outlasts_those_that_have_left_or_were_never_up() {
    let mut net = Net::new(9);
    net.max_members = 8;
    for name in ["n0", "n1", "n2", "n3"] {
        net.start(name, 1);
    }
    for name in ["n1", "n2", "n3"] {
        net.connect("n0", name);
    }
    net.run(SECOND);
    net.crash("n1");
    net.run(20 * SECOND);
    net.leave("n2");
    net.run(120 * SECOND);
    let gone: Vec<_> = (0..20)
        .map(|at| Member::down(member(&format!("x{at}"), 1, 0)))
        .collect();
    claim(&mut net, &gone);
    net.run(120 * SECOND);
    let new = ["y0", "y1", "y2", "y3"];
    claim(&mut net, &new.map(|name| Member::alive(member(name, 1, 0))));
    for name in new {
        assert_eq!(net.state(name, "n0"), Some(MemberState::Alive));
    }
    assert_eq!(net.state("n1", "n0"), Some(MemberState::Down), "dialled");
    assert_eq!(net.state("n2", "n0"), None);
    // The next ones leave no capacity for those that are gone, and no more are learned.
    let known = |net: &Net| {
        net.peers[&Net::name("n0")]
            .core
            .swim
            .as_ref()
            .unwrap()
            .members()
            .len()
    };
    for number in 4..10 {
        claim(
            &mut net,
            &[Member::alive(member(&format!("y{number}"), 1, 0))],
        );
        assert_eq!(known(&net), 8);
    }
    assert_eq!(net.state("y6", "n0"), Some(MemberState::Alive));
    assert_eq!(net.state("y7", "n0"), None);
    net.assert_alternating();
}

#[test]
fn members_that_return_count_against_the_limit() {
    const MOST: usize = 16;
    let mut net = Net::new(9);
    net.max_members = MOST;
    net.start("n0", 1);
    net.start("n3", 1);
    net.connect("n0", "n3");
    net.run(SECOND);
    let alive = |name: String, renewal| Member::alive(member(&name, 1, renewal));
    let first: Vec<_> = (0..15).map(|at| alive(format!("x{at}"), 0)).collect();
    claim(&mut net, &first);
    let down: Vec<_> = (0..8)
        .map(|at| Member::down(member(&format!("x{at}"), 1, 0)))
        .collect();
    claim(&mut net, &down);
    let returned = (0..8).map(|at| alive(format!("x{at}"), 1));
    let new = (0..8).map(|at| alive(format!("z{at}"), 0));
    claim(&mut net, &returned.chain(new).collect::<Vec<_>>());
    let known = net.peers[&Net::name("n0")].core.swim.as_ref().unwrap();
    assert_eq!(known.members().len(), MOST);
}

#[test]
fn names_that_come_and_go_are_forgotten_beyond_the_limit() {
    const MOST: usize = 16;
    let mut net = Net::new(9);
    net.max_members = MOST;
    for name in ["n0", "n1", "n2"] {
        net.start(name, 1);
    }
    net.connect("n0", "n1");
    net.connect("n0", "n2");
    net.run(SECOND);
    for number in 0..100 {
        let name = format!("x{number}");
        net.start(&name, 1);
        net.connect("n0", &name);
        net.run(SECOND);
        assert_eq!(net.state(&name, "n0"), Some(MemberState::Alive), "{name}");
        match number % 2 {
            0 => net.leave(&name),
            _ => drop(net.crash(&name)),
        }
        net.run(60 * SECOND);
        for at in ["n0", "n1", "n2"] {
            let core = &net.peers[&Net::name(at)].core;
            let known = core.swim.as_ref().unwrap().members().len();
            assert!(known <= MOST, "{known} at {at}");
            assert!(core.members().len() <= MOST + 1);
        }
    }
    assert_eq!(net.state("n1", "n0"), Some(MemberState::Alive));
    assert_eq!(net.state("x0", "n0"), None, "the first is forgotten");
    assert_eq!(net.state("n2", "n1"), Some(MemberState::Alive));
}

#[test]
fn the_end_of_a_member_beyond_the_limit_is_reported_before_it_is_forgotten() {
    let mut net = Net::new(9);
    net.max_members = 2;
    let others = ["n1", "n2", "n3", "n4", "n5"];
    net.start("n0", 1);
    for name in others {
        net.start(name, 1);
        net.connect("n0", name);
    }
    net.run(5 * SECOND);
    assert_eq!(net.up("n0").len(), 6);
    net.leave("n5");
    drop(net.crash("n4"));
    net.refuse("n0", "n3");
    net.run(20 * SECOND);
    for name in ["n5", "n4", "n3"] {
        let seen = net.seen("n0").into_iter();
        let down =
            seen.filter(|seen| matches!(seen, Seen::Down(id, _) if id.name.as_str() == name));
        assert_eq!(down.count(), 1, "{name}");
        assert_eq!(net.state(name, "n0"), None, "{name}");
    }
    net.start("n4", 2);
    net.connect("n0", "n4");
    net.run(5 * SECOND);
    assert_eq!(net.state("n4", "n0"), Some(MemberState::Alive));
    net.assert_alternating();
}

#[test]
fn members_are_forgotten_although_others_were_never_up() {
    let mut net = cluster();
    net.crash("n2");
    net.run(1_800 * SECOND);
    let claims = (0..100).map(|at| Member::down(member(&format!("x{at}"), 1, 0)));
    claim(&mut net, &claims.collect::<Vec<_>>());
    net.run(1_900 * SECOND);
    assert_eq!(net.state("n2", "n0"), None);
}

#[test]
fn an_incarnation_of_the_far_future_is_not_believed() {
    let mut net = cluster();
    claim(&mut net, &[Member::alive(member("x", u64::MAX >> 16, 0))]);
    assert_eq!(net.state("x", "n0"), None);
}

#[test]
fn a_packet_in_the_name_of_another_closes_the_session() {
    let mut net = cluster();
    let mut other = Net::cluster(9, 4);
    other.run(5 * SECOND);
    let frame = frame::packet(b"\x01\x02");
    net.forge("n3", "n0", frame);
    let header = foca::Header {
        src: member("n1", 1, 0),
        src_incarnation: 0,
        dst: member("n0", 1, 0),
        message: foca::Message::<MemberId>::Gossip,
    };
    let packet = postcard::to_allocvec(&header).unwrap();
    net.forge("n3", "n0", frame::packet(&packet));
    let closed = &net.peers[&Net::name("n0")].closed;
    let texts: Vec<&str> = closed.iter().map(|(_, _, text)| text.as_str()).collect();
    let invalid = "an invalid packet of the membership protocol";
    assert_eq!(texts, [invalid, "a packet in the name of another node"]);
}

#[test]
fn a_long_state_is_repeated_frame_by_frame_to_one_peer_after_the_other() {
    let mut net = cluster();
    for number in 0..4 {
        let profile = Profile {
            addresses: vec!["[2001:db8::1]:9000".parse().unwrap(); 4],
            ..Profile::default()
        };
        let profile = Arc::new(profile);
        let id = |at| MemberId {
            profile: profile.clone(),
            ..member(&format!("x{number}-{at}"), 1, 0)
        };
        let claims: Vec<_> = (0..250).map(|at| Member::alive(id(at))).collect();
        claim(&mut net, &claims);
    }
    let (mut now, peer) = (net.now, net.peers.get_mut(&Net::name("n0")).unwrap());
    let core = &mut peer.core;
    core.take_actions();
    let mut frames = BTreeMap::new();
    let first = core.state_frames(&Net::name("n1"));
    assert!(first.len() > 2, "{} frames", first.len());
    let peers = core.sessions.len();
    let mut order = Vec::new();
    for _ in 0..peers * first.len() {
        now += 4 * PERIOD;
        core.repeat_state(now);
        let [Action::Send { to, frame }] = &core.take_actions()[..] else {
            panic!("not one frame");
        };
        if order.last() != Some(to) {
            order.push(to.clone());
        }
        frames
            .entry(to.clone())
            .or_insert_with(Vec::new)
            .push(frame.clone());
    }
    assert_eq!(order.len(), peers, "{order:?}");
    assert!(frames.values().all(|sent| sent.len() == first.len()));
    assert_eq!(frames[&Net::name("n1")], first);
}
