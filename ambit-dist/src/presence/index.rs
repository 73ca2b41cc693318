//! The visible presences of all nodes, by topic and key.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use tokio::sync::mpsc::UnboundedSender;

use crate::node::id::NodeId;
use crate::presence::entry::Stored;
use crate::replica::change::{Change, EntryId};
use crate::replication::table_index::{Retired, TableIndex};
use crate::small_map::SmallMap;

/// The writer and the number of an entry.
type EntryKey = (NodeId, EntryId);

/// The presences under one key; usually one.
type Metas = SmallMap<EntryKey, Arc<Stored>>;

/// The number of changes that may wait for the task, in addition to two for each presence: a node that joins or is lost
/// changes all of its presences at once.
pub(super) const BACKLOG: usize = 65_536;

/// The changes that wait for the task.
#[derive(Debug, Default)]
struct Backlog {
    count: usize,
    /// The greatest number of presences since no change was waiting.
    presences: usize,
    /// True since a change was dropped, because too many were waiting, until the task has handled all that were waiting.
    /// All changes in between are dropped too, so that none precedes the news of the loss.
    is_behind: bool,
}

/// A change of one presence. An update has both sides.
#[derive(Debug)]
pub(super) struct Changed {
    pub(super) leave: Option<Arc<Stored>>,
    pub(super) join: Option<Arc<Stored>>,
}

/// The view of the table.
pub(super) struct Index {
    presences: RwLock<Presences>,
    changes: UnboundedSender<Changed>,
    backlog: Mutex<Backlog>,
    /// The number of changes that may wait in addition to those of the presences.
    most: usize,
    /// Changes after the end of the task. They contain values of users, so they are dropped outside all locks.
    undelivered: Mutex<Vec<Changed>>,
}

struct Presences {
    topics: BTreeMap<Box<str>, BTreeMap<Box<str>, Metas>>,
    entries: BTreeMap<EntryKey, Arc<Stored>>,
}

impl Index {
    /// Creates an index behind which `most` changes may wait, in addition to two for each presence.
    pub(super) fn new(changes: UnboundedSender<Changed>, most: usize) -> Self {
        let presences = Presences {
            topics: BTreeMap::new(),
            entries: BTreeMap::new(),
        };
        Self {
            presences: RwLock::new(presences),
            changes,
            backlog: Mutex::default(),
            most,
            undelivered: Mutex::default(),
        }
    }

    /// Returns the number of topics and of presences.
    #[cfg(feature = "sim")]
    pub(super) fn len(&self) -> usize {
        let presences = self.presences.read();
        presences.topics.len() + presences.entries.len()
    }

    /// Returns the presences of a topic, sorted by key.
    pub(super) fn topic(&self, topic: &str) -> Vec<Arc<Stored>> {
        let presences = self.presences.read();
        let keys = presences.topics.get(topic).into_iter().flatten();
        keys.flat_map(|(_, metas)| metas.values().cloned())
            .collect()
    }

    /// Returns the presences of a topic under one key.
    pub(super) fn key(&self, topic: &str, key: &str) -> Vec<Arc<Stored>> {
        let presences = self.presences.read();
        let metas = presences.topics.get(topic).and_then(|keys| keys.get(key));
        let metas = metas.into_iter().flat_map(SmallMap::values);
        metas.cloned().collect()
    }

    /// Returns one presence.
    pub(super) fn get(&self, origin: &NodeId, id: EntryId) -> Option<Arc<Stored>> {
        let presences = self.presences.read();
        presences.entries.get(&(origin.clone(), id)).cloned()
    }

    /// Returns the changes that the task no longer reads, to be dropped outside all locks.
    pub(super) fn undelivered(&self) -> Vec<Changed> {
        std::mem::take(&mut *self.undelivered.lock())
    }

    /// Records that the task has handled this many changes. Returns true, once, if changes were dropped and all earlier
    /// ones are handled.
    pub(super) fn handled(&self, count: usize) -> bool {
        let mut backlog = self.backlog.lock();
        backlog.count -= count;
        if backlog.count > 0 {
            return false;
        }
        backlog.presences = 0;
        std::mem::take(&mut backlog.is_behind)
    }

    /// Returns all topics, sorted.
    pub(super) fn topics(&self) -> Vec<String> {
        let presences = self.presences.read();
        presences
            .topics
            .keys()
            .map(|topic| topic.to_string())
            .collect()
    }

    /// Sends a change to the task. If the change is dropped, returns the presence that has left: this reference may be
    /// the last.
    fn send(&self, leave: Option<Arc<Stored>>, join: Option<Arc<Stored>>) -> Option<Arc<Stored>> {
        if leave.is_none() && join.is_none() {
            return None;
        }
        let presences = self.presences.read().entries.len();
        let mut backlog = self.backlog.lock();
        backlog.presences = backlog.presences.max(presences);
        let most = self.most.saturating_add(2 * backlog.presences);
        backlog.is_behind |= backlog.count >= most;
        if backlog.is_behind {
            return leave;
        }
        backlog.count += 1;
        if let Err(error) = self.changes.send(Changed { leave, join }) {
            self.undelivered.lock().push(error.0);
        }
        None
    }
}

impl Presences {
    fn insert(&mut self, at: EntryKey, stored: &Arc<Stored>) {
        let keys = self.topics.entry(stored.topic.clone()).or_default();
        let metas = keys.entry(stored.key.clone()).or_default();
        metas.insert(at.clone(), stored.clone());
        self.entries.insert(at, stored.clone());
    }

    fn remove(&mut self, at: &EntryKey) -> Option<Arc<Stored>> {
        let stored = self.entries.remove(at)?;
        let keys = self.topics.get_mut(&stored.topic)?;
        if let Some(metas) = keys.get_mut(&stored.key) {
            metas.remove(at);
            if metas.is_empty() {
                keys.remove(&stored.key);
            }
        }
        if keys.is_empty() {
            self.topics.remove(&stored.topic);
        }
        Some(stored)
    }
}

impl TableIndex for Index {
    fn apply(&self, change: &Change) -> Option<Retired> {
        let (leave, join) = match change {
            Change::Put {
                origin, id, body, ..
            } => {
                let at = (origin.clone(), *id);
                let join = Stored::new(origin, body).map(Arc::new);
                let mut presences = self.presences.write();
                let leave = presences.remove(&at);
                if let Some(join) = &join {
                    presences.insert(at, join);
                }
                (leave, join)
            }
            Change::Removed { origin, id, .. } => {
                let at = (origin.clone(), *id);
                (self.presences.write().remove(&at), None)
            }
        };
        // Otherwise the last references go to the task.
        self.send(leave, join).map(|left| left as Retired)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

    use super::*;
    use crate::node::id::id;
    use crate::presence::entry::Header;

    /// Returns an index behind which four changes may wait, and two for each presence.
    fn index() -> (Index, UnboundedReceiver<Changed>) {
        let (sender, receiver) = unbounded_channel();
        (Index::new(sender, 4), receiver)
    }

    fn put(node: &str, entry: u64, topic: &str, key: &str) -> Change {
        let header = Header {
            topic,
            key,
            reference: entry,
            previous: None,
        };
        Change::Put {
            origin: id(node, 1),
            id: EntryId(entry),
            table: "presence/t".into(),
            body: header.body(&[]),
            is_new: true,
        }
    }

    fn removed(node: &str, entry: u64) -> Change {
        Change::Removed {
            origin: id(node, 1),
            id: EntryId(entry),
            table: "presence/t".into(),
        }
    }

    #[test]
    fn pres_01_a_new_entry_is_listed_and_joins() {
        let (index, mut changes) = index();
        index.apply(&put("a", 1, "room", "u"));
        assert_eq!(index.topic("room").len(), 1);
        assert_eq!(index.key("room", "u").len(), 1);
        assert!(index.topic("other").is_empty());
        let change = changes.try_recv().unwrap();
        assert!(change.leave.is_none());
        assert_eq!(&*change.join.unwrap().key, "u");
    }

    #[test]
    fn pres_05_an_update_is_one_change_with_both_sides() {
        let (index, mut changes) = index();
        index.apply(&put("a", 1, "room", "u"));
        changes.try_recv().unwrap();
        index.apply(&put("a", 1, "room", "u"));
        let change = changes.try_recv().unwrap();
        assert!(change.leave.is_some() && change.join.is_some());
        assert_eq!(index.topic("room").len(), 1);
    }

    #[test]
    fn pres_03_the_key_and_the_topic_go_with_the_last_entry() {
        let (index, _changes) = index();
        index.apply(&put("a", 1, "room", "u"));
        index.apply(&put("b", 1, "room", "u"));
        assert_eq!(index.key("room", "u").len(), 2);
        index.apply(&removed("a", 1));
        assert_eq!(index.key("room", "u").len(), 1);
        index.apply(&removed("b", 1));
        assert!(index.presences.read().topics.is_empty());
        assert!(index.presences.read().entries.is_empty());
    }

    #[test]
    fn a_slow_task_learns_of_dropped_changes_after_all_earlier_ones() {
        for many in [100, 400] {
            let (index, mut changes) = index();
            // All of them join, leave and join again, and one changes.
            for entry in 0..many {
                index.apply(&put("a", entry, "room", &entry.to_string()));
            }
            for entry in 0..many {
                assert!(index.apply(&removed("a", entry)).is_none());
            }
            for _ in 0..many {
                index.apply(&put("a", 0, "room", "0"));
            }
            // A presence that leaves meanwhile is dropped by the caller, which holds no lock.
            let retired = index.apply(&removed("a", 0)).unwrap();
            assert!(Arc::downcast::<Stored>(retired).is_ok());
            let waiting = 2 * usize::try_from(many).unwrap() + 4;
            assert_eq!(changes.len(), waiting);
            for _ in 1..waiting {
                changes.try_recv().unwrap();
                assert!(!index.handled(1));
                index.apply(&put("a", many, "hall", "u"));
            }
            changes.try_recv().unwrap();
            assert!(index.handled(1));
            assert_eq!(index.topics(), ["hall"]);
            assert!(index.apply(&removed("a", many)).is_none());
            assert!(changes.try_recv().unwrap().leave.is_some());
            assert!(!index.handled(1));
        }
    }

    #[test]
    fn an_entry_with_an_invalid_body_is_not_listed() {
        let (index, mut changes) = index();
        let mut change = put("a", 1, "room", "u");
        if let Change::Put { body, .. } = &mut change {
            *body = Bytes::from_static(&[0xff]);
        }
        index.apply(&change);
        index.apply(&removed("a", 1));
        assert!(changes.try_recv().is_err());
    }
}
