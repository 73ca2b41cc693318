//! Single rules of the mailbox, one by one; `model` checks all of them together under random use.

use std::sync::atomic::{AtomicBool, Ordering};

use super::*;

mod model;
#[cfg(feature = "remote")]
mod watched_calls;

/// A numbered system message, void once its flag is set.
struct Tick(u64, Arc<AtomicBool>);

impl Voidable for Tick {
    fn is_void(&self) -> bool {
        self.1.load(Ordering::Relaxed)
    }
}

fn envelope(item: u64) -> Envelope<u64> {
    QueuedMessage::plain(item).within(None)
}

fn number_of(entry: &QueueEntry<u64, Tick>) -> u64 {
    match entry {
        QueueEntry::System(system) => system.0,
        envelope => *envelope.item().unwrap(),
    }
}

fn users(mailbox: &mut Mailbox<u64, Tick>) -> Vec<u64> {
    std::iter::from_fn(|| mailbox.take_next())
        .map(|entry| number_of(&entry))
        .collect()
}

#[test]
fn a_full_mailbox_delays_senders_and_a_closed_one_admits_none() {
    let mut mailbox: Mailbox<u64, Tick> = Mailbox::new(1, Overflow::Wait);
    assert!(matches!(mailbox.admission(|| true), Admission::Free(None)));
    mailbox.push(envelope(1));
    assert!(matches!(mailbox.admission(|| true), Admission::Wait));
    assert!(matches!(mailbox.admission(|| false), Admission::Full));
    assert!(!mailbox.is_closed());
    mailbox.close();
    assert!(mailbox.is_closed());
    assert!(matches!(mailbox.admission(|| true), Admission::Closed));
}

#[test]
fn a_sender_is_admitted_immediately_while_the_mailbox_has_capacity() {
    let mut mailbox: Mailbox<u64, Tick> = Mailbox::new(1, Overflow::Wait);
    assert!(mailbox.is_free() && !mailbox.is_reserved());
    mailbox.reserve(&Arc::default());
    assert!(!mailbox.is_free() && mailbox.is_reserved());
    assert!(mailbox.push_reserved(envelope(1)).is_none());
    assert!(!mailbox.is_free() && !mailbox.is_reserved(), "it is queued");
    assert_eq!(users(&mut mailbox), [1]);
    mailbox.begun(1);
    assert!(mailbox.is_free() && !mailbox.is_reserved());
    mailbox.close();
    assert!(!mailbox.is_free() && !mailbox.is_reserved());
}

#[test]
fn a_message_taken_from_a_drop_oldest_mailbox_frees_its_slot() {
    let mut mailbox: Mailbox<u64, Tick> = Mailbox::new(1, Overflow::DropOldest);
    mailbox.push(envelope(1));
    mailbox.take_batch(&mut VecDeque::new());
    assert!(matches!(mailbox.admission(|| true), Admission::Free(None)));
    mailbox.begun(1);
    mailbox.reserve(&Arc::default());
    assert!(
        matches!(mailbox.admission(|| true), Admission::Full),
        "none to drop"
    );
}

#[test]
fn a_closed_mailbox_leaves_nothing_only_if_nothing_was_queued_or_waiting() {
    type Fill = fn(&mut Mailbox<u64, Tick>);
    let parts: [(Fill, [usize; 4]); 5] = [
        (|mailbox| mailbox.push(envelope(1)), [1, 0, 0, 0]),
        (
            |mailbox| assert!(mailbox.push_system(Tick(1, Arc::default())).is_ok()),
            [1, 0, 0, 0],
        ),
        (|mailbox| _ = mailbox.wait(envelope(1), None), [0, 1, 0, 0]),
        (
            |mailbox| _ = mailbox.wait(envelope(1), Some(Arc::default())),
            [0, 0, 1, 1],
        ),
        (
            |mailbox| assert!(mailbox.reserve(&Arc::default()).is_some()),
            [0, 0, 0, 1],
        ),
    ];
    for (fill, expected) in parts {
        let mut mailbox = Mailbox::new(1, Overflow::Wait);
        mailbox.take_permit();
        fill(&mut mailbox);
        mailbox.close();
        let rest = mailbox.drain().expect("it has left something");
        let (queued, waiting) = (rest.queued.len(), rest.waiting.len());
        let left = [queued, waiting, rest.refused.len(), rest.tickets.len()];
        assert_eq!(left, expected);
        assert!(mailbox.drain().is_none(), "it leaves everything once");
    }
}

#[test]
fn a_closed_mailbox_without_messages_keeps_no_memory() {
    let mut mailbox: Mailbox<u64, Tick> = Mailbox::new(4, Overflow::Wait);
    mailbox.push(envelope(1));
    mailbox.take_next();
    assert!(mailbox.ready.capacity() > 0);
    mailbox.close();
    assert!(mailbox.drain().is_none());
    assert_eq!((mailbox.ready.capacity(), mailbox.queued()), (0, 0));
}

#[test]
fn an_empty_queue_gives_its_memory_back() {
    let mut mailbox: Mailbox<u64, Tick> = Mailbox::new(9, Overflow::Wait);
    let ticket = Arc::default();
    mailbox.push(envelope(1));
    let id = mailbox.late().waiting.add_reservation(ticket);
    assert!(mailbox.withdraw(id).is_some());
    assert_eq!(users(&mut mailbox), [1]);
    assert!(mailbox.ready.capacity() > 0 && mailbox.late().waiting.memory() > 0);
    mailbox.shrink();
    let kept = (mailbox.ready.capacity(), mailbox.late().waiting.memory());
    assert_eq!(kept, (0, 0));
}

#[test]
fn everything_that_leaves_the_queue_is_counted() {
    let mut mailbox: Mailbox<u64, Tick> = Mailbox::new(2, Overflow::DropOldest);
    mailbox.push(envelope(1));
    mailbox.push(envelope(2));
    assert_eq!(mailbox.taken(), 0);
    assert!(matches!(
        mailbox.admission(|| true),
        Admission::Free(Some(Envelope { item: 1, .. }))
    ));
    assert_eq!(mailbox.taken(), 1);
    mailbox.push(envelope(3));
    assert!(
        mailbox
            .take_first(|_| true)
            .is_some_and(|entry| number_of(&entry) == 2)
    );
    assert_eq!(mailbox.taken(), 2);
}

#[test]
fn a_queue_put_back_precedes_messages_that_arrived_in_between() {
    let mut mailbox: Mailbox<u64, Tick> = Mailbox::new(9, Overflow::Wait);
    mailbox.push(envelope(1));
    mailbox.push(envelope(2));
    let out = mailbox.take_out();
    assert_eq!(out.len(), 2);
    mailbox.push(envelope(3));
    mailbox.put_back(out);
    assert_eq!(users(&mut mailbox), [1, 2, 3]);
}

#[test]
fn a_glance_numbers_the_entries_in_the_order_in_which_they_came() {
    let mut mailbox: Mailbox<u64, Tick> = Mailbox::new(9, Overflow::Wait);
    let seen = |mailbox: &Mailbox<u64, Tick>| {
        let queue_snapshot = mailbox.queue_snapshot();
        assert_eq!(queue_snapshot.capacity, Some(9));
        (
            queue_snapshot.queued,
            queue_snapshot.begun,
            queue_snapshot.next,
        )
    };
    mailbox.push(envelope(1));
    mailbox.push(envelope(2));
    assert!(mailbox.push_system(Tick(7, Arc::default())).is_ok());
    mailbox.push(envelope(3));
    assert_eq!(seen(&mailbox), (3, 0, 4));
    let mut batch = VecDeque::new();
    mailbox.take_batch(&mut batch);
    assert_eq!(seen(&mailbox), (3, 1, 4), "the note counts as begun");
    mailbox.begun(2);
    assert_eq!(seen(&mailbox), (1, 3, 4));
    mailbox.push(envelope(4));
    assert_eq!(seen(&mailbox), (2, 3, 5));
    mailbox.begun(1);
    assert_eq!(seen(&mailbox), (1, 4, 5));
    let unbounded: Mailbox<u64, Tick> = Mailbox::new(usize::MAX, Overflow::Wait);
    assert_eq!(unbounded.queue_snapshot().capacity, None);
}

#[test]
fn a_permit_does_not_let_its_message_overtake_those_that_wait() {
    let mut mailbox: Mailbox<u64, Tick> = Mailbox::new(1, Overflow::Wait);
    let (held, mine, later) = <(Arc<QueueTicket>, Arc<QueueTicket>, Arc<QueueTicket>)>::default();
    mailbox.reserve(&held);
    mailbox.reserve(&later);
    assert!(matches!(mailbox.admission(|| true), Admission::Wait));
    mailbox.wait(envelope(1), Some(mine.clone()));
    assert!(mailbox.push_system(Tick(7, Arc::default())).is_ok());
    drop(mailbox.push_reserved(envelope(2)));
    let is_settled = |ticket: &QueueTicket| {
        ticket
            .poll(&std::task::Context::from_waker(Waker::noop()))
            .is_ready()
    };
    assert!(
        is_settled(&mine) && !is_settled(&later),
        "its permit is for a message"
    );
    let mut woken = WakeList::new();
    assert!(!mailbox.admit(&mut woken));
    assert_eq!(users(&mut mailbox), [1, 7], "the bound");
    assert!(!mailbox.admit(&mut woken));
    assert!(is_settled(&later), "the reservation is older");
    mailbox.release();
    assert!(!mailbox.admit(&mut woken));
    assert_eq!(users(&mut mailbox), [2]);
}

#[test]
fn a_message_with_a_permit_waits_for_no_reservation() {
    let mut mailbox: Mailbox<u64, Tick> = Mailbox::new(1, Overflow::Wait);
    mailbox.reserve(&Arc::default());
    mailbox.reserve(&Arc::default());
    assert!(mailbox.push_system(Tick(7, Arc::default())).is_ok());
    drop(mailbox.push_reserved(envelope(2)));
    assert_eq!(users(&mut mailbox), [7, 2]);
}

struct Ring;

impl std::task::Wake for Ring {
    fn wake(self: Arc<Self>) {}
}

#[test]
fn senders_are_let_in_in_batches_that_a_wake_list_holds() {
    let mut mailbox: Mailbox<u64, Tick> = Mailbox::new(100, Overflow::Wait);
    for number in 0..100 {
        mailbox.push(envelope(number));
    }
    for number in 100..200 {
        let ticket = Arc::<QueueTicket>::default();
        let waker = Arc::new(Ring).into();
        assert!(
            ticket
                .poll(&std::task::Context::from_waker(&waker))
                .is_pending()
        );
        mailbox.wait(envelope(number), Some(ticket));
    }
    mailbox.begun(100);
    let mut batches = 1;
    while mailbox.admit(&mut WakeList::new()) {
        batches += 1;
        assert!(mailbox.is_full(), "others stand behind those that wait");
    }
    assert_eq!((batches, mailbox.users), (4, 100));
}

/// A system message that counts the checks whether it is void.
struct Asked(Arc<std::sync::atomic::AtomicUsize>);

impl Voidable for Asked {
    fn is_void(&self) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed);
        true
    }
}

#[test]
fn a_void_note_is_passed_over_once_however_often_the_queue_is_looked_at() {
    let asked = Arc::<std::sync::atomic::AtomicUsize>::default();
    let mut mailbox: Mailbox<u64, Asked> = Mailbox::new(9, Overflow::Wait);
    for _ in 0..1_000 {
        assert!(mailbox.push_system(Asked(asked.clone())).is_ok());
    }
    for _ in 0..1_000 {
        mailbox.is_empty();
        assert!(mailbox.take_first(|_| true).is_none());
    }
    assert_eq!(asked.load(Ordering::Relaxed), 1_000);
    assert_eq!(
        (mailbox.void().unwrap().len(), mailbox.taken()),
        (1_000, 1_000)
    );
}

#[test]
fn transferred_messages_respect_the_bound_and_wait_in_order() {
    let mut mailbox: Mailbox<u64, Tick> = Mailbox::new(2, Overflow::Reject);
    (1..=4).for_each(|number| mailbox.transfer(envelope(number).into()));
    assert_eq!((mailbox.free(), mailbox.queued()), (0, 4));
    assert_eq!(users(&mut mailbox), [1, 2]);
    assert!(!mailbox.admit(&mut WakeList::new()));
    mailbox.close();
    let rest = mailbox.drain().unwrap_or_default();
    let queued: Vec<_> = rest.queued.iter().map(number_of).collect();
    assert_eq!(queued, [3, 4], "they have been accepted once");
    assert!(rest.waiting.is_empty() && rest.refused.is_empty());
}

/// Counts the entries that a search visits: 200 times, it takes the last one behind 1,000 that stay.
fn visited(
    overflow: Overflow,
    mut take_last: impl FnMut(&mut Mailbox<u64, Tick>, &mut u64),
) -> u64 {
    let mut mailbox: Mailbox<u64, Tick> = Mailbox::new(1, overflow);
    for number in 0..1_000 {
        assert!(mailbox.push_system(Tick(number, Arc::default())).is_ok());
    }
    mailbox.push(envelope(1_000));
    let mut visits = 0;
    (0..200).for_each(|_| take_last(&mut mailbox, &mut visits));
    let numbers = (0..1_000).chain([1_000]);
    let left = mailbox.drain().unwrap_or_default().queued;
    assert!(left.iter().map(number_of).eq(numbers), "the order");
    visits
}

#[test]
fn a_search_visits_the_entries_that_stay_in_front_once() {
    let visits = visited(Overflow::Wait, |mailbox, visits| {
        let count = std::cell::Cell::new(0);
        let taken = mailbox.take_first(|entry| {
            count.set(count.get() + 1);
            entry.is_user()
        });
        assert_eq!(taken.map(|entry| number_of(&entry)), Some(1_000));
        *visits += count.get();
        mailbox.push(envelope(1_000));
    });
    assert_eq!(visits, 1_000 + 200);
}

#[test]
fn entries_that_a_search_has_passed_over_come_first() {
    let mut mailbox: Mailbox<u64, Tick> = Mailbox::new(9, Overflow::Wait);
    assert!(mailbox.push_system(Tick(7, Arc::default())).is_ok());
    mailbox.push(envelope(1));
    mailbox.push(envelope(2));
    assert_eq!(
        mailbox
            .take_first(QueueEntry::is_user)
            .map(|entry| number_of(&entry)),
        Some(1)
    );
    assert!(!mailbox.is_empty());
    let snapshot = mailbox.queue_snapshot();
    assert_eq!((snapshot.queued, snapshot.begun, snapshot.next), (1, 1, 3));
    let mut batch = VecDeque::new();
    mailbox.take_batch(&mut batch);
    assert_eq!(batch.iter().map(number_of).collect::<Vec<_>>(), [7, 2]);
    mailbox.put_back(batch);
    assert!(mailbox.take_first(|entry| number_of(entry) == 3).is_none());
    mailbox.push(envelope(3));
    assert_eq!(users(&mut mailbox), [7, 2, 3]);
    assert!(mailbox.is_empty());
    mailbox.shrink();
    assert_eq!(mailbox.late().passed.memory(), 0);
}

#[test]
fn a_dropped_message_behind_many_notes_leaves_them_in_their_order() {
    visited(Overflow::DropOldest, |mailbox, _| {
        let Admission::Free(Some(dropped)) = mailbox.admission(|| true) else {
            panic!("the mailbox is full");
        };
        assert_eq!(dropped.item, 1_000);
        mailbox.push(envelope(1_000));
    });
}
