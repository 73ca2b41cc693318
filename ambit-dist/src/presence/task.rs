//! The task of a tracker: it passes the changes, in order, to the hooks and the subscribers.

use std::collections::BTreeSet;
use std::sync::{Arc, Weak};

use ambit::message::Wire;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::presence::data::{PresenceDiff, PresenceEntry};
use crate::presence::entry::{self, Stored};
use crate::presence::hooks::{self, Hooks};
use crate::presence::index::{Changed, Index};
use crate::presence::merged::Merged;
use crate::presence::state::sort;
use crate::presence::topics::Topics;
use crate::replication::shared::Replication;
use crate::user_code;

/// The number of changes that the task takes at once.
const BATCH: usize = 256;

/// Ends all subscriptions at the end of the task, even if its runtime shuts down.
pub(super) struct CloseTopicsOnDrop<M: Clone + Send + Sync + 'static>(pub(super) Arc<Topics<M>>);

impl<M: Clone + Send + Sync + 'static> Drop for CloseTopicsOnDrop<M> {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Runs until the node ends. A runtime that shuts down may drop this future before the first poll.
pub(super) async fn run<M: Wire + Clone + Send + Sync + 'static>(
    replication: Arc<Replication>,
    index: Weak<Index>,
    mut changes: UnboundedReceiver<Changed>,
    hooks: Arc<Hooks<M>>,
    topics: CloseTopicsOnDrop<M>,
) {
    let topics = &topics.0;
    let metas = hooks.metas.lock().take();
    let mut merged = metas.map(Merged::new);
    let present = |topic: &str| {
        let stored = index.upgrade()?.topic(topic);
        user_code::caught("the metadata of a presence", || {
            let mut entries = entry::list(&replication, &stored);
            hooks.fetch(topic, &mut entries);
            entries
        })
    };
    let mut batch = Vec::new();
    loop {
        tokio::select! {
            biased;
            count = changes.recv_many(&mut batch, BATCH) => if count == 0 { return },
            () = replication.ended() => return,
        }
        let count = batch.len();
        for outcome in outcomes(&replication, batch.drain(..)) {
            match outcome {
                Outcome::Diff(diff) => pass(diff, &hooks, merged.as_mut(), &present, topics),
                Outcome::Lost { topic } => {
                    if let Some(merged) = &mut merged {
                        merged.restore(&topic, &present);
                    }
                    topics.emit_missed(&topic);
                }
            }
        }
        let behind = index.upgrade().filter(|index| index.handled(count));
        if let Some(index) = behind {
            let node = replication.node_context.id();
            tracing::warn!(%node, "the hooks of a presence tracker are too slow: too many changes waited for them, and later ones were dropped");
            if let Some(merged) = &mut merged {
                merged.restore_all(index.topics(), &present);
            }
            topics.emit_missed_to_all();
        }
    }
}

/// Passes a diff to the hooks and the subscribers of its topic. `present` returns the presences of a topic, unless the
/// code of users panics.
fn pass<M: Clone + Send + Sync + 'static>(
    mut diff: PresenceDiff<M>,
    hooks: &Hooks<M>,
    merged: Option<&mut Merged<M>>,
    present: &dyn Fn(&str) -> Option<Vec<PresenceEntry<M>>>,
    topics: &Topics<M>,
) {
    let topic = diff.topic.clone();
    let fetched = hooks::call("fetch", &topic, || {
        hooks.fetch(&topic, &mut diff.joins);
        hooks.fetch(&topic, &mut diff.leaves);
    });
    if let Some(merged) = merged {
        merged.apply(&diff, fetched, present);
    }
    // The diff is cloned for the subscribers, and dropped.
    user_code::caught("the metadata of a presence", || match fetched {
        true => topics.emit(diff),
        false => topics.emit_missed(&topic),
    });
}

/// The result of changes of one topic.
enum Outcome<M> {
    Diff(PresenceDiff<M>),
    /// The code of users panicked, so that there is no diff.
    Lost {
        topic: String,
    },
}

/// One side of a change: a topic and its presence.
type Side<'a, M> = Option<(&'a str, PresenceEntry<M>)>;

/// Returns the outcomes of changes. Joins of one topic in a row are one diff, and so are leaves.
fn outcomes<M: Wire + Clone + Send + Sync + 'static>(
    replication: &Replication,
    changes: impl Iterator<Item = Changed>,
) -> Vec<Outcome<M>> {
    let mut outcomes = Vec::new();
    for changed in changes {
        let Changed { leave, join } = &changed;
        let sides = user_code::caught("the metadata of a presence", || {
            (side(replication, leave), side(replication, join))
        });
        match sides {
            Some((Some(leave), Some(join))) if leave.0 != join.0 => {
                push(&mut outcomes, Some(leave), None);
                push(&mut outcomes, None, Some(join));
            }
            Some((leave, join)) => push(&mut outcomes, leave, join),
            None => lose(&mut outcomes, &changed),
        }
        user_code::caught("the drop of a presence", || drop(changed));
    }
    for outcome in &mut outcomes {
        if let Outcome::Diff(diff) = outcome {
            sort(&mut diff.joins);
            sort(&mut diff.leaves);
        }
    }
    outcomes
}

/// Returns a side of a change. Runs user code. Returns `None` if this node cannot read the presence.
fn side<'a, M: Wire + Clone + Send + Sync + 'static>(
    replication: &Replication,
    stored: &'a Option<Arc<Stored>>,
) -> Side<'a, M> {
    let stored = stored.as_ref()?;
    let entry = PresenceEntry {
        key: (*stored.key).to_owned(),
        metas: vec![stored.meta(replication)?],
    };
    Some((&stored.topic, entry))
}

/// Adds the loss of a change, once for each of its topics.
fn lose<M>(outcomes: &mut Vec<Outcome<M>>, changed: &Changed) {
    let sides = [&changed.leave, &changed.join].into_iter().flatten();
    let topics: BTreeSet<&str> = sides.map(|stored| &*stored.topic).collect();
    outcomes.extend(topics.into_iter().map(|topic| {
        let topic = topic.to_owned();
        Outcome::Lost { topic }
    }));
}

/// Adds a diff, or extends the last one by a leave or a join, if both have only those. They are sorted at the end.
fn push<M>(outcomes: &mut Vec<Outcome<M>>, leave: Side<'_, M>, join: Side<'_, M>) {
    let Some(topic) = leave.as_ref().or(join.as_ref()).map(|(topic, _)| *topic) else {
        return;
    };
    let entry = |side: Side<'_, M>| side.map(|(_, entry)| entry);
    let (leave, join) = (entry(leave), entry(join));
    match outcomes.last_mut() {
        Some(Outcome::Diff(last))
            if last.topic == topic
                && (last.joins.is_empty() && join.is_none()
                    || last.leaves.is_empty() && leave.is_none()) =>
        {
            last.joins.extend(join);
            last.leaves.extend(leave);
        }
        _ => outcomes.push(Outcome::Diff(PresenceDiff {
            topic: topic.to_owned(),
            joins: join.into_iter().collect(),
            leaves: leave.into_iter().collect(),
        })),
    }
}
