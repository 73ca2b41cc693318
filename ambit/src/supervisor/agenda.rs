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
    /// The child was killed and should have ended; so often it had no thread to end on.
    Overdue(Key, u32),
    Retry(Key, RetryTicket),
    Grace,
    /// A stuck child is spoken of again, if it is still this process.
    Remind(Key, Pid),
}

/// Where something stands on an agenda: by its time, then in the order in which it was noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    at: Instant,
    number: u64,
}

pub(crate) struct Agenda {
    world: Arc<World>,
    due: BTreeMap<Place, Due>,
    /// How much has ever been noted.
    number: u64,
    /// Runs until the first of them.
    clock: Option<Clock>,
}

impl Agenda {
    pub(crate) fn new(world: &Arc<World>) -> Self {
        Self {
            world: world.clone(),
            due: BTreeMap::new(),
            number: 0,
            clock: None,
        }
    }

    /// Notes something, and where.
    pub(crate) fn add(&mut self, after: Duration, due: Due) -> Place {
        self.number += 1;
        let place = Place {
            at: self.world.after(after),
            number: self.number,
        };
        self.due.insert(place, due);
        place
    }

    /// Strikes what was noted there, if it is not done yet.
    pub(crate) fn remove(&mut self, place: Place) {
        self.due.remove(&place);
    }

    /// Ready with one thing that is due.
    pub(crate) fn poll(&mut self, cx: &Context<'_>) -> Poll<Due> {
        let Some(first) = self.due.first_entry() else {
            self.clock = None;
            return Poll::Pending;
        };
        let at = first.key().at;
        if self.clock.as_ref().is_none_or(|clock| clock.at() != at) {
            self.clock = Some(Clock::until(&self.world, at, Arc::<Ticket>::default()));
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
