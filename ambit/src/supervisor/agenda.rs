//! What a supervisor has to do at some time, on one deadline.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::engine::ticket::Ticket;
use crate::pid::Pid;
use crate::process::clock::Clock;
use crate::process::world::World;
use crate::rt::Instant;
use crate::supervisor::core::{Key, RetryTicket};

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// The child's time to end is over.
    Kill(Key),
    /// The child was killed and should have ended.
    Overdue(Key),
    Retry(Key, RetryTicket),
    Grace,
    /// A stuck child is spoken of again, if it is still this process.
    Remind(Key, Pid),
}

impl Due {
    fn is_end_of(self, wanted: Key) -> bool {
        matches!(self, Self::Kill(key) | Self::Overdue(key) if key == wanted)
    }
}

pub(crate) struct Agenda {
    world: Arc<World>,
    due: BTreeMap<Instant, Vec<Due>>,
    /// Runs until the first of them.
    clock: Option<Clock>,
}

impl Agenda {
    pub(crate) fn new(world: &Arc<World>) -> Self {
        Self {
            world: world.clone(),
            due: BTreeMap::new(),
            clock: None,
        }
    }

    /// Notes something; the moment it is due.
    pub(crate) fn add(&mut self, after: Duration, due: Due) -> Instant {
        let at = self.world.after(after);
        self.due.entry(at).or_default().push(due);
        at
    }

    /// Strikes what was to be done at `at` to make the child end.
    pub(crate) fn remove(&mut self, at: Instant, key: Key) {
        if let Some(due) = self.due.get_mut(&at) {
            due.retain(|due| !due.is_end_of(key));
            if due.is_empty() {
                self.due.remove(&at);
            }
        }
    }

    /// Ready with one thing that is due.
    pub(crate) fn poll(&mut self, cx: &Context<'_>) -> Poll<Due> {
        let Some(mut first) = self.due.first_entry() else {
            self.clock = None;
            return Poll::Pending;
        };
        let at = *first.key();
        if self.clock.as_ref().is_none_or(|clock| clock.at() != at) {
            self.clock = Some(Clock::until(&self.world, at, Arc::<Ticket>::default()));
        }
        let is_due = self
            .clock
            .as_ref()
            .is_some_and(|clock| clock.poll(cx).is_ready());
        if !is_due {
            return Poll::Pending;
        }
        // In the order in which it was noted.
        let due = first.get_mut().remove(0);
        if first.get().is_empty() {
            first.remove();
            self.clock = None;
        }
        Poll::Ready(due)
    }
}
