//! The subscribers of each topic.

use std::collections::BTreeMap;
use std::sync::Arc;

use ambit::server::Recipient;
use parking_lot::Mutex;

use crate::node::subscribers::{Events, NodeSubscription, Subscribers};
use crate::presence::data::{PresenceDiff, PresenceEvent};

/// The number of topics at which unused ones are first removed.
const FIRST_SWEEP: usize = 64;

type TopicSubscribers<M> = Arc<Subscribers<PresenceEvent<M>>>;

/// The subscribers of all topics.
pub(super) struct Topics<M: Clone + Send + Sync + 'static>(Mutex<TopicTable<M>>);

struct TopicTable<M: Clone + Send + Sync + 'static> {
    topics: BTreeMap<String, TopicSubscribers<M>>,
    next_sweep: usize,
    is_closed: bool,
}

impl<M: Clone + Send + Sync + 'static> Default for Topics<M> {
    fn default() -> Self {
        Self(Mutex::new(TopicTable {
            topics: BTreeMap::new(),
            next_sweep: FIRST_SWEEP,
            is_closed: false,
        }))
    }
}

impl<M: Clone + Send + Sync + 'static> Topics<M> {
    pub(super) fn listen(&self, topic: &str) -> Events<PresenceEvent<M>> {
        let topic = self.0.lock().topic(topic);
        topic.listen()
    }

    pub(super) fn subscribe(
        &self,
        topic: &str,
        process: &Recipient<PresenceEvent<M>>,
    ) -> NodeSubscription {
        // Outside the lock, because a handle may follow a name: the look-up can be code of users.
        let topic = self.0.lock().topic(topic);
        topic.subscribe(process)
    }

    /// Sends a diff to the subscribers of its topic. Only the task calls it, to preserve the order.
    pub(super) fn emit(&self, diff: PresenceDiff<M>) {
        if let Some(subscribers) = self.subscribers(&diff.topic) {
            subscribers.emit(&PresenceEvent::Diff(diff));
        }
    }

    /// Makes the subscribers of a topic read the state, because a diff could not be shown.
    pub(super) fn emit_missed(&self, topic: &str) {
        if let Some(subscribers) = self.subscribers(topic) {
            subscribers.emit(&PresenceEvent::Missed { events: 1 });
        }
    }

    /// Makes all subscribers read the state.
    pub(super) fn emit_missed_to_all(&self) {
        let all: Vec<_> = self.0.lock().topics.values().cloned().collect();
        for subscribers in all {
            subscribers.emit(&PresenceEvent::Missed { events: 1 });
        }
    }

    fn subscribers(&self, topic: &str) -> Option<TopicSubscribers<M>> {
        self.0.lock().topics.get(topic).cloned()
    }

    /// Ends all subscriptions after their queued events.
    pub(super) fn close(&self) {
        let topics = {
            let mut table = self.0.lock();
            table.is_closed = true;
            std::mem::take(&mut table.topics)
        };
        for subscribers in topics.into_values() {
            subscribers.close();
        }
    }
}

impl<M: Clone + Send + Sync + 'static> TopicTable<M> {
    fn topic(&mut self, topic: &str) -> TopicSubscribers<M> {
        if self.is_closed {
            let closed = TopicSubscribers::<M>::default();
            closed.close();
            return closed;
        }
        if self.topics.len() >= self.next_sweep {
            // A clone is only made under the lock: its owner may be about to subscribe.
            let is_used = |subscribers: &TopicSubscribers<M>| {
                Arc::strong_count(subscribers) > 1 || !subscribers.is_empty()
            };
            self.topics.retain(|_, subscribers| is_used(subscribers));
            self.next_sweep = FIRST_SWEEP.max(2 * self.topics.len());
        }
        self.topics.entry(topic.to_owned()).or_default().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_that_someone_is_about_to_subscribe_to_is_kept() {
        let topics = Topics::<u8>::default();
        // Between the look-up and the subscription.
        let subscribers = topics.0.lock().topic("lobby");
        for number in 0..10 * FIRST_SWEEP {
            drop(topics.listen(&number.to_string()));
        }
        let _events = subscribers.listen();
        let found = topics.subscribers("lobby").unwrap();
        assert!(Arc::ptr_eq(&found, &subscribers));
    }

    #[test]
    fn topics_without_listeners_are_removed() {
        let topics = Topics::<u8>::default();
        let kept = topics.listen("kept");
        for number in 0..10 * FIRST_SWEEP {
            drop(topics.listen(&number.to_string()));
        }
        let table = topics.0.lock();
        assert!(table.topics.len() <= FIRST_SWEEP);
        assert!(table.topics.contains_key("kept"));
        drop(kept);
    }
}
