//! The presences of each topic after its last diff, for the `on_diff` hook.

use std::collections::{BTreeMap, BTreeSet};

use crate::presence::data::{PresenceDiff, PresenceEntry};
use crate::presence::hooks::{self, OnMetas};
use crate::presence::state::apply;
use crate::presence::view::difference;
use crate::user_code;

/// Reads the presences of a topic. Returns `None` if the code of users panics.
pub(super) type ReadTopic<'a, M> = &'a dyn Fn(&str) -> Option<Vec<PresenceEntry<M>>>;

/// The presences after the last diff, and the hook that receives them.
pub(super) struct Merged<M> {
    metas: OnMetas<M>,
    topics: BTreeMap<String, Vec<PresenceEntry<M>>>,
    /// The topics that lack a change, because the code of users panicked.
    incomplete: BTreeSet<String>,
}

impl<M: Clone> Merged<M> {
    pub(super) fn new(metas: OnMetas<M>) -> Self {
        Self {
            metas,
            topics: BTreeMap::new(),
            incomplete: BTreeSet::new(),
        }
    }

    /// Applies a diff, and passes it to the hook. The topic is read anew first if it lacks a change. It can then be ahead
    /// of the diff: applying the diffs up to its state again leads to the same state. If the diff is not whole, because
    /// its `fetch` hook panicked, the topic is read instead: what has been read contains the diff.
    pub(super) fn apply(&mut self, diff: &PresenceDiff<M>, is_whole: bool, read: ReadTopic<'_, M>) {
        let topic = &diff.topic;
        let is_lacking = !is_whole || self.incomplete.contains(topic);
        let is_restored = is_lacking && self.restore(topic, read);
        let entries = self.topics.entry(topic.clone()).or_default();
        let applied = match !is_whole && is_restored {
            true => Some(()),
            false => user_code::caught("the metadata of a presence", || apply(entries, diff)),
        };
        hooks::call("on_diff", topic, || (self.metas)(diff, entries));
        if applied.is_none() {
            self.incomplete.insert(topic.clone());
        }
        self.remove_empty(topic);
    }

    /// Reads the presences of a topic anew, because a change is lost. If that fails, the next diff tries again, and the
    /// result is false.
    pub(super) fn restore(&mut self, topic: &str, read: ReadTopic<'_, M>) -> bool {
        let Some(entries) = read(topic) else {
            self.incomplete.insert(topic.to_owned());
            return false;
        };
        self.incomplete.remove(topic);
        let replaced = self.topics.insert(topic.to_owned(), entries);
        user_code::caught("the drop of a presence", || drop(replaced));
        self.remove_empty(topic);
        true
    }

    /// Reads all topics anew, and passes what has changed to the hook. `topics` are those that have presences.
    pub(super) fn restore_all(&mut self, topics: Vec<String>, read: ReadTopic<'_, M>) {
        let mut all: BTreeSet<String> = topics.into_iter().collect();
        all.extend(self.topics.keys().cloned());
        for topic in all {
            let before = self.topics.remove(&topic).unwrap_or_default();
            if !self.restore(&topic, read) {
                self.topics.insert(topic, before);
                continue;
            }
            let after = self.topics.get(&topic).map_or(&[][..], Vec::as_slice);
            let diff = user_code::caught("the metadata of a presence", || {
                difference(&topic, &before, after)
            });
            if let Some(diff) =
                diff.filter(|diff| !diff.joins.is_empty() || !diff.leaves.is_empty())
            {
                hooks::call("on_diff", &topic, || (self.metas)(&diff, after));
            }
            user_code::caught("the drop of a presence", || drop(before));
        }
    }

    fn remove_empty(&mut self, topic: &str) {
        if self.topics.get(topic).is_some_and(Vec::is_empty) {
            self.topics.remove(topic);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::mpsc;

    use parking_lot::Mutex;

    use super::*;
    use crate::presence::state::tests::{diff, entry};

    type Shown = Vec<PresenceEntry<u64>>;

    /// The presences of the topic `t`, if they can be read.
    type Source = Arc<Mutex<Option<Shown>>>;

    fn merged() -> (Merged<u64>, mpsc::Receiver<Shown>) {
        let (show, shown) = mpsc::channel();
        let merged = Merged::new(Box::new(move |_, entries| {
            show.send(entries.to_vec()).unwrap();
        }));
        (merged, shown)
    }

    #[test]
    fn a_topic_that_lacks_a_change_is_read_anew() {
        let source = Source::default();
        let read = |topic: &str| {
            assert_eq!(topic, "t");
            source.lock().clone()
        };
        let (mut merged, shown) = merged();
        let joins = diff(vec![entry("a", &[1]), entry("b", &[2])], vec![]);
        merged.apply(&joins, true, &read);
        assert_eq!(shown.recv(), Ok(joins.joins));

        // The leave of `a` is lost, and then the presences can be read.
        merged.restore("t", &read);
        *source.lock() = Some(vec![entry("b", &[2]), entry("c", &[3])]);
        let join = diff(vec![entry("c", &[3])], vec![]);
        merged.apply(&join, true, &read);
        let expected = vec![entry("b", &[2]), entry("c", &[3])];
        assert_eq!(shown.recv(), Ok(expected));
        assert!(merged.incomplete.is_empty());
    }

    #[test]
    fn a_diff_that_is_not_whole_replaces_nothing_that_was_read() {
        let (mut merged, shown) = merged();
        // The metas of the diff lack what `fetch` adds.
        let raw = diff(vec![entry("a", &[1])], vec![]);
        let fetched = vec![entry("a", &[10])];
        merged.apply(&raw, false, &|_| Some(fetched.clone()));
        assert_eq!(shown.recv(), Ok(fetched));
        // Without a topic that can be read, the diff is better than nothing.
        let raw = diff(vec![entry("b", &[2])], vec![]);
        merged.apply(&raw, false, &|_| None);
        assert_eq!(shown.recv().unwrap().len(), 2);
        assert!(merged.incomplete.contains("t"));
    }

    #[test]
    fn the_diffs_before_the_state_that_was_read_change_nothing_in_the_end() {
        let (mut merged, shown) = merged();
        // All presences have left meanwhile.
        merged.restore("t", &|_| Some(vec![]));
        assert!(merged.topics.is_empty());
        let unread = |_: &str| -> Option<Shown> { unreachable!("the topic lacks nothing") };
        merged.apply(&diff(vec![entry("a", &[1])], vec![]), true, &unread);
        merged.apply(&diff(vec![], vec![entry("a", &[1])]), true, &unread);
        assert_eq!(shown.try_iter().last(), Some(vec![]));
        assert!(merged.topics.is_empty());
    }
}
