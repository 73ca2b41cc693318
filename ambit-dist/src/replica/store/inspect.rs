//! Reads the visible entries, and counts the stored ones.

use bytes::Bytes;

use crate::node::id::NodeId;
use crate::replica::change::{Change, EntryId};
use crate::replica::counts::Counts;
use crate::replica::log::Log;
use crate::replica::store::Store;

impl Store {
    /// Returns all visible entries of a table as new ones, to fill a view. Call [`take_changes`](Self::take_changes)
    /// first, because the returned entries include all earlier changes.
    pub(crate) fn open_table(&self, table: &str) -> Vec<Change> {
        let mut puts = Vec::new();
        for (origin, log) in self.visible() {
            puts.extend(log.table(table).map(|(id, entry)| Change::Put {
                origin: origin.clone(),
                id,
                table: entry.table.clone(),
                body: entry.body.clone(),
                is_new: true,
            }));
        }
        puts
    }

    /// Returns the body of a visible entry.
    pub(crate) fn get(&self, origin: &NodeId, id: EntryId) -> Option<&Bytes> {
        let log = if *origin == self.own.id {
            &self.log
        } else {
            let member = self.members.get(origin);
            &member.filter(|member| member.is_up())?.log
        };
        log.get(id).map(|entry| &entry.body)
    }

    /// Returns whether this node has received the entries of all members that are up. It has those of a connected member
    /// once it has all that the member had when it first acknowledged the entries of this node; every later change of
    /// the member is acknowledged by this node.
    pub(crate) fn has_all_logs(&self) -> bool {
        self.members.awaited.is_empty()
    }

    fn visible(&self) -> impl Iterator<Item = (&NodeId, &Log)> {
        let up = self.members.all.values().filter(|member| member.is_up());
        let up = up.map(|member| (&member.origin.id, &member.log));
        [(&self.own.id, &self.log)].into_iter().chain(up)
    }

    /// Returns whether the entries of this incarnation are visible.
    #[cfg(test)]
    pub(crate) fn is_visible(&self, id: &NodeId) -> bool {
        self.visible().any(|(visible, _)| visible == id)
    }

    /// Returns the number of visible entries outside of this table.
    #[cfg(feature = "sim")]
    pub(crate) fn entries_outside(&self, table: &str) -> usize {
        let logs = self.visible();
        logs.map(|(_, log)| log.len() - log.table(table).count())
            .sum()
    }

    /// Counts everything that is stored.
    pub(crate) fn counts(&self) -> Counts {
        let visible = self.visible().filter(|(_, log)| log.len() > 0);
        let mut counts = Counts {
            entries: visible.map(|(id, log)| (id.clone(), log.len())).collect(),
            tombstones: self.log.tombstones(),
            bytes: self.log.bytes(),
            members: self.members.all.len(),
            peers: self.peers.len(),
            pulls: self.peers.values().map(|peer| peer.asked.len()).sum(),
            remembered: self.dropped.len(),
            events: self.events,
            ..Counts::default()
        };
        for member in self.members.all.values() {
            counts.tombstones += member.log.tombstones();
            counts.bytes += member.log.bytes();
            if !member.is_up() {
                counts.hidden += member.log.len();
            }
            if let Some(transfer) = &member.transfer {
                counts.transfers += 1;
                if let Some(staging) = &transfer.staging {
                    counts.staged += staging.log.len();
                    counts.bytes += staging.log.bytes();
                }
            }
        }
        counts
    }

    /// Returns the number of items that were visited so far.
    #[cfg(test)]
    pub(in crate::replica) fn visits(&self) -> usize {
        let members = self.members.all.values();
        self.log.visits() + members.map(|member| member.log.visits()).sum::<usize>()
    }
}
