//! The decisions of the store that the task performs.

use std::time::Duration;

use crate::replica::store::Action;
use crate::replication::shared::Replication;
use crate::session::channels::SessionNumber;

/// An action, and the session that it is for.
#[derive(Debug)]
pub(super) struct SessionAction {
    pub(super) session: Option<SessionNumber>,
    pub(super) action: Action,
}

impl Replication {
    /// Pushes new entries. Returns the pending actions in order, and the time of the next [`timer`](Self::timer).
    pub(super) fn take_actions(&self) -> (Vec<SessionAction>, Option<Duration>) {
        self.apply(|tables, _| {
            tables.store.flush();
            let actions = tables.store.take_actions().into_iter();
            // All of them are for the present sessions.
            let connected = &tables.connected;
            let actions = actions.map(|action| SessionAction {
                session: action
                    .peer()
                    .and_then(|peer| connected.get(peer))
                    .map(|(_, session)| *session),
                action,
            });
            (actions.collect(), tables.store.deadline())
        })
    }

    /// Does what is due.
    pub(super) fn timer(&self) {
        self.apply(|tables, now| tables.store.timer(now));
    }
}
