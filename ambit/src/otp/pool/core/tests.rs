//! The core against a simple model of a pool, over random events; and the rules with numbers, one by one.

use super::*;

mod sim;
mod surplus;

const SECOND: Duration = Duration::from_secs(1);

pub(super) fn rules(size: usize) -> Rules {
    Rules {
        size,
        max_overflow: 0,
        max_waiting: usize::MAX,
        hand_out: CheckoutOrder::Lifo,
        is_lazy: false,
        on_failure: ClientFailure::Return,
        restarts: 3,
        within: 5 * SECOND,
        backoff: None,
        has_checkout: false,
        has_checkin: false,
        ping_after: SECOND,
        max_pings: usize::MAX,
    }
}

fn at(seconds: u64) -> Moment {
    Moment {
        now: Duration::from_secs(seconds),
        random: 0,
    }
}

/// Returns a pool whose workers 1 to `size` are up.
fn up(rules: Rules) -> Core {
    let size = rules.size as u64;
    let (mut core, mut out) = (Core::new(rules), Vec::new());
    core.boot(at(0), &mut out);
    for worker in 1..=size {
        core.up(WorkerId(worker), at(0), &mut out);
    }
    core
}

fn take(core: &mut Core) -> WorkerId {
    let ticket = core.checkout(true, at(0), &mut Vec::new()).unwrap();
    match core.take(ticket) {
        TicketState::Has(worker) => worker,
        other => panic!("a worker, not {other:?}"),
    }
}

/// Returns the starts among these actions: the worker, its predecessor, its delay.
fn starts(out: &[Action]) -> Vec<(u64, Option<u64>, Duration)> {
    let starts = out.iter().filter_map(|action| match action {
        Action::Start {
            worker,
            replaces,
            delay,
        } => Some((worker.0, replaces.map(|old| old.0), *delay)),
        _ => None,
    });
    starts.collect()
}

#[test]
fn the_last_or_the_first_that_came_back_is_handed_out() {
    for (hand_out, expected) in [
        (CheckoutOrder::Lifo, [3, 1, 2]),
        (CheckoutOrder::Fifo, [2, 1, 3]),
    ] {
        let mut core = up(Rules {
            hand_out,
            ..rules(3)
        });
        let mut held = BTreeMap::new();
        for _ in 0..3 {
            let worker = take(&mut core);
            let (ticket, _) = core.holders.iter().find(|(_, w)| **w == worker).unwrap();
            held.insert(worker.0, *ticket);
        }
        for worker in [2, 1, 3] {
            core.leave(held[&worker], CheckoutEnd::Returned, at(1), &mut Vec::new());
        }
        assert_eq!([(); 3].map(|()| take(&mut core).0), expected);
    }
}

#[test]
fn one_restart_too_many_ends_the_pool() {
    let mut core = up(Rules {
        restarts: 1,
        ..rules(1)
    });
    let mut out = Vec::new();
    core.down(WorkerId(1), &ExitReason::Killed, at(1), &mut out);
    assert_eq!(starts(&out), [(2, Some(1), Duration::ZERO)]);
    core.up(WorkerId(2), at(1), &mut out);
    out.clear();
    core.down(WorkerId(2), &ExitReason::Killed, at(6), &mut out);
    assert_eq!(core.checkout(false, at(6), &mut out), Err(Full));
    let waits = core.checkout(true, at(6), &mut out).unwrap();
    assert_eq!(core.look(waits), TicketState::Waits, "for the end");
    assert_eq!(out, [Action::GiveUp(ExitReason::Killed)]);
}

/// Returns a pool of one worker with a checkin hook and no allowed failure.
fn with_checkin() -> Core {
    up(Rules {
        restarts: 0,
        has_checkin: true,
        ..rules(1)
    })
}

/// Returns the actions after the hook ends the only worker after so many seconds.
fn refused(core: &mut Core, reason: &ExitReason, seconds: u64) -> Vec<Action> {
    let mut out = Vec::new();
    let verdict = Err(reason.clone());
    core.looked(WorkerId(1), Hook::Checkin, &verdict, at(seconds), &mut out);
    out
}

#[test]
fn a_worker_that_a_client_has_had_fails_only_with_a_reason_that_is_not_clean() {
    for reason in [ExitReason::Shutdown, ExitReason::error("broken")] {
        let mut core = with_checkin();
        let ticket = core.checkout(true, at(0), &mut Vec::new()).unwrap();
        assert_eq!(core.take(ticket), TicketState::Has(WorkerId(1)));
        core.leave(ticket, CheckoutEnd::Returned, at(0), &mut Vec::new());
        let expected = if reason.is_clean() {
            Action::Stop(WorkerId(1), Some(reason.clone()))
        } else {
            Action::GiveUp(reason.clone())
        };
        assert_eq!(refused(&mut core, &reason, 0), [expected]);
    }
}

#[test]
fn a_new_worker_that_a_hook_refuses_has_failed_whatever_the_reason() {
    for (seconds, counts) in [(0, true), (4, true), (5, false)] {
        let mut core = with_checkin();
        // The client leaves before it has seen the worker.
        let ticket = core.checkout(true, at(0), &mut Vec::new()).unwrap();
        core.leave(ticket, CheckoutEnd::Returned, at(0), &mut Vec::new());
        let expected = if counts {
            Action::GiveUp(ExitReason::Normal)
        } else {
            Action::Stop(WorkerId(1), Some(ExitReason::Normal))
        };
        assert_eq!(refused(&mut core, &ExitReason::Normal, seconds), [expected]);
    }
}

#[test]
fn the_replacement_of_a_refused_worker_backs_off() {
    for max_overflow in [0, 1] {
        let mut core = up(Rules {
            backoff: Some(Backoff::exponential(SECOND, 60 * SECOND)),
            has_checkout: true,
            max_overflow,
            ..rules(1)
        });
        let mut out = Vec::new();
        core.checkout(true, at(0), &mut out).unwrap();
        for (worker, delay) in [(1, SECOND), (2, 2 * SECOND)] {
            out.clear();
            let verdict = Err(ExitReason::Shutdown);
            core.looked(WorkerId(worker), Hook::Checkout, &verdict, at(0), &mut out);
            // Without overflow its replacement has to wait until it has ended.
            core.down(WorkerId(worker), &ExitReason::Shutdown, at(0), &mut out);
            assert_eq!(starts(&out), [(worker + 1, Some(worker), delay)]);
            assert!(core.failed.is_empty());
            assert!(core.due(WorkerId(worker + 1), at(0), &mut out));
            core.up(WorkerId(worker + 1), at(0), &mut out);
        }
    }
}

#[test]
fn a_back_off_puts_off_the_replacement_and_grows() {
    let mut core = up(Rules {
        backoff: Some(Backoff::exponential(SECOND, 60 * SECOND)),
        ..rules(1)
    });
    let mut out = Vec::new();
    core.down(WorkerId(1), &ExitReason::Killed, at(0), &mut out);
    assert_eq!(starts(&out), [(2, Some(1), SECOND)]);
    assert_eq!(core.status().starting, 1);
    assert!(core.due(WorkerId(2), at(1), &mut out));
    out.clear();
    core.down(WorkerId(2), &ExitReason::Killed, at(1), &mut out);
    assert_eq!(starts(&out), [(3, Some(2), 2 * SECOND)]);
}

#[test]
fn a_delayed_start_that_is_no_longer_needed_is_cancelled() {
    let mut core = up(Rules {
        backoff: Some(Backoff::constant(SECOND)),
        max_overflow: 1,
        ..rules(1)
    });
    let mut out = Vec::new();
    take(&mut core);
    let late = core.checkout(true, at(0), &mut out).unwrap();
    core.down(WorkerId(2), &ExitReason::Killed, at(0), &mut out);
    assert_eq!(starts(&out).last(), Some(&(3, Some(2), SECOND)));
    core.leave(late, CheckoutEnd::Returned, at(0), &mut out);
    assert!(!core.due(WorkerId(3), at(1), &mut out));
    assert_eq!(core.workers.len(), 1);
}

#[test]
fn an_overflow_worker_takes_the_slot_of_a_dismissed_worker() {
    let mut core = up(Rules {
        max_overflow: 1,
        ..rules(1)
    });
    let mut out = Vec::new();
    let first = core.checkout(true, at(0), &mut out).unwrap();
    core.checkout(true, at(0), &mut out).unwrap();
    core.up(WorkerId(2), at(0), &mut out);
    out.clear();
    core.leave(first, CheckoutEnd::Returned, at(0), &mut out);
    let expected = [
        Action::Stop(WorkerId(1), None),
        Action::Place(0, WorkerId(2)),
    ];
    assert_eq!(out, expected);
}

#[test]
fn pings_go_to_those_that_were_left_alone_longest_and_keep_the_row() {
    let mut core = up(Rules {
        max_pings: 2,
        ..rules(3)
    });
    let pinged = |core: &mut Core, seconds| {
        let mut out = Vec::new();
        core.ping(at(seconds), &mut out);
        let ids: Vec<_> = out
            .iter()
            .map(|action| match action {
                Action::Run(worker, Hook::Ping) => worker.0,
                other => panic!("only pings, not {other:?}"),
            })
            .collect();
        for id in &ids {
            core.looked(WorkerId(*id), Hook::Ping, &Ok(()), at(seconds), &mut out);
        }
        ids
    };
    assert!(pinged(&mut core, 0).is_empty());
    assert_eq!(pinged(&mut core, 1), [1, 2]);
    assert_eq!(pinged(&mut core, 2), [3, 1]);
    let free: Vec<_> = core.free.values().copied().collect();
    assert_eq!(free, [1, 2, 3].map(WorkerId));
}

#[test]
fn a_client_that_has_not_seen_its_worker_gets_another_one_when_that_dies() {
    let mut core = up(rules(1));
    let mut out = Vec::new();
    let ticket = core.checkout(true, at(0), &mut out).unwrap();
    core.down(WorkerId(1), &ExitReason::Killed, at(0), &mut out);
    assert_eq!(core.take(ticket), TicketState::Waits);
    core.up(WorkerId(2), at(0), &mut out);
    assert_eq!(core.take(ticket), TicketState::Has(WorkerId(2)));
    // From now on it belongs to the client, and its end counts as a loss for the client.
    core.down(WorkerId(2), &ExitReason::Killed, at(0), &mut out);
    assert_eq!(core.take(ticket), TicketState::Unknown);
}

#[test]
fn a_client_whose_worker_is_ending_waits_before_later_clients() {
    let (mut core, mut out) = (up(rules(1)), Vec::new());
    let first = core.checkout(true, at(0), &mut out).unwrap();
    let second = core.checkout(true, at(0), &mut out).unwrap();
    assert_eq!(core.look(first), TicketState::Has(WorkerId(1)));
    core.wait_again(first, WorkerId(1), at(0), &mut out);
    assert_eq!(core.look(first), TicketState::Waits);
    let status = core.status();
    assert_eq!((status.free, status.busy, status.waiting), (0, 1, 2));
    core.down(WorkerId(1), &ExitReason::Kill, at(0), &mut out);
    assert_eq!(starts(&out), [(2, Some(1), Duration::ZERO)]);
    core.up(WorkerId(2), at(0), &mut out);
    assert_eq!(core.take(first), TicketState::Has(WorkerId(2)));
    assert_eq!(core.take(second), TicketState::Waits);
}

#[test]
fn an_end_that_a_client_notices_too_late_changes_nothing() {
    let (mut core, mut out) = (up(rules(1)), Vec::new());
    let ticket = core.checkout(true, at(0), &mut out).unwrap();
    core.down(WorkerId(1), &ExitReason::Kill, at(0), &mut out);
    core.up(WorkerId(2), at(0), &mut out);
    core.wait_again(ticket, WorkerId(1), at(0), &mut out);
    assert_eq!(core.look(ticket), TicketState::Has(WorkerId(2)));
    // The client has gone meanwhile: nobody would return a worker of this ticket.
    core.leave(ticket, CheckoutEnd::Returned, at(0), &mut out);
    core.wait_again(ticket, WorkerId(2), at(0), &mut out);
    assert_eq!(core.look(ticket), TicketState::Unknown);
    let status = core.status();
    assert_eq!((status.free, status.waiting), (1, 0));
}

#[test]
fn a_client_whose_worker_is_ending_gets_another_free_one() {
    let (mut core, mut out) = (up(rules(2)), Vec::new());
    let ticket = core.checkout(true, at(0), &mut out).unwrap();
    let TicketState::Has(first) = core.look(ticket) else {
        panic!("one is free");
    };
    core.wait_again(ticket, first, at(0), &mut out);
    let TicketState::Has(second) = core.take(ticket) else {
        panic!("the other is free");
    };
    assert_ne!(first, second);
}

/// Of three workers, the first is replaced by a fourth, which is the one that was handed out last.
#[test]
fn a_smaller_pool_ends_the_workers_of_the_places_that_are_gone() {
    let (mut core, mut out) = (up(rules(3)), Vec::new());
    let first = core.workers.keys().next().copied().unwrap();
    core.down(first, &ExitReason::Kill, at(1), &mut out);
    core.up(WorkerId(4), at(1), &mut out);
    assert_eq!(core.places[0], Some(WorkerId(4)));
    out.clear();
    core.resize(2, at(2), &mut out);
    let stopped = |action: &Action| matches!(action, Action::Stop(WorkerId(3), None));
    assert!(out.iter().any(stopped), "{out:?}");
    assert_eq!(core.places, [Some(WorkerId(4)), Some(WorkerId(2))]);
}
