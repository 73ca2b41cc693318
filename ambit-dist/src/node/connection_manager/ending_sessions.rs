//! The order of `Up` and `Down` around the end of a session.
//!
//! A session does not end at once when it is closed: its tasks may be running. Its `Down` waits for that end, because
//! no message may be delivered after it. The next `Up` of the node, and the answers to callers that asked for it, wait
//! for that `Down`. Nothing else waits, so a node whose session ends late delays only itself.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::node::connection_manager::action::Action;
use crate::node::connection_manager::target::{CallerId, ConnectionId};
use crate::node::id::{NodeId, NodeName};

/// The sessions that run, and the actions that wait for the end of one.
#[derive(Debug, Default)]
pub(super) struct EndingSessions {
    /// The connections whose `Up` was emitted and whose session has not ended.
    running: BTreeSet<ConnectionId>,
    /// The actions that wait, by the name of their node. The first one of each is the `Down` of a running session.
    waiting: BTreeMap<NodeName, VecDeque<Action>>,
}

impl EndingSessions {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Returns whether actions of this node wait for the end of a session.
    pub(super) fn is_ending(&self, name: &NodeName) -> bool {
        self.waiting.contains_key(name)
    }

    /// Returns the action, unless it must wait for the end of a session.
    pub(super) fn pass(&mut self, action: Action) -> Option<Action> {
        match &action {
            Action::Up { id, conn } => {
                if let Some(waiting) = self.waiting.get_mut(&id.name) {
                    waiting.push_back(action);
                    return None;
                }
                self.running.insert(*conn);
            }
            Action::Down { id, conn, .. } if self.running.contains(conn) => {
                let waiting = self.waiting.entry(id.name.clone()).or_default();
                waiting.push_back(action);
                return None;
            }
            Action::Answer { result: Ok(id), .. } => {
                if let Some(waiting) = self.waiting.get_mut(&id.name) {
                    waiting.push_back(action);
                    return None;
                }
            }
            _ => {}
        }
        Some(action)
    }

    /// Removes the `Up` of this connection and the answers that report it, if they wait. Returns the callers of these
    /// answers; `None` if no such `Up` waits.
    pub(super) fn cancel_up(&mut self, id: &NodeId, conn: ConnectionId) -> Option<Vec<CallerId>> {
        let waiting = self.waiting.get_mut(&id.name)?;
        let is_up = |action: &Action| matches!(action, Action::Up { conn: up, .. } if *up == conn);
        let up = waiting.iter().position(is_up)?;
        waiting.remove(up);
        let mut callers = Vec::new();
        waiting.retain(|action| match action {
            Action::Answer { caller, result } if result.as_ref() == Ok(id) => {
                callers.push(*caller);
                false
            }
            _ => true,
        });
        Some(callers)
    }

    /// Records that a session has ended. Returns the actions that have waited for it.
    pub(super) fn ended(&mut self, conn: ConnectionId) -> Vec<Action> {
        self.running.remove(&conn);
        let is_first = |waiting: &VecDeque<Action>| matches!(waiting.front(), Some(Action::Down { conn: down, .. }) if *down == conn);
        let mut all = self.waiting.iter();
        let name = all.find_map(|(name, waiting)| is_first(waiting).then(|| name.clone()));
        let waiting = name.and_then(|name| self.waiting.remove(&name));
        let waiting = waiting.into_iter().flatten();
        waiting.filter_map(|action| self.pass(action)).collect()
    }
}
