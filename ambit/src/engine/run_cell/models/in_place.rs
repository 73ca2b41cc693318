//! A caller that runs a handler inline against all other threads.

use super::*;

#[test]
fn two_inline_callers_exclude_each_other() {
    check(3, || {
        let server = Server::new(8);
        server.park();
        server.expect(2);
        let callers = [10, 20].map(|number| {
            let server = server.clone();
            thread::spawn(move || assert!(server.call(number)))
        });
        server.run_task();
        join(callers);
        server.account(&[(10, true), (20, true)]);
    });
}

#[test]
fn an_inline_caller_races_with_a_sender() {
    check(3, || {
        let server = Server::new(8);
        server.park();
        server.expect(3);
        let (caller, sender) = (server.clone(), server.clone());
        let others = [
            thread::spawn(move || assert!(caller.call(10))),
            thread::spawn(move || assert!(sender.push(20) && sender.push(21))),
        ];
        server.run_task();
        join(others);
        server.account(&[(10, true), (20, true), (21, true)]);
        assert_eq!(numbers(&server.seen(), 20..30), [20, 21]);
    });
}

#[test]
fn casts_and_later_calls_of_one_caller_are_handled_in_order() {
    check(3, || {
        let server = Server::new(8);
        server.park();
        server.expect(4);
        let caller = server.clone();
        let caller = thread::spawn(move || {
            assert!(caller.push(10) && caller.call(11) && caller.call(12));
        });
        let other = server.clone();
        let other = thread::spawn(move || assert!(other.call(20)));
        server.run_task();
        caller.join().unwrap();
        other.join().unwrap();
        assert_eq!(numbers(&server.seen(), 10..20), [10, 11, 12]);
    });
}

#[test]
fn an_inline_caller_races_with_a_parking_task() {
    check(3, || {
        let server = Server::new(8);
        assert!(server.push(10));
        server.expect(3);
        let caller = server.clone();
        let caller = thread::spawn(move || assert!(caller.call(20) && caller.call(21)));
        server.run_task();
        caller.join().unwrap();
        server.account(&[(10, true), (20, true), (21, true)]);
    });
}

#[test]
fn an_inline_caller_races_with_a_signal() {
    check(3, || {
        let server = Server::new(8);
        server.park();
        let (caller, killer) = (server.clone(), server.clone());
        let called = thread::spawn(move || caller.call(10));
        let killed = thread::spawn(move || killer.kill());
        server.run_task();
        let called = called.join().unwrap();
        killed.join().unwrap();
        assert!(server.has_ended());
        server.account(&[(10, called)]);
    });
}

#[test]
fn an_inline_handler_that_stops_its_server_leaves_the_exit_to_the_task() {
    check(3, || {
        let server = Server::new(8);
        server.park();
        let (caller, sender) = (server.clone(), server.clone());
        let called = thread::spawn(move || caller.call_and(10, |state| state.leaves = true));
        let sent = thread::spawn(move || sender.push(20));
        // A call that is too late to run inline is just another message.
        server.expect(2);
        server.run_task();
        let (called, sent) = (called.join().unwrap(), sent.join().unwrap());
        server.kill();
        while !server.has_ended() {
            server.poll_task();
        }
        server.account(&[(10, called), (20, sent)]);
    });
}

#[test]
fn an_inline_caller_races_with_the_spawn_of_a_new_task() {
    check(3, || {
        let server = Server::new(8);
        server.park();
        assert!(server.dismiss());
        server.expect(3);
        let (caller, sender) = (server.clone(), server.clone());
        let others = [
            thread::spawn(move || assert!(caller.call(10) && caller.call(11))),
            thread::spawn(move || assert!(sender.push(20))),
        ];
        server.run_task();
        join(others);
        server.account(&[(10, true), (11, true), (20, true)]);
        server.has_task();
    });
}
