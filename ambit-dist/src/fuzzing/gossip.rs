//! The frames of the gossip channel.

use std::time::Duration;

use bytes::Bytes;
use foca::Member;

use crate::membership::core::{Action, Core, CoreSettings};
use crate::membership::frame::{self, GoneMember};
use crate::membership::member_id::{MemberId, Profile};
use crate::membership::swim::SwimSettings;
use crate::node::id::{Incarnation, NodeId};

/// The most members that the fuzzed membership remembers.
const MAX_MEMBERS: usize = 16;
/// The time between two frames.
const STEP: Duration = Duration::from_millis(100);

/// Interprets the bytes as the frames of two members: repeatedly a byte for the member, a byte for a length, and that
/// number of bytes. Checks that the events of each member alternate, that no more members than the limit are
/// remembered, and that the node keeps its name and incarnation.
///
/// # Panics
/// Panics if a check fails.
pub fn gossip(bytes: &[u8]) {
    let own = node("n0");
    let settings = CoreSettings {
        swim: SwimSettings::every(Duration::from_millis(500)),
        max_members: MAX_MEMBERS,
        seed: 7,
    };
    let mut core = Core::new(Profile::default(), settings);
    let peers = [node("n1"), node("n2")];
    let mut now = Duration::ZERO;
    for peer in &peers {
        core.connected(now, &own, peer);
    }
    let mut up = std::collections::BTreeMap::new();
    let mut rest = bytes;
    while let [which, length, more @ ..] = rest {
        let (frame, more) = more.split_at(usize::from(*length).min(more.len()));
        let peer = &peers[usize::from(which % 2)];
        core.received(now, peer, Bytes::copy_from_slice(frame));
        now += STEP;
        core.timer(now);
        check(&mut core, &own, &mut up);
        rest = more;
    }
    for peer in &peers {
        core.disconnected(now, peer, bytes.len().is_multiple_of(2));
        check(&mut core, &own, &mut up);
    }
}

fn check(
    core: &mut Core,
    own: &NodeId,
    up: &mut std::collections::BTreeMap<crate::node::id::NodeName, NodeId>,
) {
    for action in core.take_actions() {
        match action {
            Action::Up(member) => {
                let name = member.id.name.clone();
                assert_ne!(name, own.name, "this node is no other member");
                let earlier = up.insert(name, member.id);
                assert_eq!(earlier, None, "up and down alternate");
            }
            Action::Down(node, _) => {
                let earlier = up.remove(&node.id.name);
                assert_eq!(earlier, Some(node.id), "up and down alternate");
            }
            Action::Close { text, .. } => {
                assert!(!text.chars().any(char::is_control), "{text:?}");
            }
            Action::Send { .. } | Action::SendState { .. } => {}
            Action::Want(_) | Action::Forget(_) | Action::Renewed(_) => {}
            Action::Learned(_) | Action::Forgotten(_) => {}
        }
    }
    assert!(core.members().len() <= MAX_MEMBERS + 2);
    assert_eq!(core.own().map(|member| &member.id), Some(own));
}

fn node(name: &str) -> NodeId {
    NodeId {
        name: name.parse().expect("a name of a node"),
        incarnation: Incarnation::new(1, 1),
    }
}

fn member(name: &str, incarnation: u64, renewal: u32) -> MemberId {
    let incarnation = Incarnation::new(incarnation, 1);
    let name = node(name).name;
    MemberId {
        id: NodeId { name, incarnation },
        renewal,
        profile: Profile::default().into(),
    }
}

/// Returns well-formed inputs of [`gossip`], with names.
#[must_use]
pub fn gossips() -> Vec<(&'static str, Vec<u8>)> {
    let state = |members: &[Member<MemberId>]| frame::state(members.iter()).concat();
    let gone =
        |id: MemberId, has_left| frame::gone([&GoneMember { id, has_left }].into_iter()).concat();
    let alive = |name: &str| Member::alive(member(name, 1, 0));
    let down = |name: &str| Member::down(member(name, 1, 0));
    let frames: Vec<(&str, Vec<Vec<u8>>)> = vec![
        (
            "two-members",
            vec![state(&[alive("n1")]), state(&[alive("n2"), alive("n3")])],
        ),
        (
            "down-and-renewed",
            vec![
                state(&[alive("n3")]),
                state(&[down("n3")]),
                state(&[Member::alive(member("n3", 1, 1))]),
            ],
        ),
        (
            "restarted",
            vec![
                state(&[alive("n3")]),
                state(&[Member::alive(member("n3", 2, 0))]),
            ],
        ),
        ("this-node-is-down", vec![state(&[alive("n1"), down("n0")])]),
        (
            "left",
            vec![state(&[alive("n1")]), gone(member("n1", 1, 0), true)],
        ),
        (
            "lost",
            vec![state(&[alive("n3")]), gone(member("n3", 1, 0), false)],
        ),
        ("ping", vec![packet(foca::Message::Ping(1), &[alive("n3")])]),
        (
            "gossip",
            vec![packet(foca::Message::Gossip, &[down("n2"), alive("n4")])],
        ),
        ("down-member", vec![packet(foca::Message::TurnUndead, &[])]),
    ];
    frames
        .into_iter()
        .map(|(name, frames)| (name, script(frames)))
        .collect()
}

/// Encodes a packet of the gossip protocol with these claims.
fn packet(message: foca::Message<MemberId>, claims: &[Member<MemberId>]) -> Vec<u8> {
    let header = foca::Header {
        src: member("n1", 1, 0),
        src_incarnation: 0,
        dst: member("n0", 1, 0),
        message,
    };
    let mut bytes = postcard::to_allocvec(&header).unwrap_or_default();
    bytes.extend(
        u16::try_from(claims.len())
            .unwrap_or(u16::MAX)
            .to_be_bytes(),
    );
    for claim in claims {
        bytes.extend(postcard::to_allocvec(claim).unwrap_or_default());
    }
    frame::packet(&bytes).to_vec()
}

/// Joins frames to an input of [`gossip`], from two sessions in turn.
fn script(frames: Vec<Vec<u8>>) -> Vec<u8> {
    let mut script = Vec::new();
    for (which, frame) in frames.into_iter().enumerate() {
        script.push(u8::try_from(which % 2).unwrap_or(0));
        script.push(u8::try_from(frame.len()).unwrap_or(u8::MAX));
        script.extend(frame);
    }
    script
}
