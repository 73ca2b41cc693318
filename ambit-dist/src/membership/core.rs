//! The decisions of the membership: events in, actions out, without a clock or tasks.
//!
//! [`swim`](crate::membership::swim) probes members and decides which of them are down. This file connects it with the
//! sessions of the node: it feeds both sides of a new session with what the other knows, checks every claim, and wants
//! a session with each member. The end of a session is only a suspicion; a member is down when the protocol decides so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use foca::State;

use crate::membership::event::MemberLoss;
use crate::membership::frame::{self, GoneMember, GossipFrame};
use crate::membership::known_names::KnownNames;
use crate::membership::member::{Member, MemberState};
use crate::membership::member_id::{MemberId, Profile};
use crate::membership::peer_claims::PeerClaims;
use crate::membership::swim::{Packet, Swim, SwimSettings};
use crate::node::id::{Incarnation, NodeId, NodeName};
use crate::wire::CloseCode;

/// The default for the maximum number of members that are remembered, gone ones included.
pub(crate) const MAX_MEMBERS: usize = 1_024;

/// An action for the task of the membership.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Action {
    /// Send a frame on the gossip channel of a session.
    Send { to: NodeName, frame: Bytes },
    /// Send the frames of the state at the start of a session. None of them may be dropped.
    SendState { to: NodeName, frames: Vec<Bytes> },
    /// Close the session with a node that violates the protocol.
    Close {
        peer: NodeName,
        code: CloseCode,
        text: String,
    },
    /// Keep dialling a member.
    Want(MemberId),
    /// Stop dialling a member that is gone for good.
    Forget(NodeName),
    /// Another member has reported this incarnation of a node, whether it is up or not.
    Learned(NodeId),
    /// Nothing is known about a node any more.
    Forgotten(NodeName),
    /// A member joined.
    Up(MemberId),
    /// A member that is up has a later renewal.
    Renewed(MemberId),
    /// A member is gone.
    Down(MemberId, MemberLoss),
}

/// The settings of the membership.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CoreSettings {
    pub(crate) swim: SwimSettings,
    pub(crate) max_members: usize,
    pub(crate) seed: u64,
}

/// A member as last reported.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) id: MemberId,
    pub(super) is_up: bool,
    pub(super) has_left: bool,
}

/// The membership of one node.
pub(crate) struct Core {
    pub(super) settings: CoreSettings,
    profile: Arc<Profile>,
    /// Created with the first session, because a node may change its incarnation until then.
    pub(super) swim: Option<Swim>,
    pub(super) records: BTreeMap<NodeName, Record>,
    pub(super) sessions: BTreeMap<NodeName, PeerClaims>,
    /// When a member without a session is to be dialled.
    pub(super) dials: BTreeMap<NodeName, Duration>,
    pub(super) refused: BTreeSet<NodeName>,
    /// The identities that are down only because this node refused them, by name. A readmitted member returns with
    /// another one.
    pub(super) refused_ids: BTreeMap<NodeName, MemberId>,
    /// The latest incarnations that others have reported, by name.
    pub(super) learned: BTreeMap<NodeName, Incarnation>,
    /// When the state is sent again, and the peer that it was last sent to.
    pub(super) repeat_at: Duration,
    pub(super) repeated_to: Option<NodeName>,
    /// The number of frames of the state that this peer has been sent, until it has all of them.
    pub(super) repeated_frames: usize,
    is_leaving: bool,
    /// True if the last members were lost and are forgotten.
    pub(super) is_cut_off: bool,
    pub(super) actions: Vec<Action>,
}

impl Core {
    pub(crate) fn new(profile: Profile, settings: CoreSettings) -> Self {
        Self {
            settings,
            profile: Arc::new(profile),
            swim: None,
            records: BTreeMap::new(),
            sessions: BTreeMap::new(),
            dials: BTreeMap::new(),
            refused: BTreeSet::new(),
            refused_ids: BTreeMap::new(),
            learned: BTreeMap::new(),
            repeat_at: Duration::ZERO,
            repeated_to: None,
            repeated_frames: 0,
            is_leaving: false,
            is_cut_off: false,
            actions: Vec::new(),
        }
    }

    /// Returns the pending actions in order.
    pub(crate) fn take_actions(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.actions)
    }

    /// Returns the time of the next call of [`timer`](Self::timer).
    pub(crate) fn deadline(&self) -> Option<Duration> {
        let swim = self.swim.as_ref().and_then(Swim::deadline);
        self.dials.values().copied().chain(swim).min()
    }

    /// Returns the number of times that timers ran late.
    pub(crate) fn late_timers(&self) -> u64 {
        self.swim.as_ref().map_or(0, |swim| swim.late)
    }

    /// Returns the current identity of this node in the protocol, once it has had a session.
    pub(crate) fn own(&self) -> Option<&MemberId> {
        self.swim.as_ref().map(Swim::own)
    }

    /// Returns the members by name, gone ones included, without this node.
    pub(crate) fn members(&self) -> Vec<Member> {
        let known = self.swim.iter().flat_map(Swim::members);
        let states: BTreeMap<_, _> = known
            .map(|member| (&member.id().id.name, member.state()))
            .collect();
        let records = self.records.iter();
        let member = |(name, record): (&NodeName, &Record)| Member {
            id: record.id.id.clone(),
            state: match (record.is_up, states.get(name)) {
                (false, _) if record.has_left => MemberState::Left,
                (false, _) => MemberState::Down,
                (true, Some(State::Suspect)) => MemberState::Suspect,
                (true, _) => MemberState::Alive,
            },
            is_connected: self.sessions.contains_key(name),
            profile: record.id.profile.clone(),
        };
        records.map(member).collect()
    }

    /// Handles a new session with a node that takes part in the membership.
    pub(crate) fn connected(&mut self, now: Duration, own: &NodeId, peer: &NodeId) {
        if self.is_leaving {
            return;
        }
        let settings = self.settings;
        let profile = &self.profile;
        self.swim.get_or_insert_with(|| {
            let own = MemberId {
                id: own.clone(),
                renewal: 0,
                profile: profile.clone(),
            };
            Swim::new(own, settings.swim, settings.seed)
        });
        self.is_cut_off = false;
        self.dials.remove(&peer.name);
        let claims = PeerClaims::new(peer.clone(), now, settings.swim.period);
        self.sessions.insert(peer.name.clone(), claims);
        let (to, frames) = (peer.name.clone(), self.state_frames(&peer.name));
        self.actions.push(Action::SendState { to, frames });
    }

    /// Handles the end of a session.
    pub(crate) fn disconnected(&mut self, now: Duration, peer: &NodeId, has_left: bool) {
        let name = &peer.name;
        let ended = self.sessions.get(name);
        if ended.is_none_or(|session| session.id != *peer) {
            return;
        }
        let ended = self.sessions.remove(name);
        // This node ends its sessions itself, which says nothing about the others.
        if self.is_leaving {
            return;
        }
        if has_left {
            self.gone(now, peer, true);
        } else {
            self.end_held(now, ended.and_then(|session| session.held));
            // No effect on a member that is gone now.
            self.suspect(now, peer);
        }
        self.want(now, name);
    }

    /// Applies the claim that has waited for the end of a session with its subject.
    fn end_held(&mut self, now: Duration, held: Option<GoneMember>) {
        match held {
            Some(held) if held.has_left => self.gone(now, &held.id.id, true),
            Some(held) => self.apply(now, vec![foca::Member::down(held.id)], true),
            None => {}
        }
    }

    /// Suspects a member whose session was lost, without waiting for a probe. A member that runs refutes it by way of
    /// the others.
    fn suspect(&mut self, now: Duration, node: &NodeId) {
        if let Some(swim) = &mut self.swim {
            swim.suspect(now, node);
            self.settle(now, false);
        }
    }

    /// Handles a frame of the gossip channel.
    pub(crate) fn received(&mut self, now: Duration, from: &NodeId, frame: Bytes) {
        if self.is_leaving || !self.may_send(now, from, frame.len()) {
            return;
        }
        match GossipFrame::decode(frame) {
            Ok(GossipFrame::Packet(packet)) => self.packet(now, from, &packet),
            Ok(GossipFrame::State(members)) => {
                let mut own = members.iter().map(foca::Member::id);
                if let Some(own) = own.find(|member| member.id == *from)
                    && let Some(session) = self.sessions.get_mut(&from.name)
                {
                    session.record_own(own.renewal);
                }
                let members = self.checked(now, from, members);
                self.apply(now, members, true);
            }
            Ok(GossipFrame::Gone(gone)) => self.received_gone(now, from, gone),
            Err(error) => self.violation(from, error.to_string()),
        }
    }

    fn packet(&mut self, now: Duration, from: &NodeId, bytes: &[u8]) {
        let Ok(mut packet) = Packet::decode(bytes) else {
            return self.violation(
                from,
                "an invalid packet of the membership protocol".to_owned(),
            );
        };
        if packet.header.src.id != *from {
            return self.violation(from, "a packet in the name of another node".to_owned());
        }
        if let Some(session) = self.sessions.get_mut(&from.name) {
            session.record_own(packet.header.src.renewal);
        }
        // A message to an earlier identity has no effect.
        let renews = packet.header.message == foca::Message::TurnUndead
            && self.own() == Some(&packet.header.dst);
        if renews && !self.may_renew(now, from) {
            return;
        }
        let count = packet.claims.len();
        packet.claims = self.checked(now, from, packet.claims);
        let encoded = match packet.claims.len() == count {
            true => None,
            false => packet.encode().ok(),
        };
        let bytes = encoded.as_deref().unwrap_or(bytes);
        let Some(swim) = &mut self.swim else {
            return;
        };
        if let Err(error) = swim.received(now, bytes) {
            return self.violation(from, error.to_string());
        }
        self.settle(now, false);
    }

    /// Handles members that another node has found to be gone.
    fn received_gone(&mut self, now: Duration, from: &NodeId, gone: Vec<GoneMember>) {
        let mut known = KnownNames::default();
        for gone in gone {
            let down = foca::Member::down(gone.id.clone());
            // A node announces its own leave; claims of others about a node with a session wait for its end.
            let is_own = gone.id.id == *from;
            if is_own && gone.has_left {
                self.gone(now, from, true);
                continue;
            }
            let checked = self.checked_among(&mut known, now, from, vec![down]);
            if !gone.has_left {
                self.apply(now, checked, true);
            } else if !checked.is_empty() {
                self.gone(now, &gone.id.id, true);
            } else if self.has_held(&gone.id) {
                self.hold(gone.id, true);
            }
        }
    }

    /// Returns whether a claim that this member is gone waits for the end of the session with it.
    fn has_held(&self, id: &MemberId) -> bool {
        let session = self.sessions.get(&id.id.name);
        let held = session.and_then(|session| session.held.as_ref());
        held.is_some_and(|held| held.id == *id)
    }

    /// Marks an incarnation of a node as gone, and announces it to the other members once.
    fn gone(&mut self, now: Duration, node: &NodeId, has_left: bool) {
        let record = self.records.get_mut(&node.name);
        let Some(record) = record.filter(|record| record.id.id == *node && !record.has_left) else {
            return;
        };
        record.has_left = has_left;
        if !record.is_up {
            // Only the reason of the loss is new.
            return self.want(now, &node.name);
        }
        let id = record.id.clone();
        let gone = GoneMember { id, has_left };
        self.announce_gone(std::slice::from_ref(&gone));
        // The frame above is what spreads it. The protocol would spread a loss.
        self.apply(now, vec![foca::Member::down(gone.id)], !has_left);
    }

    /// Sends all sessions a list of members that are gone.
    pub(super) fn announce_gone(&mut self, gone: &[GoneMember]) {
        for frame in frame::gone(gone.iter()) {
            for to in self.sessions.keys().cloned() {
                let frame = frame.clone();
                self.actions.push(Action::Send { to, frame });
            }
        }
    }

    fn apply(&mut self, now: Duration, members: Vec<foca::Member<MemberId>>, spreads: bool) {
        if let Some(swim) = &mut self.swim {
            swim.apply(now, members, spreads);
            self.settle(now, false);
        }
    }

    /// Runs everything that is due.
    pub(crate) fn timer(&mut self, now: Duration) {
        if self.is_leaving {
            return;
        }
        let is_full = self.reaches_all();
        if let Some(swim) = &mut self.swim {
            swim.fit(is_full);
            swim.timer(now);
            self.settle(now, true);
        }
        if !is_full {
            self.repeat_state(now);
        }
        let due = self.dials.iter().filter(|(_, due)| **due <= now);
        let due: Vec<NodeName> = due.map(|(name, _)| name.clone()).collect();
        for name in due {
            self.dials.remove(&name);
            if let Some(record) = self.records.get(&name) {
                self.actions.push(Action::Want(record.id.clone()));
            }
        }
    }

    /// Refuses a node: it is no member for this node until it is admitted again.
    pub(crate) fn refuse(&mut self, now: Duration, name: &NodeName) {
        self.refused.insert(name.clone());
        let known = self.records.get(name).filter(|record| record.is_up);
        if let Some(id) = known.map(|record| record.id.clone()) {
            self.refused_ids.insert(name.clone(), id.clone());
            self.apply(now, vec![foca::Member::down(id)], false);
        }
    }

    /// Reverts [`refuse`](Self::refuse), and dials the node if it is remembered.
    pub(crate) fn readmit(&mut self, now: Duration, name: &NodeName) {
        if self.refused.remove(name) {
            self.want(now, name);
        }
    }

    /// Leaves: announces it on all sessions, and takes no further part.
    pub(crate) fn leave(&mut self) {
        if self.is_leaving {
            return;
        }
        self.is_leaving = true;
        self.dials.clear();
        if let Some(own) = self.own().cloned() {
            let has_left = true;
            self.announce_gone(&[GoneMember { id: own, has_left }]);
        }
        self.swim = None;
    }
}
