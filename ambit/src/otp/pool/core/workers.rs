//! Starts and ends of workers.

use super::*;
use crate::supervisor::core::Key;

impl Core {
    /// Starts one more worker, in the first empty slot.
    pub(super) fn start(
        &mut self,
        replaces: Option<(WorkerId, RestartState)>,
        at: Moment,
        out: &mut Vec<Action>,
    ) {
        self.last_worker += 1;
        let worker = WorkerId(self.last_worker);
        let place = self.vacant.pop_first();
        let (replaces, mut line) = match replaces {
            Some((old, line)) => (Some(old), line),
            None => (None, RestartState::new(worker)),
        };
        let backoff = self.rules.backoff.as_ref().filter(|_| replaces.is_some());
        let delay = line.delays.next(backoff, at.now, at.random);
        self.intensity.hold(line.key, delay);
        let state = if delay.is_zero() {
            State::Starting
        } else {
            State::Delayed
        };
        let own = Worker {
            state,
            place,
            line,
            turn: 0,
            up_since: Duration::ZERO,
            has_served: false,
            is_pinged: false,
        };
        match place {
            Some(place) => self.places[place] = Some(worker),
            None => self.unplaced.insert(worker, state),
        }
        *self.counts.of(state) += 1;
        self.workers.insert(worker, own);
        self.wanted = self.wanted.max(self.counts.alive().min(self.rules.size));
        out.push(Action::Start {
            worker,
            replaces,
            delay,
        });
    }

    /// The delay of a start is over. Returns false if the worker is not needed any more.
    pub(in crate::otp::pool) fn due(
        &mut self,
        worker: WorkerId,
        at: Moment,
        out: &mut Vec<Action>,
    ) -> bool {
        if self.state(worker) != Some(State::Delayed) {
            return false;
        }
        let spare = self.counts.alive() > self.kept();
        if spare && self.waiting.len() < self.counts.supply() {
            self.forget(worker);
            self.balance(at, out);
            return false;
        }
        self.set(worker, State::Starting);
        true
    }

    /// Handles the successful start of a worker.
    pub(in crate::otp::pool) fn up(&mut self, worker: WorkerId, at: Moment, out: &mut Vec<Action>) {
        let Some(own) = self.workers.get_mut(&worker) else {
            return;
        };
        own.line.delays.started(self.rules.backoff.as_ref(), at.now);
        own.up_since = at.now;
        if let Some(place) = own.place {
            out.push(Action::Place(place, worker));
        }
        self.set_free(worker, at);
        self.balance(at, out);
    }

    /// Handles the end of a worker, or its failed start.
    pub(in crate::otp::pool) fn down(
        &mut self,
        worker: WorkerId,
        reason: &ExitReason,
        at: Moment,
        out: &mut Vec<Action>,
    ) {
        let Some(state) = self.state(worker) else {
            return;
        };
        match state {
            State::Leaving(Some(ticket)) | State::Leased(ticket, false) => {
                // The client has not seen the worker yet and gets another one.
                self.holders.remove(&ticket);
                self.waiting.insert(ticket);
            }
            State::Leased(ticket, true) => drop(self.holders.remove(&ticket)),
            _ => {}
        }
        let Some(own) = self.forget(worker) else {
            return;
        };
        if state != State::Stopping {
            self.fill_places(out);
            if self.wants_more() {
                if !self.count(own.line.key, reason, at, out) {
                    return;
                }
                self.start(Some((worker, own.line)), at, out);
            }
        }
        self.balance(at, out);
        // No replacement was needed.
        self.failed.remove(&worker);
    }

    /// Requests the worker of a slot, which may not exist yet, because a message is about to be sent to it. Without
    /// capacity the worker is started later.
    pub(in crate::otp::pool) fn want(&mut self, place: usize, at: Moment, out: &mut Vec<Action>) {
        // Earlier slots are filled first: workers are started in slot order.
        self.wanted = self.wanted.max(place + 1);
        self.balance(at, out);
    }

    /// Starts a cycle of pings: the workers that were idle longest, up to the limit.
    pub(in crate::otp::pool) fn ping(&mut self, at: Moment, out: &mut Vec<Action>) {
        if self.has_given_up {
            return;
        }
        // Cycles come in equal intervals, but may be handled late: a worker of an earlier cycle is due in any case.
        let idle = |(_, id): (&u64, &WorkerId)| {
            let own = &self.workers[id];
            let after = match own.is_pinged {
                true => self.rules.ping_after / 2,
                false => self.rules.ping_after,
            };
            match own.state {
                State::Free(since) if at.now >= since.saturating_add(after) => Some((since, *id)),
                _ => None,
            }
        };
        let mut idle: Vec<_> = self.free.iter().filter_map(idle).collect();
        idle.sort_unstable();
        idle.truncate(self.rules.max_pings);
        for (_, worker) in idle {
            self.take_out(worker);
            // The next ping is counted from this one.
            self.set(worker, State::Pinged(at.now));
            self.workers
                .entry(worker)
                .and_modify(|own| own.is_pinged = true);
            out.push(Action::Run(worker, Hook::Ping));
        }
    }

    /// Asks a worker to end.
    pub(super) fn stop(
        &mut self,
        worker: WorkerId,
        reason: Option<ExitReason>,
        out: &mut Vec<Action>,
    ) {
        self.take_out(worker);
        self.vacate(worker);
        self.set(worker, State::Stopping);
        out.push(Action::Stop(worker, reason));
    }

    fn vacate(&mut self, worker: WorkerId) {
        let Some(own) = self.workers.get_mut(&worker) else {
            return;
        };
        self.unplaced.remove(worker, own.state);
        if let Some(place) = own.place.take() {
            self.places[place] = None;
            self.vacant.insert(place);
        }
    }

    fn forget(&mut self, worker: WorkerId) -> Option<Worker> {
        self.take_out(worker);
        self.vacate(worker);
        let own = self.workers.remove(&worker)?;
        *self.counts.of(own.state) -= 1;
        Some(own)
    }

    /// A hook ends a worker. That counts as a failure if the reason is not clean. With a clean reason it counts if no
    /// client has used the worker and it is younger than the restart window: otherwise a hook that rejects each new
    /// worker would start workers without end. Returns false if it is one failure too many, and the pool gives up.
    pub(super) fn may_refuse(
        &mut self,
        worker: WorkerId,
        reason: &ExitReason,
        at: Moment,
        out: &mut Vec<Action>,
    ) -> bool {
        let Some(own) = self.workers.get_mut(&worker) else {
            return true;
        };
        let age = at.now.saturating_sub(own.up_since);
        if reason.is_clean() && (own.has_served || age >= self.rules.within) {
            return true;
        }
        let line = own.line.take();
        let key = line.key;
        self.failed.insert(worker, line);
        self.count(key, reason, at, out)
    }

    /// Counts one restart; returns false if it is one too many, and the pool gives up.
    fn count(&mut self, line: Key, reason: &ExitReason, at: Moment, out: &mut Vec<Action>) -> bool {
        if self.has_given_up {
            return false;
        }
        let allowed = self.intensity.allows(line, at.now);
        if !allowed {
            self.has_given_up = true;
            // The text is built without the lock: it contains a user's error.
            out.push(Action::GiveUp(reason.clone()));
        }
        allowed
    }
}
