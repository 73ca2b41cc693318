//! Which waits a check covers, and which wait judges.

use super::*;
use crate::process::wait_check::ROUNDS;

/// The handler that waited has ended, and the next one gives a wait up in the poll that begins it.
#[test]
fn a_check_does_not_cover_a_wait_that_began_later() {
    for is_in_set in [false, true] {
        let mut waiting = Waiting::new(false);
        let early = waiting.check();
        waiting.setup.graph.end_checks(&waiting.is_checked, pid(1));
        assert!(early.is_done());
        waiting.count();
        waiting.count();
        waiting.id = waiting.wait(is_in_set, None);
        let (id, cycle) = waiting.close(&[early]);
        waiting.setup.graph.remove(pid(2), id);
        let late = waiting.request(&cycle);
        assert_eq!(late.round, 2);
        waiting.poll(None);
        waiting.poll(None);
        assert!(late.is_done());
        assert!(matches!(waiting.close(&[late]).1, Cycle::None));
    }
}

#[test]
fn a_wait_that_began_later_and_is_polled_again_closes_the_cycle() {
    for is_in_set in [false, true] {
        let mut waiting = Waiting::new(is_in_set);
        let early = waiting.check();
        waiting.count();
        waiting.id = waiting.wait(is_in_set, None);
        waiting.poll(Some(is_in_set));
        assert!(early.is_done());
        let (id, cycle) = waiting.close(&[early]);
        waiting.setup.graph.remove(pid(2), id);
        let late = waiting.request(&cycle);
        waiting.poll(Some(is_in_set));
        waiting.poll(Some(is_in_set));
        assert!(matches!(waiting.close(&[late]).1, Cycle::Rejected(_)));
    }
}

#[test]
fn a_check_covers_the_waits_that_began_up_to_its_poll_where_the_numbers_wrap_around() {
    let last = u32::MAX / 2;
    let check = WaitCheck::new(pid(1), 1, Waker::noop());
    check.begin(last);
    let covers = [last - 1, last, 0, 1, 2].map(|began| check.covers(began));
    assert_eq!(covers, [true, true, false, false, false]);
}

#[test]
fn a_check_is_decided_by_its_second_poll_or_a_later_one_where_the_numbers_wrap_around() {
    let last = u32::MAX / 2;
    let check = WaitCheck::new(pid(1), 1, Waker::noop());
    check.begin(last - 1);
    let decides = [last - 1, last, 0, 1, 9].map(|poll| check.decides(poll));
    assert_eq!(decides, [false, false, true, true, true]);
}

#[test]
fn a_wait_that_leaves_its_set_after_a_check_is_not_covered_by_it() {
    let mut waiting = Waiting::new(true);
    let early = waiting.check();
    waiting.poll(Some(true));
    waiting.poll(Some(true));
    assert!(early.is_done());
    waiting.count();
    waiting.count();
    waiting.began.set(waiting.polled);
    waiting.wait(false, Some(waiting.id));
    let (_, cycle) = waiting.close(&[early]);
    assert_eq!(waiting.request(&cycle).round, 2);
}

/// A process that begins another wait in each poll is not blocked by any of them.
#[test]
fn a_process_that_begins_a_wait_during_each_check_may_continue() {
    let mut waiting = Waiting::new(false);
    let mut check = waiting.check();
    let mut rounds = 1;
    loop {
        for _ in 0..2 {
            waiting.count();
            waiting.wait(false, None);
            waiting.poll_is_over(Some(false));
        }
        assert!(check.is_done());
        let (id, cycle) = waiting.close(&[check]);
        if matches!(cycle, Cycle::Possible(_)) {
            break;
        }
        waiting.setup.graph.remove(pid(2), id);
        check = waiting.request(&cycle);
        rounds += 1;
    }
    assert_eq!(rounds, ROUNDS);
}

/// The process 1 has called the process 2, which calls it back. Each poll of either may be the first.
#[test]
fn a_call_that_is_executed_already_is_not_rejected_in_place_of_one_that_is_not_sent() {
    for is_in_set in [false, true] {
        let mut waiting = Waiting::new(is_in_set);
        let (id, cycle) = waiting.call(None, true, &[]);
        let check = waiting.request(&cycle);
        for _ in 0..2 {
            waiting.count();
            let renewed = waiting.renew(is_in_set, waiting.id, &[]);
            assert!(matches!(renewed, Cycle::Left), "it leaves the verdict");
            waiting.poll_is_over(Some(false));
            // A poll of the other call does not end its mark, nor does the search in it.
            let renewed = waiting.renew(is_in_set, waiting.id, &[]);
            assert!(matches!(renewed, Cycle::Left));
            if !check.is_done() {
                let pending = waiting.call(Some(id), true, std::slice::from_ref(&check));
                assert!(matches!(pending.1, Cycle::Unchecked(more) if more.is_empty()));
            }
        }
        let (_, cycle) = waiting.call(Some(id), true, &[check]);
        assert!(matches!(cycle, Cycle::Rejected(_)));
        let renewed = waiting.renew(is_in_set, waiting.id, &[]);
        assert!(matches!(renewed, Cycle::None), "no cycle is left");
        assert_eq!(
            waiting.setup.graph.of(&waiting.setup.known, pid(1)),
            [pid(2)]
        );
    }
}

/// It was checked first, and is sent because the other process no longer waited.
#[test]
fn a_call_that_was_sent_after_its_check_leads_to_verdicts_of_others() {
    for waits_for_more in [false, true] {
        let mut waiting = Waiting::new(false);
        let (id, cycle) = waiting.call(None, true, &[]);
        let check = waiting.request(&cycle);
        waiting.poll(None);
        waiting.poll(None);
        if waits_for_more {
            waiting.renew(false, waiting.id, &[]);
            waiting.setup.add(1, 9, Some(waiting.polled));
        }
        let (_, cycle) = waiting.call(Some(id), true, &[check]);
        assert_eq!(matches!(cycle, Cycle::None), !waits_for_more);
        assert_eq!(matches!(cycle, Cycle::Possible(_)), waits_for_more);
        waiting.count();
        let renewed = waiting.renew(false, waiting.id, &[]);
        assert!(matches!(renewed, Cycle::Unchecked(_)));
    }
}

#[test]
fn a_wait_that_is_renewed_as_judged_no_longer_judges() {
    let waiting = Waiting::new(false);
    let (id, _) = waiting.call(None, true, &[]);
    let renewed = waiting.renew(false, waiting.id, &[]);
    assert!(matches!(renewed, Cycle::Left), "the call is checked");
    waiting.call(Some(id), false, &[]);
    let renewed = waiting.renew(false, waiting.id, &[]);
    assert!(matches!(renewed, Cycle::Unchecked(_)));
}

#[test]
fn of_two_calls_that_are_not_sent_the_first_one_judges() {
    let mut waiting = Waiting::new(false);
    let (id, cycle) = waiting.call(None, true, &[]);
    let check = waiting.request(&cycle);
    let first = waiting.call_of_one(waiting.id, &[]);
    assert!(matches!(first, Cycle::Unchecked(_)), "it checks the other");
    for _ in 0..2 {
        waiting.count();
        waiting.call_of_one(waiting.id, &[]);
        waiting.poll_is_over(Some(false));
    }
    let (_, cycle) = waiting.call(Some(id), true, &[check]);
    assert!(matches!(cycle, Cycle::Rejected(_)));
    let first = waiting.call_of_one(waiting.id, &[]);
    assert!(matches!(first, Cycle::None), "it is sent");
}

/// The wake of the one finds the other done: a search sees either both or none.
#[test]
fn checks_that_a_poll_decides_are_done_at_the_same_time() {
    struct Looks(Mutex<Option<Arc<WaitCheck>>>, AtomicBool);

    impl Wake for Looks {
        fn wake(self: Arc<Self>) {
            let is_done = self.0.lock().as_ref().is_some_and(|check| check.is_done());
            self.1.store(is_done, Ordering::Relaxed);
        }
    }

    for between_messages in [false, true] {
        let mut waiting = Waiting::new(false);
        let looks = Arc::new(Looks(Mutex::new(None), AtomicBool::new(false)));
        let one = waiting.check();
        one.wake_with(&Waker::from(looks.clone()));
        *looks.0.lock() = Some(waiting.check());
        if between_messages {
            let graph = &waiting.setup.graph;
            graph.end_checks(&waiting.is_checked, pid(1));
        } else {
            waiting.poll(None);
            waiting.poll(None);
        }
        assert!(looks.1.load(Ordering::Relaxed));
    }
}

#[test]
fn a_panic_of_the_waker_of_the_task_does_not_reach_the_process() {
    struct Panics;

    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            panic!("this waker panics");
        }
    }

    let mut waiting = Waiting::new(false);
    let check = waiting.check();
    waiting.count();
    let task = Waker::from(Arc::new(Panics));
    let Setup { graph, known } = &waiting.setup;
    graph.polled(known, &waiting.is_checked, pid(1), &task, Some(false));
    waiting.poll(None);
    assert!(check.is_done());
}
