//! Waits for the end of a process, and the questions that fail because of them.

use super::*;

#[test]
fn a_wait_for_an_end_counts_until_it_is_removed() {
    let mut setup = Setup::default();
    setup.known.started = true;
    setup.wait(1, 2);
    assert_eq!(setup.wait(2, 1), Closes::Nothing, "both starts are over");
    setup.graph.clear(pid(1));
    let (id, _) = setup.end(1, 2);
    assert!(matches!(setup.wait(2, 1), Closes::Closed(_)));
    setup.graph.remove(pid(1), id);
    assert_eq!(setup.wait(2, 1), Closes::Nothing);
}

#[test]
fn a_wait_for_an_end_fails_a_question_of_the_cycle_that_it_closes() {
    let setup = Setup::default();
    let (_port, asked) = reply::question::<u8>();
    let ask = answer_of(3, &asked);
    setup.graph.wait(&setup.known, pid(2), None, ask, None);
    // The last wait of the cycle has no question: 3 starts 1.
    setup.wait(3, 1);
    let (_, cycle) = setup.end(1, 2);
    let Cycle::Fails(pids, failed) = cycle else {
        panic!("2 waits for 3, which waits for 1");
    };
    assert_eq!(
        pids,
        path(&[2, 3, 1, 2]),
        "it begins with the one that asked"
    );
    failed.question.fail(CallError::NoReply);
    assert!(!asked.slot().is_open());
    assert_eq!(setup.graph.of(&setup.known, pid(1)), [pid(2)]);
}

/// The call that was stored in an earlier handler is not the one that waits.
#[test]
fn a_wait_for_an_end_fails_no_question_that_is_not_awaited() {
    let mut setup = Setup::default();
    let (_ports, asked): (Vec<_>, Vec<_>) = (0..2).map(|_| reply::question::<u8>()).unzip();
    for (polled, asked) in (1..).zip(&asked) {
        setup.known.polls.insert(pid(2), polled);
        let ask = WaitRecord {
            polled,
            began: polled,
            ..answer_of(1, asked)
        };
        setup.graph.wait(&setup.known, pid(2), None, ask, None);
    }
    let (_, cycle) = setup.end(1, 2);
    let Cycle::Fails(_, failed) = cycle else {
        panic!("2 waits for 1");
    };
    failed.question.fail(CallError::NoReply);
    let are_open: Vec<_> = asked.iter().map(|asked| asked.slot().is_open()).collect();
    assert_eq!(are_open, [true, false]);
}

/// The question fails a moment later, and meanwhile another wait must not fail because of it.
#[test]
fn a_question_that_is_to_fail_is_no_longer_in_the_cycle() {
    let setup = Setup::default();
    let (_port, asked) = reply::question::<u8>();
    let ask = answer_of(1, &asked);
    setup.graph.wait(&setup.known, pid(2), None, ask, None);
    let (_, cycle) = setup.end(1, 2);
    assert!(matches!(cycle, Cycle::Fails(..)));
    assert!(setup.graph.of(&setup.known, pid(2)).is_empty());
}
