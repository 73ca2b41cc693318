//! Workers that start or wait for their start, beside those that run.

use super::*;

/// Returns the workers that are asked to end.
fn stops(out: &[Action]) -> Vec<u64> {
    let stops = out.iter().filter_map(|action| match action {
        Action::Stop(worker, _) => Some(worker.0),
        _ => None,
    });
    stops.collect()
}

fn leave(core: &mut Core, ticket: Ticket) -> Vec<Action> {
    let mut out = Vec::new();
    core.leave(ticket, CheckoutEnd::Returned, at(1), &mut out);
    out
}

/// Returns a pool whose one worker is used by the first client, and whose overflow worker starts for the second.
fn with_overflow(backoff: Option<Backoff>) -> (Core, Ticket, Ticket) {
    let mut core = up(Rules {
        max_overflow: 1,
        backoff,
        ..rules(1)
    });
    let mut out = Vec::new();
    let first = core.checkout(true, at(0), &mut out).unwrap();
    assert_eq!(core.take(first), TicketState::Has(WorkerId(1)));
    let second = core.checkout(true, at(0), &mut out).unwrap();
    assert_eq!(starts(&out), [(2, None, Duration::ZERO)]);
    (core, first, second)
}

#[test]
fn a_worker_that_starts_is_no_reason_to_end_one_that_runs() {
    let (mut core, first, second) = with_overflow(None);
    assert!(stops(&leave(&mut core, first)).is_empty());
    assert_eq!(core.take(second), TicketState::Has(WorkerId(1)));
    assert!(stops(&leave(&mut core, second)).is_empty());
    assert_eq!(core.status().free, 1);
    let mut out = Vec::new();
    core.up(WorkerId(2), at(2), &mut out);
    assert_eq!(stops(&out), [2]);
}

#[test]
fn a_delayed_start_is_no_reason_to_end_a_worker_that_runs() {
    let (mut core, first, second) = with_overflow(Some(Backoff::constant(60 * SECOND)));
    let mut out = Vec::new();
    core.down(WorkerId(2), &ExitReason::Killed, at(0), &mut out);
    assert_eq!(starts(&out), [(3, Some(2), 60 * SECOND)]);
    leave(&mut core, first);
    assert_eq!(core.take(second), TicketState::Has(WorkerId(1)));
    assert!(stops(&leave(&mut core, second)).is_empty());
    assert_eq!(core.status().free, 1);
    assert!(!core.due(WorkerId(3), at(60), &mut out), "it is forgotten");
}

#[test]
fn a_pool_that_shrinks_past_a_delayed_start_keeps_its_workers() {
    let backoff = Some(Backoff::constant(60 * SECOND));
    let mut core = up(Rules {
        backoff,
        ..rules(3)
    });
    let mut out = Vec::new();
    core.down(WorkerId(3), &ExitReason::Killed, at(0), &mut out);
    out.clear();
    core.resize(2, at(1), &mut out);
    assert_eq!(out, [Action::Vacate(2)]);
}

/// Worker 1 starts again while worker 2, whose place is removed, is free.
#[test]
fn a_worker_without_a_place_ends_before_one_that_has_just_started() {
    let mut core = up(rules(2));
    let mut out = Vec::new();
    core.down(WorkerId(1), &ExitReason::Killed, at(0), &mut out);
    core.resize(1, at(0), &mut out);
    assert!(stops(&out).is_empty());
    core.up(WorkerId(3), at(1), &mut out);
    assert_eq!(stops(&out), [2]);
}

#[test]
fn a_pool_that_shrinks_during_a_ping_ends_the_worker_without_a_place() {
    let mut core = up(rules(3));
    let mut out = Vec::new();
    core.ping(at(1), &mut out);
    core.resize(2, at(1), &mut out);
    out.clear();
    for worker in [1, 3, 2] {
        core.looked(WorkerId(worker), Hook::Ping, &Ok(()), at(1), &mut out);
    }
    assert_eq!(out, [Action::Stop(WorkerId(3), None)]);
}

#[test]
fn no_overflow_is_promised_while_a_start_is_delayed() {
    let mut core = up(Rules {
        max_overflow: 1,
        backoff: Some(Backoff::constant(60 * SECOND)),
        ..rules(1)
    });
    let mut out = Vec::new();
    assert_eq!(core.status().state, PoolState::Ready);
    core.down(WorkerId(1), &ExitReason::Killed, at(0), &mut out);
    assert_eq!(core.status().state, PoolState::Full);
    out.clear();
    assert_eq!(core.checkout(false, at(1), &mut out), Err(Full));
    core.checkout(true, at(1), &mut out).unwrap();
    assert_eq!(out, []);
}

#[test]
fn a_client_that_does_not_wait_gets_the_replacement_of_a_worker_that_ends() {
    let mut core = up(Rules {
        max_waiting: 0,
        ..rules(1)
    });
    let mut out = Vec::new();
    let first = core.checkout(true, at(0), &mut out).unwrap();
    core.take(first);
    assert_eq!(core.checkout(true, at(0), &mut out), Err(Full));
    core.leave(
        first,
        CheckoutEnd::Removed(ExitReason::Shutdown),
        at(1),
        &mut out,
    );
    let second = core.checkout(false, at(1), &mut out).unwrap();
    assert_eq!(core.checkout(false, at(1), &mut out), Err(Full));
    core.down(WorkerId(1), &ExitReason::Shutdown, at(2), &mut out);
    core.up(WorkerId(2), at(2), &mut out);
    assert_eq!(core.take(second), TicketState::Has(WorkerId(2)));
}

/// Each cycle is handled a little earlier after its due time than the one before.
#[test]
fn a_late_cycle_does_not_skip_the_next_ping() {
    let mut core = up(rules(1));
    for (cycle, late) in [(1, 90), (2, 50), (3, 10)] {
        let now = Duration::from_millis(1000 * cycle + late);
        let (moment, mut out) = (Moment { now, random: 0 }, Vec::new());
        core.ping(moment, &mut out);
        assert_eq!(out, [Action::Run(WorkerId(1), Hook::Ping)], "cycle {cycle}");
        core.looked(WorkerId(1), Hook::Ping, &Ok(()), moment, &mut out);
    }
}
