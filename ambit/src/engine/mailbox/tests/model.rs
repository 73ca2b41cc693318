//! Random operations against a simple model: one list of entries in arrival order, the first of which are in the queue.
//! The order, the bound and every single message are compared.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};

use super::*;
use crate::test_rng::TestRng;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    User,
    System,
    Reserver,
}

#[derive(Clone)]
struct Place {
    kind: Kind,
    /// A reserver has none.
    number: u64,
    /// The id of a wait, to withdraw it.
    id: Option<u64>,
    ticket: Option<Arc<QueueTicket>>,
}

/// The outcome of a number; each number gets exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Taken,
    Refused,
    PushedOut,
    Withdrawn,
    Void,
    Left,
}

struct Model {
    capacity: usize,
    overflow: Overflow,
    inside: Vec<Place>,
    outside: Vec<Place>,
    /// The number of granted permits that are not used yet.
    held: usize,
}

impl Model {
    fn used(&self) -> usize {
        let users = self.inside.iter().filter(|p| p.kind == Kind::User).count();
        users + self.held
    }

    fn has_room(&self) -> bool {
        self.outside.is_empty() && self.used() < self.capacity
    }

    /// Returns true if a sender without capacity gets an error and no message is dropped.
    fn is_refused(&self, may_wait: bool) -> bool {
        match self.overflow {
            Overflow::Wait => !may_wait,
            Overflow::Reject => true,
            Overflow::DropNewest => false,
            // There is no message to drop, or other messages wait before it.
            Overflow::DropOldest => {
                let has_user = self.inside.iter().any(|place| place.kind == Kind::User);
                !has_user || self.has_messages()
            }
        }
    }

    /// Admits the first waiters while there is capacity; system messages need none.
    fn admit(&mut self) {
        while let Some(at) = self.first() {
            let first = self.outside.remove(at);
            if let Some(ticket) = &first.ticket {
                assert_eq!(outcome(ticket), Some(TicketOutcome::Admitted));
            }
            match first.kind {
                Kind::Reserver => self.held += 1,
                Kind::User | Kind::System => self.inside.push(first),
            }
        }
    }
}

impl Model {
    /// Returns the next to be admitted: the first arrival; a system message waits only for messages, not for capacity.
    fn first(&self) -> Option<usize> {
        let is_message = |place: &Place| place.kind != Kind::Reserver;
        let message = self.outside.iter().position(is_message);
        let system = message.filter(|at| self.outside[*at].kind == Kind::System);
        let has_room = self.used() < self.capacity && !self.outside.is_empty();
        system.or_else(|| has_room.then_some(0))
    }

    fn has_messages(&self) -> bool {
        self.outside
            .iter()
            .any(|place| place.kind != Kind::Reserver)
    }
}

fn outcome(ticket: &QueueTicket) -> Option<TicketOutcome> {
    match ticket.poll(&Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => Some(outcome),
        Poll::Pending => None,
    }
}

struct Run {
    random: TestRng,
    mailbox: Mailbox<u64, Tick>,
    model: Model,
    voids: BTreeMap<u64, Arc<AtomicBool>>,
    fates: BTreeMap<u64, Fate>,
    next: u64,
}

impl Run {
    fn new(seed: u64) -> Self {
        let mut random = TestRng::new(seed);
        let capacity = 1 + random.below(4);
        let policies = [
            Overflow::Wait,
            Overflow::Wait,
            Overflow::Reject,
            Overflow::DropNewest,
            Overflow::DropOldest,
        ];
        let overflow = policies[random.below(policies.len())];
        Self {
            random,
            mailbox: Mailbox::new(capacity, overflow),
            model: Model {
                capacity,
                overflow,
                inside: Vec::new(),
                outside: Vec::new(),
                held: 0,
            },
            voids: BTreeMap::new(),
            fates: BTreeMap::new(),
            next: 0,
        }
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn ends(&mut self, number: u64, fate: Fate) {
        assert_eq!(self.fates.insert(number, fate), None, "{number} had one");
    }

    fn step(&mut self) {
        match self.random.below(15) {
            0..=4 => self.push(),
            5 | 6 => self.push_system(),
            7..=9 => self.take(),
            10 => self.reserve(),
            11 => self.give_back(),
            12 => self.withdraw(),
            13 => self.cancel(),
            _ => self.look_through(),
        }
        self.check();
    }

    fn push(&mut self) {
        let (number, may_wait) = (self.number(), self.random.below(3) > 0);
        let place = |id, ticket| Place {
            kind: Kind::User,
            number,
            id,
            ticket,
        };
        let had_room = self.model.has_room();
        match self.mailbox.admission(|| may_wait) {
            Admission::Free(None) => {
                assert!(had_room, "the bound");
                self.mailbox.push(envelope(number));
                self.model.inside.push(place(None, None));
            }
            Admission::Free(Some(out)) => {
                assert!(!had_room && self.model.overflow == Overflow::DropOldest);
                assert!(!self.model.has_messages());
                let is_user = |place: &Place| place.kind == Kind::User;
                let at = self.model.inside.iter().position(is_user).unwrap();
                let oldest = self.model.inside.remove(at);
                assert_eq!(out.item, oldest.number);
                self.ends(out.item, Fate::PushedOut);
                self.mailbox.push(envelope(number));
                self.model.inside.push(place(None, None));
            }
            Admission::Wait => {
                assert!(!had_room && may_wait && self.model.overflow == Overflow::Wait);
                // A call has no ticket: its port notifies the caller.
                let ticket = (self.random.below(3) > 0).then(|| Arc::new(QueueTicket::default()));
                let id = self.mailbox.wait(envelope(number), ticket.clone());
                self.model.outside.push(place(Some(id), ticket));
            }
            Admission::Full => {
                assert!(!had_room && self.model.is_refused(may_wait));
                self.ends(number, Fate::Refused);
            }
            Admission::Drop => {
                assert!(!had_room && self.model.overflow == Overflow::DropNewest);
                self.ends(number, Fate::Refused);
            }
            Admission::Closed => unreachable!(),
        }
    }

    fn push_system(&mut self) {
        let number = self.number();
        let void = Arc::new(AtomicBool::new(false));
        self.voids.insert(number, void.clone());
        assert!(
            self.mailbox.push_system(Tick(number, void)).is_ok(),
            "never refused"
        );
        let place = Place {
            kind: Kind::System,
            number,
            id: None,
            ticket: None,
        };
        match self.model.has_messages() {
            false => self.model.inside.push(place),
            true => self.model.outside.push(place),
        }
    }

    fn is_void(&self, number: u64) -> bool {
        self.voids
            .get(&number)
            .is_some_and(|void| void.load(Ordering::Relaxed))
    }

    /// Takes the first entry, or the first with an even number.
    fn take(&mut self) {
        let any = self.random.below(3) > 0;
        let wanted = |number: u64| any || number.is_multiple_of(2);
        let taken = if any {
            self.mailbox.take_next()
        } else {
            self.mailbox.take_first(|entry| wanted(number_of(entry)))
        };
        let expected = self
            .model
            .inside
            .iter()
            .position(|place| !self.is_void(place.number) && wanted(place.number));
        let taken = taken.map(|entry| number_of(&entry));
        assert_eq!(
            taken,
            expected.map(|at| self.model.inside[at].number),
            "the order"
        );
        if let Some(at) = expected {
            let place = self.model.inside.remove(at);
            self.ends(place.number, Fate::Taken);
            self.admit();
        }
    }

    fn reserve(&mut self) {
        let (had_room, ticket) = (self.model.has_room(), Arc::new(QueueTicket::default()));
        let id = self.mailbox.reserve(&ticket).unwrap();
        assert_eq!(outcome(&ticket).is_some(), had_room);
        if had_room {
            self.model.held += 1;
            return;
        }
        self.model.outside.push(Place {
            kind: Kind::Reserver,
            number: 0,
            id: Some(id),
            ticket: Some(ticket),
        });
    }

    /// Uses a permit, or returns it.
    fn give_back(&mut self) {
        if self.model.held == 0 {
            return;
        }
        self.model.held -= 1;
        if self.random.below(2) == 0 {
            self.mailbox.release();
            self.admit();
            return;
        }
        let number = self.number();
        drop(self.mailbox.push_reserved(envelope(number)));
        let place = Place {
            kind: Kind::User,
            number,
            id: None,
            ticket: None,
        };
        if !self.model.has_messages() {
            self.model.inside.push(place);
            return;
        }
        // Its permit goes to the first waiting message, and it queues behind the last.
        let is_message = |place: &Place| place.kind == Kind::User;
        let first = self.model.outside.iter().position(is_message).unwrap();
        let first = self.model.outside.remove(first);
        if let Some(ticket) = &first.ticket {
            assert_eq!(outcome(ticket), Some(TicketOutcome::Admitted));
        }
        self.model.inside.push(first);
        self.model.outside.push(place);
        self.admit();
    }

    fn withdraw(&mut self) {
        let waiting = self.model.outside.iter().filter(|place| place.id.is_some());
        let waiting: Vec<_> = waiting.cloned().collect();
        if waiting.is_empty() {
            assert!(self.mailbox.withdraw(u64::MAX).is_none(), "nobody has it");
            return;
        }
        let place = &waiting[self.random.below(waiting.len())];
        let (Some(id), number) = (place.id, place.number) else {
            unreachable!()
        };
        let withdrawn = self.mailbox.withdraw(id).map(|withdrawn| withdrawn.message);
        match (withdrawn, place.kind) {
            (Some(Some(envelope)), Kind::User) => {
                assert_eq!(envelope.item, number);
                self.ends(number, Fate::Withdrawn);
            }
            (Some(None), Kind::Reserver) => {}
            _ => panic!("{number} is of another kind"),
        }
        assert!(self.mailbox.withdraw(id).is_none(), "it is gone");
        self.model.outside.retain(|other| other.id != Some(id));
        self.admit();
    }

    /// Admits waiters with capacity, in both.
    fn admit(&mut self) {
        let mut woken = WakeList::new();
        while self.mailbox.admit(&mut woken) {
            woken.wake_all();
        }
        self.model.admit();
    }

    /// Voids a system message, at any position.
    fn cancel(&mut self) {
        let queued: Vec<_> = self.queued_system();
        if !queued.is_empty() {
            let number = queued[self.random.below(queued.len())];
            self.voids[&number].store(true, Ordering::Relaxed);
        }
    }

    fn queued_system(&self) -> Vec<u64> {
        let all = self.model.inside.iter().chain(&self.model.outside);
        let queued = all.filter(|place| place.kind == Kind::System && !self.is_void(place.number));
        queued.map(|place| place.number).collect()
    }

    /// A scan of the whole queue changes nothing, whatever arrives meanwhile.
    fn look_through(&mut self) {
        let queue = self.mailbox.take_out();
        self.push_system();
        self.mailbox.put_back(queue);
    }

    fn check(&mut self) {
        for entry in self.mailbox.void().into_iter().flatten() {
            self.pass_over(number_of(&entry));
        }
        let (mailbox, model) = (&self.mailbox, &self.model);
        let queue: Vec<_> = (0..mailbox.len())
            .filter_map(|index| mailbox.get(index).map(number_of))
            .collect();
        let inside: Vec<_> = model.inside.iter().map(|place| place.number).collect();
        assert_eq!(queue, inside);
        let waiting = mailbox.late.as_ref().map(|late| &late.waiting);
        assert_eq!(waiting.map_or(0, WaitList::len), model.outside.len());
        assert_eq!(mailbox.used as usize, model.used());
        assert!(mailbox.used <= mailbox.capacity, "the bound");
        assert_eq!(mailbox.free(), (mailbox.capacity - mailbox.used) as usize);
        assert!(!mailbox.may_admit(), "nobody waits beside a free place");
        assert!(
            waiting.is_none_or(|waiting| !waiting.begins_with_system()),
            "no note waits for nobody"
        );
        for place in &model.outside {
            let result = place.ticket.as_ref().and_then(|ticket| outcome(ticket));
            assert_eq!(result, None, "{}", place.number);
        }
        let all = model.inside.iter().chain(&model.outside);
        let users = all.filter(|place| place.kind == Kind::User).count();
        assert_eq!(mailbox.queued(), users);
        assert_eq!(mailbox.is_empty(), inside.is_empty());
    }

    fn pass_over(&mut self, number: u64) {
        assert!(self.is_void(number));
        self.model.inside.retain(|place| place.number != number);
        self.ends(number, Fate::Void);
    }

    /// Closes the mailbox and accounts for every number.
    fn close(mut self) {
        self.mailbox.close();
        assert!(matches!(self.mailbox.admission(|| true), Admission::Closed));
        assert!(self.mailbox.reserve(&Arc::default()).is_none());
        assert!(self.mailbox.push_system(Tick(0, Arc::default())).is_err());
        let rest = self.mailbox.drain().unwrap_or_default();
        let queued: Vec<_> = rest.queued.iter().map(number_of).collect();
        let refused: Vec<_> = rest.refused.iter().map(number_of).collect();
        let waiting: Vec<_> = rest.waiting.iter().map(number_of).collect();
        let is_refused = |place: &&Place| place.kind == Kind::User && place.ticket.is_some();
        let is_asked = |place: &&Place| place.ticket.is_none() && place.id.is_some();
        let stays =
            |place: &&Place| place.kind != Kind::Reserver && !is_refused(place) && !is_asked(place);
        let outside = &self.model.outside;
        let inside = self.model.inside.iter().chain(outside.iter().filter(stays));
        let expected: Vec<_> = inside.map(|place| place.number).collect();
        assert_eq!(queued, expected, "in order of arrival");
        let expected: Vec<_> = outside
            .iter()
            .filter(is_refused)
            .map(|p| p.number)
            .collect();
        assert_eq!(refused, expected);
        let expected: Vec<_> = outside.iter().filter(is_asked).map(|p| p.number).collect();
        assert_eq!(waiting, expected, "calls that nobody had accepted");
        for ticket in rest.tickets {
            drop(ticket.resolve(TicketOutcome::Closed));
        }
        for place in outside {
            let result = place.ticket.as_ref().map(|ticket| outcome(ticket));
            assert_eq!(
                result,
                place.ticket.as_ref().map(|_| Some(TicketOutcome::Closed))
            );
        }
        for number in queued.into_iter().chain(refused).chain(waiting) {
            self.ends(number, Fate::Left);
        }
        let all: Vec<_> = self.fates.keys().copied().collect();
        assert_eq!(all, (1..=self.next).collect::<Vec<_>>(), "nothing is lost");
        assert_eq!(self.mailbox.queued(), 0);
        self.mailbox.release();
        assert_eq!(self.mailbox.used, 0, "a permit that outlives the mailbox");
    }
}

#[test]
fn order_bound_and_every_message_are_kept_under_random_use() {
    let seeds = if cfg!(miri) { 3 } else { 2000 };
    for seed in 0..seeds {
        let mut run = Run::new(seed);
        for _ in 0..150 {
            run.step();
        }
        run.close();
    }
}
