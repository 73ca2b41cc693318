//! The task of a tracker: it passes the changes, in order, to the hooks and the subscribers.

use std::collections::BTreeMap;
use std::sync::Arc;

use ambit::message::Wire;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::presence::data::{PresenceDiff, PresenceEntry, add, apply};
use crate::presence::entry::Stored;
use crate::presence::hooks::{self, Hooks, OnMetas};
use crate::presence::index::Changed;
use crate::presence::topics::Topics;
use crate::replication::shared::Replication;

/// The number of changes that the task takes at once.
const BATCH: usize = 256;

/// Ends all subscriptions at the end of the task, even if its runtime shuts down.
struct CloseOnDrop<M: Clone + Send + Sync + 'static>(Arc<Topics<M>>);

impl<M: Clone + Send + Sync + 'static> Drop for CloseOnDrop<M> {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Runs until the node ends.
pub(super) async fn run<M: Wire + Clone + Send + Sync + 'static>(
    replication: Arc<Replication>,
    mut changes: UnboundedReceiver<Changed<M>>,
    hooks: Arc<Hooks<M>>,
    topics: Arc<Topics<M>>,
) {
    let _close = CloseOnDrop(topics.clone());
    let metas = hooks.metas.lock().take();
    let mut merged = metas.map(|metas| Merged {
        metas,
        topics: BTreeMap::new(),
    });
    let mut batch = Vec::new();
    loop {
        tokio::select! {
            biased;
            count = changes.recv_many(&mut batch, BATCH) => if count == 0 { return },
            () = replication.ended() => return,
        }
        for mut diff in diffs(&replication, batch.drain(..)) {
            let fetched = hooks::call("fetch", &diff.topic.clone(), || {
                hooks.fetch(&diff.topic, &mut diff.joins);
                hooks.fetch(&diff.topic, &mut diff.leaves);
            });
            if let Some(merged) = &mut merged {
                merged.apply(&diff);
            }
            match fetched {
                true => topics.emit(diff),
                false => topics.emit_missed(&diff.topic),
            }
        }
    }
}

/// The presences after the last diff, for the metas hook.
struct Merged<M> {
    metas: OnMetas<M>,
    topics: BTreeMap<String, Vec<PresenceEntry<M>>>,
}

impl<M: Clone> Merged<M> {
    fn apply(&mut self, diff: &PresenceDiff<M>) {
        let entries = self.topics.entry(diff.topic.clone()).or_default();
        apply(entries, diff);
        hooks::call("on_diff", &diff.topic, || (self.metas)(diff, entries));
        if entries.is_empty() {
            self.topics.remove(&diff.topic);
        }
    }
}

/// Returns the diffs of changes. Leaves of one topic in a row are one diff.
fn diffs<M: Wire + Clone>(
    replication: &Replication,
    changes: impl Iterator<Item = Changed<M>>,
) -> Vec<PresenceDiff<M>> {
    let mut diffs: Vec<PresenceDiff<M>> = Vec::new();
    let entries = |stored: &Stored<M>| {
        let mut entries = Vec::new();
        if let Some(meta) = stored.meta(replication) {
            add(&mut entries, &stored.key, meta);
        }
        entries
    };
    for Changed { leave, join } in changes {
        let stays = join.as_ref().zip(leave.as_ref());
        let stays = stays.is_none_or(|(join, leave)| join.topic == leave.topic);
        if !stays {
            let leave = leave.as_ref().map(|leave| (&*leave.topic, entries(leave)));
            push(&mut diffs, leave, None);
            let join = join.as_ref().map(|join| (&*join.topic, entries(join)));
            push(&mut diffs, None, join);
            continue;
        }
        let leave = leave.as_ref().map(|leave| (&*leave.topic, entries(leave)));
        let join = join.as_ref().map(|join| (&*join.topic, entries(join)));
        push(&mut diffs, leave, join);
    }
    diffs
}

type OnTopic<'a, M> = Option<(&'a str, Vec<PresenceEntry<M>>)>;

/// Adds a diff, or extends the last one by a leave.
fn push<M>(diffs: &mut Vec<PresenceDiff<M>>, leave: OnTopic<'_, M>, join: OnTopic<'_, M>) {
    let Some(topic) = leave.as_ref().or(join.as_ref()).map(|(topic, _)| *topic) else {
        return;
    };
    let entries = |side: OnTopic<'_, M>| side.map(|(_, entries)| entries).unwrap_or_default();
    let (leaves, joins) = (entries(leave), entries(join));
    if leaves.is_empty() && joins.is_empty() {
        return;
    }
    match diffs.last_mut() {
        Some(last) if last.topic == topic && last.joins.is_empty() && joins.is_empty() => {
            for leave in leaves {
                for meta in leave.metas {
                    add(&mut last.leaves, &leave.key, meta);
                }
            }
        }
        _ => diffs.push(PresenceDiff {
            topic: topic.to_owned(),
            joins,
            leaves,
        }),
    }
}
