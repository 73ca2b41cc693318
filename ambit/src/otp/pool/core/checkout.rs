//! Checkouts and returns of clients.

use super::*;

impl Core {
    /// Requests a worker. An impatient client does not wait for other clients, only for a worker that becomes free
    /// without them.
    ///
    /// # Errors
    /// `Full` if there is no worker, and waiting is not possible.
    pub(in crate::otp::pool) fn checkout(
        &mut self,
        is_patient: bool,
        at: Moment,
        out: &mut Vec<Action>,
    ) -> Result<Ticket, Full> {
        let counts = &self.counts;
        // A worker that ends may block the start of its replacement.
        let replaced = counts
            .stopping
            .min(self.kept().saturating_sub(counts.alive()));
        let coming = counts.starting + counts.free + counts.pinged + counts.coming + replaced;
        let may_start = self.spare();
        let behind = self
            .waiting
            .len()
            .saturating_sub(coming.saturating_add(may_start));
        // A client of a pool that has given up waits for its end.
        let is_served = !self.has_given_up && self.waiting.len() < coming.saturating_add(may_start);
        if !is_served && (!is_patient || behind >= self.rules.max_waiting) {
            return Err(Full);
        }
        self.last_ticket += 1;
        let ticket = Ticket(self.last_ticket);
        self.waiting.insert(ticket);
        self.balance(at, out);
        Ok(ticket)
    }

    /// Returns the state of a ticket. A worker that is ready for it is not taken yet.
    pub(in crate::otp::pool) fn look(&self, ticket: Ticket) -> TicketState {
        if self.waiting.contains(&ticket) {
            return TicketState::Waits;
        }
        let Some(&worker) = self.holders.get(&ticket) else {
            return TicketState::Unknown;
        };
        match self.state(worker) {
            Some(State::Leaving(_)) => TicketState::Waits,
            _ => TicketState::Has(worker),
        }
    }

    /// Returns the state of a ticket; a worker that is ready for it counts as taken from now on.
    pub(in crate::otp::pool) fn take(&mut self, ticket: Ticket) -> TicketState {
        let state = self.look(ticket);
        if let TicketState::Has(worker) = state {
            self.set(worker, State::Leased(ticket, true));
            if let Some(own) = self.workers.get_mut(&worker) {
                own.has_served = true;
            }
        }
        state
    }

    /// Handles that a worker is ending, which its client has noticed before the end was reported: the client, which has
    /// not taken it, waits for another one, before all clients that came later.
    pub(in crate::otp::pool) fn wait_again(
        &mut self,
        ticket: Ticket,
        worker: WorkerId,
        at: Moment,
        out: &mut Vec<Action>,
    ) {
        if self.look(ticket) == TicketState::Has(worker) {
            self.holders.remove(&ticket);
            self.waiting.insert(ticket);
            self.set(worker, State::Coming);
            self.balance(at, out);
        }
    }

    /// Ends a checkout or withdraws a request. Unknown tickets belong to workers that have ended.
    pub(in crate::otp::pool) fn leave(
        &mut self,
        ticket: Ticket,
        left: CheckoutEnd,
        at: Moment,
        out: &mut Vec<Action>,
    ) {
        if self.waiting.remove(&ticket) {
            self.balance(at, out);
            return;
        }
        let Some(worker) = self.holders.remove(&ticket) else {
            return;
        };
        match (self.state(worker), left, self.rules.on_failure) {
            // The checkout hook is not cancelled; its effect is undone afterwards.
            (Some(State::Leaving(_)), ..) => self.set(worker, State::Leaving(None)),
            (_, CheckoutEnd::Removed(reason), _) => self.stop(worker, Some(reason), out),
            (_, CheckoutEnd::Failed, ClientFailure::Replace) => {
                let reason = ExitReason::shutdown_with("its client failed");
                self.stop(worker, Some(reason), out);
            }
            (_, CheckoutEnd::Failed | CheckoutEnd::Returned, _) => self.come_back(worker, at, out),
        }
        self.balance(at, out);
    }

    /// Takes a worker back from a client.
    fn come_back(&mut self, worker: WorkerId, at: Moment, out: &mut Vec<Action>) {
        if self.rules.has_checkin {
            self.set(worker, State::Coming);
            out.push(Action::Run(worker, Hook::Checkin));
        } else {
            self.set_free(worker, at);
        }
    }

    pub(super) fn set_free(&mut self, worker: WorkerId, at: Moment) {
        self.last_turn += 1;
        if let Some(own) = self.workers.get_mut(&worker) {
            own.turn = self.last_turn;
            own.is_pinged = false;
            self.set_free_again(worker, at.now);
        }
    }

    /// Makes a worker free again at its previous position.
    fn set_free_again(&mut self, worker: WorkerId, since: Duration) {
        self.set(worker, State::Free(since));
        if let Some(own) = self.workers.get(&worker) {
            self.free.insert(own.turn, worker);
        }
    }

    /// Handles the verdict of a hook, with a reason if the worker is to end. The reason may hold a user's error, which
    /// must not be dropped here.
    pub(in crate::otp::pool) fn looked(
        &mut self,
        worker: WorkerId,
        hook: Hook,
        verdict: &Result<(), ExitReason>,
        at: Moment,
        out: &mut Vec<Action>,
    ) {
        let state = self.state(worker).filter(|_| !self.has_given_up);
        match (state, hook) {
            (Some(State::Leaving(_)), Hook::Checkout)
            | (Some(State::Coming), Hook::Checkin)
            | (Some(State::Pinged(_)), Hook::Ping) => {}
            // The worker has ended meanwhile, or is stopping, or the pool is ending.
            _ => return,
        }
        if let Err(reason) = verdict {
            if let Some(State::Leaving(Some(ticket))) = state {
                // Its ticket is older than those of all waiting clients.
                self.holders.remove(&ticket);
                self.waiting.insert(ticket);
                self.set(worker, State::Leaving(None));
            }
            if !self.may_refuse(worker, reason, at, out) {
                return;
            }
            self.stop(worker, Some(reason.clone()), out);
        } else {
            match state {
                Some(State::Leaving(Some(ticket))) => {
                    self.set(worker, State::Leased(ticket, false));
                    out.push(Action::Granted(ticket));
                }
                Some(State::Leaving(None)) => self.come_back(worker, at, out),
                Some(State::Pinged(since)) => self.set_free_again(worker, since),
                _ => self.set_free(worker, at),
            }
        }
        self.balance(at, out);
    }
}
