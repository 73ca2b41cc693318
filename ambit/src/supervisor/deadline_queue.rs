//! The deadline queue of a supervisor, driven by one timer.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::engine::queue_ticket::QueueTicket;
use crate::pid::Pid;
use crate::process::clock::Clock;
use crate::process::system_inner::SystemInner;
use crate::rt::Instant;
use crate::supervisor::core::{Key, RetryTicket};

/// An entry that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DueEntry {
    /// The shutdown time of the child has passed.
    Kill(Key),
    /// The child was killed and should have ended; the number counts how often it was found waiting for a thread.
    Overdue(Key, u32),
    Retry(Key, RetryTicket),
    Grace,
    /// The next report of a stuck child is due, if it is still this process.
    Remind(Key, Pid),
}

/// The key of an entry: its time, then the order of insertion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DeadlineKey {
    at: Instant,
    number: u64,
}

pub(crate) struct DeadlineQueue {
    system: Arc<SystemInner>,
    due: BTreeMap<DeadlineKey, DueEntry>,
    /// The number of entries inserted so far.
    number: u64,
    /// Runs until the first entry is due.
    clock: Option<Clock>,
}

impl DeadlineQueue {
    pub(crate) fn new(system: &Arc<SystemInner>) -> Self {
        Self {
            system: system.clone(),
            due: BTreeMap::new(),
            number: 0,
            clock: None,
        }
    }

    /// Inserts an entry, and returns its key.
    pub(crate) fn add(&mut self, after: Duration, due: DueEntry) -> DeadlineKey {
        self.number += 1;
        let deadline_key = DeadlineKey {
            at: self.system.after(after),
            number: self.number,
        };
        self.due.insert(deadline_key, due);
        deadline_key
    }

    /// Removes an entry, if it is not done yet.
    pub(crate) fn remove(&mut self, deadline_key: DeadlineKey) {
        self.due.remove(&deadline_key);
    }

    /// Ready with one entry that is due.
    pub(crate) fn poll(&mut self, cx: &Context<'_>) -> Poll<DueEntry> {
        let Some(first) = self.due.first_entry() else {
            self.clock = None;
            return Poll::Pending;
        };
        let at = first.key().at;
        if self.clock.as_ref().is_none_or(|clock| clock.at() != at) {
            self.clock = Some(Clock::until(
                &self.system,
                at,
                Arc::<QueueTicket>::default(),
            ));
        }
        let is_due = self
            .clock
            .as_ref()
            .is_some_and(|clock| clock.poll(cx).is_ready());
        if is_due {
            Poll::Ready(first.remove())
        } else {
            Poll::Pending
        }
    }
}
