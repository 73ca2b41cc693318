//! A copy of the presences of one topic.

use crate::presence::data::{PresenceDiff, PresenceEntry};
use crate::presence::state::{apply, position, position_of, sort};

/// A copy of the presences of one topic, updated by the diffs of [`Presence::events`](crate::Presence::events), for
/// example in a client of a web server. The view has no connection to a tracker: pass it the state once, with
/// [`sync`](Self::sync), and then each diff, with [`apply`](Self::apply). Diffs that arrive before the state are
/// buffered and applied after it. (Phoenix: the `Presence` class of the JavaScript client.)
///
/// ```
/// use ambit::prelude::*;
/// use ambit_dist::transport::Memory;
/// use ambit_dist::{Node, Presence, PresenceEvent, PresenceView};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// # let client = ambit::spawn(|mut inbox: Inbox<u8>| async move { inbox.recv().await; });
/// let rooms = Presence::<String>::open(&node, "rooms")?;
/// let mut events = rooms.events("lobby");
/// let mut view = PresenceView::new("lobby");
/// view.sync(rooms.list("lobby"));
///
/// rooms.track(&client, "lobby", "ada", "phone".into())?;
/// match events.next().await.ok_or("the node runs")? {
///     PresenceEvent::Diff(diff) => {
///         let changes = view.apply(diff).ok_or("the view has its state")?;
///         assert_eq!(changes.joins[0].key, "ada");
///     }
///     // This listener was too slow: the changes between both states.
///     _ => drop(view.sync(rooms.list("lobby"))),
/// }
/// assert_eq!(view.list(), rooms.list("lobby"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct PresenceView<M> {
    topic: String,
    entries: Vec<PresenceEntry<M>>,
    /// The diffs that wait for the state; `None` once there is one.
    pending: Option<Vec<PresenceDiff<M>>>,
}

impl<M: Clone> PresenceView<M> {
    /// Returns an empty view of a topic, which waits for its state.
    #[must_use]
    pub fn new(topic: impl Into<String>) -> Self {
        Self {
            topic: topic.into(),
            entries: Vec::new(),
            pending: Some(Vec::new()),
        }
    }

    /// Replaces the state of the view by `state`, applies the buffered diffs, and returns the changes: joins of
    /// presences that were not in the view before, and leaves of those that are no longer in it. The cost grows with
    /// the sizes of the old and the new state.
    pub fn sync(&mut self, mut state: Vec<PresenceEntry<M>>) -> PresenceDiff<M> {
        sort(&mut state);
        for diff in self.pending.take().unwrap_or_default() {
            apply(&mut state, &diff);
        }
        let before = std::mem::replace(&mut self.entries, state);
        difference(&self.topic, &before, &self.entries)
    }

    /// Applies a diff, and returns the actual changes, without joins of presences that were already in the view and
    /// without leaves of unknown ones. Returns `None` if the diff belongs to another topic, or if the view has no state
    /// yet and buffers the diff. The cost grows with the size of the diff. Adding or removing keys also shifts the
    /// entries after them, once for the joins and once for the leaves.
    pub fn apply(&mut self, diff: PresenceDiff<M>) -> Option<PresenceDiff<M>> {
        if diff.topic != self.topic {
            return None;
        }
        if let Some(pending) = &mut self.pending {
            pending.push(diff);
            return None;
        }
        let changes = PresenceDiff {
            topic: diff.topic.clone(),
            joins: select(&diff.joins, &self.entries, false),
            leaves: select(&diff.leaves, &self.entries, true),
        };
        apply(&mut self.entries, &diff);
        Some(changes)
    }

    /// Discards the buffered diffs, and makes the view wait for the next [`sync`](Self::sync), for example after a
    /// reconnect. Until then, [`list`](Self::list) returns the last state.
    pub fn reset(&mut self) {
        self.pending = Some(Vec::new());
    }

    /// Returns whether the view waits for a state and buffers diffs.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.pending.is_some()
    }

    /// Returns the presences, sorted by key.
    #[must_use]
    pub fn list(&self) -> &[PresenceEntry<M>] {
        &self.entries
    }

    /// Returns the presences under a key, or `None` if the key is not present. (Elixir:
    /// `Phoenix.Presence.get_by_key/2`.)
    #[must_use]
    pub fn get_by_key(&self, key: &str) -> Option<&PresenceEntry<M>> {
        find(&self.entries, key)
    }
}

fn find<'e, M>(entries: &'e [PresenceEntry<M>], key: &str) -> Option<&'e PresenceEntry<M>> {
    position(entries, key).ok().map(|at| &entries[at])
}

/// Returns the joins and leaves that lead from one state of a topic to another.
pub(super) fn difference<M: Clone>(
    topic: &str,
    before: &[PresenceEntry<M>],
    after: &[PresenceEntry<M>],
) -> PresenceDiff<M> {
    PresenceDiff {
        topic: topic.to_owned(),
        joins: select(after, before, false),
        leaves: select(before, after, false),
    }
}

/// Returns the presences of `from` that are, or are not, in `others`.
fn select<M: Clone>(
    from: &[PresenceEntry<M>],
    others: &[PresenceEntry<M>],
    is_in: bool,
) -> Vec<PresenceEntry<M>> {
    let selected = from.iter().filter_map(|entry| {
        let known = find(others, &entry.key).map(|entry| &entry.metas[..]);
        let known = known.unwrap_or_default();
        let metas = entry.metas.iter();
        let metas = metas.filter(|meta| position_of(known, meta).is_ok() == is_in);
        let metas: Vec<_> = metas.cloned().collect();
        let key = entry.key.clone();
        (!metas.is_empty()).then_some(PresenceEntry { key, metas })
    });
    selected.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::presence::state::tests::{diff, entry};

    fn view(entries: &[(&str, &[u64])]) -> PresenceView<u64> {
        let mut view = PresenceView::new("t");
        view.sync(
            entries
                .iter()
                .map(|(key, metas)| entry(key, metas))
                .collect(),
        );
        view
    }

    #[test]
    fn pres_21_a_diff_before_the_state_is_applied_after_it() {
        let mut view = PresenceView::new("t");
        assert!(view.is_pending());
        let early = diff(vec![entry("c", &[3])], vec![entry("a", &[1])]);
        assert_eq!(view.apply(early), None);
        assert_eq!(view.list(), []);
        let changes = view.sync(vec![entry("a", &[1]), entry("b", &[2])]);
        assert_eq!(view.list(), [entry("b", &[2]), entry("c", &[3])]);
        assert_eq!(changes.joins, view.list());
        assert_eq!(changes.leaves, []);
        assert!(!view.is_pending());
    }

    #[test]
    fn pres_21_a_state_reports_only_new_and_missing_presences() {
        let mut view = view(&[("a", &[1]), ("b", &[2, 3]), ("d", &[4])]);
        let changes = view.sync(vec![
            entry("b", &[3, 5]),
            entry("c", &[6]),
            entry("d", &[4]),
        ]);
        assert_eq!(changes.joins, [entry("b", &[5]), entry("c", &[6])]);
        assert_eq!(changes.leaves, [entry("a", &[1]), entry("b", &[2])]);
        let again = view.sync(view.list().to_vec());
        assert_eq!((again.joins, again.leaves), (vec![], vec![]));
    }

    #[test]
    fn pres_21_a_diff_reports_only_new_and_known_presences() {
        let mut view = view(&[("a", &[1])]);
        let late = diff(
            vec![entry("a", &[1, 2]), entry("b", &[3])],
            vec![entry("a", &[9]), entry("c", &[8])],
        );
        let changes = view.apply(late.clone()).unwrap();
        assert_eq!(changes.joins, [entry("a", &[2]), entry("b", &[3])]);
        assert_eq!(changes.leaves, []);
        let again = view.apply(late).unwrap();
        assert_eq!((again.joins, again.leaves), (vec![], vec![]));
        let end = diff(vec![], vec![entry("a", &[1, 2])]);
        assert_eq!(view.apply(end).unwrap().leaves, [entry("a", &[1, 2])]);
        assert_eq!(view.get_by_key("a"), None);
        assert_eq!(view.get_by_key("b"), Some(&entry("b", &[3])));
    }

    #[test]
    fn pres_21_a_reconnect_discards_the_buffered_diffs() {
        let mut view = view(&[("a", &[1])]);
        view.reset();
        assert_eq!(view.apply(diff(vec![entry("b", &[2])], vec![])), None);
        assert_eq!(view.list(), [entry("a", &[1])]);
        view.reset();
        let changes = view.sync(vec![entry("c", &[3])]);
        assert_eq!(changes.joins, [entry("c", &[3])]);
        assert_eq!(changes.leaves, [entry("a", &[1])]);
    }

    #[test]
    fn diffs_of_other_topics_are_ignored() {
        let mut view = view(&[("a", &[1])]);
        let mut other = diff(vec![entry("b", &[2])], vec![]);
        other.topic = "other".to_owned();
        assert_eq!(view.apply(other), None);
        assert_eq!(view.list(), [entry("a", &[1])]);
    }
}
