//! The nodes with subscribers, by topic.

use std::collections::BTreeMap;

use parking_lot::RwLock;

use super::topic_key::TopicKey;
use crate::node::id::NodeId;
use crate::replica::change::{Change, EntryId};
use crate::replication::table_index::{Retired, TableIndex};
use crate::small_map::SmallMap;

/// An index of the nodes with subscribers.
#[derive(Default)]
pub(super) struct TopicIndex(RwLock<IndexState>);

#[derive(Default)]
struct IndexState {
    /// The entries of each node; usually one.
    topics: BTreeMap<TopicKey, SmallMap<NodeId, SmallMap<EntryId, ()>>>,
    entries: BTreeMap<(NodeId, EntryId), TopicKey>,
}

impl TopicIndex {
    /// Returns the number of topics and of their entries.
    #[cfg(feature = "sim")]
    pub(super) fn len(&self) -> usize {
        let state = self.0.read();
        state.topics.len() + state.entries.len()
    }

    /// Returns the nodes with subscribers of a topic, by name.
    pub(super) fn nodes(&self, key: &TopicKey) -> Vec<NodeId> {
        let state = self.0.read();
        let nodes = state.topics.get(key).into_iter();
        let nodes = nodes.flat_map(SmallMap::iter);
        nodes.map(|(node, _)| node.clone()).collect()
    }
}

impl IndexState {
    fn remove(&mut self, node: &NodeId, id: EntryId) {
        let Some(key) = self.entries.remove(&(node.clone(), id)) else {
            return;
        };
        let Some(nodes) = self.topics.get_mut(&key) else {
            return;
        };
        if let Some(entries) = nodes.get_mut(node) {
            entries.remove(&id);
            if entries.is_empty() {
                nodes.remove(node);
            }
        }
        if nodes.is_empty() {
            self.topics.remove(&key);
        }
    }
}

impl TableIndex for TopicIndex {
    fn apply(&self, change: &Change) -> Option<Retired> {
        let mut state = self.0.write();
        match change {
            Change::Put {
                origin, id, body, ..
            } => {
                state.remove(origin, *id);
                if let Some(key) = TopicKey::decode(body) {
                    let nodes = state.topics.entry(key.clone()).or_default();
                    nodes.get_or_default(origin.clone()).insert(*id, ());
                    state.entries.insert((origin.clone(), *id), key);
                }
            }
            Change::Removed { origin, id, .. } => state.remove(origin, *id),
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::id::id;

    fn put(key: &TopicKey, node: &str, number: u64) -> Change {
        Change::Put {
            origin: id(node, 1),
            id: EntryId(number),
            table: "topics".into(),
            body: key.encode().into(),
            is_new: true,
        }
    }

    fn removed(node: &str, number: u64) -> Change {
        Change::Removed {
            origin: id(node, 1),
            id: EntryId(number),
            table: "topics".into(),
        }
    }

    #[test]
    fn a_node_is_listed_until_its_last_entry_is_removed() {
        let index = TopicIndex::default();
        let key = TopicKey {
            name: "news".into(),
            message: "string".into(),
        };
        for change in [put(&key, "b", 1), put(&key, "a", 1), put(&key, "a", 2)] {
            index.apply(&change);
        }
        assert_eq!(index.nodes(&key), [id("a", 1), id("b", 1)]);
        index.apply(&removed("a", 1));
        assert_eq!(index.nodes(&key), [id("a", 1), id("b", 1)]);
        index.apply(&removed("a", 2));
        index.apply(&removed("a", 2));
        assert_eq!(index.nodes(&key), [id("b", 1)]);
        index.apply(&removed("b", 1));
        assert!(index.0.read().topics.is_empty() && index.0.read().entries.is_empty());
    }
}
