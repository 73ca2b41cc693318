//! Processes that may continue without an answer, or that continue during a search.

use super::*;

#[test]
fn a_process_that_something_else_can_wake_closes_no_cycle() {
    let mut waiting = Waiting::new(false);
    let check = waiting.check();
    waiting.poll_beside(Some(false), Some(false));
    waiting.poll_beside(Some(false), Some(true));
    assert!(check.is_done());
    assert!(matches!(waiting.close(&[check]).1, Cycle::Possible(_)));
}

#[test]
fn the_second_poll_shows_what_can_wake_a_process() {
    let mut waiting = Waiting::new(false);
    let check = waiting.check();
    waiting.poll_beside(Some(false), Some(true));
    waiting.poll_beside(Some(false), Some(false));
    assert!(matches!(waiting.close(&[check]).1, Cycle::Rejected(_)));
}

/// A set keeps the waker of the process for its own waits.
#[test]
fn a_process_with_a_wait_in_a_set_closes_a_cycle() {
    let mut waiting = Waiting::new(true);
    let check = waiting.check();
    for _ in 0..2 {
        waiting.poll_beside(Some(true), Some(true));
    }
    assert!(matches!(waiting.close(&[check]).1, Cycle::Rejected(_)));
}

#[test]
fn a_poll_that_does_not_show_what_can_wake_the_process_decides_nothing() {
    let mut waiting = Waiting::new(false);
    let check = waiting.check();
    for _ in 0..3 {
        waiting.poll_beside(Some(false), None);
        assert_eq!(waiting.task.take(), 1, "it is polled again");
    }
    assert!(!check.is_done());
    waiting.poll(Some(false));
    assert!(check.is_done());
}

/// The search finds the wait, and the process has given it up when the search judges.
#[test]
fn a_process_that_is_polled_during_a_search_closes_no_cycle() {
    for (queries, is_closing) in [(2, false), (3, false), (2, true)] {
        let mut waiting = Waiting::new(false);
        waiting.setup.known.moves_on = Some((pid(1), queries));
        let (_, cycle) = waiting.call(None, is_closing, &[]);
        assert!(matches!(&cycle, Cycle::Unchecked(all) if all.len() == 1));
    }
}

/// It gives up the timer, and its wait has left the verdict to the call that has closed the cycle.
#[test]
fn a_process_that_was_polled_after_its_check_is_checked_again() {
    let mut waiting = Waiting::new(false);
    let (id, cycle) = waiting.call(None, true, &[]);
    let early = waiting.request(&cycle);
    for _ in 0..2 {
        waiting.poll_beside(Some(false), Some(true));
    }
    waiting.count();
    assert!(matches!(waiting.renew(false, waiting.id, &[]), Cycle::Left));
    let (_, cycle) = waiting.call(Some(id), true, &[early]);
    let late = waiting.request(&cycle);
    assert_eq!(late.round, 2);
    for _ in 0..2 {
        waiting.poll(Some(false));
    }
    let (_, cycle) = waiting.call(Some(id), true, &[late]);
    assert!(matches!(cycle, Cycle::Rejected(_)));
}

#[test]
fn a_set_that_was_given_up_hides_no_timer() {
    let mut waiting = Waiting::new(true);
    waiting.wait(false, None);
    let check = waiting.check();
    waiting.id = waiting.wait(false, None);
    for _ in 0..2 {
        waiting.poll_beside(Some(false), Some(true));
    }
    assert!(matches!(waiting.close(&[check]).1, Cycle::Possible(_)));
}

#[test]
fn a_wait_of_a_process_that_is_checked_requests_no_checks() {
    let mut waiting = Waiting::new(false);
    let (_, cycle) = waiting.call(None, false, &[]);
    let check = waiting.request(&cycle);
    waiting.count();
    assert!(matches!(waiting.renew(false, waiting.id, &[]), Cycle::Left));
    waiting.poll_is_over(Some(false));
    waiting.poll(Some(false));
    assert!(check.is_done());
    waiting.count();
    assert!(matches!(
        waiting.renew(false, waiting.id, &[]),
        Cycle::Unchecked(_)
    ));
}

#[test]
fn a_wait_that_has_judged_is_not_woken_by_its_checks() {
    let mut waiting = Waiting::new(false);
    let check = waiting.check();
    check.cancel();
    for _ in 0..2 {
        waiting.poll(Some(false));
    }
    assert!(check.is_done());
    assert_eq!(waiting.other.take(), 0);
}

/// A poll that polls this wait may poll another one afterwards.
#[test]
fn a_call_that_is_not_sent_is_judged_in_its_second_poll() {
    let waiting = Waiting::default();
    let (id, _) = waiting.setup.add(1, 2, None);
    let (call, cycle) = waiting.call(None, true, &[]);
    assert!(matches!(&cycle, Cycle::Unchecked(all) if all[0].process == pid(2)));
    let (_, cycle) = waiting.call(Some(call), true, &[]);
    assert!(matches!(cycle, Cycle::Rejected(_)));
    waiting.setup.graph.remove(pid(1), id);
}

/// Each of two waits would request the checks anew, as soon as those of the other one have ended without a verdict.
#[test]
fn a_wait_beside_one_that_awaits_checks_requests_none_until_a_later_poll() {
    let mut waiting = Waiting::new(false);
    waiting.call(None, false, &[]);
    let (beside, _) = waiting.wait_with(false, None, false, &[]);
    waiting.count();
    waiting.count();
    let check = WaitCheck::new(pid(2), 1, Waker::noop());
    let cycle = waiting.renew(false, waiting.id, &[]);
    assert!(matches!(cycle, Cycle::Unchecked(_)));
    let is_left = |cycle: Cycle| matches!(cycle, Cycle::Left);
    assert!(is_left(waiting.renew(false, beside, &[])));
    check.decide(1, true);
    waiting.count();
    assert!(is_left(waiting.renew(false, beside, &[])));
    let ended = waiting.renew(false, waiting.id, &[check]);
    assert!(matches!(ended, Cycle::Possible(_)));
    assert!(is_left(waiting.renew(false, beside, &[])));
    waiting.count();
    let again = waiting.renew(false, beside, &[]);
    assert!(matches!(again, Cycle::Unchecked(_)));
}

/// Its polls are not counted: there is no later one that could judge.
#[test]
fn a_wait_of_a_supervisor_is_judged_at_once_each_time() {
    let mut setup = Setup::default();
    let start = || WaitRecord {
        polled: 0,
        began: 0,
        renewal: Renewal::None,
        ..wait_for(2)
    };
    let wait = |setup: &Setup, known| {
        let graph = &setup.graph;
        graph.wait(&setup.known, pid(1), known, start(), Some(&[]))
    };
    let (other, _) = setup.add(2, 1, Some(1));
    let (id, cycle) = wait(&setup, None);
    assert!(matches!(cycle, Cycle::Unchecked(_)));
    let again = wait(&setup, Some(id)).1;
    assert!(matches!(again, Cycle::Unchecked(_)));
    setup.graph.clear(pid(1));
    setup.known.polls.insert(pid(2), 2);
    setup.graph.remove(pid(2), other);
    setup.add(2, 1, None);
    assert!(matches!(wait(&setup, None).1, Cycle::Rejected(_)));
}

/// Another wait may find a process checked, and leave the verdict to a wait that does not await the check any more.
#[test]
fn checks_that_are_not_needed_any_more_end_with_the_verdict() {
    let waiting = Waiting::new(false);
    let (id, cycle) = waiting.call(None, true, &[]);
    let check = waiting.request(&cycle);
    waiting.setup.add(1, 9, Some(waiting.polled));
    let (_, cycle) = waiting.call(Some(id), true, std::slice::from_ref(&check));
    assert!(matches!(cycle, Cycle::Possible(_)) && !check.is_done());
    assert_eq!(waiting.setup.graph.checks(), 0);
}

#[test]
fn a_wait_that_is_over_does_not_delay_the_verdict() {
    for is_over in [false, true] {
        let mut waiting = Waiting::default();
        waiting.count();
        let (_port, asked) = reply::question::<u8>();
        let Setup { graph, known } = &waiting.setup;
        graph.wait(known, pid(1), None, answer_of(9, &asked), None);
        if is_over {
            asked.slot().fail(CallError::NoReply);
        }
        waiting.count();
        waiting.setup.add(1, 2, None);
        let (call, _) = waiting.call(None, true, &[]);
        let (_, cycle) = waiting.call(Some(call), true, &[]);
        assert_eq!(matches!(cycle, Cycle::Rejected(_)), is_over);
        assert_eq!(matches!(cycle, Cycle::Possible(_)), !is_over);
    }
}
