//! The decisions of a pool: which client gets which worker, when a worker is started and when it is ended. Events come
//! in, actions go out; no clock and no tasks.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::exit_reason::ExitReason;
use crate::otp::pool::core::state::{Counts, RestartState, State, Worker};
pub(super) use crate::otp::pool::core::state::{Ticket, WorkerId};
use crate::otp::pool::core::unplaced::Unplaced;
use crate::otp::pool::policy::{CheckoutOrder, ClientFailure};
use crate::otp::pool::status::{PoolState, PoolStatus, PoolWorkerState};
use crate::supervisor::backoff::Backoff;
use crate::supervisor::intensity::Intensity;

mod checkout;
mod state;
#[cfg(test)]
mod tests;
mod unplaced;
mod workers;

/// The settings of a pool.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    pub(super) size: usize,
    pub(super) max_overflow: usize,
    pub(super) max_waiting: usize,
    pub(super) hand_out: CheckoutOrder,
    pub(super) is_lazy: bool,
    pub(super) on_failure: ClientFailure,
    pub(super) restarts: u32,
    pub(super) within: Duration,
    pub(super) backoff: Option<Backoff>,
    /// True if a hook runs at checkout, and at checkin.
    pub(super) has_checkout: bool,
    pub(super) has_checkin: bool,
    /// The idle time after which a worker is pinged, and the number of workers pinged in one cycle.
    pub(super) ping_after: Duration,
    pub(super) max_pings: usize,
}

/// The time of an event, and a random number for random decisions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) now: Duration,
    pub(super) random: u64,
}

/// A hook: user code that checks a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hook {
    Checkout,
    Checkin,
    Ping,
}

/// The way a client ends its checkout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CheckoutEnd {
    /// The worker can be handed out again.
    Returned,
    /// The client panicked, was cancelled or was killed; the pool's policy decides about the worker.
    Failed,
    /// The client requests that the worker ends.
    Removed(ExitReason),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Start {
        worker: WorkerId,
        /// The worker that ended by itself and is replaced by this one.
        replaces: Option<WorkerId>,
        delay: Duration,
    },
    /// Nothing waits for the worker any more; without a reason it is surplus.
    Stop(WorkerId, Option<ExitReason>),
    Run(WorkerId, Hook),
    /// Handles of this slot lead to the worker now.
    Place(usize, WorkerId),
    /// The pool is too small for this slot: its handles lead to no worker until the pool grows again.
    Vacate(usize),
    /// The ticket has been granted its worker.
    Granted(Ticket),
    /// The pool ends after more restarts than allowed. The last worker ended for this reason.
    GiveUp(ExitReason),
}

#[derive(Debug)]
pub(super) struct Core {
    rules: Rules,
    workers: BTreeMap<WorkerId, Worker>,
    counts: Counts,
    /// In the order in which they became free.
    free: BTreeMap<u64, WorkerId>,
    /// In request order.
    waiting: BTreeSet<Ticket>,
    holders: BTreeMap<Ticket, WorkerId>,
    places: Vec<Option<WorkerId>>,
    vacant: BTreeSet<usize>,
    unplaced: Unplaced,
    /// The restart state that replacements take over from workers that hooks ended and whose end counted as a failure.
    failed: BTreeMap<WorkerId, RestartState>,
    /// The number of workers wanted so far. They are kept without demand, as far as the size allows.
    wanted: usize,
    intensity: Intensity,
    last_worker: u64,
    last_turn: u64,
    last_ticket: u64,
    has_given_up: bool,
}

/// There is no worker, and the wait queue is full.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

/// The state of a ticket, as its client sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TicketState {
    Waits,
    Has(WorkerId),
    Unknown,
}

impl Core {
    pub(super) fn new(rules: Rules) -> Self {
        let size = rules.size;
        Self {
            workers: BTreeMap::new(),
            counts: Counts::default(),
            free: BTreeMap::new(),
            waiting: BTreeSet::new(),
            holders: BTreeMap::new(),
            places: vec![None; size],
            vacant: (0..size).collect(),
            unplaced: Unplaced::default(),
            failed: BTreeMap::new(),
            wanted: if rules.is_lazy { 0 } else { usize::MAX },
            intensity: Intensity::new(rules.restarts, rules.within),
            last_worker: 0,
            last_turn: 0,
            last_ticket: 0,
            has_given_up: false,
            rules,
        }
    }

    /// Starts the pool.
    pub(super) fn boot(&mut self, at: Moment, out: &mut Vec<Action>) {
        self.balance(at, out);
    }

    /// Changes the number of slots.
    pub(super) fn resize(&mut self, size: usize, at: Moment, out: &mut Vec<Action>) {
        let before = std::mem::replace(&mut self.rules.size, size);
        for place in size..before {
            if let Some(worker) = self.places[place].take()
                && let Some(own) = self.workers.get_mut(&worker)
            {
                own.place = None;
                self.unplaced.insert(worker, own.state);
            }
            out.push(Action::Vacate(place));
        }
        self.places.resize(size, None);
        self.vacant.split_off(&size);
        self.vacant.extend(before..size);
        self.stop_unplaced(out);
        self.balance(at, out);
    }

    /// Ends free workers of removed places first, so that the others keep their places and what is queued there.
    fn stop_unplaced(&mut self, out: &mut Vec<Action>) {
        while self.surplus() > 0
            && let Some(worker) = self.unplaced.last_free()
        {
            self.stop(worker, None, out);
        }
    }

    /// Returns how many more workers run than the size allows; none while a client waits. A worker whose start is not
    /// done is no reason to end another one.
    fn surplus(&self) -> usize {
        match self.has_given_up || !self.waiting.is_empty() {
            true => 0,
            false => self.counts.running().saturating_sub(self.rules.size),
        }
    }

    /// Returns the next surplus worker that can end now. One with a slot stays if enough without a slot become free.
    fn next_surplus(&self) -> Option<WorkerId> {
        let surplus = self.surplus();
        let unplaced = self.unplaced.last_free().filter(|_| surplus > 0);
        let is_placed_too_many = surplus > self.unplaced.soon_free();
        unplaced.or_else(|| {
            self.pick(CheckoutOrder::Lifo)
                .filter(|_| is_placed_too_many)
        })
    }

    pub(super) fn status(&self) -> PoolStatus {
        let counts = &self.counts;
        let spare = self.spare();
        let unused = self.rules.size.saturating_sub(counts.alive()).min(spare);
        let state = if counts.free > 0 || unused > 0 {
            PoolState::Ready
        } else if spare > 0 {
            PoolState::Overflow
        } else {
            PoolState::Full
        };
        PoolStatus {
            state,
            size: self.rules.size,
            free: counts.free + counts.pinged,
            busy: counts.busy + counts.coming,
            waiting: self.waiting.len(),
            starting: counts.starting + counts.delayed,
            stopping: counts.stopping,
            overflow: counts.alive().saturating_sub(self.rules.size),
        }
    }

    /// Returns all workers, oldest first, in the states that [`status`](Self::status) counts.
    pub(super) fn workers(&self) -> impl Iterator<Item = (WorkerId, PoolWorkerState)> {
        let shown = |state| match state {
            State::Starting | State::Delayed => PoolWorkerState::Starting,
            State::Free(_) | State::Pinged(_) => PoolWorkerState::Free,
            State::Leaving(_) | State::Leased(..) | State::Coming => PoolWorkerState::Busy,
            State::Stopping => PoolWorkerState::Stopping,
        };
        let workers = self.workers.iter();
        workers.map(move |(id, worker)| (*id, shown(worker.state)))
    }

    /// Returns the maximum number of workers.
    fn most(&self) -> usize {
        self.rules.size.saturating_add(self.rules.max_overflow)
    }

    /// Returns how many workers can be started for clients. None while a start is delayed: the delay is there because
    /// workers fail, and the clients wait for its end.
    fn spare(&self) -> usize {
        match self.counts.delayed {
            0 => self.most().saturating_sub(self.counts.all()),
            _ => 0,
        }
    }

    /// Returns how many workers are kept alive without demand.
    fn kept(&self) -> usize {
        self.wanted.min(self.rules.size)
    }

    /// Returns true if one more worker is wanted and there is capacity for it.
    fn wants_more(&self) -> bool {
        let short = self.counts.alive() < self.kept();
        let asked = self.waiting.len() > self.counts.supply();
        (short || asked) && self.counts.all() < self.most()
    }

    /// Performs the actions that a change has made possible or necessary.
    fn balance(&mut self, at: Moment, out: &mut Vec<Action>) {
        if self.has_given_up {
            return;
        }
        self.hand_out(out);
        self.fill_places(out);
        while self.wants_more() {
            let replaces = self.failed.pop_first();
            self.start(replaces, at, out);
        }
        while let Some(worker) = self.next_surplus() {
            self.stop(worker, None, out);
            self.fill_places(out);
        }
    }

    /// Hands free workers to the clients that wait longest.
    fn hand_out(&mut self, out: &mut Vec<Action>) {
        while let Some(&ticket) = self.waiting.first()
            && let Some(worker) = self.pick(self.rules.hand_out)
        {
            self.take_out(worker);
            self.waiting.remove(&ticket);
            self.holders.insert(ticket, worker);
            if self.rules.has_checkout {
                self.set(worker, State::Leaving(Some(ticket)));
                out.push(Action::Run(worker, Hook::Checkout));
            } else {
                self.set(worker, State::Leased(ticket, false));
                out.push(Action::Granted(ticket));
            }
        }
    }

    /// Returns the next free worker in this order.
    fn pick(&self, order: CheckoutOrder) -> Option<WorkerId> {
        let found = match order {
            CheckoutOrder::Lifo => self.free.last_key_value(),
            CheckoutOrder::Fifo => self.free.first_key_value(),
        };
        found.map(|(_, worker)| *worker)
    }

    /// Removes a worker from the free ones.
    fn take_out(&mut self, worker: WorkerId) {
        if let Some(own) = self.workers.get(&worker)
            && matches!(own.state, State::Free(_))
        {
            self.free.remove(&own.turn);
        }
    }

    /// Assigns workers without a slot to slots without a worker.
    fn fill_places(&mut self, out: &mut Vec<Action>) {
        while let Some(&place) = self.vacant.first()
            && let Some(worker) = self.unplaced.first()
            && let Some(own) = self.workers.get_mut(&worker)
        {
            self.vacant.pop_first();
            self.unplaced.remove(worker, own.state);
            self.places[place] = Some(worker);
            self.wanted = self.wanted.max(place + 1);
            own.place = Some(place);
            if !matches!(own.state, State::Starting | State::Delayed) {
                out.push(Action::Place(place, worker));
            }
        }
    }

    fn set(&mut self, worker: WorkerId, state: State) {
        if let Some(own) = self.workers.get_mut(&worker) {
            *self.counts.of(own.state) -= 1;
            self.unplaced.changed(worker, own.state, state);
            own.state = state;
            *self.counts.of(state) += 1;
        }
    }

    fn state(&self, worker: WorkerId) -> Option<State> {
        self.workers.get(&worker).map(|own| own.state)
    }
}
