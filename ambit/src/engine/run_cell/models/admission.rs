//! Permits: waiters for capacity are notified, and the mailbox never exceeds its bound.

use std::sync::Arc;

use super::server::{envelope, wait_for};
use super::*;
use crate::engine::mailbox::Admission;
use crate::engine::queue_ticket::{QueueTicket, TicketOutcome};

#[test]
fn senders_that_wait_are_let_in_one_after_the_other() {
    check(3, || {
        let server = Server::new(1);
        assert!(server.push(30));
        server.expect(3);
        let senders = [10, 20].map(|number| {
            let server = server.clone();
            thread::spawn(move || assert_eq!(server.send(number), TicketOutcome::Admitted))
        });
        server.run_task();
        join(senders);
        server.account(&[(10, true), (20, true), (30, true)]);
    });
}

#[test]
fn a_sender_that_starts_waiting_races_with_a_released_permit() {
    check(3, || {
        let server = Server::new(1);
        assert!(server.push(10));
        server.expect(3);
        let sender = server.clone();
        let sender = thread::spawn(move || {
            assert_eq!(sender.send(20), TicketOutcome::Admitted);
            assert_eq!(sender.send(21), TicketOutcome::Admitted);
        });
        server.run_task();
        sender.join().unwrap();
        assert_eq!(server.seen(), [10, 20, 21]);
    });
}

/// A handler may wait for its sender's next action: the sender must be admitted before the runner's next step.
#[test]
fn a_sender_is_let_in_while_the_message_before_it_is_handled() {
    check(4, || {
        let server = Server::new(1);
        assert!(server.push(10));
        server.expect(2);
        let sender = server.clone();
        let sender = thread::spawn(move || assert_eq!(sender.send(20), TicketOutcome::Admitted));
        server.handle_one_and(|| sender.join().unwrap());
        server.run_task();
        assert_eq!(server.seen(), [10, 20]);
    });
}

#[test]
fn a_waiting_sender_races_with_the_exit() {
    check(3, || {
        let server = Server::new(1);
        assert!(server.push(10));
        let (sender, killer) = (server.clone(), server.clone());
        let sent = thread::spawn(move || sender.send(20));
        let killed = thread::spawn(move || killer.kill());
        server.run_task();
        killed.join().unwrap();
        let let_in = sent.join().unwrap() == TicketOutcome::Admitted;
        server.account(&[(10, true), (20, let_in)]);
    });
}

/// Reserves a permit, and sends with it if it is granted.
fn reserve_and_send(server: &Server, number: u32) -> bool {
    let ticket = Arc::new(QueueTicket::default());
    let (id, wake) = server.cell.send(|mailbox| mailbox.reserve(&ticket));
    server.wake(wake);
    if id.is_none() || wait_for(&ticket) != TicketOutcome::Admitted {
        return false;
    }
    server.push_reserved(number)
}

#[test]
fn a_reservation_races_with_the_exit() {
    check(3, || {
        let server = Server::new(1);
        assert!(server.push(10));
        let (reserver, killer) = (server.clone(), server.clone());
        let reserved = thread::spawn(move || reserve_and_send(&reserver, 20));
        let killed = thread::spawn(move || killer.kill());
        server.run_task();
        killed.join().unwrap();
        server.account(&[(10, true), (20, reserved.join().unwrap())]);
    });
}

#[test]
fn a_permit_that_is_given_back_lets_a_sender_in() {
    check(3, || {
        let server = Server::new(1);
        server.park();
        let ticket = Arc::new(QueueTicket::default());
        let (id, wake) = server.cell.send(|mailbox| mailbox.reserve(&ticket));
        assert!(id.is_some());
        server.wake(wake);
        server.expect(1);
        let (sender, holder) = (server.clone(), server.clone());
        let others = [
            thread::spawn(move || assert_eq!(sender.send(10), TicketOutcome::Admitted)),
            thread::spawn(move || {
                let ((), wake) = holder.cell.send(Mailbox::release);
                holder.wake(wake);
            }),
        ];
        server.run_task();
        join(others);
        assert_eq!(server.seen(), [10]);
    });
}

#[test]
fn a_withdrawing_sender_races_with_a_released_permit() {
    check(3, || {
        let server = Server::new(1);
        assert!(server.push(10));
        let waits = server.clone();
        let mut id = None;
        let ((), wake) = waits.cell.send(|mailbox| {
            assert!(matches!(mailbox.admission(|| true), Admission::Wait));
            id = Some(mailbox.wait(envelope(20), None));
        });
        waits.wake(wake);
        let (first, last) = (server.clone(), server.clone());
        let withdrawn = thread::spawn(move || {
            let (withdrawn, wake) = first.cell.send(|mailbox| mailbox.withdraw(id.unwrap()));
            first.wake(wake);
            withdrawn.is_some()
        });
        let other = thread::spawn(move || {
            assert_eq!(last.send(30), TicketOutcome::Admitted);
            last.kill();
        });
        server.run_task();
        other.join().unwrap();
        server.account(&[(10, true), (20, !withdrawn.join().unwrap()), (30, true)]);
    });
}

#[test]
fn evicted_messages_are_not_handled() {
    check(3, || {
        let server = Server::with(1, Overflow::DropOldest);
        assert!(server.push(10));
        let sender = server.clone();
        let sender = thread::spawn(move || {
            let out = [20, 21].map(|number| {
                let (out, wake) = sender
                    .cell
                    .send(|mailbox| match mailbox.admission(|| true) {
                        Admission::Free(out) => {
                            mailbox.push(envelope(number));
                            out.map(|envelope| envelope.item)
                        }
                        _ => panic!("there is always room"),
                    });
                sender.wake(wake);
                out
            });
            sender.kill();
            out
        });
        server.run_task();
        let out = sender.join().unwrap();
        let came = |number| (number, !out.contains(&Some(number)));
        server.account(&[came(10), came(20), came(21)]);
    });
}
