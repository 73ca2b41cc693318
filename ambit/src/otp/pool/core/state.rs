//! The states of workers, and how many workers are in which.

use std::mem;
use std::time::Duration;

use crate::otp::pool::core::{Ticket, WorkerId};
use crate::supervisor::backoff::Delays;
use crate::supervisor::core::Key;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Its start is under way.
    Starting,
    /// Its start is put off.
    Delayed,
    /// Among the free ones; not touched since.
    Free(Duration),
    /// Looked at, and free again after that, under the same turn; not touched before since.
    Pinged(Duration),
    /// Looked at before the client gets it; the client may have gone meanwhile.
    Leaving(Option<Ticket>),
    /// With a client; `true` when that has taken it.
    Leased(Ticket, bool),
    /// Looked at after a client has let go.
    Coming,
    /// Told to end.
    Stopping,
}

#[derive(Debug)]
pub(super) struct Worker {
    pub(super) state: State,
    /// Handles of this place mean it; without one it is there for the load of the moment.
    pub(super) place: Option<usize>,
    pub(super) line: Line,
    /// Its key among the free workers, now or when it was last free.
    pub(super) turn: u64,
    /// When its start was done.
    pub(super) up_since: Duration,
    /// Whether a client has had it.
    pub(super) has_served: bool,
}

/// What a worker has from the one that it replaces, and leaves to its replacement.
#[derive(Debug)]
pub(super) struct Line {
    /// The same for all of them.
    pub(super) key: Key,
    pub(super) delays: Delays,
}

impl Line {
    pub(super) fn new(first: WorkerId) -> Self {
        Self {
            key: Key(first.0),
            delays: Delays::default(),
        }
    }

    /// Takes it from a worker that is about to end.
    pub(super) fn take(&mut self) -> Self {
        Self {
            key: self.key,
            delays: mem::take(&mut self.delays),
        }
    }
}

/// How many workers are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) starting: usize,
    pub(super) delayed: usize,
    pub(super) free: usize,
    pub(super) pinged: usize,
    pub(super) coming: usize,
    pub(super) busy: usize,
    pub(super) stopping: usize,
}

impl Counts {
    pub(super) fn of(&mut self, state: State) -> &mut usize {
        match state {
            State::Starting => &mut self.starting,
            State::Delayed => &mut self.delayed,
            State::Free(_) => &mut self.free,
            // They come back by themselves.
            State::Pinged(_) => &mut self.pinged,
            State::Leaving(None) | State::Coming => &mut self.coming,
            State::Leaving(Some(_)) | State::Leased(..) => &mut self.busy,
            State::Stopping => &mut self.stopping,
        }
    }

    /// Those that will be free without a client's doing.
    pub(super) fn supply(&self) -> usize {
        self.starting + self.delayed + self.free + self.pinged + self.coming
    }

    /// Those that are not about to end.
    pub(super) fn alive(&self) -> usize {
        self.supply() + self.busy
    }

    pub(super) fn all(&self) -> usize {
        self.alive() + self.stopping
    }
}
