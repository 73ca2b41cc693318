//! Single rules of the mailbox, one by one; `model` holds all of them together under random use.

use std::sync::atomic::{AtomicBool, Ordering};

use super::*;

mod model;

/// A note with a number, void once it is told so.
struct Tick(u64, Arc<AtomicBool>);

impl Note for Tick {
    fn is_void(&self) -> bool {
        self.1.load(Ordering::Relaxed)
    }
}

fn letter(item: u64) -> Letter<u64> {
    Bare::plain(item).within(None)
}

fn number_of(entry: &Entry<u64, Tick>) -> u64 {
    match entry {
        Entry::Note(note) => note.0,
        letter => *letter.item().unwrap(),
    }
}

fn users(mailbox: &mut Mailbox<u64, Tick>) -> Vec<u64> {
    std::iter::from_fn(|| mailbox.take_first(|_| true))
        .map(|entry| number_of(&entry))
        .collect()
}

#[test]
fn who_may_wait_waits_and_nobody_enters_a_closed_mailbox() {
    let mut mailbox: Mailbox<u64, Tick> = Mailbox::new(1, Overflow::Wait);
    assert!(matches!(mailbox.room(|| true), Room::Free(None)));
    mailbox.push(letter(1));
    assert!(matches!(mailbox.room(|| true), Room::Wait));
    assert!(matches!(mailbox.room(|| false), Room::Full));
    assert!(!mailbox.is_closed());
    mailbox.close();
    assert!(mailbox.is_closed());
    assert!(matches!(mailbox.room(|| true), Room::Closed));
}

#[test]
fn everything_that_leaves_the_queue_is_counted() {
    let mut mailbox: Mailbox<u64, Tick> = Mailbox::new(2, Overflow::DropOldest);
    mailbox.push(letter(1));
    mailbox.push(letter(2));
    assert_eq!(mailbox.taken(), 0);
    assert!(matches!(
        mailbox.room(|| true),
        Room::Free(Some(Letter { item: 1, .. }))
    ));
    assert_eq!(mailbox.taken(), 1);
    mailbox.push(letter(3));
    assert!(
        mailbox
            .take_first(|_| true)
            .is_some_and(|entry| number_of(&entry) == 2)
    );
    assert_eq!(mailbox.taken(), 2);
    for number in 7..10 {
        assert!(mailbox.note(Tick(number, Arc::default())).is_ok());
    }
    assert_eq!(mailbox.remove_notes(|_| true), 3);
    assert_eq!(mailbox.taken(), 5);
}

#[test]
fn a_queue_that_was_taken_out_stands_before_what_came_meanwhile() {
    let mut mailbox: Mailbox<u64, Tick> = Mailbox::new(9, Overflow::Wait);
    mailbox.push(letter(1));
    mailbox.push(letter(2));
    let out = mailbox.take_out();
    assert_eq!(out.len(), 2);
    mailbox.push(letter(3));
    mailbox.put_back(out);
    assert_eq!(users(&mut mailbox), [1, 2, 3]);
}

#[test]
fn a_glance_numbers_the_entries_in_the_order_in_which_they_came() {
    let mut mailbox: Mailbox<u64, Tick> = Mailbox::new(9, Overflow::Wait);
    let seen = |mailbox: &Mailbox<u64, Tick>| {
        let glance = mailbox.glance();
        assert_eq!(glance.capacity, Some(9));
        (glance.queued, glance.begun, glance.next)
    };
    mailbox.push(letter(1));
    mailbox.push(letter(2));
    assert!(mailbox.note(Tick(7, Arc::default())).is_ok());
    mailbox.push(letter(3));
    assert_eq!(seen(&mailbox), (3, 0, 4));
    let mut batch = VecDeque::new();
    mailbox.take_batch(&mut batch);
    assert_eq!(seen(&mailbox), (3, 1, 4), "the note counts as begun");
    mailbox.begun(2);
    assert_eq!(seen(&mailbox), (1, 3, 4));
    mailbox.push(letter(4));
    assert_eq!(seen(&mailbox), (2, 3, 5));
    mailbox.begun(1);
    assert_eq!(seen(&mailbox), (1, 4, 5));
    let unbounded: Mailbox<u64, Tick> = Mailbox::new(usize::MAX, Overflow::Wait);
    assert_eq!(unbounded.glance().capacity, None);
}
