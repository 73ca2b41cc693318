//! Sends the members that this node knows to its peers: at the start of a session, and repeatedly while this node has
//! no session with a member that others reach.

use std::ops::Bound;
use std::time::Duration;

use bytes::Bytes;
use foca::State;

use crate::membership::core::{Action, Core};
use crate::membership::frame;
use crate::membership::member_id::MemberId;
use crate::membership::swim::Swim;
use crate::node::id::NodeName;

/// The number of intervals of probes between two repetitions of the state.
const REPEAT_PERIODS: u32 = 4;

impl Core {
    /// Returns the frames of the members that this node knows, itself included, for one of them.
    pub(super) fn state_frames(&self, to: &NodeName) -> Vec<Bytes> {
        let own = self.own().cloned().map(foca::Member::alive);
        // The other nodes may not refuse a node that this one does.
        let is_shared = |member: &&foca::Member<MemberId>| {
            let (id, name) = (member.id(), &member.id().id.name);
            let is_down = member.state() == State::Down;
            let is_own_loss = is_down && self.refused_ids.get(name) == Some(id);
            // A loss that this node knows from others only is not passed on, so that all forget it an hour after it. But
            // the member itself has to renew itself.
            let is_hearsay = is_down && name != to && !self.records.contains_key(name);
            !self.refused.contains(name) && !is_own_loss && !is_hearsay
        };
        let shared = self.swim.iter().flat_map(Swim::members).filter(is_shared);
        // The protocol keeps them in an order that changes.
        let mut shared: Vec<_> = shared.collect();
        shared.sort_unstable_by(|one, other| one.id().id.cmp(&other.id().id));
        frame::state(own.iter().chain(shared))
    }

    /// Returns whether this node has a session with each member that it does not suspect.
    pub(super) fn reaches_all(&self) -> bool {
        let members = self.swim.iter().flat_map(Swim::members);
        let mut alive = members.filter(|member| member.state() == State::Alive);
        alive.all(|member| self.sessions.contains_key(&member.id().id.name))
    }

    /// Sends the state again if it is due, one frame at a time, so that it leaves room for packets in the queue; now to
    /// one peer and then to the next. Packets to members without a session are lost, and some news with them.
    pub(super) fn repeat_state(&mut self, now: Duration) {
        if now < self.repeat_at {
            return;
        }
        self.repeat_at = now + REPEAT_PERIODS * self.settings.swim.period;
        let Some(to) = self.repeats_to() else {
            return;
        };
        let frames = self.state_frames(&to);
        let sent = self.repeated_frames;
        self.repeated_frames = if sent + 1 < frames.len() { sent + 1 } else { 0 };
        if let Some(frame) = frames.into_iter().nth(sent) {
            let to = to.clone();
            self.actions.push(Action::Send { to, frame });
        }
        self.repeated_to = Some(to);
    }

    /// Returns the peer to which the next frame of the state is sent.
    fn repeats_to(&mut self) -> Option<NodeName> {
        let last = self.repeated_to.take();
        if self.repeated_frames > 0
            && let Some(last) = &last
            && self.sessions.contains_key(last)
        {
            return Some(last.clone());
        }
        self.repeated_frames = 0;
        let later = last.map(|last| (Bound::Excluded(last), Bound::Unbounded));
        let next = later.and_then(|later| self.sessions.range(later).next());
        let (to, _) = next.or_else(|| self.sessions.first_key_value())?;
        Some(to.clone())
    }
}
