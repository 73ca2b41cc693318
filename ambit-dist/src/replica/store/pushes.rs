//! Pushes the changes of this node to other nodes, and handles their acknowledgements.

use bytes::Bytes;

use crate::node::id::NodeName;
use crate::replica::frame::{Delta, Frame, Summary};
use crate::replica::log::Chunk;
use crate::replica::peers::{Ack, Peer};
use crate::replica::store::{Action, Store};

impl Store {
    /// Pushes all changes since the last call to all peers.
    pub(crate) fn flush(&mut self) {
        let from = std::mem::replace(&mut self.flushed, self.log.version());
        if from < self.flushed && !self.peers.is_empty() {
            let frames = self.changes_since(from);
            for name in self.peer_names() {
                self.push(&name, frames.as_deref());
            }
        }
        self.report_acknowledged();
    }

    /// Returns whether every connected member has the changes of this node up to this version, and this node has those
    /// that the members made before they acknowledged it.
    pub(crate) fn acknowledged(&self, version: u64) -> bool {
        version <= self.acks.everywhere(self.flushed)
    }

    pub(super) fn report_acknowledged(&mut self) {
        if let Some(version) = self.acks.news(self.flushed) {
            self.actions.push(Action::Acknowledged { version });
        }
    }

    pub(super) fn peer_names(&self) -> Vec<NodeName> {
        self.peers.keys().cloned().collect()
    }

    /// Encodes the changes after a version, or returns `None` if they are too long to push, or incomplete.
    fn changes_since(&self, mut from: u64) -> Option<Vec<Bytes>> {
        if from < self.log.floor() {
            return None;
        }
        let (mut frames, mut length) = (Vec::new(), 0);
        while from < self.flushed {
            let Chunk { ops, to, .. } = self.log.chunk(from, self.limits.chunk_budget());
            let frame = Frame::Delta(Delta {
                origin: self.own.clone(),
                from,
                to,
                full: None,
                more: false,
                answer: None,
                ops,
            });
            let bytes = frame.encode();
            length += bytes.len();
            if length > self.limits.unacknowledged {
                return None;
            }
            frames.push(bytes);
            from = to;
        }
        Some(frames)
    }

    /// Pushes frames to a peer that keeps up.
    fn push(&mut self, name: &NodeName, frames: Option<&[Bytes]>) {
        let Some(peer) = self.peers.get_mut(name) else {
            return;
        };
        let length = frames.into_iter().flatten().map(Bytes::len).sum();
        let keeps_up = |peer: &Peer| {
            let bytes = peer.unacknowledged.bytes() + length;
            bytes <= self.limits.unacknowledged && !peer.is_behind
        };
        let Some(frames) = frames.filter(|_| keeps_up(peer)) else {
            peer.is_behind = true;
            return self.announce_if_idle(name);
        };
        peer.pushed = self.flushed;
        peer.unacknowledged.add(self.flushed, length);
        for bytes in frames {
            let (to, bytes) = (name.clone(), bytes.clone());
            self.actions.push(Action::Send { to, bytes });
        }
    }

    /// Informs a peer that missed pushes of the version, once it has acknowledged all earlier pushes.
    fn announce_if_idle(&mut self, name: &NodeName) {
        let Some(peer) = self.peers.get_mut(name) else {
            return;
        };
        if peer.is_behind && peer.acknowledged >= peer.pushed {
            peer.is_behind = false;
            self.announce(name);
        }
    }

    /// Informs a peer of the version of this node.
    pub(super) fn announce(&mut self, name: &NodeName) {
        if let Some(peer) = self.peers.get_mut(name) {
            peer.pushed = self.flushed;
        }
        let own = self.own_summary();
        self.send(name, &Frame::Digest(vec![own]));
    }

    pub(super) fn own_summary(&self) -> Summary {
        Summary {
            origin: self.own.clone(),
            version: self.log.version(),
            hash: self.log.hash(),
        }
    }

    /// Handles an acknowledgement of a peer.
    pub(super) fn received_ack(&mut self, from: &NodeName, ack: Ack) {
        if ack.version > self.flushed {
            self.events.false_claims += 1;
            return;
        }
        let Some(peer) = self.peers.get_mut(from) else {
            return;
        };
        peer.acknowledge(ack);
        self.settle(from);
        self.announce_if_idle(from);
    }

    /// Counts the acknowledgements of a member from before the present version of this node's copy of its log.
    pub(super) fn settle(&mut self, name: &NodeName) {
        let Some(peer) = self.peers.get_mut(name) else {
            return;
        };
        let member = self.members.get(&peer.id).filter(|member| member.is_up());
        let Some(member) = member else {
            return;
        };
        if peer.settle(member.log.version()) {
            self.acks.set(name, peer.settled.unwrap_or(0));
            self.members.awaited.remove(name);
            self.report_acknowledged();
        }
    }
}
