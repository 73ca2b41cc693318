//! Sends requests for the entries of a node, and answers the requests of other nodes.

use std::time::Duration;

use crate::node::id::{NodeId, NodeName};
use crate::replica::frame::{Coverage, Delta, Frame};
use crate::replica::log::{Chunk, Log};
use crate::replica::members::Member;
use crate::replica::origin::Origin;
use crate::replica::peers::MAX_ASKED;
use crate::replica::store::Store;
use crate::replica::transfer::{Staging, Transfer};

impl Store {
    /// Requests the entries of a member from `source`, which is the member itself or a relay without a pending request
    /// for it. With `staging`, the request continues a full transfer.
    pub(super) fn pull(
        &mut self,
        now: Duration,
        id: &NodeId,
        source: &NodeName,
        staging: Option<Staging>,
    ) {
        let Some(member) = self.members.get_mut(id) else {
            return;
        };
        let origin = member.origin.clone();
        let full = staging.as_ref().map(|staging| staging.start);
        let log = staging.as_ref().map_or(&member.log, |staging| &staging.log);
        let have = log.version();
        member.transfer = Some(Transfer {
            source: source.clone(),
            staging,
            asked: now,
        });
        if let Some(peer) = self.peers.get_mut(source)
            && peer.id != *id
        {
            peer.asked.insert(id.clone());
        }
        let frame = Frame::Pull { origin, have, full };
        self.send(source, &frame);
    }

    /// Requests the entries of a member from the member, if it has a session and was not asked yet.
    pub(super) fn pull_from_itself(&mut self, now: Duration, name: &NodeName) {
        let Some(member) = self.members.all.get(name) else {
            return;
        };
        let id = member.origin.id.clone();
        if self.has_session(&id) && !member.awaits(name) {
            self.pull(now, &id, name, None);
        }
    }

    /// Answers the request of a peer. Every request has one answer.
    pub(super) fn received_pull(
        &mut self,
        from: &NodeName,
        origin: &Origin,
        have: u64,
        full: Option<u64>,
    ) {
        let budget = self.limits.chunk_budget();
        let coverage = self.coverage(origin);
        let answer = if origin.id == self.own.id {
            // A chunk never contains changes that are still to be pushed.
            self.flush();
            if let Some(peer) = self.peers.get_mut(from) {
                peer.record_pull(full, have);
            }
            let from = start(&self.log, have, full);
            Some((&self.own, &self.log, from))
        } else {
            let member = self.members.get(&origin.id);
            let member = member.filter(|member| member.log.version() > have);
            member.map(|member| {
                let from = start(&member.log, have, full);
                (&member.origin, &member.log, from)
            })
        };
        let Some((origin, log, (start, full))) = answer else {
            let origin = origin.clone();
            return self.send(from, &Frame::Nothing { origin, coverage });
        };
        let Chunk { ops, to, more } = log.chunk(start, budget);
        let delta = Delta {
            origin: origin.clone(),
            from: start,
            to,
            full,
            more,
            answer: Some(coverage),
            ops,
        };
        self.send(from, &Frame::Delta(delta));
    }

    /// Returns whether this node knows all entries of a node, as far as it can find out.
    fn coverage(&self, origin: &Origin) -> Coverage {
        let is_awaited = self.members.awaited.contains(&origin.id.name);
        let has_all = self.members.get(&origin.id).is_some_and(|member| {
            // Before a renewal that it does not know yet, it may have been connected to the node, but not since.
            let is_known = member.origin.renewal >= origin.renewal;
            member.is_up() && is_known && !is_awaited && !member.exceeds_limits
        });
        if has_all || origin.id == self.own.id {
            Coverage::Complete
        } else {
            Coverage::Partial
        }
    }

    /// Handles the answer of a peer that it has no later changes of a node.
    pub(super) fn received_nothing(
        &mut self,
        now: Duration,
        from: &NodeName,
        id: &NodeId,
        coverage: Coverage,
    ) {
        if !self.takes_answer(from, id) {
            let text = format!("an answer about {id} without a request");
            return self.violation(now, from, text);
        }
        if let Some(member) = self.members.get_mut(id)
            && member.awaits(from)
        {
            member.transfer = None;
            self.relayed(id, coverage);
        }
    }

    /// A relay has sent all entries of a member that it knows. If it lacks some itself, other relays are asked, until one
    /// has all of them, the member connects, or it is down.
    pub(super) fn relayed(&mut self, id: &NodeId, coverage: Coverage) {
        let is_up = self.members.get(id).is_some_and(Member::is_up);
        if coverage == Coverage::Complete && is_up && !self.has_session(id) {
            self.members.received.insert(id.name.clone(), id.clone());
            if !self.is_expected(&id.name) {
                self.members.awaited.remove(&id.name);
            }
        }
    }

    /// Returns whether a peer may send the entries of a node: its own at any time, others as the answer to a request.
    pub(super) fn takes_answer(&mut self, from: &NodeName, id: &NodeId) -> bool {
        let peer = self.peers.get_mut(from);
        peer.is_some_and(|peer| peer.id == *id || peer.asked.remove(id))
    }

    /// Asks a random peer for the entries of each member without a session.
    pub(super) fn ask_relays(&mut self, now: Duration) {
        let mut names: Vec<_> = self.members.without_session.iter().cloned().collect();
        if names.len() > MAX_ASKED {
            // A peer is asked for few of them at a time, so those come first that were never received, then others in turn.
            self.rng.shuffle(&mut names);
            names.sort_by_key(|name| !self.members.awaited.contains(name));
        }
        for name in names {
            let Some(member) = self.members.all.get(&name) else {
                continue;
            };
            if now < member.ask_after {
                continue;
            }
            let id = member.origin.id.clone();
            let patience = self.settings.relay_patience;
            let transfer = member.transfer.as_ref();
            if transfer.is_some_and(|transfer| now < transfer.asked.saturating_add(patience)) {
                continue;
            }
            let free = self.peers.values().filter(|peer| peer.can_be_asked(&id));
            let free: Vec<_> = free.map(|peer| peer.id.name.clone()).collect();
            if !free.is_empty() {
                let relay = &free[self.rng.usize(..free.len())];
                self.pull(now, &id, relay, None);
            }
        }
    }
}

/// Returns the version after which an answer starts, and the start of the full transfer that it is a part of.
fn start(log: &Log, have: u64, full: Option<u64>) -> (u64, Option<u64>) {
    // The removals after this version are needed, and none of them may be forgotten.
    let since = full.unwrap_or(have);
    let is_start = full.is_some() && have == 0;
    if is_start || since < log.floor() || have > log.version() {
        return (0, Some(log.version()));
    }
    (have, full)
}
