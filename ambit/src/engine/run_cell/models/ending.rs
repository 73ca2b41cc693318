//! The end of a process against senders, callers and signals.

use super::*;

#[test]
fn each_message_is_rejected_or_handled_or_returned_at_the_end() {
    check(3, || {
        let server = Server::new(8);
        let (sender, killer) = (server.clone(), server.clone());
        let sent = thread::spawn(move || [10, 11].map(|number| (number, sender.push(number))));
        let killed = thread::spawn(move || killer.kill());
        server.run_task();
        let sent = sent.join().unwrap();
        killed.join().unwrap();
        server.account(&sent);
        let came = [server.seen(), server.rest()].concat();
        assert!(came.is_sorted(), "the order of one sender");
    });
}

#[test]
fn a_signal_races_with_a_running_task() {
    check(3, || {
        let server = Server::new(8);
        assert!(server.push(10) && server.push(11));
        let killer = server.clone();
        let killed = thread::spawn(move || killer.kill());
        server.run_task();
        killed.join().unwrap();
        server.account(&[(10, true), (11, true)]);
    });
}

#[test]
fn two_signals_race_with_a_parked_task() {
    check(3, || {
        let server = Server::new(8);
        server.park();
        let killers = [0, 1].map(|_| {
            let killer = server.clone();
            thread::spawn(move || killer.kill())
        });
        server.run_task();
        join(killers);
        assert!(server.has_ended());
    });
}

#[test]
fn a_signal_races_with_a_parking_task() {
    check(3, || {
        let server = Server::new(8);
        let killer = server.clone();
        let killed = thread::spawn(move || killer.kill());
        server.run_task();
        killed.join().unwrap();
        assert!(server.has_ended());
    });
}

#[test]
fn a_signal_makes_a_task_for_a_server_that_has_none() {
    check(3, || {
        let server = Server::new(8);
        server.park();
        assert!(server.dismiss());
        let (killer, sender) = (server.clone(), server.clone());
        let killed = thread::spawn(move || killer.kill());
        let sent = thread::spawn(move || sender.push(10));
        server.run_task();
        killed.join().unwrap();
        server.account(&[(10, sent.join().unwrap())]);
    });
}

#[test]
fn a_runtime_dropping_the_task_races_with_an_inline_caller() {
    check(3, || {
        let server = Server::new(8);
        server.park();
        let (caller, other) = (server.clone(), server.clone());
        let called = thread::spawn(move || [10, 11].map(|number| (number, caller.call(number))));
        let pushed = thread::spawn(move || (20, other.push(20)));
        server.lose_task();
        server.run_task();
        let called = called.join().unwrap();
        server.account(&[called[0], called[1], pushed.join().unwrap()]);
    });
}

#[test]
fn a_runtime_dropping_the_task_races_with_a_signal() {
    check(3, || {
        let server = Server::new(8);
        server.park();
        let (killer, caller) = (server.clone(), server.clone());
        let killed = thread::spawn(move || killer.kill());
        let called = thread::spawn(move || (10, caller.call(10)));
        server.lose_task();
        server.run_task();
        killed.join().unwrap();
        server.account(&[called.join().unwrap()]);
    });
}
