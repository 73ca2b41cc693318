//! The subscribed processes of this node. A topic with at least one has one entry, which the other nodes see.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Arc, Weak};

use ambit::distribution::OnExit;
use ambit::process::Pid;
use parking_lot::Mutex;

use super::error::JoinGroupError;
use super::topic_key::TopicKey;
use crate::replica::change::EntryId;
use crate::replication::shared::Replication;

/// The table of the topics with subscribers.
pub(super) const TOPICS: &str = "topics";

/// The subscribed processes of this node.
pub(super) struct Subscriptions {
    replication: Arc<Replication>,
    state: Mutex<SubscriptionsState>,
}

#[derive(Default)]
struct SubscriptionsState {
    processes: BTreeMap<Pid, SubscribedProcess>,
    topics: BTreeMap<TopicKey, SubscribedTopic>,
}

struct SubscribedProcess {
    /// Ends the subscriptions with the process.
    _on_exit: OnExit,
    /// The number of its subscriptions to each topic.
    topics: BTreeMap<TopicKey, usize>,
}

/// A topic with subscriptions on this node.
struct SubscribedTopic {
    subscriptions: usize,
    entry: EntryId,
}

impl Subscriptions {
    pub(super) fn new(replication: Arc<Replication>) -> Arc<Self> {
        Arc::new(Self {
            replication,
            state: Mutex::default(),
        })
    }

    /// Returns the number of subscribed processes and of their topics.
    #[cfg(feature = "sim")]
    pub(super) fn len(&self) -> usize {
        let state = self.state.lock();
        state.processes.len() + state.topics.len()
    }

    /// Counts a subscription of a process of this node. A process that has ended is skipped.
    ///
    /// # Errors
    /// Fails with the limit that is reached. Nothing has changed then.
    pub(super) fn add(self: &Arc<Self>, key: &TopicKey, pid: Pid) -> Result<(), JoinGroupError> {
        let mut state = self.state.lock();
        let state = &mut *state;
        if !state.topics.contains_key(key) {
            let inserted = self.replication.insert(TOPICS, key.encode().into());
            let entry = inserted.map_err(|error| JoinGroupError::of_put(&error))?;
            let topic = SubscribedTopic {
                subscriptions: 0,
                entry,
            };
            state.topics.insert(key.clone(), topic);
        }
        if let Entry::Vacant(vacant) = state.processes.entry(pid) {
            // Registered under the lock that the hook takes, so the hook finds the subscription.
            let subscriptions = Arc::downgrade(self);
            let local = &self.replication.node_context.local;
            if let Some(on_exit) = local.on_exit(pid, move |pid| ended(&subscriptions, pid)) {
                let process = SubscribedProcess {
                    _on_exit: on_exit,
                    topics: BTreeMap::new(),
                };
                vacant.insert(process);
            }
        }
        let process = state.processes.get_mut(&pid);
        let count = usize::from(process.is_some());
        if let Some(process) = process {
            *process.topics.entry(key.clone()).or_default() += 1;
        }
        self.change(state, key, |before| before + count);
        Ok(())
    }

    /// Removes `count` subscriptions of a process to a topic, after they have ended. Not all of them: another task may
    /// have counted one that it has not begun yet.
    pub(super) fn remove(&self, key: &TopicKey, pid: Pid, count: usize) {
        let idle = {
            let mut state = self.state.lock();
            let state = &mut *state;
            let Some(process) = state.processes.get_mut(&pid) else {
                return;
            };
            let Some(of_topic) = process.topics.get_mut(key) else {
                return;
            };
            let removed = count.min(*of_topic);
            *of_topic -= removed;
            if *of_topic == 0 {
                process.topics.remove(key);
            }
            let is_idle = process.topics.is_empty();
            let idle = is_idle.then(|| state.processes.remove(&pid));
            self.change(state, key, |before| before.saturating_sub(removed));
            idle
        };
        // The exit hook is dropped without the lock.
        drop(idle);
    }

    /// Changes the number of subscriptions of a topic. The entry is removed with the last one, under the lock, so that
    /// it cannot be removed after a later subscription.
    fn change(
        &self,
        state: &mut SubscriptionsState,
        key: &TopicKey,
        count: impl FnOnce(usize) -> usize,
    ) {
        let Some(topic) = state.topics.get_mut(key) else {
            return;
        };
        topic.subscriptions = count(topic.subscriptions);
        if topic.subscriptions == 0 {
            // The view of topics retires no values of users.
            self.replication.remove(topic.entry);
            state.topics.remove(key);
        }
    }
}

/// Removes the subscriptions of an ended process.
fn ended(subscriptions: &Weak<Subscriptions>, pid: Pid) {
    let Some(subscriptions) = subscriptions.upgrade() else {
        return;
    };
    let process = {
        let mut state = subscriptions.state.lock();
        let process = state.processes.remove(&pid);
        for (key, count) in process.iter().flat_map(|process| &process.topics) {
            subscriptions.change(&mut state, key, |before| before.saturating_sub(*count));
        }
        process
    };
    drop(process);
}
