//! Handles the start and end of sessions with a sync channel, and the frames that arrive on them.

use std::time::Duration;

use bytes::Bytes;

use crate::node::id::{NodeId, NodeName};
use crate::replica::frame::Frame;
use crate::replica::origin::Origin;
use crate::replica::peers::{Ack, Peer};
use crate::replica::store::{Action, Store};
use crate::replica::transfer;
use crate::wire::CloseCode;

impl Store {
    /// Sets the identity of this node, which may change until its first session. The existing entries then belong to
    /// the new identity.
    pub(crate) fn set_own(&mut self, id: &NodeId) {
        if self.own.id == *id {
            return;
        }
        let hidden = transfer::disappearance(&self.own.id, &self.log);
        let shown = transfer::appearance(id, &self.log);
        self.changes.extend(hidden.into_iter().chain(shown));
        self.own.id = id.clone();
    }

    /// Handles the start of a session that can carry frames.
    pub(crate) fn connected(&mut self, now: Duration, id: &NodeId) {
        let name = &id.name;
        if *name == self.own.id.name {
            return;
        }
        self.disconnected(now, name);
        // An answer to an earlier session is one without a request in this one.
        self.actions.retain(|action| action.peer() != Some(name));
        let mut peer = Peer::new(id.clone());
        peer.is_returning = self.is_hidden(id);
        self.peers.insert(name.clone(), peer);
        if let Some(member) = self.members.get_mut(id) {
            // From now on, only the node itself is asked.
            member.transfer = None;
        }
        self.flush();
        self.announce(name);
        self.refresh(now, name);
    }

    /// Handles the loss of a session, with all frames on it.
    pub(crate) fn disconnected(&mut self, now: Duration, name: &NodeName) {
        let Some(peer) = self.peers.remove(name) else {
            return;
        };
        for id in peer.asked.iter().chain([&peer.id]) {
            if let Some(member) = self.members.get_mut(id)
                && member.awaits(name)
            {
                member.transfer = None;
            }
        }
        if peer.settled.is_some() {
            self.members.received.insert(name.clone(), peer.id);
        }
        self.refresh(now, name);
        self.report_acknowledged();
        self.forget_if_alone();
    }

    /// Handles a frame of a peer.
    pub(crate) fn received(&mut self, now: Duration, from: &NodeName, bytes: &Bytes) {
        if !self.peers.contains_key(from) {
            return;
        }
        match Frame::decode(bytes, &self.limits) {
            Ok(Frame::Delta(delta)) => self.received_delta(now, from, delta),
            Ok(Frame::Pull { origin, have, full }) => self.received_pull(from, &origin, have, full),
            Ok(Frame::Nothing { origin, coverage }) => {
                self.received_nothing(now, from, &origin.id, coverage);
            }
            Ok(Frame::Ack {
                version,
                sender_version,
            }) => self.received_ack(
                from,
                Ack {
                    version,
                    sender_version,
                },
            ),
            Ok(Frame::Digest(summaries)) => {
                for summary in summaries {
                    self.received_summary(now, from, &summary);
                }
            }
            Err(error) => self.violation(now, from, error.to_string()),
        }
    }

    /// Closes the session with a peer that violated the protocol. The effects of its earlier frames remain.
    pub(super) fn violation(&mut self, now: Duration, peer: &NodeName, text: String) {
        self.events.violations += 1;
        self.close(now, peer, CloseCode::Malformed, text);
    }

    /// Closes the session with a peer. The effects of its earlier frames remain.
    pub(super) fn close(&mut self, now: Duration, peer: &NodeName, code: CloseCode, text: String) {
        let peer = peer.clone();
        self.disconnected(now, &peer);
        self.actions.push(Action::Close { peer, code, text });
    }

    /// Returns whether this incarnation has a session.
    pub(super) fn has_session(&self, id: &NodeId) -> bool {
        let peer = self.peers.get(&id.name);
        peer.is_some_and(|peer| peer.id == *id)
    }

    /// Returns whether the entries of this incarnation are hidden, or were dropped after their grace.
    fn is_hidden(&self, id: &NodeId) -> bool {
        let member = self.members.all.get(&id.name);
        match member {
            Some(member) => member.origin.id == *id && !member.is_up(),
            None => self.dropped.may_return(id),
        }
    }

    /// Returns whether the membership is about to report a node that has a session. The session begins first, and its
    /// node may hold names that this node wants to register.
    pub(super) fn is_expected(&self, name: &NodeName) -> bool {
        let member = self.members.all.get(name);
        self.peers.get(name).is_some_and(|peer| {
            if peer.is_returning {
                return true;
            }
            let first = Origin {
                id: peer.id.clone(),
                renewal: 0,
            };
            let is_known = member.is_some_and(|member| member.origin.id >= peer.id);
            !is_known && !self.dropped.has_ended(&first)
        })
    }

    /// Updates the sets that depend on both the membership and the session of a node.
    pub(super) fn refresh(&mut self, now: Duration, name: &NodeName) {
        let is_expected = self.is_expected(name);
        let member = self.members.all.get(name);
        let up = member.filter(|member| member.is_up());
        let session = up.and_then(|member| {
            let peer = self.peers.get_mut(name);
            let peer = peer.filter(|peer| peer.id == member.origin.id)?;
            Some((peer, member.log.version()))
        });
        let has_session = session.is_some();
        let is_received = if let Some((peer, version)) = session {
            peer.settle(version);
            self.acks.set(name, peer.settled.unwrap_or(0));
            peer.settled.is_some()
        } else if is_expected {
            self.acks.set(name, 0);
            false
        } else {
            self.acks.remove(name);
            let received = self.members.received.get(name);
            up.is_none_or(|member| received == Some(&member.origin.id))
        };
        if up.is_none() || has_session {
            self.members.received.remove(name);
        }
        if up.is_some() && !has_session {
            self.members.without_session.insert(name.clone());
        } else {
            self.members.without_session.remove(name);
        }
        if is_received {
            self.members.awaited.remove(name);
        } else {
            self.members.awaited.insert(name.clone());
        }
        self.schedule(now);
    }
}
