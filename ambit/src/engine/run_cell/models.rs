//! All interleavings of senders, callers, signals and the task of one process. Run with `just loom`.
//!
//! The runner state is in loom's cell, so concurrent access without synchronization is found, and a lost wake-up is a
//! deadlock. The models count with std's atomics, which loom does not see: they synchronize nothing.

mod admission;
mod ending;
mod in_place;
mod resting;
mod server;
mod waiting;

use loom::thread;

use self::server::{Server, join, numbers};
use super::*;
use crate::rt::sync::check;

#[test]
fn two_senders_race_with_a_draining_task() {
    check(3, || {
        let server = Server::new(8);
        server.expect(3);
        let first = server.clone();
        let second = server.clone();
        let senders = [
            thread::spawn(move || assert!(first.push(10) && first.push(11))),
            thread::spawn(move || assert!(second.push(20))),
        ];
        server.run_task();
        join(senders);
        let seen = server.seen();
        assert_eq!(numbers(&seen, 10..20), [10, 11], "the order of one sender");
        assert_eq!(numbers(&seen, 20..30), [20]);
        assert_eq!(seen.len(), 3);
    });
}

#[test]
fn a_sender_races_with_a_parking_task() {
    check(3, || {
        let server = Server::new(8);
        assert!(server.push(10));
        server.expect(3);
        let sender = server.clone();
        let sender = thread::spawn(move || assert!(sender.push(11) && sender.push(12)));
        server.run_task();
        sender.join().unwrap();
        assert_eq!(server.seen(), [10, 11, 12]);
    });
}

#[test]
fn two_senders_race_with_a_parked_task() {
    check(3, || {
        let server = Server::new(8);
        server.park();
        server.expect(2);
        let senders = [10, 20].map(|number| {
            let server = server.clone();
            thread::spawn(move || assert!(server.push(number)))
        });
        server.run_task();
        join(senders);
        let mut seen = server.seen();
        seen.sort_unstable();
        assert_eq!(seen, [10, 20]);
    });
}

#[test]
fn a_message_wakes_a_task_that_waits_with_the_run_permit() {
    check(4, || {
        let server = Server::new(8);
        let sender = server.clone();
        let sender = thread::spawn(move || assert!(sender.push(10)));
        server.wait_until_notified();
        sender.join().unwrap();
        server.account(&[(10, true)]);
    });
}

#[test]
fn a_signal_wakes_a_task_that_waits_with_the_run_permit() {
    check(4, || {
        let server = Server::new(8);
        let killer = server.clone();
        let killed = thread::spawn(move || killer.kill());
        server.wait_until_notified();
        killed.join().unwrap();
        assert!(server.has_ended());
    });
}

#[test]
fn a_void_system_message_does_not_suppress_later_wakes() {
    check(3, || {
        let server = Server::new(8);
        server.park();
        server.expect(1);
        let noter = server.clone();
        let noter = thread::spawn(move || {
            noter.push_system(server::VOID);
            noter.push_system(30);
        });
        server.run_task();
        noter.join().unwrap();
        assert_eq!(server.seen(), [30]);
    });
}
