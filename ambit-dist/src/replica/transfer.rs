//! The transfers of the entries of one origin, and the changes that result from them.

use std::sync::Arc;
use std::time::Duration;

use crate::node::id::{NodeId, NodeName};
use crate::replica::change::{Change, EntryId};
use crate::replica::frame::{Op, OpKind};
use crate::replica::log::Log;

/// A pull without an answer, and the chunks before it.
#[derive(Debug)]
pub(super) struct Transfer {
    /// The peer that was asked: the origin itself, or a relay.
    pub(super) source: NodeName,
    /// The chunks of a full transfer.
    pub(super) staging: Option<Staging>,
    /// The time of the last pull.
    pub(super) asked: Duration,
}

/// The chunks of a full transfer.
#[derive(Debug)]
pub(super) struct Staging {
    /// The version of the source when the transfer started.
    pub(super) start: u64,
    pub(super) log: Log,
}

impl Staging {
    pub(super) fn new(start: u64) -> Self {
        let log = Log::new(0);
        Self { start, log }
    }
}

/// Applies an operation. Returns the changes of the visible entries.
pub(super) fn apply(log: &mut Log, origin: &NodeId, op: Op) -> impl Iterator<Item = Change> {
    let id = op.id;
    let after = match &op.kind {
        OpKind::Put { table, body } => Some((table.clone(), body.clone())),
        OpKind::Remove => None,
    };
    let before = log.apply(op);
    let stays = after
        .as_ref()
        .is_some_and(|(table, _)| before.as_ref() == Some(table));
    let gone = before.filter(|_| !stays);
    let gone = gone.map(|table| removed(origin, id, table));
    let put = after.map(|(table, body)| Change::Put {
        origin: origin.clone(),
        id,
        table,
        body,
        is_new: !stays,
    });
    gone.into_iter().chain(put)
}

/// Returns the changes from one state of a log to another: removals, the last put first, then puts in the order of
/// versions. So an entry is visible only together with the earlier entries that it refers to.
pub(super) fn difference(origin: &NodeId, old: &Log, new: &Log) -> Vec<Change> {
    let is_same_table = |id: EntryId, table: &Arc<str>| {
        let other = new.get(id);
        other.is_some_and(|other| other.table == *table)
    };
    let gone = old.after(0).rev().filter_map(|op| match op.kind {
        OpKind::Put { table, .. } if !is_same_table(op.id, &table) => {
            Some(removed(origin, op.id, table))
        }
        OpKind::Put { .. } | OpKind::Remove => None,
    });
    let mut changes: Vec<_> = gone.collect();
    for op in new.after(0) {
        let OpKind::Put { table, body } = op.kind else {
            continue;
        };
        let before = old.get(op.id);
        if before
            .is_some_and(|old| (old.version, &old.table, &old.body) == (op.version, &table, &body))
        {
            continue;
        }
        let is_new = before.is_none_or(|old| old.table != table);
        let (origin, id) = (origin.clone(), op.id);
        changes.push(Change::Put {
            origin,
            id,
            table,
            body,
            is_new,
        });
    }
    changes
}

/// Returns the changes that show a log.
pub(super) fn appearance(origin: &NodeId, log: &Log) -> Vec<Change> {
    difference(origin, &Log::new(0), log)
}

/// Returns the changes that hide a log.
pub(super) fn disappearance(origin: &NodeId, log: &Log) -> Vec<Change> {
    difference(origin, log, &Log::new(0))
}

fn removed(origin: &NodeId, id: EntryId, table: Arc<str>) -> Change {
    let origin = origin.clone();
    Change::Removed { origin, id, table }
}
