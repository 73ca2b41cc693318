//! Handles the changes of other nodes.

use std::time::Duration;

use bytes::Bytes;

use crate::node::id::{NodeId, NodeName};
use crate::replica::frame::{Coverage, Delta, Frame, Op, OpKind};
use crate::replica::log::Log;
use crate::replica::log::fits::Excess;
use crate::replica::store::Store;
use crate::replica::transfer::{self, Staging};

/// How long relays are not asked for the entries of a node that exceed a limit.
const EXCEEDED: Duration = Duration::from_secs(60);

impl Store {
    /// Handles changes from a peer: its own, or those of another node that it was asked for.
    pub(super) fn received_delta(&mut self, now: Duration, from: &NodeName, delta: Delta) {
        let id = delta.origin.id.clone();
        if id.name == self.own.id.name {
            let text = format!("changes of {}, which only this node makes", id.name);
            return self.violation(now, from, text);
        }
        if !self.takes_answer(from, &id) {
            let text = format!("changes of {id} without a request");
            return self.violation(now, from, text);
        }
        let is_own = self.peers.get(from).is_some_and(|peer| peer.id == id);
        let Some(member) = self.members.get_mut(&id) else {
            return;
        };
        // A relay is heard only while its answer is awaited, which the session of the origin ends.
        let is_heard = is_own || member.is_up() && member.awaits(from);
        if !is_heard || delta.origin.renewal > member.origin.renewal {
            // The answer is used up. The next report of the membership, or a digest, asks again.
            if delta.answer.is_some() && member.awaits(from) {
                member.transfer = None;
            }
            return;
        }
        let merged = match delta.full {
            Some(start) => self.stage(now, from, delta, start),
            None => self.merge(now, from, delta),
        };
        if let Err(excess) = merged {
            let (limit, remedy) = match excess {
                Excess::Entries => ("entries", "raise `Limits::entries` on all nodes"),
                Excess::Bytes => ("bytes", "raise `Limits::entry_bytes` on all nodes"),
                Excess::Tables => ("tables", "use fewer registries and trackers"),
            };
            let text = format!("{id} has more {limit} than the limit: {remedy}");
            self.exceeded(now, from, &id, text);
        }
        self.settle(&id.name);
    }

    /// The entries of a node exceed a limit of this one. Only the session with the node itself is closed: a relay may have
    /// higher limits, and passes on what it has.
    fn exceeded(&mut self, now: Duration, from: &NodeName, id: &NodeId, text: String) {
        if let Some(member) = self.members.get_mut(id) {
            member.ask_after = now.saturating_add(EXCEEDED);
            member.exceeds_limits = true;
            member.transfer = None;
        }
        if self.peers.get(from).is_some_and(|peer| peer.id == *id) {
            self.violation(now, from, text);
        }
        // Registrations do not wait for entries that this node cannot hold.
        self.relayed(id, Coverage::Complete);
    }

    /// Applies changes that continue the log, or requests the missing ones.
    fn merge(&mut self, now: Duration, from: &NodeName, delta: Delta) -> Result<(), Excess> {
        let Some(member) = self.members.get_mut(&delta.origin.id) else {
            return Ok(());
        };
        let id = &member.origin.id.clone();
        let have = member.log.version();
        if delta.from == have {
            member.log.fit_all(&delta.ops, &self.limits)?;
            let is_up = member.is_up();
            for op in delta.ops {
                let changes = transfer::apply(&mut member.log, id, unshared(op));
                if is_up {
                    self.changes.extend(changes);
                }
            }
            member.log.advance(delta.to);
        }
        if delta.answer.is_some() {
            member.transfer = None;
        }
        let is_pulled = member.transfer.is_some();
        let has_gap = delta.from != have && delta.to > have;
        if delta.more || has_gap {
            if !is_pulled {
                self.pull(now, id, from, None);
            }
        } else {
            self.received_all(id, delta.answer);
        }
        Ok(())
    }

    /// The sender has no more entries of a member than this node.
    fn received_all(&mut self, id: &NodeId, answer: Option<Coverage>) {
        if let Some(member) = self.members.get_mut(id) {
            member.exceeds_limits = false;
        }
        self.confirm(id);
        if let Some(coverage) = answer {
            self.relayed(id, coverage);
        }
    }

    /// Adds a chunk of a full transfer, which replaces the log when it is complete.
    fn stage(
        &mut self,
        now: Duration,
        from: &NodeName,
        delta: Delta,
        start: u64,
    ) -> Result<(), Excess> {
        let Some(member) = self.members.get_mut(&delta.origin.id) else {
            return Ok(());
        };
        let staging = member.transfer.take().and_then(|transfer| transfer.staging);
        let staging = match delta.from {
            0 => Some(Staging::new(start)),
            from => {
                staging.filter(|staging| (staging.start, staging.log.version()) == (start, from))
            }
        };
        let Some(mut staging) = staging else {
            return Ok(());
        };
        staging.log.fit_all(&delta.ops, &self.limits)?;
        for op in delta.ops {
            staging.log.apply(unshared(op));
        }
        staging.log.advance(delta.to);
        let id = &delta.origin.id;
        if delta.more {
            self.pull(now, id, from, Some(staging));
        } else {
            self.replace(id, staging.log);
            self.received_all(id, delta.answer);
        }
        Ok(())
    }

    /// Replaces the entries of a member at once. Only the origin itself may replace later entries by earlier ones.
    fn replace(&mut self, id: &NodeId, mut log: Log) {
        let is_direct = self.has_session(id);
        let Some(member) = self.members.get_mut(id) else {
            return;
        };
        if !is_direct && log.version() <= member.log.version() {
            return;
        }
        log.complete(self.limits.tombstones);
        if member.is_up() {
            let changes = transfer::difference(id, &member.log, &log);
            self.changes.extend(changes);
        }
        member.log = log;
        self.events.replacements += 1;
    }

    /// Acknowledges the visible version of a member to it. The first acknowledgement in a session may be one of no
    /// entries: it also states that this node waits for the acknowledgements of the member from now on.
    pub(super) fn confirm(&mut self, id: &NodeId) {
        let member = self.members.get(id).filter(|member| member.is_up());
        let Some(version) = member.map(|member| member.log.version()) else {
            return;
        };
        let peer = self.peers.get_mut(&id.name).filter(|peer| peer.id == *id);
        if let Some(peer) = peer
            && peer.confirmed.is_none_or(|confirmed| confirmed < version)
        {
            peer.confirmed = Some(version);
            let sender_version = self.log.version();
            let ack = Frame::Ack {
                version,
                sender_version,
            };
            self.send(&id.name, &ack);
        }
    }
}

/// Copies the body out of its frame, whose memory is released.
fn unshared(op: Op) -> Op {
    let kind = match op.kind {
        OpKind::Put { table, body } => OpKind::Put {
            table,
            body: Bytes::copy_from_slice(&body),
        },
        OpKind::Remove => OpKind::Remove,
    };
    Op { kind, ..op }
}
