//! Random events against a model that tracks each worker and each client separately.

use super::*;
use crate::test_rng::TestRng;

/// The activity of a worker outside the core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    Delayed,
    Starting,
    Lives,
    Looked(Hook),
    Ending,
}

struct Sim {
    core: Core,
    random: TestRng,
    now: Duration,
    workers: BTreeMap<WorkerId, Doing>,
    /// Clients with an open request, with the worker that they have seen.
    clients: BTreeMap<Ticket, Option<WorkerId>>,
    /// Clients whose worker ended during the lease.
    void: BTreeSet<Ticket>,
    /// The worker that handles of a slot lead to.
    shown: BTreeMap<usize, WorkerId>,
    /// The number of slots that have been wanted, or have had a worker.
    wanted: usize,
    has_given_up: bool,
}

impl Sim {
    fn new(seed: u64) -> Self {
        let mut random = TestRng::new(seed);
        let size = 1 + random.below(4);
        let backoff = random.one_in(2).then(|| Backoff::constant(2 * SECOND));
        let core = Core::new(Rules {
            max_overflow: random.below(3),
            max_waiting: [0, 2, usize::MAX][random.below(3)],
            hand_out: [CheckoutOrder::Lifo, CheckoutOrder::Fifo][random.below(2)],
            is_lazy: random.one_in(2),
            on_failure: [ClientFailure::Return, ClientFailure::Replace][random.below(2)],
            restarts: [2, u32::MAX, u32::MAX][random.below(3)],
            backoff,
            has_checkout: random.one_in(2),
            has_checkin: random.one_in(2),
            max_pings: 1 + random.below(2),
            ..rules(size)
        });
        Self {
            core,
            random,
            now: Duration::ZERO,
            workers: BTreeMap::new(),
            clients: BTreeMap::new(),
            void: BTreeSet::new(),
            shown: BTreeMap::new(),
            wanted: 0,
            has_given_up: false,
        }
    }

    fn event<T>(&mut self, event: impl FnOnce(&mut Core, Moment, &mut Vec<Action>) -> T) -> T {
        let done = self.acted(event);
        self.check();
        done
    }

    fn acted<T>(&mut self, event: impl FnOnce(&mut Core, Moment, &mut Vec<Action>) -> T) -> T {
        let (mut out, random) = (Vec::new(), self.random.below(1000) as u64);
        let at = Moment {
            now: self.now,
            random,
        };
        let before = self.core.waiting.clone();
        let done = event(&mut self.core, at, &mut out);
        for action in &out {
            let goes_on = matches!(action, Action::Start { .. } | Action::Granted(_));
            assert!(!(self.has_given_up && goes_on), "{action:?} at the end");
            self.act(action, &before);
        }
        done
    }

    fn act(&mut self, action: &Action, before: &BTreeSet<Ticket>) {
        match action {
            Action::Start { worker, delay, .. } => {
                let doing = if delay.is_zero() {
                    Doing::Starting
                } else {
                    Doing::Delayed
                };
                assert_eq!(self.workers.insert(*worker, doing), None, "a new number");
                let most = self.core.rules.size + self.core.rules.max_overflow;
                assert!(self.workers.len() <= most, "more workers than allowed");
            }
            Action::Stop(worker, reason) => {
                let others = self.core.counts.running();
                let is_surplus = reason.is_some() || others >= self.core.rules.size;
                assert!(is_surplus, "{worker:?} is surplus beside workers that run");
                let doing = self.workers.insert(*worker, Doing::Ending);
                let lived = matches!(doing, Some(Doing::Lives | Doing::Looked(_)));
                assert!(lived, "{worker:?} is stopped once, and only when it is up");
            }
            Action::Run(worker, hook) => {
                let doing = self.workers.insert(*worker, Doing::Looked(*hook));
                assert_eq!(doing, Some(Doing::Lives), "one look at a time");
                if *hook == Hook::Checkout {
                    let is_served =
                        |(ticket, held): (&Ticket, &WorkerId)| (held == worker).then_some(*ticket);
                    let served = self.core.holders.iter().find_map(is_served);
                    self.in_order(served.unwrap(), before);
                }
            }
            Action::Granted(ticket) => {
                assert!(self.core.holders.contains_key(ticket));
                if !self.core.rules.has_checkout {
                    self.in_order(*ticket, before);
                }
            }
            Action::Place(place, worker) => {
                self.shown.insert(*place, *worker);
                self.wanted = self.wanted.max(*place + 1);
            }
            Action::Vacate(place) => drop(self.shown.remove(place)),
            Action::GiveUp(_) => self.has_given_up = true,
        }
    }

    /// A served client was not overtaken: all earlier requests are served as well, or withdrawn.
    fn in_order(&self, served: Ticket, before: &BTreeSet<Ticket>) {
        let overtaken = before
            .range(..served)
            .find(|t| self.core.waiting.contains(t));
        assert_eq!(overtaken, None, "{served:?} is served before it");
    }

    fn step(&mut self) {
        self.now += Duration::from_millis(100 * self.random.below(5) as u64);
        match self.random.below(12) {
            0..3 => self.ask(),
            3 => self.see(),
            4..6 => self.let_go(),
            6..9 => self.go_on(),
            9 => self.die(),
            10 => self.event(|core, at, out| core.ping(at, out)),
            _ => {
                let size = 1 + self.random.below(4);
                let place = self.random.below(size);
                if self.random.one_in(2) {
                    self.event(|core, at, out| core.resize(size, at, out));
                } else {
                    self.wanted = self.wanted.max(place + 1);
                    self.event(|core, at, out| core.want(place, at, out));
                }
            }
        }
    }

    fn ask(&mut self) {
        let is_patient = self.random.one_in(2);
        match self.event(|core, at, out| core.checkout(is_patient, at, out)) {
            Ok(ticket) => drop(self.clients.insert(ticket, None)),
            Err(Full) => {
                let is_limited = !is_patient || self.core.rules.max_waiting < usize::MAX;
                assert!(is_limited || self.has_given_up, "a patient client waits");
                let is_busy = self.core.counts.free == 0;
                assert!(is_busy || self.has_given_up, "refused, with a worker free");
            }
        }
    }

    fn see(&mut self) {
        let all: Vec<_> = self.clients.keys().copied().collect();
        let Some(ticket) = self.random.pick(&all) else {
            return;
        };
        match self.core.take(ticket) {
            TicketState::Has(worker) => {
                let others = self.clients.iter().filter(|(other, _)| **other != ticket);
                let shared = others.filter(|(_, has)| **has == Some(worker)).count();
                assert_eq!(shared, 0, "one client per worker");
                self.clients.insert(ticket, Some(worker));
            }
            TicketState::Waits => assert_eq!(self.clients[&ticket], None),
            TicketState::Unknown => assert!(self.void.contains(&ticket)),
        }
    }

    fn let_go(&mut self) {
        let all: Vec<_> = self.clients.keys().copied().collect();
        let left = [
            CheckoutEnd::Returned,
            CheckoutEnd::Failed,
            CheckoutEnd::Removed(ExitReason::Shutdown),
        ][self.random.below(3)]
        .clone();
        if let Some(ticket) = self.random.pick(&all) {
            self.clients.remove(&ticket);
            self.void.remove(&ticket);
            self.event(|core, at, out| core.leave(ticket, left, at, out));
        }
    }

    /// Completes an activity that the core waits for.
    fn go_on(&mut self) {
        let busy = |(worker, doing): (&WorkerId, &Doing)| {
            (*doing != Doing::Lives).then_some((*worker, *doing))
        };
        let all: Vec<_> = self.workers.iter().filter_map(busy).collect();
        let Some((worker, doing)) = self.random.pick(&all) else {
            return;
        };
        match doing {
            Doing::Delayed => {
                if self.acted(|core, at, out| core.due(worker, at, out)) {
                    self.workers.insert(worker, Doing::Starting);
                } else {
                    self.workers.remove(&worker);
                }
                self.check();
            }
            Doing::Starting => {
                self.workers.insert(worker, Doing::Lives);
                self.event(|core, at, out| core.up(worker, at, out));
            }
            Doing::Looked(hook) => {
                self.workers.insert(worker, Doing::Lives);
                let verdict = match self.random.below(6) {
                    0 => Err(ExitReason::Shutdown),
                    1 => Err(ExitReason::error("unfit")),
                    _ => Ok(()),
                };
                self.event(|core, at, out| core.looked(worker, hook, &verdict, at, out));
            }
            Doing::Ending | Doing::Lives => self.end(worker),
        }
    }

    fn die(&mut self) {
        let may_die =
            |(worker, doing): (&WorkerId, &Doing)| (*doing != Doing::Delayed).then_some(*worker);
        let all: Vec<_> = self.workers.iter().filter_map(may_die).collect();
        if let Some(worker) = self.random.pick(&all) {
            self.end(worker);
        }
    }

    fn end(&mut self, worker: WorkerId) {
        self.workers.remove(&worker);
        let seen = self.clients.iter().find(|(_, has)| **has == Some(worker));
        self.void.extend(seen.map(|(ticket, _)| *ticket));
        self.event(|core, at, out| core.down(worker, &ExitReason::Killed, at, out));
    }

    /// Checks the invariants that hold after every event.
    fn check(&self) {
        let core = &self.core;
        let mut counts = Counts::default();
        for own in core.workers.values() {
            *counts.of(own.state) += 1;
        }
        assert_eq!(core.counts, counts);
        assert!(core.workers.keys().eq(self.workers.keys()) || self.has_given_up);
        // The core keeps no state of clients that neither wait nor hold a worker.
        for ticket in core.waiting.iter().chain(core.holders.keys()) {
            let is_new = ticket.0 == core.last_ticket;
            assert!(self.clients.contains_key(ticket) || is_new);
            assert!(core.waiting.contains(ticket) != core.holders.contains_key(ticket));
        }
        let failed = |worker| self.workers.get(worker) == Some(&Doing::Ending);
        assert!(core.failed.keys().all(failed) || self.has_given_up);
        self.check_places();
        if self.has_given_up {
            return;
        }
        let is_full = counts.all() >= core.most();
        if !core.waiting.is_empty() {
            assert_eq!(counts.free, 0, "nobody waits while a worker is free");
            let promised = counts.supply();
            assert!(
                core.waiting.len() <= promised || is_full,
                "one more is made"
            );
        } else if counts.running() > core.rules.size + core.unplaced.soon_free() {
            assert_eq!(counts.free, 0, "what is too much is dismissed");
        }
        let kept = if core.rules.is_lazy {
            self.wanted.min(core.rules.size)
        } else {
            core.rules.size
        };
        assert!(
            counts.alive() >= kept || is_full,
            "each place that was asked for has a worker, or gets one"
        );
        let status = core.status();
        let sum = status.free + status.busy + status.starting + status.stopping;
        assert_eq!(sum, counts.all());
    }

    fn check_places(&self) {
        let core = &self.core;
        assert_eq!(core.places.len(), core.rules.size);
        let beyond = self.shown.range(core.rules.size..).next();
        assert_eq!(beyond, None, "a place beyond the size means no worker");
        for (place, worker) in core.places.iter().enumerate() {
            assert_eq!(core.vacant.contains(&place), worker.is_none());
            let own = worker.map(|worker| core.workers[&worker].place);
            assert!(own.is_none_or(|own| own == Some(place)));
            if let Some(worker) = worker
                && !matches!(self.workers[worker], Doing::Starting | Doing::Delayed)
            {
                assert_eq!(self.shown.get(&place), Some(worker), "handles lead to it");
            }
        }
        for (worker, own) in &core.workers {
            let is_placed = own.place.is_some() || own.state == State::Stopping;
            assert_eq!(core.unplaced.contains(*worker), !is_placed);
        }
        // A pinged worker is not in the free set, and returns to its previous position.
        let is_free = |own: &&Worker| matches!(own.state, State::Free(_));
        let free = core.workers.values().filter(is_free);
        assert_eq!(core.free.len(), free.count());
        core.unplaced.check(|worker| core.workers[&worker].state);
    }
}

#[test]
fn it_keeps_its_promises_whatever_happens() {
    let mut gave_up = 0;
    for seed in 0..1000 {
        let mut sim = Sim::new(seed);
        sim.event(Core::boot);
        for _ in 0..120 {
            sim.step();
        }
        gave_up += u32::from(sim.has_given_up);
        while let Some(ticket) = sim.clients.keys().next().copied() {
            sim.clients.remove(&ticket);
            sim.event(|core, at, out| core.leave(ticket, CheckoutEnd::Returned, at, out));
        }
        assert!(sim.core.holders.is_empty() && sim.core.waiting.is_empty());
    }
    assert!(gave_up > 100, "{gave_up} pools have given up: too few");
    assert!(gave_up < 900, "{gave_up} pools have given up: too many");
}
