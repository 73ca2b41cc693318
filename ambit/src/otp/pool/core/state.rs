//! The states of workers, and how many workers are in each.

use std::mem;
use std::time::Duration;

use crate::supervisor::backoff::Delays;
use crate::supervisor::core::Key;

/// One incarnation of a worker. Its replacement has another number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::otp::pool) struct WorkerId(pub(in crate::otp::pool) u64);

/// One checkout, from the request to the return. Numbers grow in request order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::otp::pool) struct Ticket(pub(in crate::otp::pool) u64);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Its start is in progress.
    Starting,
    /// Its start is delayed.
    Delayed,
    /// Free, and idle since then.
    Free(Duration),
    /// A ping hook runs; afterwards it is free again at the same position. Idle since then.
    Pinged(Duration),
    /// A checkout hook runs; the client may have gone meanwhile.
    Leaving(Option<Ticket>),
    /// Leased to a client; `true` once the client has taken it.
    Leased(Ticket, bool),
    /// A checkin hook runs, or the worker is ending and its end was not reported yet.
    Coming,
    /// It was asked to end.
    Stopping,
}

#[derive(Debug)]
pub(super) struct Worker {
    pub(super) state: State,
    /// The slot whose handles lead to it; `None` for an overflow worker.
    pub(super) place: Option<usize>,
    pub(super) line: RestartState,
    /// Its key among the free workers, now or when it was last free.
    pub(super) turn: u64,
    /// The time when its start was done.
    pub(super) up_since: Duration,
    /// True once a client has used it.
    pub(super) has_served: bool,
    /// True if it was pinged since a client has used it: it is idle since the ping.
    pub(super) is_pinged: bool,
}

/// The restart state that a worker takes over from its predecessor and passes on to its replacement.
#[derive(Debug)]
pub(super) struct RestartState {
    /// Shared by all incarnations.
    pub(super) key: Key,
    pub(super) delays: Delays,
}

impl RestartState {
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

/// The number of workers in each state.
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
            // They become free without a client.
            State::Pinged(_) => &mut self.pinged,
            State::Leaving(None) | State::Coming => &mut self.coming,
            State::Leaving(Some(_)) | State::Leased(..) => &mut self.busy,
            State::Stopping => &mut self.stopping,
        }
    }

    /// Returns how many workers are or will be free without a client.
    pub(super) fn supply(&self) -> usize {
        self.starting + self.delayed + self.free + self.pinged + self.coming
    }

    /// Returns how many workers are not about to end.
    pub(super) fn alive(&self) -> usize {
        self.supply() + self.busy
    }

    /// Returns how many workers are not about to end, and whose start is done.
    pub(super) fn running(&self) -> usize {
        self.alive() - self.starting - self.delayed
    }

    pub(super) fn all(&self) -> usize {
        self.alive() + self.stopping
    }
}
