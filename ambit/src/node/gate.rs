//! What stands in front of a process of another node: how many messages may still go, and which wait for that.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::engine::ticket::{Outcome, Ticket};
use crate::error::{CallError, Executed};
use crate::exit_reason::ExitReason;
use crate::message::Codec;
use crate::node::parcel::Parcel;
use crate::pid::Pid;

/// What waits, in the order in which it came.
pub(crate) enum Entry<C: Codec> {
    Parcel(Parcel<C>),
    /// A place that somebody wants to hold.
    Place {
        id: u64,
        ticket: Arc<Ticket>,
    },
    /// A request to stop, which needs no place and overtakes nothing.
    Stop {
        from: Pid,
        reason: ExitReason,
    },
}

impl<C: Codec> Entry<C> {
    fn id(&self) -> Option<u64> {
        match self {
            Self::Parcel(parcel) => Some(parcel.id),
            Self::Place { id, .. } => Some(*id),
            Self::Stop { .. } => None,
        }
    }

    /// It will not go any more.
    pub(crate) fn refuse(self, outcome: Outcome, error: &CallError) {
        match self {
            Self::Parcel(parcel) => parcel.stays(outcome, error.clone()),
            Self::Place { ticket, .. } => ticket.settle(outcome),
            Self::Stop { .. } => {}
        }
    }
}

/// No clock, no tasks: it says what may go now.
pub(crate) struct Gate<C: Codec> {
    credits: u32,
    waiting: VecDeque<Entry<C>>,
}

impl<C: Codec> Default for Gate<C> {
    fn default() -> Self {
        Self {
            credits: 0,
            waiting: VecDeque::new(),
        }
    }
}

impl<C: Codec> Gate<C> {
    /// Whether a message may go now: there is credit, and nobody was here before.
    pub(crate) fn is_open(&self) -> bool {
        self.credits > 0 && self.waiting.is_empty()
    }

    /// So many messages go, or have gone.
    pub(crate) fn spend(&mut self, count: u32) {
        self.credits = self.credits.saturating_sub(count);
    }

    /// So many more may go.
    pub(crate) fn credit(&mut self, count: u32) {
        self.credits = self.credits.saturating_add(count);
    }

    /// A session begins with a whole window.
    pub(crate) fn reset(&mut self, window: u32) {
        self.credits = window;
    }

    pub(crate) fn wait(&mut self, entry: Entry<C>) {
        self.waiting.push_back(entry);
    }

    /// Puts back what could not go after all.
    pub(crate) fn wait_first(&mut self, parcel: Parcel<C>) {
        self.waiting.push_front(Entry::Parcel(parcel));
    }

    /// Takes back what waits under this number.
    pub(crate) fn withdraw(&mut self, id: u64) -> Option<Entry<C>> {
        let at = self
            .waiting
            .iter()
            .position(|entry| entry.id() == Some(id))?;
        self.waiting.remove(at)
    }

    /// What may go next. A parcel or place spends a credit.
    pub(crate) fn next(&mut self) -> Option<Entry<C>> {
        let free = matches!(self.waiting.front()?, Entry::Stop { .. });
        if !free {
            self.credits = self.credits.checked_sub(1)?;
        }
        self.waiting.pop_front()
    }

    /// The way there is lost: everything that waits.
    pub(crate) fn close(&mut self) -> VecDeque<Entry<C>> {
        self.credits = 0;
        std::mem::take(&mut self.waiting)
    }

    pub(crate) fn queued(&self) -> usize {
        self.waiting.len()
    }

    pub(crate) fn credits(&self) -> u32 {
        self.credits
    }
}

/// What a caller is told whose message never left.
pub(crate) const NEVER_LEFT: CallError = CallError::NoConnection {
    executed: Executed::No,
};
