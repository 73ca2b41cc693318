//! Sends and handles digests, which detect lost changes and drift.

use std::time::Duration;

use crate::node::id::{NodeId, NodeName};
use crate::replica::frame::{Frame, Summary};
use crate::replica::store::Store;
use crate::replica::transfer::Staging;

/// An upper bound on the encoded length of a summary.
const SUMMARY_COST: usize = 128;

impl Store {
    /// Sends the versions and hashes of all members to a random peer.
    pub(super) fn send_digest(&mut self) {
        self.flush();
        let peers = self.peers.len();
        if peers == 0 {
            return;
        }
        let peer = self.peers.keys().nth(self.rng.usize(..peers)).cloned();
        let members = self.members.all.values();
        let known = members.filter(|member| member.is_up() && member.log.version() > 0);
        let mut known: Vec<_> = known
            .map(|member| Summary {
                origin: member.origin.clone(),
                version: member.log.version(),
                hash: member.log.hash(),
            })
            .collect();
        // If not all fit, each has the same probability.
        let most = self.limits.chunk / SUMMARY_COST;
        if known.len() >= most {
            self.rng.shuffle(&mut known);
            known.truncate(most.saturating_sub(1));
        }
        known.insert(0, self.own_summary());
        if let Some(peer) = peer {
            self.send(&peer, &Frame::Digest(known));
        }
    }

    /// Compares a summary of a peer with the copy of this node.
    pub(super) fn received_summary(&mut self, now: Duration, from: &NodeName, summary: &Summary) {
        let id = &summary.origin.id;
        if id.name == self.own.id.name {
            if *id == self.own.id && summary.version > self.flushed {
                self.events.false_claims += 1;
            }
            return;
        }
        let Some(member) = self.members.get(id) else {
            return;
        };
        let is_accepted = summary.origin.renewal <= member.origin.renewal;
        if !is_accepted || member.transfer.is_some() {
            return;
        }
        let (version, hash) = (member.log.version(), member.log.hash());
        let is_up = member.is_up();
        if self.has_session(id) {
            let is_own = *from == id.name;
            // Between two chunks, a relay lacks entries that change in later chunks. Two such copies of one version may
            // differ, so only the hash of the origin counts.
            let has_drifted = is_own && summary.version == version && summary.hash != hash;
            self.events.drifts += u64::from(has_drifted);
            let differs = summary.version > version || is_own && summary.version != version;
            self.pull_from_origin(now, id, differs, has_drifted);
        } else if is_up && summary.version > version && self.can_ask(from, id) {
            self.pull(now, id, from, None);
        }
    }

    /// Requests the changes that the origin has and this node lacks, or all entries if the copy has drifted.
    fn pull_from_origin(&mut self, now: Duration, id: &NodeId, differs: bool, has_drifted: bool) {
        if has_drifted {
            self.pull(now, id, &id.name, Some(Staging::new(0)));
        } else if differs {
            self.pull(now, id, &id.name, None);
        } else {
            self.confirm(id);
        }
    }

    fn can_ask(&self, peer: &NodeName, id: &NodeId) -> bool {
        let peer = self.peers.get(peer);
        peer.is_none_or(|peer| peer.can_be_asked(id))
    }
}
