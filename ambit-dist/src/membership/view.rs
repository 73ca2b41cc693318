//! The state of the membership that handles read. The task of the membership replaces it after each change.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::membership::event::MemberEvent;
use crate::membership::member::Member;
use crate::node::subscribers::{Event, Subscribers};
use crate::rt::{self, Instant};

/// How long a late timer affects the health of the node.
const RECENT: Duration = Duration::from_secs(60);

/// The members as of the last change, sorted by name, without this node.
#[derive(Default)]
pub(crate) struct MembershipView {
    members: Mutex<Arc<Vec<Member>>>,
    /// Wakes those that wait for a state of the members.
    pub(super) changed: Notify,
    pub(crate) subscribers: Arc<Subscribers<MemberEvent>>,
    late_timers: AtomicU64,
    last_late: Mutex<Option<Instant>>,
    is_cut_off: AtomicBool,
    is_leaving: AtomicBool,
    has_left: AtomicBool,
}

impl Event for MemberEvent {
    fn missed(events: u64) -> Self {
        Self::Missed { events }
    }
}

impl MembershipView {
    pub(crate) fn members(&self) -> Arc<Vec<Member>> {
        self.members.lock().clone()
    }

    /// Replaces the members, and wakes the waiters if they differ.
    pub(super) fn replace(&self, members: Vec<Member>) {
        let mut current = self.members.lock();
        if **current == members || self.has_left() {
            return;
        }
        *current = Arc::new(members);
        drop(current);
        self.changed.notify_waiters();
    }

    /// Records that this node begins to leave.
    pub(crate) fn begin_leave(&self) {
        self.is_leaving.store(true, Ordering::Relaxed);
    }

    /// Returns whether this node has left or is leaving.
    pub(crate) fn is_leaving(&self) -> bool {
        self.is_leaving.load(Ordering::Relaxed) || self.has_left()
    }

    /// Removes the members when this node has left or its runtime shuts down, and ends the subscriptions.
    pub(crate) fn end(&self) {
        self.has_left.store(true, Ordering::Relaxed);
        let members = std::mem::take(&mut *self.members.lock());
        drop(members);
        self.subscribers.close();
        self.changed.notify_waiters();
    }

    pub(super) fn has_left(&self) -> bool {
        self.has_left.load(Ordering::Relaxed)
    }

    pub(super) fn set_late_timers(&self, late: u64) {
        if self.late_timers.swap(late, Ordering::Relaxed) != late {
            *self.last_late.lock() = Some(rt::now());
        }
    }

    pub(super) fn set_cut_off(&self, is_cut_off: bool) {
        self.is_cut_off.store(is_cut_off, Ordering::Relaxed);
    }

    /// Returns whether the last members were lost, and are no longer listed.
    pub(super) fn is_cut_off(&self) -> bool {
        self.is_cut_off.load(Ordering::Relaxed)
    }

    /// Returns the number of times that timers of the membership ran late, and whether one did recently.
    pub(crate) fn late_timers(&self) -> (u64, bool) {
        let last = *self.last_late.lock();
        let is_recent = last.is_some_and(|last| last.elapsed() < RECENT);
        (self.late_timers.load(Ordering::Relaxed), is_recent)
    }
}
