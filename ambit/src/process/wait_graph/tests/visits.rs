//! The processes that a search visits.

use super::*;

#[test]
fn beyond_so_many_waits_one_may_go_on() {
    let setup = Setup::default();
    // The wait that does not lead back is visited last.
    for to in [1, 9].into_iter().chain((1..WAITS).map(|_| 1)) {
        setup.add(2, to, None);
    }
    assert_eq!(setup.graph.edges(), WAITS + 1);
    assert!(matches!(setup.wait(1, 2), Closes::Possible(_)));
}

/// Returns what the last of `many` waits of 1 for 2 closes, after the other wait of 2 has ended.
fn last_of(many: usize) -> Closes {
    let setup = Setup::default();
    let (other, _) = setup.add(2, 9, None);
    setup.wait(2, 1);
    for _ in 1..many {
        assert!(matches!(setup.wait(1, 2), Closes::Possible(_)));
    }
    setup.graph.remove(pid(2), other);
    setup.wait(1, 2)
}

#[test]
fn many_waits_for_one_process_close_a_cycle_like_one() {
    let closed = Closes::Closed(path(&[1, 2, 1]));
    assert_eq!(last_of(1), closed);
    assert_eq!(last_of(LOOKS + 1), closed);
    assert_eq!(last_of(WAITS), closed);
    let possible = Closes::Possible(path(&[1, 2, 1]));
    assert_eq!(last_of(WAITS + 1), possible, "not all are looked at");
}

#[test]
fn a_wait_that_closes_a_cycle_besides_another_wait_closes_it_only_possibly() {
    let setup = Setup::default();
    setup.wait(2, 1);
    setup.wait(1, 9);
    assert_eq!(setup.wait(1, 2), Closes::Possible(path(&[1, 2, 1])));
}

#[test]
fn a_wait_for_a_cycle_of_others_closes_no_cycle() {
    let setup = Setup::default();
    // Two cycles, each closed by the end of the other wait of its first process.
    for (first, second) in [(1, 4), (2, 3)] {
        let (other, _) = setup.add(first, 9, None);
        setup.wait(first, second);
        assert!(matches!(setup.wait(second, first), Closes::Possible(_)));
        setup.graph.remove(pid(first), other);
    }
    assert_eq!(setup.wait(1, 2), Closes::Nothing, "2 waits for 3 only");
}

#[test]
fn at_most_so_many_processes_are_visited() {
    let closes = |visited: usize| {
        let setup = Setup::default();
        for middle in 3..visited as u32 + 2 {
            setup.wait(middle, 1);
            setup.wait(2, middle);
        }
        setup.wait(1, 2)
    };
    assert!(matches!(closes(LOOKS), Closes::Closed(_)));
    assert!(matches!(closes(LOOKS + 1), Closes::Possible(_)));
}

#[test]
fn a_new_wait_that_closes_no_cycle_is_followed_only_once() {
    let looks = |is_closing: bool| {
        let setup = Setup::default();
        setup.wait(2, 3);
        setup.known.asked.take();
        let wait = WaitRecord {
            is_closing,
            ..wait_for(2)
        };
        setup.graph.wait(&setup.known, pid(1), None, wait, None);
        setup.known.asked.take()
    };
    assert_eq!(looks(true), looks(false));
}

/// The process 2 asks 4, and then 3; both lead back to 1, which waits for the end of 2.
#[test]
fn a_wait_for_an_end_fails_the_question_of_the_path_and_no_other() {
    let setup = Setup::default();
    let asked = [4, 3].map(|to| {
        let (port, asked) = reply::question::<u8>();
        let ask = answer_of(to, &asked);
        setup.graph.wait(&setup.known, pid(2), None, ask, None);
        (port, asked)
    });
    for (from, to) in [(4, 5), (5, 1), (3, 1)] {
        setup.wait(from, to);
    }
    let (_, cycle) = setup.end(1, 2);
    let Cycle::Fails(pids, failed) = cycle else {
        panic!("2 waits for 3, which waits for 1");
    };
    assert_eq!(pids, path(&[2, 3, 1, 2]), "the shortest path");
    failed.question.fail(CallError::NoReply);
    let is_open = asked.map(|(_port, asked)| asked.slot().is_open());
    assert_eq!(is_open, [true, false]);
}
