//! The task of an idle server ends while other threads arrive.

use super::*;

/// Like the reaper's round, as often as it must be repeated.
fn let_go(server: &Server, rounds: usize) {
    for _ in 0..rounds {
        if let Some(wake) = server.cell.reap() {
            return server.wake(wake);
        }
    }
}

#[test]
fn a_released_task_races_with_a_sender() {
    check(3, || {
        let server = Server::new(8);
        server.park();
        server.expect(2);
        let (round, sender) = (server.clone(), server.clone());
        let others = [
            thread::spawn(move || let_go(&round, 2)),
            thread::spawn(move || assert!(sender.push(10) && sender.push(11))),
        ];
        server.run_task();
        join(others);
        assert_eq!(server.seen(), [10, 11]);
    });
}

#[test]
fn a_released_task_races_with_an_inline_caller() {
    check(3, || {
        let server = Server::new(8);
        server.park();
        server.expect(2);
        let (round, caller) = (server.clone(), server.clone());
        let others = [
            thread::spawn(move || let_go(&round, 2)),
            thread::spawn(move || assert!(caller.call(10) && caller.call(11))),
        ];
        server.run_task();
        join(others);
        server.account(&[(10, true), (11, true)]);
    });
}

#[test]
fn a_released_task_races_with_a_signal() {
    check(3, || {
        let server = Server::new(8);
        server.park();
        let (round, killer) = (server.clone(), server.clone());
        let others = [
            thread::spawn(move || let_go(&round, 2)),
            thread::spawn(move || killer.kill()),
        ];
        server.run_task();
        join(others);
        assert!(server.has_ended());
    });
}

#[test]
fn a_starter_that_needs_no_task_races_with_a_caller_and_a_sender() {
    check(3, || {
        let server = Server::new(8);
        server.expect(2);
        let (caller, sender) = (server.clone(), server.clone());
        let others = [
            thread::spawn(move || assert!(caller.call(10))),
            thread::spawn(move || assert!(sender.push(20))),
        ];
        server.poll_task();
        server.dismiss();
        server.run_task();
        join(others);
        server.account(&[(10, true), (20, true)]);
    });
}

/// An idle task is asked again, or is ending: none is forgotten.
#[test]
fn a_reaper_round_that_races_with_an_inline_caller_is_repeated() {
    check(3, || {
        let server = Server::new(8);
        server.park();
        let caller = server.clone();
        let caller = thread::spawn(move || assert!(caller.call(10)));
        let looked = [0, 1].map(|_| {
            server.cell.reap().map(|wake| {
                let notified = matches!(wake, Wake::Task(_));
                server.wake(wake);
                notified
            })
        });
        caller.join().unwrap();
        let forgotten = looked.contains(&Some(false)) && !looked.contains(&Some(true));
        assert!(!forgotten, "{looked:?}");
    });
}
