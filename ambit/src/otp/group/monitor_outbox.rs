//! Notifies the monitors of groups, in the order of the changes.
//!
//! A change is queued under the store's lock and delivered without it, because a hand-written server converts it into
//! an info in its own code.

use parking_lot::Mutex;

use super::event::{GroupChange, GroupEvent};
use super::store::{Change, Direction};
use crate::handle::protocol::Protocol;
use crate::handle::recipient::Recipient;
use crate::handle::subject::Subject;
use crate::names::outbox::Outbox;
use crate::ordered_map::OrderedMap;
use crate::panics;
use crate::pid::Pid;
use crate::signal::MonitorRef;

/// Identifies a monitor across systems: each system numbers its own refs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Watch {
    pub(super) pid: Pid,
    pub(super) reference: MonitorRef,
}

pub(super) struct MonitorOutbox<P: Protocol + ?Sized> {
    listeners: Mutex<OrderedMap<Watch, Recipient<GroupEvent<P>>>>,
    outbox: Outbox<Change<Subject<P>, Watch>>,
}

impl<P: Protocol + ?Sized> Default for MonitorOutbox<P> {
    fn default() -> Self {
        Self {
            listeners: Mutex::default(),
            outbox: Outbox::default(),
        }
    }
}

impl<P: Protocol + ?Sized> MonitorOutbox<P> {
    /// Adds a listener. The caller holds the store's lock, so no change for this listener is queued yet.
    pub(super) fn listen(&self, watch: Watch, listener: Recipient<GroupEvent<P>>) {
        self.listeners.lock().insert(watch, listener);
    }

    /// Queues changes, in order: the caller holds the store's lock. Changes without a listener are queued too, because
    /// their handles must not be dropped under that lock.
    pub(super) fn add(&self, changes: impl IntoIterator<Item = Change<Subject<P>, Watch>>) {
        self.outbox.add(changes);
    }

    /// Delivers the caller's changes, and later ones unless another thread waits for them; the caller holds no lock.
    pub(super) fn tell(&self) {
        self.outbox.tell(|change| self.notify_one(change));
    }

    fn notify_one(&self, change: Change<Subject<P>, Watch>) {
        if change.notified.is_empty() {
            return;
        }
        let members = change.members.into_iter().map(|entry| entry.holder);
        let news = GroupChange::new(change.group, members.collect());
        for watch in &change.notified {
            let Some(listener) = self.listeners.lock().get(watch).cloned() else {
                continue;
            };
            let news = news.notified_to(watch.reference);
            // Delivered past the mailbox bound, like a `Down`: a monitor must not miss an event. False means that the
            // process has ended.
            let event = match change.way {
                Direction::Joined => GroupEvent::Joined(news),
                Direction::Left => GroupEvent::Left(news),
            };
            panics::deliver(|| listener.item(event));
        }
    }

    /// Removes listeners. After this returns, they get no more events, unless it is called from the conversion of an
    /// event.
    pub(super) fn forget(&self, monitors: &[Watch]) {
        if monitors.is_empty() {
            return;
        }
        for monitor in monitors {
            let gone = self.listeners.lock().remove(monitor);
            drop(gone);
        }
        self.outbox.wait_for_current();
    }
}
