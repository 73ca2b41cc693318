//! Waits: for capacity, with wakers that run without the lock, and for a message, with a timeout.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering as Std};
use std::task::{Context, Poll, Wake as Ring};

use super::server::{TestWaker, envelope, wait_for};
use super::*;
use crate::engine::queue_ticket::{QueueTicket, TicketOutcome};

/// A waker that reads the cell, as a user's waker may.
struct Looks {
    server: Server,
    wake_count: Arc<TestWaker>,
}

impl Ring for Looks {
    fn wake(self: Arc<Self>) {
        self.server.cell.queue_snapshot();
        self.wake_count.0.notify();
    }
}

/// Sends, and waits with a waker that reads the cell.
fn send_and_look(server: &Server, number: u32) -> TicketOutcome {
    let (wake_count, ticket) = (TestWaker::new(), Arc::new(QueueTicket::default()));
    let looks = Arc::new(Looks {
        server: server.clone(),
        wake_count: wake_count.clone(),
    });
    let waker = Waker::from(looks);
    if let Ok(outcome) = server.offer(number, &ticket) {
        return outcome;
    }
    loop {
        if let Poll::Ready(outcome) = ticket.poll(&Context::from_waker(&waker)) {
            return outcome;
        }
        wake_count.0.wait();
    }
}

#[test]
fn a_waker_that_looks_at_the_cell_runs_without_its_lock() {
    check(3, || {
        let server = Server::new(1);
        assert!(server.push(10));
        server.expect(2);
        let sender = server.clone();
        let sender = thread::spawn(move || {
            assert_eq!(send_and_look(&sender, 20), TicketOutcome::Admitted);
        });
        server.run_task();
        sender.join().unwrap();
        assert_eq!(server.seen(), [10, 20]);
    });
}

#[test]
fn a_message_wakes_a_receive_in_another_task() {
    check(3, || {
        let server = Server::new(8);
        server.poll_for_another_reason();
        let (sender, task) = (server.clone(), server.clone());
        let others = [
            thread::spawn(move || assert!(sender.push(10))),
            thread::spawn(move || task.poll_for_another_reason()),
        ];
        assert_eq!(server.receive_elsewhere(), Some(10));
        join(others);
    });
}

#[test]
fn a_signal_wakes_a_receive_in_another_task() {
    check(3, || {
        let server = Server::new(8);
        server.poll_for_another_reason();
        let (killer, task) = (server.clone(), server.clone());
        let others = [
            thread::spawn(move || killer.kill()),
            thread::spawn(move || task.poll_for_another_reason()),
        ];
        assert_eq!(server.receive_elsewhere(), None);
        join(others);
    });
}

/// The mailbox settles a wait when it admits the message, not when it wakes its sender.
#[test]
fn an_expired_wait_reports_whether_its_message_was_admitted() {
    check(3, || {
        let server = Server::new(1);
        assert!(server.push(10));
        let sender = server.clone();
        let sent = thread::spawn(move || {
            let ticket = Arc::new(QueueTicket::default());
            let outcome = sender.offer(20, &ticket).unwrap_or_else(|id| {
                ticket.settle(TicketOutcome::Expired);
                match wait_for(&ticket) {
                    TicketOutcome::Expired if !sender.withdraw(id) => wait_for(&ticket),
                    outcome => outcome,
                }
            });
            sender.kill();
            outcome == TicketOutcome::Admitted
        });
        server.run_task();
        server.account(&[(10, true), (20, sent.join().unwrap())]);
    });
}

#[test]
fn a_message_sent_with_a_permit_stays_behind_waiting_messages_of_its_sender() {
    check(3, || {
        let server = Server::new(2);
        assert!(server.push(10));
        let held = Arc::new(QueueTicket::default());
        let (id, wake) = server.cell.send(|mailbox| mailbox.reserve(&held));
        server.wake(wake);
        assert!(id.is_some());
        server.expect(4);
        let sender = server.clone();
        let sender = thread::spawn(move || {
            let tickets = [11, 12].map(|number| {
                let ticket = Arc::new(QueueTicket::default());
                let waits = sender.offer(number, &ticket).is_err();
                (ticket, waits)
            });
            assert!(sender.push_reserved(13));
            for (ticket, waits) in tickets {
                assert!(!waits || wait_for(&ticket) == TicketOutcome::Admitted);
            }
        });
        server.run_task();
        sender.join().unwrap();
        assert_eq!(server.seen(), [10, 11, 12, 13]);
    });
}

/// Messages of the previous incarnation come before newer ones, and within the bound.
#[test]
fn transferred_messages_race_with_a_sender_and_the_task() {
    check(3, || {
        let server = Server::new(1);
        let ((), wake) = server.cell.send(|mailbox| {
            for number in [10, 11, 12] {
                mailbox.transfer(envelope(number).into());
            }
        });
        server.wake(wake);
        server.expect(4);
        let sender = server.clone();
        let sender = thread::spawn(move || assert_eq!(sender.send(13), TicketOutcome::Admitted));
        server.run_task();
        sender.join().unwrap();
        assert_eq!(server.seen(), [10, 11, 12, 13]);
    });
}

#[test]
fn a_wait_ended_by_the_clock_races_with_a_sender() {
    check(3, || {
        let server = Server::new(8);
        server.expect(1);
        let late = Arc::new(AtomicBool::new(false));
        let (sender, clock, is_up) = (server.clone(), server.clone(), late.clone());
        let others = [
            thread::spawn(move || assert!(sender.push(10))),
            thread::spawn(move || {
                is_up.store(true, Std::SeqCst);
                clock.ring();
            }),
        ];
        server.wait_or_be_late(|| late.load(Std::SeqCst));
        server.run_task();
        join(others);
        assert_eq!(server.seen(), [10]);
    });
}
