//! Notifies listeners of events, in order, without a lock.
//!
//! An event is added under the lock of the changed state, and delivered without it, because a delivery runs user code:
//! a clone, a conversion, a waker. One thread delivers at a time. A thread that adds an event waits until it is
//! delivered, unless the thread is delivering an event itself: then a delivering thread takes the event along. So a
//! delivering thread never waits for another one.

use std::cell::Cell;
use std::collections::VecDeque;

use parking_lot::{Condvar, Mutex};

thread_local! {
    /// The number of nested events that this thread is delivering.
    static TELLING: Cell<usize> = const { Cell::new(0) };
}

/// Undelivered events.
#[derive(Debug)]
pub(crate) struct Outbox<E> {
    state: Mutex<OutboxState<E>>,
    /// Notified when an event was delivered, or the delivering thread has stopped.
    notified: Condvar,
}

#[derive(Debug)]
struct OutboxState<E> {
    queue: VecDeque<E>,
    /// The number of added events, and of those that were delivered, or lost by a panic.
    added: u64,
    done: u64,
    /// The number of added events that a waiting thread wants to be done, the most of all threads that have waited.
    awaited: u64,
    is_telling: bool,
}

impl<E> Default for Outbox<E> {
    fn default() -> Self {
        let state = OutboxState {
            queue: VecDeque::new(),
            added: 0,
            done: 0,
            awaited: 0,
            is_telling: false,
        };
        Self {
            state: Mutex::new(state),
            notified: Condvar::new(),
        }
    }
}

impl<E> Outbox<E> {
    /// Adds events; the caller holds the lock of the changed state.
    pub(crate) fn add(&self, events: impl IntoIterator<Item = E>) {
        let mut state = self.state.lock();
        let before = state.queue.len();
        state.queue.extend(events);
        state.added += (state.queue.len() - before) as u64;
    }

    /// Delivers the caller's events, and later ones unless another thread waits for them; the caller holds no lock. If it
    /// is itself called from a delivery, a delivering thread delivers them afterwards.
    pub(crate) fn tell(&self, tell: impl FnMut(E)) {
        let mut state = self.state.lock();
        let wanted = state.added;
        let is_nested = TELLING.get() > 0;
        while state.done < wanted {
            if !state.is_telling {
                state.is_telling = true;
                drop(state);
                self.notify_all(wanted, tell);
                return;
            }
            if is_nested {
                return;
            }
            state.awaited = state.awaited.max(wanted);
            self.notified.wait(&mut state);
        }
    }

    /// Waits until the current event has been delivered, so that all later ones see earlier changes; inside a delivery
    /// it does not wait.
    pub(crate) fn wait_for_current(&self) {
        if TELLING.get() > 0 {
            return;
        }
        let mut state = self.state.lock();
        let done = state.done;
        while state.is_telling && state.done == done {
            self.notified.wait(&mut state);
        }
    }

    /// Delivers `wanted` events, and all later ones unless another thread waits for them.
    fn notify_all(&self, wanted: u64, mut tell: impl FnMut(E)) {
        let mut turn = DeliveryTurn::begin(self, wanted);
        while let Some(event) = turn.next() {
            tell(event);
        }
    }
}

/// The turn of the delivering thread; a panic ends it too.
struct DeliveryTurn<'o, E> {
    outbox: &'o Outbox<E>,
    wanted: u64,
    is_notified: bool,
}

impl<'o, E> DeliveryTurn<'o, E> {
    fn begin(outbox: &'o Outbox<E>, wanted: u64) -> Self {
        TELLING.set(TELLING.get() + 1);
        Self {
            outbox,
            wanted,
            is_notified: false,
        }
    }

    /// Returns the next event; without one the turn is over. A thread that waits for a later event takes the next turn,
    /// so that no thread delivers the events of others without end.
    fn next(&mut self) -> Option<E> {
        let mut state = self.outbox.state.lock();
        state.done += u64::from(std::mem::take(&mut self.is_notified));
        let is_handed_on = state.done >= self.wanted && state.awaited > state.done;
        let event = match is_handed_on {
            true => None,
            false => state.queue.pop_front(),
        };
        self.is_notified = event.is_some();
        state.is_telling = event.is_some();
        self.outbox.notified.notify_all();
        event
    }
}

impl<E> Drop for DeliveryTurn<'_, E> {
    fn drop(&mut self) {
        TELLING.set(TELLING.get() - 1);
        if self.is_notified {
            let mut state = self.outbox.state.lock();
            state.done += 1;
            state.is_telling = false;
            self.outbox.notified.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::mpsc::{Sender, channel};
    use std::thread;

    use super::*;

    #[test]
    fn an_event_added_during_delivery_is_delivered_afterwards() {
        let outbox = Outbox::default();
        let mut notified = Vec::new();
        outbox.add([1]);
        outbox.tell(|event| {
            if event < 3 {
                outbox.add([event + 1]);
                outbox.tell(|_| panic!("the outer one tells it"));
            }
            notified.push(event);
        });
        assert_eq!(notified, [1, 2, 3]);
    }

    #[test]
    fn a_panic_loses_its_event_and_no_other() {
        let outbox = Outbox::default();
        outbox.add([1, 2]);
        let failed = catch_unwind(AssertUnwindSafe(|| {
            outbox.tell(|_| panic!("as asked"));
        }));
        assert!(failed.is_err());
        let mut notified = Vec::new();
        outbox.tell(|event| notified.push(event));
        assert_eq!(notified, [2]);
    }

    #[test]
    fn a_thread_delivers_its_own_events_and_leaves_later_ones_to_a_thread_that_waits() {
        let outbox = &Outbox::default();
        let (begun, has_begun) = channel();
        let (sender, delivered) = channel();
        let deliver = |event| {
            let by = thread::current().id();
            sender.send((event, by)).expect("it is read");
        };
        let (first, second) = thread::scope(|scope| {
            let first = scope.spawn(move || {
                outbox.add([1]);
                outbox.tell(|event| {
                    begun.send(()).expect("it is read");
                    while outbox.state.lock().awaited == 0 {
                        thread::yield_now();
                    }
                    deliver(event);
                });
                thread::current().id()
            });
            has_begun.recv().expect("it delivers");
            outbox.add([2]);
            outbox.tell(deliver);
            (first.join().expect("no panic"), thread::current().id())
        });
        let delivered: Vec<_> = delivered.try_iter().collect();
        assert_eq!(delivered, [(1, first), (2, second)]);
    }

    /// Delivers the events of an outbox. Each 0 adds a 1 to the other outbox, whichever thread delivers it.
    fn deliver(outboxes: &[Outbox<u8>; 2], own: usize, sender: &Sender<u8>) {
        outboxes[own].tell(|event| {
            sender.send(event).expect("it is read");
            if event == 0 {
                let other = 1 - own;
                outboxes[other].add([1]);
                deliver(outboxes, other, sender);
            }
        });
    }

    #[test]
    fn two_outboxes_that_notify_each_other_do_not_deadlock() {
        for _ in 0..200 {
            let outboxes: [Outbox<u8>; 2] = Default::default();
            let (sender, all) = channel();
            thread::scope(|scope| {
                for own in 0..2_usize {
                    let (outboxes, sender) = (&outboxes, sender.clone());
                    scope.spawn(move || {
                        outboxes[own].add([0]);
                        deliver(outboxes, own, &sender);
                    });
                }
            });
            drop(sender);
            let mut all: Vec<_> = all.iter().collect();
            all.sort_unstable();
            assert_eq!(all, [0, 0, 1, 1]);
        }
    }
}
